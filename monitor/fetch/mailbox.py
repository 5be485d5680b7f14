"""Read a folder of newsletters by IMAP (RFC 3501), and change nothing in it.

In: FetchRequest for a folder or a message (RFC 5092), the password. Out: Fetched or NotModified, or a failure that
names host, folder and setting.
Never: opens a folder for writing, marks a message as seen, sends the password in the clear beyond this machine, or
shows it.

imaplib blocks, so each conversation has a thread of its own; where the deadline passes, its connection is shut, and
nobody waits for it. The host is not held against the table of public addresses: an operator names it, and it often
stands in their own network.
"""

import asyncio
import contextlib
import hashlib
import imaplib
import json
import re
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.errors import BodyTooLarge, ConnectionLost, MailboxRefused, MonitorError, Timeout
from monitor.fetch.connect import resolve_host
from monitor.fetch.imapline import Client, Line, describe_failure, secure
from monitor.fetch.imapurl import ImapUrl, read_imap_url
from monitor.model.fetching import Fetched, FetchRequest, Headers, NotModified
from monitor.model.ports import Clock, Resolver

if TYPE_CHECKING:
    from imap_tools.mailbox import BaseMailBox

LISTING_TYPE = "application/vnd.monitor.mailbox+json"
SETTING = "MONITOR_IMAP_PASSWORD"
BACKLOG_MESSAGES = 50
MAX_MESSAGES = 200
"""At most so many of one visit; the next goes on where it ended."""

_HEADER_BYTES = 16_384
_FIELDS = "MESSAGE-ID SUBJECT FROM DATE LIST-ID"
_TALK_BYTES = 2**20
"""What a server may say beside what was asked for."""

_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,19})\b")
_NEW_ITEM = re.compile(rb"\d+ \(")
_INSTALL = "newsletters need the mail extra: make extras, or pip install 'monitor-newswatch[imap]'"

