"""Compose the addresses of searches, and read them back.

In: a query and where it is put. Out: a URL, or the query in one. Never: asks a search anything.
"""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urlencode, urlsplit

SearchService = Literal["google-news", "gdelt"]

GOOGLE_NEWS = "https://news.google.com/rss/search"
GDELT = "https://api.gdeltproject.org/api/v2/doc/doc"
GDELT_TIMESPAN = "3d"
GDELT_PAUSE_SECONDS = 6.0
EDITION = "en-US"
_HOSTS = {"news.google.com": "q", "api.gdeltproject.org": "query"}


@dataclass(frozen=True, slots=True)
class Search:
    """A search as a person reads it. `edition` is Google's language and country ("en-US"), "" elsewhere."""

    service: SearchService
    query: str
    edition: str = ""

    @property
    def url(self) -> str:
        """Return the address that asks it."""
        if self.service == "gdelt":
            return gdelt_url(self.query)
        language, _, country = (self.edition or EDITION).partition("-")
        return google_news_url(self.query, language, country)


def google_news_url(query: str, language: str = "en", country: str = "US") -> str:
    """Return the address of a Google News search as RSS. Its entries are leads: their links lead nowhere else."""
    edition = {"hl": f"{language}-{country}", "gl": country, "ceid": f"{country}:{language}"}
    return f"{GOOGLE_NEWS}?{urlencode({'q': query, **edition}, safe=':')}"


def gdelt_url(query: str, timespan: str = GDELT_TIMESPAN) -> str:
    """Return the address of a GDELT DOC 2.0 search, the newest first, as JSON.

    It looks back over `timespan` ("3d"): longer than a weekend without a visit, and short enough for the 250 articles
    that an answer holds at most (https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/).
    """
    how = {"mode": "artlist", "maxrecords": "250", "format": "json", "sort": "datedesc", "timespan": timespan}
    return f"{GDELT}?{urlencode({'query': query, **how})}"


def pause_for(url: str) -> float:
    """Return the least pause in seconds between two requests that a search's host asks for, 0 where it asks for none.

    GDELT asks for one request in five seconds and answers 429 to more; a second is added for clocks and networks.
    """
    return GDELT_PAUSE_SECONDS if _host(url) == "api.gdeltproject.org" else 0.0


def query_of(url: str) -> str:
    """Return the query in a search's address, to show; "" where it is no search that is known."""
    name = _HOSTS.get(_host(url))
    return _parameter(url, name) if name else ""


def search_of(url: str) -> Search | None:
    """Return the search that an address asks, or None where the address says more than a Search can."""
    query, edition = query_of(url), _parameter(url, "hl")
    searches = (Search("gdelt", query), Search("google-news", query, edition))
    return next((search for search in searches if query and search.url == url), None)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def _parameter(url: str, name: str) -> str:
    try:
        return parse_qs(urlsplit(url).query, max_num_fields=50).get(name, [""])[0]
    except ValueError:
        return ""
