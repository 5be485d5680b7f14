"""Feeds that are careless or cunning about what is the same, and when: addresses, guids, dates (#47 to #55).

In: a server's authority, where an address must lead to it. Out: pairs of addresses, dates, items.
"""

from collections.abc import Iterable
from xml.sax.saxutils import escape

SAME_PAGE: tuple[tuple[str, str], ...] = (
    ("http://{a}/p", "http://{a}/p?utm_source=rss"),
    ("http://{a}/p", "http://{a}/p?utm_source=rss&amp;utm_medium=feed&amp;utm_campaign=x"),
    ("http://{a}/p", "http://{a}/p?fbclid=IwAR0"),
    ("http://{a}/p", "http://{a}/p?gclid=1&amp;msclkid=2"),
    ("http://{a}/p", "http://{a}/p?mc_cid=1&amp;mc_eid=2"),
    ("http://{a}/p", "http://{a}/p?at_medium=RSS"),
    ("http://{a}/p?id=5", "http://{a}/p?id=5&amp;UTM_Campaign=x"),
    ("http://{a}/p", "https://{a}/p"),
    ("http://{a}/p", "http://www.{a}/p"),
    ("http://{a}/p", "https://www.{a}/p/"),
    ("http://{a}/p", "http://{a}/p/"),
    ("http://{a}/p", "http://{a}/p#comments"),
    ("http://{a}/p?a=1&amp;b=2", "http://{a}/p?b=2&amp;a=1"),
    ("http://{a}/p", "HTTP://{A}/p"),
    ("http://{a}/p", "http://{a}/x/../p"),
    ("http://{a}/p", "http://{a}/./p"),
    ("http://{a}/p/~u", "http://{a}/p/%7eu"),
    ("http://{a}/p/%E1%9E%80", "http://{a}/p/ក"),
    ("http://{a}/p", "http://{a}/p?"),
    ("http://{a}/p?b=1", "http://{a}/p?&amp;&amp;b=1&amp;"),
)
OTHER_PAGE: tuple[tuple[str, str], ...] = (
    ("http://{a}/p?id=1", "http://{a}/p?id=2"),
    ("http://{a}/p?12345", "http://{a}/p?12346"),
    ("http://{a}/p?cid=41", "http://{a}/p?cid=42"),
    ("http://{a}/p?keyword=shelter", "http://{a}/p?keyword=factory"),
    ("http://{a}/p/a", "http://{a}/p/A"),
    ("http://en.{a}/p", "http://km.{a}/p"),
    ("http://{a}/p?t=1&amp;t=2", "http://{a}/p?t=2&amp;t=1"),
    ("http://{a}/p%2Fb", "http://{a}/p/b"),
    ("http://{a}/p?p=1", "http://{a}/p"),
    ("http://{a}/p?x=a%26b", "http://{a}/p?x=a&amp;b"),
)
"""Pairs as a feed writes them: `{a}` is host and port (`{A}` in capitals); the first of a pair can be fetched."""


def spelled(pairs: Iterable[tuple[str, str]], port: int) -> list[tuple[str, str]]:
    """Return the pairs with a host of its own for each."""
    found = []
    for number, (one, other) in enumerate(pairs):
        authority = f"p{number}.test:{port}"
        found.append((_fill(one, authority), _fill(other, authority)))
    return found


def _fill(address: str, authority: str) -> str:
    return address.replace("{a}", authority).replace("{A}", authority.upper())


DATES: tuple[str, ...] = (
    *("0000-00-00", "0000-00-00T00:00:00Z", "1800000000", "2026-02-30", "10000-01-01", "-0001-01-01"),
    *("1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z", "1989-12-31", "2085-01-01", "2999-12-31T23:59:59Z"),
    *("Thu, 99 Foo 2026 00:00:00 GMT", "Sat, 21 Nov 26 10:00:00 GMT", "21 Nov 2026", "Sat, 21 Nov 2026 10:00:00"),
    *("2026-11-21T23:59:60Z", "2026-11-21T24:00:00Z", "2026-11-21T10:00:00+99:99", "2026-11-21 10:00", "now"),
    *("٢٠٢٦-١١-٢١", "২০২৬-১১-২১", "21 ноября 2026", "2026年11月21日", "១២ វិច្ឆិកា ២០២៦", "9" * 400),
    *(
        "2026-11-21T10:00:00.123456789Z",
        "Sat, 21 Nov 2026 10:00:00 XYZ",
        "2026-11-23T02:59:00Z",
        "2026-11-23T03:01:00Z",
    ),
)
"""#54; the last two are just within and just beyond a day from the tests' present."""


def dated(number: int, date: str) -> str:
    """Return an item with a date as it stands."""
    return f"<item><title>Dated {number}</title><link>/{number}</link><pubDate>{escape(date)}</pubDate></item>"


def guided(title: str, link: str, guid: str, text: str = "") -> str:
    """Return an item with a guid as it stands, and the article's text where it carries that."""
    carried = f"<content:encoded>{escape(text)}</content:encoded>" if text else ""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<guid isPermaLink='false'>{escape(guid)}</guid>{carried}</item>"
    )
