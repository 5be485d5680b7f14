"""A real SMTP server (aiosmtpd) on a loopback address that answers as a test scripts it.

In: replies by verb, used up one after another. Out: a listening server that keeps what it accepted.
Never: says 250 before an accepted mail stands on the disk, so that a killed test can't lie.
"""

import asyncio
import base64
import json
import os
import ssl
import warnings
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "monitor@desk.example", "p@ss:word/ក"
DROP = "DROP"
"""In the place of a reply: the connection is broken instead."""

ACCEPT_THEN_DROP = "ACCEPT_THEN_DROP"
"""The mail is taken, and the connection broken before that is said."""


@dataclass(frozen=True)
class Accepted:
    """A mail as a server took it: the envelope and the bytes, dots undone."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes


class _Protocol(SMTP):
    """Answers a verb from the script before anything of its own."""

    def __init__(self, sink: "SmtpSink", **options: Any) -> None:
        super().__init__(sink, hostname="mx.sink.example", ident="sink", **options)
        self._sink = sink

    async def push(self, status: Any) -> None:
        if self._sink.reply_seconds:
            await asyncio.sleep(self._sink.reply_seconds)
        await super().push(status)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        reply = self._sink.next_reply("STARTTLS")
        if reply:
            await self.push(reply)
            return
        await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 (aiosmtpd's name)
        reply = self._sink.next_reply("DATA")
        if reply == DROP:
            await self.push("354 go on")
            await self._reader.readline()
            _break(self)
            return
        if reply:
            await self.push(reply)
            return
        await super().smtp_DATA(arg)


class SmtpSink:
    """Serves SMTP. `tls`: from the first byte; `starttls`: offered; `accounts`: a login is asked for.

    `kept` is a file to which each accepted mail is added and synced before it is acknowledged.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        asks_login: bool = False,
        kept: Path | None = None,
    ) -> None:
        self._tls, self._starttls, self._asks_login, self._kept = tls, starttls, asks_login, kept
        self.script: dict[str, list[str]] = defaultdict(list)
        self.accepted: list[Accepted] = []
        self.connections = 0
        self.reply_seconds = 0.0
        self.text_seconds = 0.0
        self.accepts: Callable[[str], str] = lambda _address: ""
        self.port = 0
        self._server: asyncio.Server | None = None
        self._protocols: list[_Protocol] = []

    async def __aenter__(self) -> "SmtpSink":
        await self.start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen, on the port as before where there was one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._protocol, "127.0.0.1", self.port, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening, and break off what is still said."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for protocol in self._protocols:
            if protocol.transport is not None:
                _break(protocol)
        self._protocols.clear()
        await asyncio.sleep(0)

    def _protocol(self) -> _Protocol:
        self.connections += 1
        login = {"authenticator": _authenticate, "auth_required": True, "auth_require_tls": False}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of a login without TLS; it doesn't see TLS from the first byte
            protocol = _Protocol(self, tls_context=self._starttls, **(login if self._asks_login else {}))
        self._protocols.append(protocol)
        return protocol

    def next_reply(self, verb: str) -> str:
        """Take the next scripted reply of a verb, or ""."""
        replies = self.script[verb]
        return replies.pop(0) if replies else ""

    async def _answer(self, server: SMTP, verb: str) -> str:
        reply = self.next_reply(verb)
        if reply == DROP:
            _break(server)
            await asyncio.sleep(0)
            return "421 gone"
        return reply

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        reply = await self._answer(server, "MAIL")
        if reply:
            return reply
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        reply = await self._answer(server, "RCPT") or self.accepts(address)
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 (aiosmtpd's name)
        reply = await self._answer(server, "END")
        if reply and reply != ACCEPT_THEN_DROP:
            return reply
        self._keep(envelope)
        if self.text_seconds:
            await asyncio.sleep(self.text_seconds)
        if reply:
            _break(server)
            await asyncio.sleep(0)
        return f"250 2.0.0 queued as {len(self.accepted)}"

    def _keep(self, envelope: Envelope) -> None:
        content = envelope.original_content or b""
        mail = Accepted(envelope.mail_from or "", tuple(envelope.rcpt_tos), content)
        self.accepted.append(mail)
        if self._kept is not None:
            line = {"to": mail.recipients, "message": base64.b64encode(content).decode()}
            with self._kept.open("a", encoding="ascii") as file:
                file.write(json.dumps(line) + "\n")
                file.flush()
                os.fsync(file.fileno())


def _break(server: SMTP) -> None:
    assert isinstance(server.transport, asyncio.Transport)
    server.transport.abort()


def _authenticate(_server: object, _session: object, _envelope: object, _mechanism: str, data: Any) -> AuthResult:
    is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    # A server that says back what it was told must not bring the password into a log.
    said = f"535 5.7.8 no user {data.login.decode()} with {data.password.decode(errors='replace')}"
    return AuthResult(success=is_right, handled=False, message=None if is_right else said)
