"""What goes into the one door out, and what comes back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Purpose = Literal["feed", "page", "sitemap", "search", "article", "robots"]
"""What a URL is asked for. robots.txt is asked first for pages, sitemaps and articles; feeds and searches that an
operator entered are asked for unless our own name is disallowed."""

Headers = tuple[tuple[str, str], ...]

SAMPLE_HOST = "newsroom.example"
"""The sample newsroom's host. RFC 2606 reserves it: no such host can exist, so no sample passes for a real outlet."""

DIRECT = "direct"
"""As a request's `proxy_url`: go straight, past the proxy that the settings name."""


@dataclass(frozen=True, slots=True)
class FetchRequest:
    """One URL to get. `etag` and `last_modified` make it conditional (RFC 9110 §13).

    `pause_seconds` is the least pause between two requests to this host, where it is longer than our own.
    `proxy_url` is the source's own way out ("" = as the settings say); `needs_browser`: run the page's scripts.
    `is_part`: it is part of a page that waited for its turn already, so it needn't pause, only not crowd its host.
    """

    url: str
    purpose: Purpose
    etag: str | None = None
    last_modified: str | None = None
    pause_seconds: float = 0.0
    proxy_url: str = ""
    needs_browser: bool = False
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Fetched:
    """A response with content, as received.

    `raw_body` is the body as it came over the wire (still gzipped where the server gzipped it) and is what
    `sha256` (hex) is the hash of; `content` is the decoded body, or what a browser made of it (`is_rendered`).
    `redirects` are the URLs passed on the way. `moved_to` is where the address has moved for good: the URL behind an
    unbroken chain of 301 and 308, else "". `fresh_seconds` is how long the answer says it stays as it is (RFC 9111).
    `fetched_at` is when the answer began, as WARC-Date is: what comes slowly is as old as its beginning.
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
    moved_to: str = ""
    fresh_seconds: float = 0.0
    is_rendered: bool = False

    def header(self, name: str) -> str | None:
        """Return the first header of that name, compared without case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server says that nothing changed since the validators we sent (304)."""

    url: str
    fetched_at: datetime
    moved_to: str = ""
    fresh_seconds: float = 0.0
