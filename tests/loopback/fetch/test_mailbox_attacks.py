"""A mail server that can't show its messages for now costs none of them."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from monitor.errors import ConnectionLost
from monitor.fetch.mailbox import Mailbox
from monitor.model.fetching import Fetched, FetchRequest

pytestmark = pytest.mark.enable_socket
HEAD = b"Message-ID: <7@news.example>\r\nSubject: The dam\r\nFrom: The Gazette <a@gazette.example>\r\n\r\n"


class _Server:
    """Speaks just enough IMAP for one folder of one message; says NO to FETCH while it is `busy`."""

    busy = True

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"* OK [CAPABILITY IMAP4rev1] ready\r\n")
        while line := await reader.readline():
            tag, command = line.split(None, 1)
            writer.write(self._answer(command.upper()) + tag + self._status(command.upper()))
            await writer.drain()
        writer.close()

    def _answer(self, command: bytes) -> bytes:
        if command.startswith(b"CAPABILITY"):
            return b"* CAPABILITY IMAP4rev1\r\n"
        if command.startswith((b"EXAMINE", b"SELECT")):
            return b"* 1 EXISTS\r\n* OK [UIDVALIDITY 5] x\r\n"
        if b"SEARCH" in command:
            return b"* SEARCH 7\r\n"
        if b"FETCH" in command and not self.busy:
            return b"* 1 FETCH (UID 7 BODY[HEADER] {%d}\r\n%s)\r\n" % (len(HEAD), HEAD)
        return b""

    def _status(self, command: bytes) -> bytes:
        if b"FETCH" in command and self.busy:
            return b" NO [UNAVAILABLE] try again\r\n"
        return b" OK [READ-ONLY] done\r\n" if re.match(b"EXAMINE", command) else b" OK done\r\n"


@asynccontextmanager
async def _serving(server: _Server) -> AsyncIterator[str]:
    listening = await asyncio.start_server(server, "127.0.0.1", 0)
    async with listening:
        yield f"imap://desk@127.0.0.1:{listening.sockets[0].getsockname()[1]}/INBOX"


@pytest.mark.parametrize("etag", [None, "5:6"])
async def test_messages_that_the_server_refuses_to_show_just_now_are_listed_by_the_next_visit(etag: str | None) -> None:
    server = _Server()
    mailbox = Mailbox(lambda: "open sesame", 5.0, 2**20, lambda: datetime(2026, 11, 22, tzinfo=UTC))
    async with _serving(server) as url:
        with pytest.raises(ConnectionLost, match=r"127\.0\.0\.1 can't show the messages of 'INBOX' just now"):
            await mailbox.fetch(FetchRequest(url, "feed", etag=etag))
        server.busy = False
        answer = await mailbox.fetch(FetchRequest(url, "feed", etag=etag))
        assert isinstance(answer, Fetched)
        assert answer.header("etag") == "5:7"
        assert b'"uid": 7' in answer.content
