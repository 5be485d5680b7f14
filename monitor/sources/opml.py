"""Exchange sources with other programs as OPML 2.0 (http://opml.org/spec2.opml).

In: a document that nobody vouches for, or sources. Out: the sources in it and why others were refused, or a document.
Never: resolves an entity, follows a link, or takes from a stranger's file what loosens a limit.

What OPML has no word for stands in attributes of our own: `monitorKind`, `monitorLinks`, `monitorOnly`,
`monitorInterval`, `monitorEnabled`. A source's proxy and browser are not exchanged: whoever sent a file must not
decide which way our requests go. Nor are mailboxes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import get_args

from lxml import etree

from monitor.errors import ConfigurationError
from monitor.model.archiving import SourceKind, SourceSpec
from monitor.sources.rows import MAX_TAGS, read_interval, write_interval
from monitor.text.plain import TITLE_CHARS, drop_controls, one_line
from monitor.text.urls import resolve_url, url_key

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
MAX_DEPTH = 20
MAX_REFUSED = 1_000
TAG_CHARS = 60
SHOWN_CHARS = 80

_KINDS: frozenset[SourceKind] = frozenset(get_args(SourceKind)) - {"newsletter"}


@dataclass(frozen=True, slots=True)
class _Outline:
    """One <outline>: its attributes under names in lower case, and the folders it stands in."""

    attributes: dict[str, str]
    folders: tuple[str, ...]
    has_children: bool
    depth: int

    def get(self, *names: str) -> str:
        return next((self.attributes[name] for name in names if self.attributes.get(name)), "")


def read_opml(content: bytes, file: str) -> tuple[tuple[SourceSpec, ...], tuple[str, ...]]:
    """Return the sources of a document, and a line for each row that was refused: which, and why.

    Folders and `category` become tags. Two rows of one address are one source. Raises ConfigurationError where the
    document can't be read at all: not XML, not OPML, over 10 MB, or with a DOCTYPE, which OPML has no use for and
    which attacks need.
    """
    specs: dict[str, SourceSpec] = {}
    refused: list[str] = []
    for outline in _outlines(_parse(content, file)):
        url = resolve_url("", outline.get("xmlurl", "url"))
        if why := _why_refused(outline, url, specs):
            refused.append(f'"{_shown(outline)}": {why}')
        elif url:
            specs[url_key(url)] = _spec(outline, url)
        if len(specs) + len(refused) > MAX_ROWS:
            raise ConfigurationError(f"{file}: more than {MAX_ROWS:,} rows; split it")
    rest = len(refused) - MAX_REFUSED
    return tuple(specs.values()), (*refused[:MAX_REFUSED], *([f"and {rest:,} more"] if rest > 0 else []))


def write_opml(specs: Iterable[SourceSpec], title: str, now: datetime) -> bytes:
    """Return sources as OPML, in the order given. The sample and mailboxes are left out."""
    root = etree.Element("opml", version="2.0")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = drop_controls(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    for spec in specs:
        if not spec.is_sample and spec.kind in _KINDS:
            etree.SubElement(body, "outline", {key: drop_controls(value) for key, value in _attributes(spec).items()})
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _parse(content: bytes, file: str) -> etree._Element:
    if len(content) > MAX_BYTES:
        raise ConfigurationError(f"{file}: it has more than {MAX_BYTES // 1024**2} MB; split it")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ConfigurationError(f"{file}: this is not XML: {drop_controls(str(error))[:300]}") from error
    if root.getroottree().docinfo.doctype:
        raise ConfigurationError(f"{file}: it has a DOCTYPE, which OPML has no use for: take it out")
    if root.tag != "opml" or root.find("body") is None:
        raise ConfigurationError(f"{file}: this is not OPML: export the subscriptions of your feed reader again")
    return root


def _outlines(root: etree._Element) -> Iterator[_Outline]:
    """Go through the outlines in their order, on a stack of our own."""
    open_: list[tuple[etree._Element, tuple[str, ...], int]]
    open_ = [(child, (), 1) for child in reversed(root.findall("body/outline"))]
    while open_:
        element, folders, depth = open_.pop()
        attributes = {str(name).lower(): one_line(str(value), 5000) for name, value in element.attrib.items()}
        children = element.findall("outline")
        outline = _Outline(attributes, folders, bool(children), depth)
        yield outline
        if depth <= MAX_DEPTH:
            name = "" if outline.get("xmlurl") else outline.get("text", "title")
            inner = (*folders, name) if name else folders
            open_ += [(child, inner, depth + 1) for child in reversed(children)]


def _why_refused(outline: _Outline, url: str | None, known: dict[str, SourceSpec]) -> str:
    """Say why an outline gives no source, or "" where it gives one or is a folder."""
    address = outline.get("xmlurl", "url")
    if outline.depth > MAX_DEPTH:
        return f"it stands more than {MAX_DEPTH} folders deep"
    if not address:
        return "" if outline.has_children else "it has no xmlUrl, the address of a feed"
    if url is None:
        return f"{address[:SHOWN_CHARS]} is not a web address that Monitor reads"
    if same := known.get(url_key(url)):
        return f"its address is that of {same.title!r}"
    return ""


def _spec(outline: _Outline, url: str) -> SourceSpec:
    named = outline.get("monitorkind").lower()
    kind: SourceKind = next((kind for kind in _KINDS if kind == named), "feed")
    tags = dict.fromkeys(tag[:TAG_CHARS] for tag in (*outline.folders, *_categories(outline.get("category"))))
    return SourceSpec(
        url=url,
        title=outline.get("text", "title")[:TITLE_CHARS] or url,
        kind=kind,
        language=outline.get("language")[:20] if outline.get("language").isascii() else "",
        only=outline.get("monitoronly"),
        note=outline.get("description"),
        is_enabled=outline.get("monitorenabled").lower() != "false",
        tags=tuple(tags)[:MAX_TAGS],
        interval_seconds=_interval(outline.get("monitorinterval")),
        links=outline.get("monitorlinks"),
    )


def _categories(text: str) -> list[str]:
    """Read `category`: slash-delimited paths, parted by commas; each part is a tag."""
    return [part.strip() for path in text.split(",") for part in path.split("/") if part.strip()]


def _interval(text: str) -> int | None:
    try:
        return read_interval(text)
    except ValueError:
        return None


def _shown(outline: _Outline) -> str:
    return outline.get("text", "title", "xmlurl")[:SHOWN_CHARS] or "a row without a title"


def _attributes(spec: SourceSpec) -> dict[str, str]:
    attributes = {
        "type": "rss" if spec.kind == "feed" else "link",
        "text": spec.title,
        "title": spec.title,
        "xmlUrl": spec.url,
        "category": ",".join(tag.replace(",", " ").replace("/", " ") for tag in spec.tags),
        "language": spec.language,
        "description": spec.note,
        "monitorKind": "" if spec.kind == "feed" else spec.kind,
        "monitorLinks": spec.links,
        "monitorOnly": spec.only,
        "monitorInterval": write_interval(spec.interval_seconds) if spec.interval_seconds else "",
        "monitorEnabled": "" if spec.is_enabled else "false",
    }
    return {key: value for key, value in attributes.items() if value}
