"""Read a search's answer: an RSS or Atom feed (Google News, Bing News), or GDELT's JSON.

In: a response. Out: Listing. Never: a remark in the place of results that passes for "no results", or a link through
Google's opaque redirect that passes for an article's address. To be called in a supervised child.
"""

import json
import re
from dataclasses import replace
from html import escape
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from monitor.errors import BadFeed, NotAFeed, SearchRefused
from monitor.extract import kinds
from monitor.extract.entries.feed import parse_feed
from monitor.extract.entries.raw import RawEntry, RawFeed, make_feed
from monitor.extract.entries.tree import page_title, parse_page, text_of
from monitor.model.entries import Entry, Listing
from monitor.model.fetching import Fetched
from monitor.text.language import language_code
from monitor.text.plain import one_line
from monitor.text.urls import resolve_url

REDIRECTING_HOST = "news.google.com"
"""Its links can't be decoded by asking politely: headline, outlet and date are all there is."""

MAX_FOUND = 5_000
"""GDELT gives 250 at most."""

_SHOWN_CHARS = 200
_OUTLET_CHARS = 100
_JSON_FEED = "jsonfeed.org/version/"
_BAD_ESCAPE = re.compile(r'(\\["\\/bfnrtu])|\\')
_SPACE_BEFORE = re.compile(r" +([,.)\]%’]|['’]s\b)")
_SPACE_BEFORE_MARK = re.compile(r" +([:;!?])")
_SPACE_AFTER = re.compile(r"([(\[$£€]) +")

# GDELT names languages in English; those whose first three letters are their code `language_code` knows.
_LANGUAGES = {
    "arabic": "ar",
    "bengali": "bn",
    "burmese": "my",
    "czech": "cs",
    "danish": "da",
    "dutch": "nl",
    "filipino": "tl",
    "finnish": "fi",
    "german": "de",
    "greek": "el",
    "hebrew": "he",
    "hindi": "hi",
    "hungarian": "hu",
    "indonesian": "id",
    "italian": "it",
    "japanese": "ja",
    "korean": "ko",
    "lao": "lo",
    "laothian": "lo",
    "malay": "ms",
    "norwegian": "no",
    "persian": "fa",
    "polish": "pl",
    "portuguese": "pt",
    "romanian": "ro",
    "russian": "ru",
    "spanish": "es",
    "swedish": "sv",
    "tagalog": "tl",
    "tamil": "ta",
    "turkish": "tr",
    "ukrainian": "uk",
    "urdu": "ur",
}


def _text_or_empty(value: object) -> object:
    return "" if value is None else value


_Text = Annotated[str, BeforeValidator(_text_or_empty)]


