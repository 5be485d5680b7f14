import re

import pytest

from monitor.bundled import bundled_path
from monitor.model.archiving import SourceSpec
from monitor.sources.catalogue import read_catalogue, read_wanted, write_catalogue
from monitor.sources.searches import query_of
from monitor.text.urls import url_key
from monitor.watchlist.query import parse_query

FILE = bundled_path("seeds") / "sources.yaml"
TEXT = FILE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def sources() -> tuple[SourceSpec, ...]:
    return read_catalogue(TEXT, FILE.name)


def test_the_starter_list_reads_and_has_newsrooms_in_both_languages(sources: tuple[SourceSpec, ...]) -> None:
    assert len(sources) == 47
    assert {"en", "km"} <= {source.language for source in sources if "newsroom" in source.tags}


def test_what_it_has_no_address_for_is_wanted() -> None:
    assert [wanted.title for wanted in read_wanted(TEXT, FILE.name)] == ["AFESIP"]


def test_it_holds_feeds_pages_and_searches(sources: tuple[SourceSpec, ...]) -> None:
    kinds = [source.kind for source in sources]
    assert {kind: kinds.count(kind) for kind in kinds} == {"feed": 23, "page": 12, "search": 12}


def test_every_source_has_a_title_a_tag_and_a_note(sources: tuple[SourceSpec, ...]) -> None:
    assert [source.url for source in sources if not (source.title and source.note and source.tags)] == []


def test_no_address_and_no_title_stands_twice(sources: tuple[SourceSpec, ...]) -> None:
    assert len({url_key(source.url) for source in sources}) == len(sources)
    assert len({source.title for source in sources}) == len(sources)


def test_every_address_that_is_polled_is_https(sources: tuple[SourceSpec, ...]) -> None:
    polled = [source.url for source in sources if source.is_enabled]
    assert [url for url in polled if not re.fullmatch(r"https://[a-z0-9.-]+/\S*", url)] == []


def test_every_language_is_one_that_the_reporters_read_or_left_open(sources: tuple[SourceSpec, ...]) -> None:
    assert {source.language for source in sources} == {"en", "km", ""}


def test_a_world_wide_source_is_narrowed_by_a_query_that_reads(sources: tuple[SourceSpec, ...]) -> None:
    narrowed = [source for source in sources if source.only]
    assert len(narrowed) == 11
    assert all(parse_query(source.only, {}) for source in narrowed)


def test_what_covers_the_world_is_narrowed_or_about_cambodia_alone(sources: tuple[SourceSpec, ...]) -> None:
    world = [source for source in sources if "world" in source.tags and not source.only]
    assert [source.title for source in world if "cambodia" not in source.url.lower()] == []


def test_a_doubtful_source_is_not_polled_and_says_what_to_do(sources: tuple[SourceSpec, ...]) -> None:
    doubtful = [source for source in sources if not source.is_enabled]
    assert len(doubtful) == 12
    assert [source.title for source in doubtful if not re.search("check|[Ff]ill in|give", source.note)] == []


def test_every_page_that_is_polled_says_which_links_are_articles(sources: tuple[SourceSpec, ...]) -> None:
    pages = [source for source in sources if source.kind == "page" and source.is_enabled]
    assert [source.title for source in pages] == ["Sabay News"]
    assert all(page.links for page in pages)


def test_each_of_the_three_queries_is_put_to_both_searches(sources: tuple[SourceSpec, ...]) -> None:
    queries = [query_of(source.url) for source in sources if source.kind == "search"]
    assert sum(query.startswith("site:") for query in queries) == 6
    assert [queries.count(query) for query in queries if not query.startswith("site:")] == [2] * 6


def test_the_starter_list_reads_back_as_it_is_written(sources: tuple[SourceSpec, ...]) -> None:
    assert read_catalogue(write_catalogue(sources), "again.yaml") == sources


def test_the_sample_newsroom_is_no_row_of_the_list(sources: tuple[SourceSpec, ...]) -> None:
    assert [source.url for source in sources if ".example" in source.url] == []
