"""Read what a source lists, by its kind.

In: a response and the source's kind. Out: Listing. Never: the network. To be called in a supervised child.
"""

from collections.abc import Callable

from monitor.extract.entries.channel import read_channel
from monitor.extract.entries.feed import parse_feed
from monitor.extract.entries.page import read_page
from monitor.extract.entries.search import read_search
from monitor.extract.entries.sitemap import read_sitemap
from monitor.extract.entries.watch import read_watched
from monitor.model.archiving import SourceKind
from monitor.model.entries import Listing
from monitor.model.fetching import Fetched


def read_listing(fetched: Fetched, kind: SourceKind, links: str) -> Listing:
    """Read what a source of that kind lists; `links` selects a page's links and is for pages alone.

    Raises NotAFeed, BadFeed, BadSelector, NotAnArticle or SearchRefused.
    """
    return read_page(fetched, links) if kind == "page" else _READERS[kind](fetched)


def _read_feed(fetched: Fetched) -> Listing:
    return parse_feed(fetched.content, fetched.url, fetched.header("content-type"), fetched.fetched_at)


def _read_newsletter(fetched: Fetched) -> Listing:
    # Imported here, since few installations read mail.
    from monitor.extract.entries.mailbox import read_mailbox  # noqa: PLC0415

    return read_mailbox(fetched)


_READERS: dict[SourceKind, Callable[[Fetched], Listing]] = {
    "feed": _read_feed,
    "watch": read_watched,
    "sitemap": read_sitemap,
    "search": read_search,
    "newsletter": _read_newsletter,
    "channel": read_channel,
}
