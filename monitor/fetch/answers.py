"""Read the answer of one hop: content, nothing new, a redirect, or a failure that says what to do.

In: the answer's head and its body as it comes, and the trip so far. Out: Fetched, NotModified, or the next URL.
Never: follows the redirect itself, or takes a gatekeeper's page for the site's.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import httpx

from monitor.errors import BadResponse, BadUrl, BodyTooLarge, MonitorError, Retryable
from monitor.fetch.body import read_beginning, read_body
from monitor.fetch.caching import fresh_seconds
from monitor.fetch.gatekeepers import (
    LOOKED_AT_BYTES,
    SUSPECT_STATUSES,
    is_html,
    is_login,
    refuse_challenge,
    refuse_elsewhere,
    refuse_login,
    refuse_network,
)
from monitor.fetch.guard import CheckedUrl, check_redirect
from monitor.fetch.proxies import Proxy
from monitor.fetch.refusals import TRANSPORT_ERRORS, refuse_status
from monitor.model.fetching import Fetched, FetchRequest, Headers, NotModified
from monitor.model.ports import Clock

_MAX_VALIDATOR_CHARS = 1_024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FOR_GOOD = frozenset({301, 308})
_WITH_CONTENT = frozenset({200, 203})
_LOOKED_AT_SECONDS = 3.0
"""How long the page of a refusal may take that is only looked at."""


@dataclass(slots=True)
class Answer:
    """The head of an answer (Latin-1 keeps every byte of a header as it came), and its body as it comes."""

    status: int
    headers: Headers
    body: AsyncIterator[bytes]


@dataclass(slots=True)
class Trip:
    """One request on its way: what was asked, by which way out, and the redirects so far."""

    request: FetchRequest
    asked: CheckedUrl
    proxy: Proxy | None
    passed: list[tuple[CheckedUrl, int]] = field(default_factory=list)

    @property
    def is_conditional(self) -> bool:
        """Say whether we ask with validators."""
        return any(value and is_sendable(value) for value in (self.request.etag, self.request.last_modified))

    def is_at_login(self, url: CheckedUrl) -> bool:
        """Say whether the redirects have come to a login page."""
        return bool(self.passed) and self.request.purpose != "robots" and is_login(self.asked, url)

    def end(self, url: CheckedUrl, answer: Fetched | NotModified) -> Fetched | NotModified:
        """Return the answer with the way it took. Raises LoginAsked where that ended at a login page."""
        if not self.passed:
            return answer
        if self.is_at_login(url):
            raise refuse_login(self.asked, url)
        moved_to = url.text if all(status in _FOR_GOOD for _, status in self.passed) else ""
        if isinstance(answer, NotModified):
            return replace(answer, moved_to=moved_to)
        passed = tuple(url.text for url, _ in self.passed)
        return replace(answer, requested_url=self.request.url, redirects=passed, moved_to=moved_to)


class AnswerReader:
    """Reads answers under the limits on size."""

    def __init__(self, *, max_body_bytes: int, max_header_bytes: int, clock: Clock) -> None:
        self._max_body_bytes = max_body_bytes
        self._max_header_bytes = max_header_bytes
        self._clock = clock

    async def read(self, url: CheckedUrl, trip: Trip, response: httpx.Response) -> Fetched | NotModified | CheckedUrl:
        """Return what one hop gave, or where it redirects to. Raises Retryable or Rejected."""
        head = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw)
        answer = Answer(response.status_code, head, response.aiter_raw())
        status, headers, host = answer.status, answer.headers, url.host
        if sum(len(name) + len(value) + 4 for name, value in headers) > self._max_header_bytes:
            raise BadResponse(f"{host} sends more than {self._max_header_bytes:,} bytes of headers")
        if status in _REDIRECTS:
            trip.passed.append((url, status))
            return _read_redirect(url, _joined(headers, "location"))
        now = self._clock()
        if status == 304:
            if not trip.is_conditional:
                raise BadResponse(f"{host} answers 304 Not Modified, though we asked without conditions")
            async for _ in answer.body:
                pass  # it has none, but only who read it to its end may use the connection again
            return NotModified(url.text, now, fresh_seconds=fresh_seconds(headers, now=now))
        if status == 101:
            raise BadResponse(f"{host} wants to switch to another protocol (101), which was not asked for")
        if status not in _WITH_CONTENT:
            raise await _refusal(url, trip, answer, now)
        return await self._read_content(url, trip, answer, now)

    async def _read_content(self, url: CheckedUrl, trip: Trip, answer: Answer, now: datetime) -> Fetched:
        headers, limit = answer.headers, self._max_body_bytes
        announced = _joined(headers, "content-length") or ""
        if announced.isdecimal() and int(announced[:20]) > limit:
            raise BodyTooLarge(f"{url.host} announces {announced} bytes; {limit:,} are the limit for one answer")
        encoding = _joined(headers, "content-encoding") or ""
        body = await read_body(answer.body, encoding=encoding, max_bytes=limit, host=url.host)
        content = body.content
        if is_html(headers, content):
            purpose = trip.request.purpose
            gate = None
            if len(content) <= LOOKED_AT_BYTES:
                gate = refuse_challenge(answer.status, headers, content, purpose=purpose, host=url.host)
            if gate or (trip.passed and (gate := refuse_elsewhere(trip.asked, url, purpose, headers, content))):
                raise gate
        fresh = fresh_seconds(headers, now=now)
        return Fetched(
            trip.request.url, url.text, answer.status, headers, body.raw, content, body.sha256, now, fresh_seconds=fresh
        )


async def _refusal(url: CheckedUrl, trip: Trip, answer: Answer, now: datetime) -> MonitorError:
    """Return what a status without content stands for: a gatekeeper, or what the site says of itself."""
    status, headers, host = answer.status, answer.headers, url.host
    beginning = bytearray()
    if status in SUSPECT_STATUSES:
        encoding = _joined(headers, "content-encoding") or ""
        reading = read_beginning(answer.body, beginning, encoding=encoding, max_bytes=LOOKED_AT_BYTES)
        with suppress(*TRANSPORT_ERRORS, Retryable):
            await asyncio.wait_for(reading, _LOOKED_AT_SECONDS)
    gate = refuse_challenge(status, headers, bytes(beginning), purpose=trip.request.purpose, host=host)
    return (
        gate
        or refuse_network(status, host=host)
        or refuse_status(status, _joined(headers, "retry-after"), host=host, now=now)
    )


def _read_redirect(url: CheckedUrl, location: str | None) -> CheckedUrl:
    if location is None:
        raise BadResponse(f"{url.host} redirects without saying where to")
    try:
        location = location.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadResponse(f"{url.host} redirects to an address that is not UTF-8") from error
    try:
        return check_redirect(url, location)
    except BadUrl as error:
        raise BadUrl(f"{url.host} redirects to where Monitor does not go: {error}") from error


def _joined(headers: Headers, name: str) -> str | None:
    values = [value for key, value in headers if key.lower() == name]
    return ", ".join(values) if values else None


def is_sendable(validator: str) -> bool:
    """Say whether a validator that a server gave may go back to it."""
    return len(validator) <= _MAX_VALIDATOR_CHARS and validator.isascii() and validator.isprintable()
