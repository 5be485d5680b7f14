"""Show a page in a browser and read what its scripts made of it.

In: FetchRequest, the one door out. Out: Fetched whose `content` is the rendered page, or the failure.
Never: lets the page reach anything but through the door. Each of its requests is answered from there or not at all; and
whatever escapes that (WebRTC, a prefetch) finds no resolver and, as its only way out, a proxy where nobody listens.

`raw_body`, `sha256`, `headers` and `status` are the document's as received. `content` is UTF-8 and begins with a byte
order mark, so that no charset of the header or of a `<meta>` is believed in its place.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Awaitable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

from monitor.errors import BodyTooLarge, BrowserFailed, MonitorError, Timeout
from monitor.fetch.pagevisit import PageVisit
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from monitor.model.ports import Http

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import BrowserContext, Page, Playwright

PAGES_PER_BROWSER = 50
"""A browser grows with every page (playwright issue 15400), so it is ended after so many."""

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_INSTALL = "the browser extra (make extras, or pip install 'monitor-newswatch[browser]') and a Chromium of the system"
_START_SECONDS = 30.0
_END_SECONDS = 3.0
_IDLE_SECONDS = 5.0
_LEAVING_SECONDS = 1.0
_LOAD_SHARE = 0.6
"""Of the deadline: what a page may take to load before it is read as far as it got."""

_BOM = b"\xef\xbb\xbf"
_ARGUMENTS = (
    # No way out: every name is unknown, and every connection goes to a proxy where nobody listens (port 9, discard).
    # Chromium goes past a proxy for loopback and link-local addresses, unless they are taken out so.
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
    "--disable-background-networking",
    "--disable-domain-reliability",
    "--block-new-web-contents",
    # Less for a hostile page to attack, and less memory.
    "--blink-settings=imagesEnabled=false",
    "--disable-remote-fonts",
    "--disable-3d-apis",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--js-flags=--max-old-space-size=512",
)
# Evaluated in a world of its own, where the page's scripts have replaced nothing.
_READ_DOM = """(() => {
  const root = document.documentElement, html = root ? root.outerHTML : "";
  const type = document.doctype ? new XMLSerializer().serializeToString(document.doctype) : "";
  return html.length > LIMIT ? null : type + html;
})()"""


def find_chromium(executable: Path | None) -> Path:
    """Return the browser's program: the one named, or the system's Chromium. Raises BrowserFailed."""
    if executable is not None:
        if not os.access(executable, os.X_OK):
            raise BrowserFailed(f"There is no browser at {executable}; name the program of a Chromium")
        return executable
    found = next((path for name in _NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise BrowserFailed(f"No Chromium is installed on this machine; pages that need a browser need {_INSTALL}")
    return Path(found)


@dataclass(frozen=True, slots=True)
class _Running:
    """A browser with the driver that it hangs on, and the folder where it may write."""

    playwright: "Playwright"
    chromium: "Chromium"
    home: TemporaryDirectory[str]

    async def end(self) -> None:
        await _within(_END_SECONDS, self.chromium.close())
        await _within(_END_SECONDS, self.playwright.stop())
        self.home.cleanup()


class Browser:
    """Implements the port `Http` for pages that need their scripts run; an async context manager.

    One browser, started when it is first needed, shows one page at a time, each in a context of its own: no cookie
    outlives its page. `deadline_seconds` is for a page's turn, from when the document has come.
    """

    def __init__(self, http: Http, executable: Path | None, deadline_seconds: float, max_body_bytes: int) -> None:
        self._http = http
        self._executable = executable
        self._deadline_seconds = deadline_seconds
        self._max_body_bytes = max_body_bytes
        self._turn = asyncio.Lock()
        self._start: asyncio.Task[_Running] | None = None
        self._pages = 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """Get a page and show it. A document that is no HTML is returned as it came.

        Raises whatever the door raises for the document; BodyTooLarge, BrowserFailed or Timeout.
        """
        document = await self._http.fetch(replace(request, needs_browser=False))
        if isinstance(document, NotModified) or not _is_html(document):
            return document
        async with self._turn:
            html = await self._show(request, document)
        return replace(document, content=html, is_rendered=True)

    async def close(self) -> None:
        """End the browser."""
        start, self._start, self._pages = self._start, None, 0
        if start is None:
            return
        with contextlib.suppress(Exception):
            await (await start).end()

    async def _show(self, request: FetchRequest, document: Fetched) -> bytes:
        host = urlsplit(document.url).hostname or ""
        chromium = await self._started()
        from playwright.async_api import Error  # noqa: PLC0415 - an extra, and only now sure to be there

        try:
            async with asyncio.timeout(self._deadline_seconds):
                html = await self._render(chromium, request, document)
        except TimeoutError:
            await self.close()  # what hangs may be the browser itself
            raise Timeout(
                f"The page of {host} took longer than {self._deadline_seconds:g} s in the browser and was given up"
            ) from None
        except Error as error:
            await self.close()
            raise BrowserFailed(f"The browser could not show the page of {host} ({_first_line(error)})") from error
        self._pages += 1
        if self._pages >= PAGES_PER_BROWSER or not chromium.is_connected():
            await self.close()
        return html

    async def _render(self, chromium: "Chromium", request: FetchRequest, document: Fetched) -> bytes:
        # No dialog is waited for: Playwright dismisses those that nobody listens to.
        context = await chromium.new_context(accept_downloads=False, service_workers="block", permissions=[])
        visit = PageVisit(self._http, request, document, self._max_body_bytes)
        try:
            await context.route("**/*", visit.answer)
            await context.route_web_socket("**/*", lambda socket: socket.close())
            page = await context.new_page()
            await self._load(page, visit)
            return await self._read_dom(context, page)
        finally:
            visit.end()
            if not await _within(_END_SECONDS, context.close()):
                await self.close()

    async def _load(self, page: "Page", visit: PageVisit) -> None:
        from playwright.async_api import TimeoutError as TooLate  # noqa: PLC0415

        milliseconds = self._deadline_seconds * _LOAD_SHARE * 1000
        await page.goto(visit.url, wait_until="commit", timeout=milliseconds)
        load = asyncio.create_task(page.wait_for_load_state("load", timeout=milliseconds))
        leave = asyncio.create_task(visit.would_leave.wait())
        try:
            await asyncio.wait({load, leave}, return_when=asyncio.FIRST_COMPLETED)
            if not load.done():
                await asyncio.wait({load}, timeout=_LEAVING_SECONDS)
        finally:
            is_over = load.done()
            load.cancel()
            leave.cancel()
        if not is_over:
            return
        with contextlib.suppress(TooLate):
            load.result()
            await page.wait_for_load_state("networkidle", timeout=_IDLE_SECONDS * 1000)

    async def _read_dom(self, context: "BrowserContext", page: "Page") -> bytes:
        host = urlsplit(page.url).hostname
        if not host:
            raise BrowserFailed("The page's scripts left it for nowhere; there is nothing to read")
        talk = await context.new_cdp_session(page)
        frame = (await talk.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        world = await talk.send("Page.createIsolatedWorld", {"frameId": frame})
        expression = _READ_DOM.replace("LIMIT", str(self._max_body_bytes))
        answer = await talk.send(
            "Runtime.evaluate",
            {"expression": expression, "contextId": world["executionContextId"], "returnByValue": True},
        )
        html = answer["result"].get("value")
        content = _BOM + html.encode("utf-8", "replace") if isinstance(html, str) else b""
        if not content or len(content) > self._max_body_bytes + len(_BOM):
            raise BodyTooLarge(
                f"The page of {host} grows to more than {self._max_body_bytes:,} bytes in the browser, "
                f"the limit for one answer"
            )
        return content

    async def _started(self) -> "Chromium":
        if self._start is not None and self._start.done() and not _is_usable(self._start):
            await self.close()
        if self._start is None:
            # A task of its own: a start that is cancelled half-way would leave its processes to nobody.
            self._start = asyncio.create_task(_launch(find_chromium(self._executable)))
        try:
            return (await asyncio.shield(self._start)).chromium
        except MonitorError:
            self._start = None
            raise


def _is_usable(start: asyncio.Task[_Running]) -> bool:
    return not start.cancelled() and start.exception() is None and start.result().chromium.is_connected()


async def _launch(executable: Path) -> _Running:
    try:
        from playwright.async_api import Error, async_playwright  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise BrowserFailed(f"Pages that need a browser need {_INSTALL}") from error
    playwright = await async_playwright().start()
    home = TemporaryDirectory(prefix="monitor-browser-", ignore_cleanup_errors=True)
    try:
        chromium = await playwright.chromium.launch(
            executable_path=executable,
            args=list(_ARGUMENTS),
            # As root Chromium refuses to start in its sandbox; Playwright's own default is to go without it.
            chromium_sandbox=os.geteuid() != 0,
            timeout=_START_SECONDS * 1000,
            # Strangers' scripts run there: none of our settings, passwords among them, are in its environment.
            env={"PATH": os.defpath, "HOME": home.name, "LANG": "C.UTF-8"},
        )
    except Error as error:
        await _within(_END_SECONDS, playwright.stop())
        home.cleanup()
        raise BrowserFailed(f"The browser {executable} does not start ({_first_line(error)})") from error
    return _Running(playwright, chromium, home)


async def _within(seconds: float, work: Awaitable[None]) -> bool:
    """Wait for something to end, but not for ever; say whether it did."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except Exception:  # noqa: BLE001 - Playwright tells of a browser that has gone in many ways
        return False
    return True


def _is_html(document: Fetched) -> bool:
    kind = (document.header("content-type") or "text/html").partition(";")[0].strip().lower()
    return kind in {"text/html", "application/xhtml+xml", ""}


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), "")[:200]
    return "".join(character if character.isprintable() else "?" for character in line)
