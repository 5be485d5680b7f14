import asyncio
import json
import re
import ssl
import sys
import threading
import time
import traceback
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import pytest
import trustme

from monitor.errors import (
    BadResponse,
    BadUrl,
    BodyTooLarge,
    ConnectionLost,
    DnsFailed,
    MailboxRefused,
    MonitorError,
    Timeout,
    TlsError,
)
from monitor.fetch.mailbox import Mailbox
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from tests.loopback.fetch.rig import NOW, Names
from tests.loopback.imap import PASSWORD, ImapServer, letter

CA = trustme.CA()
READING = re.compile(
    r"(CAPABILITY|STARTTLS|LOGIN|EXAMINE|UID SEARCH|LOGOUT)\b|UID FETCH [\d,]+ \(UID (RFC822\.SIZE|BODY\.PEEK\[)"
)
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@cache
def server_context(name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(name).configure_cert(context)
    return context


@cache
def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


def make_mailbox(password: str | None = PASSWORD, *, seconds: float = 10.0, most: int = 10 * 2**20) -> Mailbox:
    given = None if password is None else (lambda: password)
    names = Names()
    names.table["mail.test"] = [("127.0.0.1",)]
    return Mailbox(given, seconds, most, lambda: NOW, client_context(), resolve=names)


async def visit(mailbox: Mailbox, url: str, etag: str | None = None) -> Fetched | NotModified:
    return await mailbox.fetch(FetchRequest(url, "feed", etag=etag))


async def listed(mailbox: Mailbox, url: str, etag: str | None = None) -> tuple[list[str], str]:
    fetched = await visit(mailbox, url, etag)
    assert isinstance(fetched, Fetched)
    headers = [b64decode(message["headers"]).decode() for message in json.loads(fetched.content)["messages"]]
    subjects = [line.removeprefix("Subject: ") for text in headers for line in text.splitlines() if "Subject" in line]
    return subjects, fetched.header("etag") or ""


@asynccontextmanager
async def imposter(talk: Talk, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Something that listens where a mail server should; gives the address of a folder there."""

    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        tasks.add(task)
        try:
            await talk(reader, writer)
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    yield f"imap{'s' if tls else ''}://desk@127.0.0.1:{server.sockets[0].getsockname()[1]}/INBOX"
    server.close()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def threads_have_ended() -> bool:
    async with asyncio.timeout(30):
        while any(thread.name == "mailbox" for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
    return True


async def test_a_first_visit_lists_the_newest_fifty() -> None:
    async with ImapServer() as server:
        await server.deliver(*map(letter, range(60)))
        subjects, watermark = await listed(make_mailbox(), server.url())
    assert subjects == [f"Dam report {number}" for number in range(10, 60)]
    assert re.fullmatch(r"\d+:160", watermark)


async def test_later_visits_list_what_is_newer_and_nothing_else() -> None:
    async with ImapServer() as server:
        await server.deliver(letter(1), letter(2))
        _, watermark = await listed(make_mailbox(), server.url())
        assert isinstance(await visit(make_mailbox(), server.url(), watermark), NotModified)
        await server.deliver(letter(3))
        subjects, later = await listed(make_mailbox(), server.url(), watermark)
        assert subjects == ["Dam report 3"]
        assert isinstance(await visit(make_mailbox(), server.url(), later), NotModified)


async def test_an_empty_folder_has_a_watermark_and_then_news() -> None:
    async with ImapServer() as server:
        await server.add_folder("Légende & co")
        url = server.url("Légende & co")
        subjects, watermark = await listed(make_mailbox(), url)
        assert subjects == []
        assert isinstance(await visit(make_mailbox(), url, watermark), NotModified)
        await server.deliver(letter(1), folder="Légende & co")
        assert (await listed(make_mailbox(), url, watermark))[0] == ["Dam report 1"]


async def test_a_flood_of_mail_is_read_in_turns_and_none_is_lost() -> None:
    async with ImapServer() as server:
        await server.deliver(letter(0))
        _, watermark = await listed(make_mailbox(), server.url())
        await server.deliver(*map(letter, range(1, 231)))
        first, watermark = await listed(make_mailbox(), server.url(), watermark)
        second, watermark = await listed(make_mailbox(), server.url(), watermark)
        assert len(first) == 200
        assert first + second == [f"Dam report {number}" for number in range(1, 231)]


async def test_monstrous_headers_are_cut_and_hold_nothing_up() -> None:
    async with ImapServer() as server:
        await server.deliver(letter(1, Subject="Dam " + "x" * 1_000_000), letter(2, Subject="After it"))
        fetched = await visit(make_mailbox(), server.url())
    assert isinstance(fetched, Fetched)
    assert len(fetched.content) < 50_000
    assert len(json.loads(fetched.content)["messages"]) == 2


async def test_a_small_limit_on_bodies_means_fewer_messages_at_a_time() -> None:
    async with ImapServer() as server:
        await server.deliver(*map(letter, range(5)))
        mailbox = make_mailbox(most=60_000)
        subjects, watermark = await listed(mailbox, server.url())
        assert subjects == ["Dam report 3", "Dam report 4"]
        await server.deliver(*map(letter, range(5, 8)))
        assert (await listed(mailbox, server.url(), watermark))[0] == ["Dam report 5", "Dam report 6"]


async def test_a_folder_made_anew_is_read_as_new() -> None:
    async with ImapServer() as server:
        await server.deliver(letter(1))
        _, watermark = await listed(make_mailbox(), server.url())
        (await server.folder())._uid_validity += 1
        subjects, later = await listed(make_mailbox(), server.url(), watermark)
    assert subjects == ["Dam report 1"]
    assert later != watermark


async def test_a_message_is_given_as_it_came_and_nothing_in_the_mailbox_changes() -> None:
    message = letter(7)
    async with ImapServer() as server:
        await server.deliver(message)
        _, watermark = await listed(make_mailbox(), server.url())
        uid_validity, _, uid = watermark.partition(":")
        fetched = await visit(make_mailbox(), f"{server.url()};UIDVALIDITY={uid_validity}/;UID={uid}")
        flags, commands = await server.flags(), server.commands
    assert isinstance(fetched, Fetched)
    assert fetched.content == fetched.raw_body == message
    assert fetched.header("content-type") == "message/rfc822"
    assert flags == [set()]
    assert [command for command in commands if not READING.match(command)] == []


async def test_a_message_too_large_is_not_even_asked_for() -> None:
    async with ImapServer() as server:
        await server.deliver(letter(1, X_Padding="x" * 3_000))
        _, watermark = await listed(make_mailbox(), server.url())
        before = len(server.commands)
        with pytest.raises(BodyTooLarge, match="2,000 are the limit"):
            await visit(make_mailbox(most=2_000), f"{server.url()}/;UID={watermark.partition(':')[2]}")
        assert not any("BODY" in command for command in server.commands[before:])


@pytest.mark.parametrize("message", ["/;UID=999", ";UIDVALIDITY=7/;UID=101"])
async def test_a_message_that_is_gone_is_named(message: str) -> None:
    async with ImapServer() as server:
        await server.deliver(letter(1))
        with pytest.raises(MailboxRefused, match="no longer in the folder 'INBOX'"):
            await visit(make_mailbox(), server.url() + message)


async def test_a_wrong_password_is_refused_and_shown_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    async def echo_the_password(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK ready\r\n")
        async for line in reader:
            tag, command = line.split()[:2]
            answer = b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK done\r\n" if command == b"CAPABILITY" else b""
            writer.write(answer or tag + b" NO sorry: " + line)

    async with imposter(echo_the_password) as echo, ImapServer() as server:
        for url in (server.url(), echo):
            with pytest.raises(
                MailboxRefused, match=r"127\.0\.0\.1 refuses the login of desk.*IMAP_PASSWORD"
            ) as caught:
                await visit(make_mailbox("not-this-one"), url)
            assert "not-this-one" not in "".join(_all_that_is_told(caught.value))
    assert "not-this-one" not in "".join(capfd.readouterr())


def _all_that_is_told(error: BaseException) -> Iterator[str]:
    """Give what a traceback that shows local variables would tell of our own frames."""
    yield str(error)
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if Path(frame.f_code.co_filename).parent.name == "fetch" and "test_" not in frame.f_code.co_filename:
            yield repr(frame.f_locals)
    for other in (error.__cause__, error.__context__):
        if other is not None:
            yield from _all_that_is_told(other)


@pytest.mark.parametrize("password", ["pässwörd", 'quo"te\\d'])
async def test_a_password_of_any_characters_arrives(password: str) -> None:
    async with ImapServer(password=password) as server:
        await server.deliver(letter(1))
        assert (await listed(make_mailbox(password), server.url()))[0] == ["Dam report 1"]


async def test_a_password_with_a_line_end_is_not_sent() -> None:
    async with ImapServer() as server:
        with pytest.raises(MailboxRefused, match="MONITOR_IMAP_PASSWORD holds a line end"):
            await visit(make_mailbox("open sesame\r\nA1 DELETE INBOX"), server.url())
        assert not any("LOGIN" in command or "DELETE" in command for command in server.commands)


async def test_without_a_password_nobody_is_asked() -> None:
    async with ImapServer() as server:
        with pytest.raises(MailboxRefused, match="set MONITOR_IMAP_PASSWORD"):
            await visit(make_mailbox(None), server.url())
        assert server.commands == []


async def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imap_tools.mailbox", None)
    async with ImapServer() as server:
        with pytest.raises(MailboxRefused, match=r"pip install 'monitor-newswatch\[imap\]'"):
            await visit(make_mailbox(), server.url())


async def test_a_missing_folder_is_named() -> None:
    async with ImapServer() as server:
        with pytest.raises(
            MailboxRefused, match=r"127\.0\.0\.1 has no folder 'Nowhere' that desk@example\.org may read"
        ):
            await visit(make_mailbox(), server.url("Nowhere"))


async def test_tls_from_the_first_byte_and_by_starttls() -> None:
    async with ImapServer(tls=server_context()) as server:
        await server.deliver(letter(1))
        assert (await listed(make_mailbox(), server.url()))[0] == ["Dam report 1"]
    async with ImapServer(starttls=server_context("mail.test")) as server:
        await server.deliver(letter(1))
        assert (await listed(make_mailbox(), server.url(host="mail.test")))[0] == ["Dam report 1"]
        assert server.commands.index("STARTTLS") < min(
            at for at, command in enumerate(server.commands) if command.startswith("LOGIN")
        )


@pytest.mark.parametrize("way", ["tls", "starttls"])
async def test_a_certificate_that_is_not_trusted_ends_it_before_the_login(way: str) -> None:
    for context in (server_context("elsewhere.test"), _strangers_context()):
        async with ImapServer(tls=context) if way == "tls" else ImapServer(starttls=context) as server:
            with pytest.raises(TlsError, match=r"certificate of 127\.0\.0\.1 can't be trusted"):
                await visit(make_mailbox(), server.url())
            assert not any("LOGIN" in command or "AUTH" in command for command in server.commands)


def _strangers_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


async def test_no_password_goes_out_unencrypted_but_to_this_machine() -> None:
    async with ImapServer() as server:
        with pytest.raises(TlsError, match="no password goes out unencrypted"):
            await visit(make_mailbox(), server.url(host="mail.test"))
        assert server.commands == ["CAPABILITY"]


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"*")
        await writer.drain()
        await asyncio.sleep(0.02)


async def chatting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"* OK still here\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("talk", [silent, dripping, chatting])
@pytest.mark.parametrize("scheme", ["imap", "imaps"])
async def test_a_server_that_hangs_is_given_up_at_the_deadline(talk: Talk, scheme: str) -> None:
    async with imposter(talk) as url:
        began_at = time.monotonic()
        # Over imaps, "silent" and the others never finish the handshake.
        with pytest.raises((Timeout, TlsError), match=r"127\.0\.0\.1"):
            await visit(make_mailbox(seconds=0.5), url.replace("imap:", f"{scheme}:"))
        assert time.monotonic() - began_at < 30.5
        assert await threads_have_ended()


def say(*parts: bytes) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
        await reader.read()

    return talk


async def long_line(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    for _ in range(100):
        writer.write(b"x" * 2**20)
        await writer.drain()


async def endless_lines(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"* OK ready\r\n")
    while True:
        writer.write((b"* OK " + b"x" * 900 + b"\r\n") * 100)
        await writer.drain()


@pytest.mark.parametrize(
    ("talk", "failure"),
    [
        (say(b"HTTP/1.1 400 Bad Request\r\n\r\n"), BadResponse),
        (say(b"220 smtp.example ESMTP\r\n"), BadResponse),
        (say(b"\x00\xff\x01\x02\r\n"), BadResponse),
        (say(b"* OK ready\r\n* CAPABILITY {99999999999}\r\n"), BodyTooLarge),
        (say(b"* OK ready\r\n* CAPABILITY {" + b"9" * 5_000 + b"}\r\n"), BadResponse),
        (say(b"* BYE go away\r\n"), (ConnectionLost, BadResponse)),
        (say(b"* PREAUTH welcome\r\n"), Timeout),
        (long_line, (BadResponse, BodyTooLarge)),
        (endless_lines, BodyTooLarge),
    ],
)
async def test_what_is_no_mail_server_is_bounded_and_said_so(talk: Talk, failure: type[MonitorError]) -> None:
    async with imposter(talk) as url:
        with pytest.raises(failure, match=r"127\.0\.0\.1") as caught:
            await visit(make_mailbox(seconds=5.0 if failure is not Timeout else 0.3), url)
        assert str(caught.value).isprintable()
        assert await threads_have_ended()


async def test_a_closed_port_and_a_lapsed_name_are_told_apart() -> None:
    async with imposter(silent) as url:
        pass
    with pytest.raises(ConnectionLost, match="refuses connections on port"):
        await visit(make_mailbox(), url)
    with pytest.raises(DnsFailed, match=r"lapsed\.test"):
        await visit(make_mailbox(), "imaps://desk@lapsed.test/INBOX")


async def test_a_visit_that_is_cancelled_leaves_no_thread_behind() -> None:
    async with imposter(silent) as url:
        task = asyncio.create_task(visit(make_mailbox(), url))
        while not any(thread.name == "mailbox" for thread in threading.enumerate()):
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await threads_have_ended()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("imaps://desk:geheim@mail.test/INBOX", "leave it out"),
        ("imaps://mail.test/INBOX", "no address of a mail folder"),
        ("imaps://desk@mail.test/", "names no folder"),
        ("imaps://desk@mail.test", "no address of a mail folder"),
        ("imaps://desk@mail.test/IN%0D%0ABOX", "holds a character"),
        ("imaps://de%00sk@mail.test/INBOX", "holds a character"),
        ("imaps://desk@mail.test/%ff", "not UTF-8"),
        ("imaps://desk@mail.test/INBOX;TYPE=LIST", "can't read"),
        ("imaps://desk@0x7f.1/INBOX", "no valid host"),
        ("http://mail.test/INBOX", "no address of a mail folder"),
    ],
)
async def test_an_address_that_is_none_is_refused(url: str, words: str) -> None:
    with pytest.raises(BadUrl, match=words) as caught:
        await visit(make_mailbox(), url)
    assert "geheim" not in str(caught.value)
