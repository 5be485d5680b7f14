"""Everything that is fetched goes through here: web pages by the guarded client, mailboxes and browser pages by theirs.

The mailbox and the browser are extras: they are imported when first asked for, and say what to install where they miss.
"""

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

from monitor.errors import MailboxRefused
from monitor.fetch import HttpClient
from monitor.fetch.browser import Browser
from monitor.fetch.mailbox import Mailbox
from monitor.model.fetching import DIRECT, Fetched, FetchRequest, NotModified
from monitor.text.urls import is_message_url


class Door:
    """Implements the port `Http`; an async context manager."""

    def __init__(self, web: HttpClient, mailbox: Mailbox, browser: Browser, *, has_proxy: bool) -> None:
        self._has_proxy = has_proxy
        self._web = web
        self._mailbox = mailbox
        self._browser = browser
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._web)
        await self._open.enter_async_context(self._browser)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        """Get one URL under every limit. Raises Retryable or Rejected."""
        if is_message_url(request.url):
            if request.proxy_url not in ("", DIRECT) or (self._has_proxy and request.proxy_url != DIRECT):
                raise MailboxRefused(
                    "Mail is not fetched through a proxy: give the source --proxy direct if it may go straight"
                )
            return await self._mailbox.fetch(request)
        if request.needs_browser:
            return await self._browser.fetch(request)
        return await self._web.fetch(request)
