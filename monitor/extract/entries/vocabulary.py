"""What the elements of a feed are called, whatever prefixes its publisher chose; pure.

In: a feed's document and its elements. Out: names as feedparser dispatches on them ("dc:creator", "pubdate"), and
whether an element means anything to an entry. Never: a guess: names that feedparser might read otherwise are Unsure.
"""

import re
from typing import Final

from lxml import etree

from monitor.extract.entries.element import Unsure

_DECLARATION = re.compile(rb"""xmlns(?::([^\s=]{1,100}))?\s{0,9}=\s{0,9}["']([^"']{0,300})["']""")
_BASE = re.compile(rb"[\s:]base\s{0,9}=", re.IGNORECASE)
_USERLAND = "backend.userland.com/rss"

_PREFIXES: Final = {
    "": "",
    **dict.fromkeys(
        (
            "http://blogs.law.harvard.edu/tech/rss",
            "http://purl.org/rss/1.0/",
            "http://my.netscape.com/rdf/simple/0.9/",
            "http://purl.org/atom/ns#",
            "http://www.w3.org/2005/atom",
            "http://purl.org/rss/1.0/modules/rss091#",
        ),
        "",
    ),
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://search.yahoo.com/mrss": "media",
    "http://search.yahoo.com/mrss/": "media",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    "http://www.w3.org/xml/1998/namespace": "xml",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://wellformedweb.org/commentapi/": "wfw",
    "http://www.georss.org/georss": "georss",
    "http://www.opengis.net/gml": "gml",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://backend.userland.com/creativecommonsrssmodule": "creativecommons",
    "http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html": "creativecommons",
    "http://web.resource.org/cc/": "cc",
    "http://creativecommons.org/ns#license": "cc",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://madskills.com/public/xml/rss/module/pingback/": "pingback",
    "http://webns.net/mvcb/": "admin",
    "http://podlove.org/simple-chapters": "psc",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
}
"""feedparser's own short names of namespaces, by their URIs in lower case; "" is the feed's own vocabulary."""

_KNOWN: Final = frozenset(_PREFIXES.values()) - {""}

DATES: Final = {
    **dict.fromkeys(("published", "issued", "pubdate", "dcterms:issued"), "published"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), "updated"),
    **dict.fromkeys(("created", "dcterms:created"), "created"),
}
TITLES: Final = frozenset({"title", "dc:title", "media:title"})
BREAKS_A_HEAD: Final = frozenset({"channel", "feed", "rss", "source", "body", "xhtml:body", "fullitem", "tags"})

MEANINGFUL: Final = (
    frozenset({"title", "description", "abstract", "summary", "content", "link", "guid", "id", "author", "source"})
    | {"name", "email", "url", "uri", "homepage", "managingeditor", "item", "entry", "image", "textinput", "body"}
    | {"fullitem", "tags", "info", "generator", "cloud", "newlocation", "language", "width", "height", "tagline"}
    | {"dc:title", "dc:description", "dc:creator", "dc:author", "content:encoded", "xhtml:body", "media:title"}
    | {"media:description", "media:group", "media:content", "itunes:author", "itunes:summary", "itunes:name"}
    | {"itunes:email", "itunes:owner", "rss", "feed", "channel", "where", *DATES}
)
"""What feedparser gives a meaning that reaches an entry, or other elements; inside others it counts too."""

INERT: Final = frozenset(
    {
        "category",
        "keywords",
        "comments",
        "enclosure",
        "rights",
        "copyright",
        "subtitle",
        "rating",
        "ttl",
        "logo",
        "icon",
    }
    | {"contributor", "expirationdate", "webmaster", "skipdays", "skiphours", "day", "hour", "docs", "site", "post-id"}
)
"""The feed's own elements that say nothing an entry keeps."""

_INERT_IN_A_HEAD: Final = frozenset({"author", "contributor", "managingeditor", "webmaster", "itunes:owner"})
PERSON: Final = frozenset({"name", "email", "uri", "url", "homepage"})


class Vocabulary(dict[str, str]):
    """What feedparser would call one document's elements, by their tags. Raises Unsure where that is unusual."""

    def __init__(self, document: bytes, root: etree._Element) -> None:
        super().__init__()
        self._strangers: dict[str, str] = {}
        for raw_prefix, raw_uri in set(_DECLARATION.findall(document)):
            self._declare(raw_prefix.decode().lower(), raw_uri.decode())
        # Where there is one, relative links start elsewhere.
        self.has_base = b"base" in document.lower() and _has_base(document, root)

    def __missing__(self, tag: str) -> str:
        self[tag] = name = self._work_out(tag)
        return name

    def name(self, element: etree._Element) -> str:
        """Return what feedparser would call the element."""
        return self[str(element.tag)]

    def is_inert(self, element: etree._Element, name: str) -> bool:
        """Say whether an item's element of that name, and all that is in it, says nothing that an entry keeps."""
        if name in MEANINGFUL or (":" not in name and name not in INERT):
            return False
        return not len(element) or all(self._is_aside(name, part) for part in element.iterdescendants())

    def is_inert_head(self, element: etree._Element) -> bool:
        """Say whether a head's element with others in it says nothing about the feed's title, language or items."""
        name = self.name(element)
        if ":" not in name and name not in _INERT_IN_A_HEAD | INERT | {"items"}:
            return False
        return all(self._is_aside(name, part) for part in element.iterdescendants())

    def _is_aside(self, name: str, part: etree._Element) -> bool:
        inner = self.name(part)
        if inner in PERSON or inner in {"itunes:name", "itunes:email"}:
            return name in _INERT_IN_A_HEAD
        return inner not in MEANINGFUL and (":" in inner or inner in INERT)

    def _declare(self, prefix: str, uri: str) -> None:
        known = _prefix_of(uri)
        if known is None:
            # feedparser goes by the prefix alone, the first of them that it met.
            if self._strangers.setdefault(uri, prefix) != prefix:
                raise Unsure
        elif prefix in _KNOWN - {known}:
            raise Unsure

    def _work_out(self, tag: str) -> str:
        uri, _, local = tag.rpartition("}")
        uri = uri[1:]
        prefix = _prefix_of(uri)
        if prefix is None:
            prefix = self._strangers.get(uri)
        if prefix is None or not tag.isascii():
            raise Unsure
        return f"{prefix}:{local.lower()}" if prefix else local.lower()


def _has_base(document: bytes, root: etree._Element) -> bool:
    if not _BASE.search(document):
        return False
    names = (str(name).lower() for element in root.iter() for name in element.attrib)
    return any(name == "base" or name.endswith("}base") for name in names)


def _prefix_of(uri: str) -> str | None:
    lower = uri.lower()
    return "" if _USERLAND in lower else _PREFIXES.get(lower)
