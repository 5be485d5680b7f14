"""One digest through a real SMTP server into a mailbox, read with the library of a mail program."""

import asyncio
import mailbox
import ssl
from dataclasses import replace
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import pytest
from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP

from monitor.digest.compose import compose_digest
from monitor.digest.smtp import SmtpCourier
from monitor.model.digesting import Digest, DigestInput
from monitor.model.mailing import OwedMail, SmtpServer, Stopping
from tests.unit.digest.samples import KHMER, a_realistic_input

pytestmark = pytest.mark.enable_socket
READER = "desk@paper.example"


def a_mailed_input() -> DigestInput:
    """Return a morning's digest as it goes out by mail."""
    return replace(
        a_realistic_input(),
        sender="Monitor of the desk <monitor@desk.example>",
        recipient=READER,
        rhythm="every day at 07:00",
        stopping=Stopping("monitor@desk.example"),
    )


async def deliver_into(folder: Path, digest: Digest) -> mailbox.MaildirMessage:
    """Send a digest to a server that delivers into a Maildir; return what stands there."""
    handler = Mailbox(folder)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(handler), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        courier = SmtpCourier(SmtpServer("127.0.0.1", port, "none"), "monitor@desk.example", ssl.create_default_context)
        mail = OwedMail(1, "desk-1", "mail", READER, digest.message, digest.html, 1, 0, "lease")
        await courier.deliver(mail, _nothing)
        await courier.close()
    (message,) = mailbox.Maildir(folder, create=False)
    return message


async def _nothing() -> None:
    pass


async def test_a_mail_program_reads_what_was_composed(tmp_path: Path) -> None:
    digest = compose_digest(a_mailed_input())
    received = await deliver_into(tmp_path / "maildir", digest)
    message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(received.as_bytes())
    assert message["Subject"] == digest.subject
    assert message["X-RcptTo"] == READER
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text
    assert html
    assert text.get_content().replace("\r\n", "\n").rstrip() == digest.text.rstrip()
    assert html.get_content().replace("\r\n", "\n").rstrip() == digest.html.rstrip()
    assert KHMER in " ".join(text.get_content().replace("> ", "").split())
    assert not any(part.get_content_maintype() == "image" for part in message.walk())
    assert len(digest.message) < 100_000
