"""What an answer's head and body are read as."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx

from monitor.fetch.answers import AnswerReader, Trip
from monitor.fetch.guard import CheckedUrl
from monitor.model.fetching import Fetched, FetchRequest
from tests.unit.store.archives import NOW

URL = CheckedUrl("https://paper.example/slow", "https", "paper.example", 443)


async def test_what_comes_slowly_is_as_old_as_its_beginning() -> None:
    at = NOW

    async def slow_body() -> AsyncIterator[bytes]:
        nonlocal at
        for part in (b"They were ", b"locked in."):
            at += timedelta(minutes=1)
            yield part

    reader = AnswerReader(max_body_bytes=1000, max_header_bytes=1000, clock=lambda: at)
    trip = Trip(FetchRequest(URL.text, "article"), URL, None)
    answer = await reader.read(URL, trip, httpx.Response(200, content=slow_body()))
    assert isinstance(answer, Fetched)
    assert (answer.content, answer.fetched_at) == (b"They were locked in.", NOW)
    assert at == NOW + timedelta(minutes=2)