class _Found(BaseModel):
    """One article as GDELT lists it; `seendate` is when GDELT saw it."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, frozen=True)

    url: str
    title: _Text = ""
    seendate: _Text = ""
    domain: _Text = ""
    language: _Text = ""


def read_search(fetched: Fetched) -> Listing:
    """Read a search's answer; one that found nothing has no entries.

    Raises SearchRefused, quoting the answer, where it is neither a feed nor results, and BadFeed where it is broken.
    """
    kind = kinds.name_kind(fetched.content)
    if kind == kinds.JSON:
        return _read_json(fetched)
    if kind not in kinds.MARKUP:
        raise _refused(fetched, kind)
    try:
        listing = parse_feed(fetched.content, fetched.url, fetched.header("content-type"), fetched.fetched_at)
    except NotAFeed as error:
        raise _refused(fetched, kind) from error
    is_redirecting = _host(fetched.url) == REDIRECTING_HOST
    entries = (_as_lead(entry) if is_redirecting or _is_opaque(entry) else entry for entry in listing.entries)
    return replace(listing, entries=tuple(entries))


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


def _is_opaque(entry: Entry) -> bool:
    return _host(entry.url) == REDIRECTING_HOST


def _as_lead(entry: Entry) -> Entry:
    """Part "Headline - Outlet"; the summary holds but the same links again."""
    headline, _, outlet = entry.title.rpartition(" - ")
    if entry.outlet:
        headline, outlet = entry.title.removesuffix(f" - {entry.outlet}"), entry.outlet
    elif not headline:
        headline, outlet = entry.title, ""
    return replace(entry, title=headline, outlet=one_line(outlet, _OUTLET_CHARS), summary="", is_lead=True)


def _read_json(fetched: Fetched) -> Listing:
    document = _load(fetched)
    if isinstance(document, dict) and _JSON_FEED in str(document.get("version"))[:100]:
        return parse_feed(fetched.content, fetched.url, fetched.header("content-type"), fetched.fetched_at)
    # GDELT's answer for "nothing found" is an empty object.
    articles = document.get("articles", None if document else []) if isinstance(document, dict) else None
    if not isinstance(articles, list):
        raise _refused(fetched, kinds.JSON)
    read = [_read_found(article) for article in articles[:MAX_FOUND]]
    found = [article for article in read if article is not None]
    listing = make_feed(
        RawFeed("", "", tuple(map(_raw_entry, found)), unreadable=len(read) - len(found)),
        fetched.url,
        fetched.fetched_at,
    )
    languages = {resolve_url(fetched.url, one.url): _language(one.language) for one in found}
    # GDELT says when it saw an article, not when it was published.
    entries = (replace(entry, language=languages[entry.url], is_dated_by_change=True) for entry in listing.entries)
    return replace(listing, entries=tuple(entries))


def _load(fetched: Fetched) -> object:
    text = fetched.content.decode("utf-8-sig", errors="replace")
    # Titles come with stray backslashes and control characters in them.
    for version in (text, _BAD_ESCAPE.sub(lambda match: match[1] or r"\\", text)):
        try:
            return json.loads(version, strict=False)
        except (ValueError, RecursionError) as error:
            fault = str(error)[:_SHOWN_CHARS]
    raise BadFeed(f"the search's answer begins like JSON but can't be read as JSON: {fault}")


def _read_found(raw_article: object) -> _Found | None:
    try:
        return _Found.model_validate(raw_article)
    except ValidationError:
        return None


def _raw_entry(found: _Found) -> RawEntry:
    title = _tidy(found.title, _language(found.language))
    title, outlet = (escape(text, quote=False) for text in (title, found.domain))
    return RawEntry("", (found.url,), title, dates=(found.seendate,), outlet=outlet)


def _language(name: str) -> str:
    return _LANGUAGES.get(name.strip().lower()) or language_code(name)


def _tidy(title: str, language: str) -> str:
    """Take out the spaces that GDELT puts round punctuation, where no language has them."""
    tidied = _SPACE_AFTER.sub(r"\1", _SPACE_BEFORE.sub(r"\1", " ".join(title.split())))
    return tidied if language == "fr" else _SPACE_BEFORE_MARK.sub(r"\1", tidied)


def _refused(fetched: Fetched, kind: str) -> SearchRefused:
    shown = _quote(fetched, kind)
    if not shown:
        return SearchRefused(f"the search answered with {kind} in the place of results")
    return SearchRefused(f"the search answered with {kind} in the place of results: “{shown}”")


def _quote(fetched: Fetched, kind: str) -> str:
    """Return the beginning of what a reader would see of the answer."""
    if kind in kinds.MARKUP:
        tree = parse_page(fetched)
        title = "" if tree is None else page_title(tree)
        body = next(tree.iter("body"), None) if tree is not None else None
        return one_line(f"{title} {'' if body is None else text_of(body, _SHOWN_CHARS)}".strip(), _SHOWN_CHARS)
    if kind in {kinds.TEXT, kinds.JSON}:
        return one_line(fetched.content[: _SHOWN_CHARS * 8].decode("utf-8-sig", errors="replace"), _SHOWN_CHARS)
    return ""
