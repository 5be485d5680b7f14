"""Read one element of a feed as feedparser does: its text, its attributes; pure.

In: an element. Out: text. Never: a guess: what feedparser would treat by another rule raises Unsure.
"""

import contextlib
import re
from urllib.parse import urljoin

from lxml import etree

_PLAIN_TYPES = frozenset({"text", "plain", "text/plain", "html", "text/html"})
_READ_ATTRIBUTES = frozenset({"rel", "type", "href", "url", "uri", "ispermalink", "mode", "src"})
_XML_LANG = "{http://www.w3.org/xml/1998/namespace}lang"
_C1 = re.compile("[\x80-\x9f]")
_CP1252 = {code: bytes([code]).decode("cp1252", errors="ignore") or code for code in range(0x80, 0xA0)}


class Unsure(Exception):
    """The document has something that feedparser must decide."""


def demand(is_plain: bool) -> None:
    """Raise Unsure unless it is plain."""
    if not is_plain:
        raise Unsure


def refuse_shortcuts(element: etree._Element) -> None:
    """Raise Unsure for attributes that stand for a link or a date (CDF)."""
    for name in element.keys():  # noqa: SIM118 (to iterate over an element gives its children)
        demand(str(name).rpartition("}")[2].lower() not in {"href", "lastmod"})


def is_text(element: etree._Element) -> bool:
    """Say whether it holds text alone."""
    return not len(element) and _has_plain_type(element)


def _has_plain_type(element: etree._Element) -> bool:
    """Say whether its type is text or HTML: inline XHTML and base64 are read by other rules."""
    attributes = attributes_of(element)
    if not attributes:
        return True
    return (
        attributes.get("type", "text").lower() in _PLAIN_TYPES
        and attributes.get("mode", "escaped") == "escaped"
        and "src" not in attributes
    )


def attributes_of(element: etree._Element) -> dict[str, str]:
    """Return its own attributes by name in lower case. Raises Unsure for others that pass for them."""
    attributes: dict[str, str] = {}
    for name, value in element.items():
        if name.startswith("{"):
            # Of a namespace that it doesn't know, feedparser takes the bare name.
            demand(name.rpartition("}")[2].lower() not in _READ_ATTRIBUTES)
        else:
            attributes[name.lower()] = value
    return attributes


def lang_of(element: etree._Element) -> str | None:
    """Return the language that it names itself ("" for none of them), or None."""
    for wanted in (_XML_LANG, "lang"):
        for name, value in element.items():
            if name.lower() == wanted:
                return value.replace("_", "-")
    return None


def content_of(element: etree._Element) -> str:
    """Return the text of an element that may hold markup. Raises Unsure for inline XHTML and base64."""
    if element.keys():  # few have attributes
        demand(_has_plain_type(element))
    return text_of(element)


def text_of(element: etree._Element) -> str:
    """Return the element's text as feedparser gives it. Raises Unsure where it holds elements."""
    if len(element):
        raise Unsure
    text = (element.text or "").strip()
    return text if text.isascii() else fixed(text)


def own_text(element: etree._Element) -> str:
    """Return the text that stands directly in it."""
    return "".join([element.text or "", *(part.tail or "" for part in element)]).strip()


def fixed(text: str) -> str:
    """Undo UTF-8 that was taken for Latin-1, and Windows punctuation left as control characters; as feedparser does."""
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return text.translate(_CP1252) if _C1.search(text) else text


def address_of(link: str, has_base: bool) -> str:
    """Return the link as it is. Raises Unsure for one that feedparser mends, or resolves where there is an xml:base."""
    if ":///" in link:
        raise Unsure
    if has_base and link:
        is_web = link.startswith(("http://", "https://"))
        demand(urljoin(link, link) == link if is_web else link.startswith(("tag:", "urn:")))
    return link
