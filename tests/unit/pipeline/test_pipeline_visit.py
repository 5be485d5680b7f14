"""What one visit asks for, and what it makes of the answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import BadResponse, Timeout
from monitor.model.archiving import SourceKind, SourceSpec, StoredSource
from monitor.model.articles import Article
from monitor.model.entries import Entry, Listing, Offer
from monitor.model.fetching import Fetched, FetchRequest, NotModified
from monitor.pipeline.visit import MAX_DEPTH, MAX_PARTS, request_for, visit_source

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
URL = "https://gazette.example/sitemap.xml"
SOURCE = StoredSource(
    1,
    SourceSpec(URL, "The Gazette", kind="feed"),
    NOW,
    etag='"v1"',
    last_modified="Sat, 21 Nov 2026 10:00:00 GMT",
    body_sha256="same",
    full_read_at=NOW - timedelta(hours=1),
)


def answer(url: str, sha256: str = "other") -> Fetched:
    return Fetched(url, url, 200, (("ETag", '"v2"'),), b"", b"", sha256, NOW)


@dataclass
class Web:
    """Both ports: answers what it is given, and keeps what it was asked."""

    answers: Mapping[str, Fetched | NotModified | Exception] = field(default_factory=dict)
    listings: Mapping[str, Listing] = field(default_factory=dict)
    asked: list[FetchRequest] = field(default_factory=list)
    read: list[tuple[str, SourceKind, str]] = field(default_factory=list)

    @property
    def http(self) -> "Web":
        return self

    @property
    def parsers(self) -> "Web":
        return self

    async def fetch(self, request: FetchRequest) -> Fetched | NotModified:
        self.asked.append(request)
        found = self.answers.get(request.url, answer(request.url))
        if isinstance(found, Exception):
            raise found
        return found

    async def read_listing(self, fetched: Fetched, kind: SourceKind, links: str = "") -> Listing:
        self.read.append((fetched.url, kind, links))
        return self.listings.get(fetched.url, Listing("", ""))

    async def extract_article(self, fetched: Fetched) -> Article:
        raise NotImplementedError(fetched)

    async def find_offers(self, fetched: Fetched) -> tuple[Offer, ...]:
        raise NotImplementedError(fetched)


def of_kind(kind: SourceKind, source: StoredSource = SOURCE) -> StoredSource:
    return replace(source, spec=replace(source.spec, kind=kind))


def listed(*numbers: int, parts: tuple[str, ...] = (), older: int = 0, rejected: int = 0) -> Listing:
    entries = tuple(Entry("", f"https://gazette.example/{number}", f"{number}") for number in numbers)
    return Listing("The Gazette", "en", entries, rejected=rejected, older=older, parts=parts)


async def test_a_source_is_asked_whether_it_has_changed() -> None:
    web = Web()
    await visit_source(web, SOURCE, NOW)
    assert (web.asked[0].etag, web.asked[0].last_modified) == (SOURCE.etag, SOURCE.last_modified)


@pytest.mark.parametrize(
    "source",
    [
        replace(SOURCE, full_read_at=None),
        replace(SOURCE, full_read_at=NOW - timedelta(hours=24)),
        replace(SOURCE, full_read_at=NOW + timedelta(days=9)),
        replace(SOURCE, failures=1),
    ],
)
async def test_once_a_day_and_after_a_failure_all_of_it_is_asked_for_and_read(source: StoredSource) -> None:
    web = Web({URL: answer(URL, "same")})
    visit = await visit_source(web, source, NOW)
    assert (web.asked[0].etag, web.asked[0].last_modified) == (None, None)
    assert len(web.read) == 1
    assert visit.is_full


async def test_a_mailbox_is_always_asked_for_what_is_new_only() -> None:
    web = Web()
    await visit_source(web, of_kind("newsletter", replace(SOURCE, full_read_at=None)), NOW)
    assert web.asked[0].etag == SOURCE.etag


async def test_nothing_new_keeps_the_validators_that_were_sent() -> None:
    web = Web({URL: NotModified(URL, NOW, moved_to="https://gazette.example/new.xml", fresh_seconds=60)})
    visit = await visit_source(web, SOURCE, NOW)
    assert (visit.listing, visit.document, visit.etag, visit.is_full) == (None, None, SOURCE.etag, False)
    assert (visit.moved_to, visit.fresh_seconds, web.read) == ("https://gazette.example/new.xml", 60, [])


@pytest.mark.parametrize("kind", ["feed", "page", "watch", "channel", "search"])
async def test_an_unchanged_document_is_not_parsed(kind: SourceKind) -> None:
    web = Web({URL: answer(URL, "same")})
    visit = await visit_source(web, of_kind(kind), NOW)
    assert (visit.listing, web.read, visit.etag) == (None, [], '"v2"')


async def test_an_index_is_read_each_time_since_its_parts_may_have_changed() -> None:
    part = "https://gazette.example/1.xml"
    web = Web(listings={URL: listed(parts=(part,)), part: listed(1)})
    visit = await visit_source(web, of_kind("sitemap"), NOW)
    assert (visit.etag, visit.last_modified, visit.body_sha256) == (None, None, "")


async def test_what_a_browser_shows_is_compared_and_not_the_shell_of_the_page() -> None:
    source = replace(SOURCE, spec=replace(SOURCE.spec, kind="page", needs_browser=True))
    shown = replace(answer(URL, "same"), content=b"<html>first</html>", is_rendered=True)
    first = await visit_source(Web({URL: shown}, {URL: listed(1)}), source, NOW)
    known = replace(source, body_sha256=first.body_sha256)
    assert (first.listing, first.body_sha256 == shown.sha256) == (listed(1), False)
    again = Web({URL: shown})
    assert (await visit_source(again, known, NOW)).listing is None
    assert [(request.etag, request.last_modified) for request in again.asked] == [(None, None)]
    changed = Web({URL: replace(shown, content=b"<html>second</html>")}, {URL: listed(2)})
    assert (await visit_source(changed, known, NOW)).listing == listed(2)


async def test_what_the_parts_of_an_index_list_counts_as_one_listing() -> None:
    one, two = "https://gazette.example/1.xml", "https://gazette.example/2.xml"
    listings = {
        URL: listed(parts=(one, two, one), rejected=1),
        one: listed(1, 2, older=5),
        two: listed(3, older=2, rejected=1),
    }
    web = Web(listings=listings)
    visit = await visit_source(web, of_kind("sitemap"), NOW)
    assert visit.listing
    assert [entry.title for entry in visit.listing.entries] == ["1", "2", "3"]
    assert (visit.listing.older, visit.listing.rejected) == (7, 2)
    assert [request.url for request in web.asked] == [URL, one, two]


async def test_an_endless_index_is_read_to_a_number_and_a_depth_only() -> None:
    wide = tuple(f"https://gazette.example/part{number}.xml" for number in range(100))
    web = Web(listings={URL: listed(parts=wide)})
    await visit_source(web, of_kind("sitemap"), NOW)
    assert len(web.asked) == 1 + MAX_PARTS
    chain = {URL: listed(parts=("https://gazette.example/0.xml",))} | {
        f"https://gazette.example/{number}.xml": listed(parts=(f"https://gazette.example/{number + 1}.xml",))
        for number in range(50)
    }
    deep = Web(listings=chain)
    await visit_source(deep, of_kind("sitemap"), NOW)
    assert len(deep.asked) == 1 + MAX_DEPTH


async def test_a_part_that_fails_is_counted_and_costs_the_others_nothing() -> None:
    one, two = "https://gazette.example/1.xml", "https://gazette.example/2.xml"
    for failure, expected in ((Timeout("slow"), Timeout), (NotModified(one, NOW), BadResponse)):
        web = Web({one: failure}, {URL: listed(parts=(one, two)), two: listed(7)})
        visit = await visit_source(web, of_kind("sitemap"), NOW)
        assert visit.listing
        assert ([entry.title for entry in visit.listing.entries], visit.listing.rejected) == (["7"], 1)
        with pytest.raises(expected):
            await visit_source(Web({one: failure}, {URL: listed(parts=(one,))}), of_kind("sitemap"), NOW)


def test_a_request_goes_the_sources_own_way() -> None:
    spec = replace(SOURCE.spec, kind="page", proxy_url="socks5://127.0.0.1:9050", needs_browser=True)
    request = request_for(spec, spec.url)
    assert (request.purpose, request.proxy_url, request.needs_browser) == ("page", "socks5://127.0.0.1:9050", True)
    assert request_for(spec, "https://gazette.example/1", "article").purpose == "article"


def test_a_search_that_asks_for_a_pause_gets_it() -> None:
    spec = replace(SOURCE.spec, kind="search")
    assert request_for(spec, "https://api.gdeltproject.org/api/v2/doc/doc?query=pier").pause_seconds >= 5
    assert request_for(spec, "https://gazette.example/search").pause_seconds == 0