Password = Callable[[], str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a conversation came to; `watermark` is that of a folder, and nothing is new where `body` is None."""

    body: bytes | None
    watermark: str = ""


class Mailbox:
    """Implements the port `Http` for addresses of mail folders and their messages. `password` gives it when asked."""

    def __init__(
        self,
        password: Password | None,
        deadline_seconds: float,
        max_body_bytes: int,
        clock: Clock,
        ssl_context: ssl.SSLContext | None = None,
        *,
        resolve: Resolver = resolve_host,
    ) -> None:
        self._password = password
        self._deadline_seconds = deadline_seconds
        self._max_body_bytes = max_body_bytes
        self._clock = clock
        self._ssl_context = ssl_context or ssl.create_default_context()
        self._resolve = resolve

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """List a folder's newer messages (request.etag is "UIDVALIDITY:LAST UID"), or get one message.

        Raises BadUrl, MailboxRefused, BodyTooLarge, BadResponse, TlsError, Timeout, ConnectionLost, DnsFailed or
        NetworkDown.
        """
        url = read_imap_url(request.url)
        if self._password is None:
            raise MailboxRefused(f"No password is set for {url.user} at {url.host}: set {SETTING}")
        try:
            async with asyncio.timeout(self._deadline_seconds):
                addresses = (url.host,) if url.is_literal else await self._resolve(url.host, url.port)
                answer = await self._converse(url, addresses, self._password, request.etag)
        except TimeoutError:
            raise Timeout(
                f"{url.host} took longer than {self._deadline_seconds:g} s over its mailbox and was given up for now"
            ) from None
        return self._fetched(request, url, answer)

    async def _converse(
        self, url: ImapUrl, addresses: tuple[str, ...], password: Password, etag: str | None
    ) -> _Answer:
        wanted_bytes = self._max_body_bytes if url.uid else _most_messages(self._max_body_bytes) * (_HEADER_BYTES + 512)
        line = Line(url, addresses, self._deadline_seconds, wanted_bytes + _TALK_BYTES, self._ssl_context)
        future = Future[_Answer]()
        future.set_running_or_notify_cancel()
        talk = _Talk(line, password, etag, self._max_body_bytes)
        threading.Thread(target=_work, args=(talk, future), name="mailbox", daemon=True).start()
        try:
            return await asyncio.wrap_future(future)
        finally:
            line.end()

    def _fetched(self, request: FetchRequest, url: ImapUrl, answer: _Answer) -> Fetched | NotModified:
        if answer.body is None:
            return NotModified(url.text, self._clock())
        headers: Headers = (("Content-Type", "message/rfc822" if url.uid else LISTING_TYPE),)
        if answer.watermark:
            headers = (*headers, ("ETag", answer.watermark))
        digest = hashlib.sha256(answer.body).hexdigest()
        return Fetched(request.url, url.text, 200, headers, answer.body, answer.body, digest, self._clock())


def _work(talk: "_Talk", future: Future[_Answer]) -> None:
    # What failed is put into our words outside of any handler: the library's own exceptions hold, in their frames,
    # the password, and none of them may hang on to what is raised.
    try:
        answer: _Answer | MonitorError = talk.hold()
    except MonitorError as error:
        answer = error
    except Exception as error:  # noqa: BLE001 - a server can make imaplib raise anything
        answer = describe_failure(error, talk.line.url)
    finally:
        talk.line.end()
    if isinstance(answer, _Answer):
        future.set_result(answer)
    else:
        future.set_exception(answer.with_traceback(None))


@dataclass(frozen=True, slots=True)
class _Talk:
    """One conversation, in a thread of its own."""

    line: Line
    password: Password = field(repr=False)
    etag: str | None
    max_body_bytes: int

    def hold(self) -> _Answer:
        """Say all there is to say, and leave."""
        box = _open_box(self.line)
        try:
            self._log_in(box)
            uid_validity, exists = self._examine(box)
            url = self.line.url
            answer = self._read_message(box, uid_validity) if url.uid else self._list(box, uid_validity, exists)
            with contextlib.suppress(Exception):
                box.logout()
            return answer
        finally:
            with contextlib.suppress(Exception):
                box.client.shutdown()

    def _log_in(self, box: "BaseMailBox") -> None:
        from imap_tools.errors import MailboxLoginError  # noqa: PLC0415

        url, password = self.line.url, self.password()
        if any(character in password for character in "\r\n\0"):
            raise MailboxRefused(f"{SETTING} holds a line end; give the password alone")
        log_in = box.login if password.isascii() and url.user.isascii() else box.login_utf8
        is_refused = False
        try:
            log_in(url.user, password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error):
            is_refused = True
        if is_refused:  # the server's own words are left out: some repeat what they were given
            raise MailboxRefused(f"{url.host} refuses the login of {url.user}; is {SETTING} right (an app password)?")

    def _examine(self, box: "BaseMailBox") -> tuple[int, int]:
        from imap_tools.errors import MailboxFolderSelectError  # noqa: PLC0415

        url = self.line.url
        try:
            _, counts = box.folder.set(url.folder, readonly=True)
        except (MailboxFolderSelectError, imaplib.IMAP4.readonly) as error:
            raise MailboxRefused(f"{url.host} has no folder {url.folder!r} that {url.user} may read") from error
        _, validity = box.client.response("UIDVALIDITY")
        return _number(validity), _number(counts)

    def _list(self, box: "BaseMailBox", uid_validity: int, exists: int) -> _Answer:
        seen = _last_seen(self.etag, uid_validity)
        most = _most_messages(self.max_body_bytes)
        if seen is None:
            newest = min(BACKLOG_MESSAGES, most)
            uids = _search(box, f"{max(1, exists - newest + 1)}:*")[-newest:] if exists else []
        else:
            # "n:*" names the last message even where it is older than n (RFC 3501 §6.4.8).
            uids = [uid for uid in _search(box, f"UID {seen + 1}:*") if uid > seen][:most]
            if not uids:
                return _Answer(None)
        found = (
            dict(_fetch(box, self.line.url, uids, f"BODY.PEEK[HEADER.FIELDS ({_FIELDS})]<0.{_HEADER_BYTES}>"))
            if uids
            else {}
        )
        messages = [
            {"uid": uid, "headers": b64encode(found[uid][:_HEADER_BYTES]).decode("ascii")}
            for uid in uids
            if uid in found
        ]
        listing = {"folder": self.line.url.folder, "uid_validity": uid_validity, "messages": messages}
        return _Answer(json.dumps(listing).encode("ascii"), f"{uid_validity}:{max(uids, default=0)}")

    def _read_message(self, box: "BaseMailBox", uid_validity: int) -> _Answer:
        url = self.line.url
        gone = f"The message is no longer in the folder {url.folder!r} of {url.user} at {url.host}"
        if url.uid_validity not in {0, uid_validity}:
            raise MailboxRefused(f"{gone}: the folder was made anew")
        _, answers = box.client.uid("FETCH", str(url.uid), "(UID RFC822.SIZE)")
        sizes = [match[1] for answer in answers if isinstance(answer, bytes) and (match := _SIZE.search(answer))]
        if not sizes:
            raise MailboxRefused(gone)
        if int(sizes[0]) > self.max_body_bytes:
            raise BodyTooLarge(
                f"A message at {url.host} has {int(sizes[0]):,} bytes; "
                f"{self.max_body_bytes:,} are the limit for one answer"
            )
        body = dict(_fetch(box, url, [url.uid], "BODY.PEEK[]")).get(url.uid)
        if body is None:
            raise MailboxRefused(gone)
        if len(body) > self.max_body_bytes:
            raise BodyTooLarge(
                f"{url.host} sends a message larger than it said: more than {self.max_body_bytes:,} bytes"
            )
        return _Answer(body)


def _open_box(line: Line) -> "BaseMailBox":
    try:
        from imap_tools.mailbox import BaseMailBox  # noqa: PLC0415 - an extra, and half the start-up time of the rest
    except ImportError as error:
        raise MailboxRefused(f"{line.url.host}: {_INSTALL}") from error

    class Box(BaseMailBox):
        def _get_mailbox_client(self) -> imaplib.IMAP4:
            client = Client(line)
            if not line.url.is_tls:
                secure(client, line)
            return client

    return Box()


def _search(box: "BaseMailBox", criteria: str) -> list[int]:
    return sorted({int(uid) for uid in box.uids(criteria, charset=None) if uid.isdecimal() and len(uid) <= 10})


def _fetch(box: "BaseMailBox", url: ImapUrl, uids: list[int], item: str) -> Iterator[tuple[int, bytes]]:
    """Get one part of each message; what was not asked for is passed over (a server may tell of others meanwhile)."""
    asked = set(uids)
    status, answers = box.client.uid("FETCH", ",".join(map(str, uids)), f"(UID {item})")
    if status != "OK":
        # Passed over, they would never be listed again: the next visit begins after them.
        raise ConnectionLost(f"{url.host} can't show the messages of {url.folder!r} just now; they are asked for again")
    for at, answer in enumerate(answers):
        # The UID stands before the text or after it, as the server likes.
        after = answers[at + 1] if at + 1 < len(answers) and isinstance(answers[at + 1], bytes) else b""
        if isinstance(answer, tuple):
            match, text = _UID.search(answer[0]) or _UID.search(after), answer[1]
        elif isinstance(answer, bytes) and _NEW_ITEM.match(answer):
            match, text = _UID.search(answer), b""
        else:
            continue
        if match and int(match[1]) in asked:
            yield int(match[1]), text


def _most_messages(max_body_bytes: int) -> int:
    """Return how many messages one listing holds: each may take a third more than its headers' bytes."""
    return min(MAX_MESSAGES, max(1, max_body_bytes // (_HEADER_BYTES * 3 // 2)))


def _last_seen(etag: str | None, uid_validity: int) -> int | None:
    match = re.fullmatch(r"(\d{1,10}):(\d{1,10})", etag or "")
    return int(match[2]) if match and int(match[1]) == uid_validity else None


def _number(answers: list[bytes | None]) -> int:
    last = answers[-1] if answers else None
    return int(last) if last is not None and last.isdigit() and len(last) <= 10 else 0
