"""Read a JSON Feed (version 1 and 1.1), with the liberties that real ones take: numbers as ids, null for absent.

In: a response's content. Out: RawFeed. Never: fails for one bad item; it is counted and the others are read.
"""

import json
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from monitor.errors import BadFeed, NotAFeed
from monitor.extract.entries.raw import RawEntry, RawFeed

_VERSION = "https://jsonfeed.org/version/1"


def _text_or_empty(value: object) -> object:
    return "" if value is None else value


def _list_or_empty(value: object) -> object:
    return [] if value is None else value


_Text = Annotated[str, BeforeValidator(_text_or_empty)]


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, frozen=True)


class _Author(_Lenient):
    name: _Text = ""


class _Item(_Lenient):
    id: _Text = ""
    url: _Text = ""
    external_url: _Text = ""
    title: _Text = ""
    summary: _Text = ""
    content_text: _Text = ""
    content_html: _Text = ""
    date_published: _Text = ""
    date_modified: _Text = ""
    author: _Author | None = None
    authors: Annotated[list[_Author], BeforeValidator(_list_or_empty)] = []


class _Feed(_Lenient):
    version: str
    title: _Text = ""
    language: _Text = ""
    items: Annotated[list[object], BeforeValidator(_list_or_empty)] = []


def read_json_feed(content: bytes) -> RawFeed:
    """Read a JSON Feed. Raises NotAFeed for other JSON, BadFeed for a JSON Feed that can't be read."""
    try:
        document = json.loads(content.decode("utf-8-sig", errors="replace"))
    except (ValueError, RecursionError) as error:
        raise BadFeed(f"what came begins like JSON but can't be read as JSON: {str(error)[:200]}") from error
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(version, str) or not version.replace("http:", "https:", 1).startswith(_VERSION):
        raise NotAFeed("what came is JSON, but no JSON Feed: it has no version of jsonfeed.org")
    try:
        feed = _Feed.model_validate(document)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise BadFeed(f"the JSON Feed can't be read: {place}: {fault['msg']}") from error
    items = [item for item in map(_read_item, feed.items) if item is not None]
    return RawFeed(feed.title, feed.language, tuple(items), unreadable=len(feed.items) - len(items))


def _read_item(raw_item: object) -> RawEntry | None:
    try:
        item = _Item.model_validate(raw_item)
    except ValidationError:
        return None
    authors = item.authors or ([item.author] if item.author else [])
    # An id that is the page's address is what version 1 advises, and some feeds give nothing else.
    links = (item.url, item.id if item.id.startswith(("http://", "https://")) else "", item.external_url)
    body = item.content_html or _as_markup(item.content_text)
    return RawEntry(
        guid=item.id,
        links=tuple(link for link in links if link),
        title=item.title,
        summary=item.summary or body,
        author=", ".join(author.name for author in authors if author.name),
        dates=(item.date_published, item.date_modified),
        contents=(body,) if body else (),
    )


def _as_markup(text: str) -> str:
    """Write plain text as markup: a "<" in it is no markup, and an empty line sets paragraphs apart."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
