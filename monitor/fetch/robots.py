"""Ask a site's robots.txt before a page is fetched (RFC 9309).

In: a checked URL and what it is wanted for. Out: nothing, or the refusal. Never: asks a site more than once a day.

A page, sitemap or article is fetched only where robots.txt lets us. A feed or search that an operator entered is polled
unless our own name is disallowed: it is offered for being polled.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from protego import Protego

from monitor.errors import HttpStatus, MonitorError, Rejected, RobotsDisallowed, RobotsUnavailable, ServerBusy, Timeout
from monitor.fetch.guard import CheckedUrl
from monitor.model.fetching import Fetched, FetchRequest, NotModified, Purpose

OUR_NAME = "Monitor"
_NOBODY = "a-name-that-no-file-mentions"
_KEPT_SECONDS = 24 * 3600
_RETRIED_SECONDS = 600
_READ_BYTES = 500 * 1024  # what RFC 9309 §2.5 asks to be read
_MAX_CRAWL_DELAY_SECONDS = 30.0
_FORGET_ABOVE = 2_000
_OFFERED: frozenset[Purpose] = frozenset({"feed", "search"})
"""What an operator entered because the site offers it to programs."""

Fetch = Callable[[FetchRequest], Awaitable[Fetched | NotModified]]


@dataclass(slots=True)
class _Site:
    """What is known of one site: its rules (None: none, so all is allowed), or that they can't be had now."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Protego | None = None
    is_unavailable: bool = False
    known_until: float = 0.0


class Robots:
    """The rules of the sites we visit, each read once a day. `fetch` gets robots.txt itself, unasked."""

    def __init__(self, fetch: Fetch, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._monotonic = monotonic
        self._sites: dict[tuple[str, str], _Site] = {}

    async def check(self, url: CheckedUrl, purpose: Purpose, proxy_url: str = "") -> float:
        """Return the pause in seconds that the site asks for between requests (0: none).

        The file is asked for by the way that the page goes, `proxy_url`: another may not lead there.
        Raises RobotsDisallowed; or RobotsUnavailable where the site can't say for now, which holds back pages only.
        """
        if purpose == "robots":
            return 0.0
        site = await self._site(url, proxy_url)
        if purpose in _OFFERED:
            if site.rules and not self._allows(site.rules, url, OUR_NAME) and self._allows(site.rules, url, _NOBODY):
                raise RobotsDisallowed(f"{url.host} asks {OUR_NAME} by name, in its robots.txt, not to read {url.text}")
        elif site.is_unavailable:
            raise RobotsUnavailable(f"{url.host} can't show its robots.txt just now; its pages wait until it can")
        elif site.rules and not self._allows(site.rules, url, OUR_NAME):
            raise RobotsDisallowed(f"{url.host} asks robots, in its robots.txt, not to read {url.text}")
        return _crawl_delay(site.rules) if site.rules else 0.0

    @staticmethod
    def _allows(rules: Protego, url: CheckedUrl, name: str) -> bool:
        return bool(rules.can_fetch(url.text, name))

    async def _site(self, url: CheckedUrl, proxy_url: str) -> _Site:
        way = (proxy_url, url.origin)
        site = self._sites.get(way)
        if site is not None and self._monotonic() < site.known_until:
            return site
        if site is None:
            if len(self._sites) >= _FORGET_ABOVE:
                self._sites.clear()
            site = self._sites[way] = _Site()
        async with site.lock:
            if self._monotonic() >= site.known_until:
                await self._read(site, FetchRequest(f"{url.origin}/robots.txt", "robots", proxy_url=proxy_url))
        return site

    async def _read(self, site: _Site, request: FetchRequest) -> None:
        kept_seconds = _KEPT_SECONDS
        site.rules, site.is_unavailable = None, False
        try:
            answer = await self._fetch(request)
            if isinstance(answer, Fetched):
                site.rules = Protego.parse(answer.content[:_READ_BYTES].decode("utf-8-sig", "replace"))
        except (ServerBusy, Timeout):
            # RFC 9309 §2.3.1.4: a server in trouble disallows everything until it is well.
            site.is_unavailable, kept_seconds = True, _RETRIED_SECONDS
        except HttpStatus:
            pass  # §2.3.1.3: where there is no file, there are no rules
        except Rejected:
            kept_seconds = _RETRIED_SECONDS  # the page itself will be refused for the same reason, and say so
        except MonitorError:
            # Nobody answered: let the page's own request find out and say why.
            kept_seconds = 0
        site.known_until = self._monotonic() + kept_seconds


def _crawl_delay(rules: Protego) -> float:
    asked = rules.crawl_delay(OUR_NAME)
    return min(max(float(asked), 0.0), _MAX_CRAWL_DELAY_SECONDS) if asked else 0.0
