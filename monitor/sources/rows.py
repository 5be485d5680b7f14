"""What a row of the starter list may hold. In: a row's keys and values as text. Out: a SourceSpec.

Never: an address that Monitor can't fetch.
"""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from monitor.errors import BadUrl
from monitor.model.archiving import SourceKind, SourceSpec
from monitor.model.fetching import DIRECT
from monitor.sources.searches import EDITION, Search, SearchService, search_of
from monitor.text.urls import is_message_url, url_key

MIN_INTERVAL = 60
MAX_INTERVAL = 30 * 86_400
MAX_TAGS = 20

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_INTERVAL = re.compile(r"(\d{1,9}) ?([smhd]?)", re.ASCII)
_PROXY = re.compile(r"(?:https?|socks5h?)://[^\s/@]+/?", re.ASCII)


def read_interval(text: str) -> int:
    """Return seconds from "90s", "30m", "6h", "1d" or plain seconds. Raises ValueError that says what is allowed."""
    found = _INTERVAL.fullmatch(text.strip())
    seconds = int(found[1]) * _UNITS[found[2] or "s"] if found else 0
    if not MIN_INTERVAL <= seconds <= MAX_INTERVAL:
        raise ValueError('write it as "30m", "6h" or "1d": a minute at least, thirty days at most')
    return seconds


def write_interval(seconds: int) -> str:
    """Return the shortest form that `read_interval` reads back."""
    unit = next(unit for unit in "dhms" if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def identify(url: str, kind: str) -> str:
    """Return what tells a source from all others: equal keys, same source. Raises BadUrl."""
    if kind != "newsletter" and not is_message_url(url):
        return url_key(url)
    parts = urlsplit(url)
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or parts.password is not None:
        raise BadUrl("a newsletter's address is imaps://user@host/folder, without the password")
    return url


def _as_interval(value: object) -> int | None:
    if not isinstance(value, str):
        raise ValueError('write it as "30m", "6h" or "1d"')  # noqa: TRY004 (pydantic turns only this into a fault)
    return read_interval(value)


def _as_tags(value: object) -> object:
    return [tag.strip() for tag in value.split(",") if tag.strip()] if isinstance(value, str) else value


Tag = Annotated[str, Field(min_length=1, max_length=60)]


class Row(BaseModel):
    """One row of `sources:`."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=300)
    kind: SourceKind = "feed"
    url: str = Field(default="", max_length=4096)
    search: SearchService | None = None
    query: str = Field(default="", max_length=500)
    edition: str = Field(default="", pattern=r"^([a-z]{2,3}-[A-Z]{2})?$")
    language: str = Field(default="", pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$")
    enabled: bool = True
    only: str = Field(default="", max_length=5000)
    note: str = Field(default="", max_length=2000)
    tags: Annotated[tuple[Tag, ...], BeforeValidator(_as_tags), Field(max_length=MAX_TAGS)] = ()
    interval: Annotated[int | None, BeforeValidator(_as_interval)] = None
    links: str = Field(default="", max_length=2000)
    proxy: str = Field(default="", max_length=300)
    browser: bool = False

    @model_validator(mode="after")
    def _fits_together(self) -> "Row":
        if self.search is None and (self.query or self.edition):
            raise ValueError('"query" and "edition" belong to a search: add "search: google-news" or "search: gdelt"')
        if self.search is not None and (self.url or not self.query or self.kind != "search"):
            raise ValueError('with "search:" write "kind: search" and "query:", and no "url:"')
        if self.search == "gdelt" and self.edition:
            raise ValueError('"edition" is for google-news only')
        if self.search is None and not self.url:
            raise ValueError('"url" is missing: a source needs its address, or a row under "wanted:" until it is known')
        if self.proxy not in ("", DIRECT) and not _PROXY.fullmatch(self.proxy):
            raise ValueError('"proxy" is "direct" or an address such as socks5://127.0.0.1:9050, without a password')
        try:
            identify(self.address, self.kind)
        except (BadUrl, ValueError) as error:
            raise ValueError(f'"url": {error}') from error
        return self

    @property
    def address(self) -> str:
        """Return the URL, composed where the row is a search."""
        return Search(self.search, self.query, self.edition).url if self.search else self.url

    def spec(self) -> SourceSpec:
        """Return the source that the row describes."""
        return SourceSpec(
            url=self.address,
            title=self.title,
            kind=self.kind,
            language=self.language,
            only=self.only,
            note=self.note,
            is_enabled=self.enabled,
            tags=self.tags,
            interval_seconds=self.interval,
            links=self.links,
            proxy_url=self.proxy,
            needs_browser=self.browser,
        )


class Wanted(BaseModel):
    """A source that is wanted and whose address isn't known: `why` it is, and what an operator should know."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    title: str = Field(min_length=1, max_length=300)
    why: str = Field(min_length=1, max_length=2000)
    note: str = Field(default="", max_length=2000)


def row_of(spec: SourceSpec) -> dict[str, object]:
    """Return the keys and values that read back as the source; what is as usual is left out."""
    search = search_of(spec.url) if spec.kind == "search" else None
    where: dict[str, object] = {"url": spec.url}
    if search:
        where = {"search": search.service, "query": search.query, "edition": search.edition}
        if search.edition in ("", EDITION):
            del where["edition"]
    row = {
        "title": spec.title,
        "kind": spec.kind,
        **where,
        "language": spec.language,
        "enabled": spec.is_enabled,
        "only": spec.only,
        "tags": list(spec.tags),
        "interval": write_interval(spec.interval_seconds) if spec.interval_seconds else "",
        "links": spec.links,
        "proxy": spec.proxy_url,
        "browser": spec.needs_browser,
        "note": spec.note,
    }
    return {key: value for key, value in row.items() if key in ("enabled", "kind") or value}
