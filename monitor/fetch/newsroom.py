"""Serve the sample newsroom without a socket.

In: files, path → (content type, body). Out: HTTP answers with an ETag, 304 where it still matches, 404 elsewhere.
Never: opens a socket or reads a file.
"""

import hashlib
from collections.abc import Mapping

import httpx


class NewsroomTransport(httpx.AsyncBaseTransport):
    """Answers from memory, like a small web server that knows conditional requests."""

    def __init__(self, files: Mapping[str, tuple[str, bytes]]) -> None:
        self._files = dict(files)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        found = self._files.get(request.url.path)
        if found is None:
            return _answer(404, {"Content-Type": "text/plain"}, b"There is no such page in the sample newsroom.\n")
        content_type, body = found
        etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
        if request.headers.get("If-None-Match") == etag:
            return _answer(304, {"ETag": etag}, b"")
        return _answer(200, {"Content-Type": content_type, "ETag": etag, "Content-Length": str(len(body))}, body)


def _answer(status: int, headers: dict[str, str], body: bytes) -> httpx.Response:
    # As a stream: `content=` would count as read already, and nobody could read it raw.
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))
