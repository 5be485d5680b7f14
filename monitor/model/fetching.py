"""What goes into the one door out, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Purpose = Literal["feed", "article", "robots"]
Headers = tuple[tuple[str, str], ...]

SAMPLE_HOST = "newsroom.example"
"""The sample newsroom's host. RFC 2606 reserves it: no such host can exist, so no sample passes for a real outlet."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One URL to get. `etag` and `last_modified` make it conditional (RFC 9110 §13)."""

    url: str
    purpose: Purpose
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response with content, as received.

    `raw_body` is the body as it came over the wire (still gzipped where the server gzipped it) and is what
    `sha256` (hex) is the hash of; `content` is the decoded body. `redirects` are the URLs passed on the way.
    """

    requested_url: str
    url: str
    status: int
    headers: Headers
    raw_body: bytes
    content: bytes
    sha256: str
    fetched_at: datetime
    redirects: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first header of that name, compared without case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that nothing changed since the validators we sent (304)."""

    url: str
    fetched_at: datetime
