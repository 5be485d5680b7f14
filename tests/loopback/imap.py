"""A real IMAP server (pymap, in memory) on a loopback address, which keeps every line that a client says.

In: messages. Out: a listening server with one account, `desk@example.org` / `open sesame`.
Never: binds anything but an address of 127.0.0.0/8.
"""

import asyncio
import contextlib
import ssl
from argparse import Namespace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self, cast
from urllib.parse import quote

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.backend.dict.mailbox import MailboxData
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.user import Passwords, UserMetadata

USER, PASSWORD = "desk@example.org", "open sesame"


class _Overheard:
    """A StreamReader that keeps what it reads."""

    def __init__(self, reader: asyncio.StreamReader, said: bytearray) -> None:
        self._reader = reader
        self._said = said

    async def readline(self) -> bytes:
        line = await self._reader.readline()
        self._said += line
        return line

    async def readexactly(self, size: int) -> bytes:
        data = await self._reader.readexactly(size)
        self._said += data
        return data


class ImapServer:
    """Serves one account; `tls` from the first byte (imaps), else by STARTTLS where `starttls` is given."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        password: str = PASSWORD,
    ) -> None:
        self._password = password
        self._tls = tls
        arguments = Namespace(passlib_cfg=None, proxy_protocol=None)
        self._config = Config(
            arguments,
            demo_data=False,
            demo_user=USER,
            demo_password=password,
            host="127.0.0.1",
            port=0,
            ssl_context=starttls or tls or ssl.create_default_context(ssl.Purpose.CLIENT_AUTH),
            tls_enabled=starttls is not None,
            invalid_user_sleep=0.0,
        )
        self._login = Login(self._config)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self.said = bytearray()
        self.port = 0

    async def __aenter__(self) -> Self:
        hashed = await Passwords(self._config).hash_password(self._password)
        await self._login.demo_user_identity.set(UserMetadata(self._config, USER, password=hashed))
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server is not None:
            await self._server.wait_closed()

    @property
    def commands(self) -> list[str]:
        """Return what was said, a line each, without its tag."""
        return [line.partition(" ")[2] for line in self.said.decode("latin-1").splitlines()]

    def url(self, folder: str = "INBOX", host: str = "127.0.0.1") -> str:
        """Return the address of a folder."""
        scheme = "imaps" if self._tls else "imap"
        return f"{scheme}://{quote(USER, safe='')}@{host}:{self.port}/{quote(folder)}"

    async def folder(self, name: str = "INBOX") -> MailboxData:
        """Return a folder as the server keeps it."""
        async with self._login.demo_user_identity.new_session() as session:
            return await session.mailbox_set.get_mailbox(name)

    async def add_folder(self, name: str) -> None:
        """Make a folder."""
        async with self._login.demo_user_identity.new_session() as session:
            await session.mailbox_set.add_mailbox(name)

    async def deliver(self, *messages: bytes, folder: str = "INBOX") -> None:
        """Put messages into a folder."""
        mailbox = await self.folder(folder)
        for message in messages:
            await mailbox.append(AppendMessage(message, datetime(2026, 11, 20, tzinfo=UTC)))

    async def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """Return each message's flags."""
        mailbox = await self.folder(folder)
        return [{str(flag) for flag in message.permanent_flags} async for message in mailbox.messages()]

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(self._converse(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        overheard = cast("asyncio.StreamReader", _Overheard(reader, self.said))
        with contextlib.suppress(OSError, EOFError):
            self._config.apply_context()
            await IMAPServer(self._login, self._config)(overheard, writer, SocketInfoLocal(writer.transport))


def letter(number: int, **headers: Any) -> bytes:
    """Return one message."""
    fields = {
        "Message-ID": f"<{number}@news.example>",
        "Subject": f"Dam report {number}",
        "From": "The Gazette <letters@gazette.example>",
        "Date": "Fri, 20 Nov 2026 08:00:00 +0700",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"{head}\r\nThe river rose again.\r\n".encode()
