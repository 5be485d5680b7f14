"""Answer what a page in the browser asks for, through the one door out.

In: a request of the page. Out: an answer from the door, or none. Never: a method but GET, a second document, a picture,
font, film or beacon, more than so many requests and so many bytes.
"""

import asyncio
import contextlib
from typing import TYPE_CHECKING

from monitor.errors import MonitorError
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from monitor.model.ports import Http

if TYPE_CHECKING:
    from playwright.async_api import Request, Route

MAX_REQUESTS = 100
_MAX_AT_ONCE = 6
_WANTED = frozenset({"script", "xhr", "fetch"})
_ORIGIN_CHARS = 300


class PageVisit:
    """One page's requests. Its parts are asked for as the page itself was: same purpose, same way out.

    `would_leave` is set once the page has tried to go elsewhere: it may then never say that it has loaded.
    """

    def __init__(self, http: Http, request: FetchRequest, document: Fetched, max_bytes: int) -> None:
        self._http = http
        self._request = request
        self._document = document
        self._bytes_left = max_bytes
        self._requests_left = MAX_REQUESTS
        self._places = asyncio.Semaphore(_MAX_AT_ONCE)
        self.would_leave = asyncio.Event()
        self._is_shown = False
        self._is_over = False
        self._fetches: set[asyncio.Task[Fetched | NotModified]] = set()

    @property
    def url(self) -> str:
        """Where the document was found, in the end."""
        return self._document.url

    async def answer(self, route: "Route", asked: "Request") -> None:
        """Answer one request of the page."""
        from playwright.async_api import Error  # noqa: PLC0415 - an extra

        # The page may be gone by now, and a handler's exception would be nobody's.
        with contextlib.suppress(Error):
            if asked.is_navigation_request():
                await self._navigate(route, asked)
            elif asked.resource_type == "stylesheet" and asked.method == "GET":
                # Some scripts wait for their styles (and fail without); what they say changes no text.
                await route.fulfill(status=200, content_type="text/css", body="", headers=_allow(asked))
            elif asked.resource_type in _WANTED and asked.method == "GET" and self._requests_left > 0:
                self._requests_left -= 1
                await self._fetch(route, asked)
            else:
                await route.abort("blockedbyclient")

    def end(self) -> None:
        """Give up what is still being fetched."""
        self._is_over = True
        for fetch in self._fetches:
            fetch.cancel()

    async def _navigate(self, route: "Route", asked: "Request") -> None:
        """Show the document; leave it for no other one, be it by script, refresh, frame or window.

        What is kept as evidence is the document that was asked for: another in its place would pass for it.
        """
        if self._is_shown:
            await route.fulfill(status=204, body="")  # the page stays as it is (RFC 9110 §15.3.5)
            if asked.frame.parent_frame is None:
                self.would_leave.set()
            return
        self._is_shown = True
        kind = self._document.header("content-type") or "text/html"
        await route.fulfill(status=200, headers={"Content-Type": kind}, body=self._document.content)

    async def _fetch(self, route: "Route", asked: "Request") -> None:
        request = FetchRequest(
            asked.url,
            self._request.purpose,
            pause_seconds=self._request.pause_seconds,
            proxy_url=self._request.proxy_url,
            is_part=True,
        )
        fetched = await self._through_the_door(request)
        if fetched is None:
            await route.abort("blockedbyclient")
            return
        headers = {"Content-Type": fetched.header("content-type") or "application/octet-stream", **_allow(asked)}
        await route.fulfill(status=200, headers=headers, body=fetched.content)

    async def _through_the_door(self, request: FetchRequest) -> Fetched | None:
        async with self._places:
            if self._is_over or self._bytes_left <= 0:
                return None
            fetch = asyncio.create_task(self._http.fetch(request))
            self._fetches.add(fetch)
            try:
                answer = await fetch
            except (MonitorError, asyncio.CancelledError):
                return None
            finally:
                self._fetches.discard(fetch)
        if isinstance(answer, NotModified):
            return None
        # What is too much counts too: it has been fetched, and nothing more will be.
        self._bytes_left -= len(answer.content)
        return answer if self._bytes_left >= 0 else None


def _allow(asked: "Request") -> dict[str, str]:
    """Let the page read what another site answers: nothing here is anybody's own, since no cookie is ever sent."""
    origin = asked.headers.get("origin", "")
    if not origin or len(origin) > _ORIGIN_CHARS or not origin.isprintable():
        return {}
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
