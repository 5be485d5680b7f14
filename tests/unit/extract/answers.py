"""Responses for tests, as the one door out would hand them on."""

from datetime import UTC, datetime
from hashlib import sha256

from monitor.model.fetching import Fetched

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PAGE_URL = "https://gazette.example/news/"


def answer(content: bytes | str, url: str = PAGE_URL, content_type: str = "") -> Fetched:
    body = content.encode() if isinstance(content, str) else content
    headers = (("content-type", content_type),) if content_type else ()
    return Fetched(url, url, 200, headers, body, body, sha256(body).hexdigest(), NOW)
