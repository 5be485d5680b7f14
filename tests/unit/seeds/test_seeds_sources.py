import re

import pytest

from monitor.bundled import bundled_path
from monitor.model.archiving import SourceSpec
from monitor.sources.catalogue import read_catalogue
from monitor.watchlist.query import parse_query

FILE = bundled_path("seeds") / "sources.yaml"


@pytest.fixture(scope="module")
def sources() -> tuple[SourceSpec, ...]:
    return read_catalogue(FILE.read_text(encoding="utf-8"), FILE.name)


def test_the_starter_list_reads_and_has_newsrooms_in_both_languages(sources: tuple[SourceSpec, ...]) -> None:
    assert len(sources) == 23
    assert {"en", "km"} <= {source.language for source in sources}


def test_every_source_is_a_feed_with_a_title_and_a_note(sources: tuple[SourceSpec, ...]) -> None:
    assert {source.kind for source in sources} == {"feed"}
    assert [source.url for source in sources if not source.title or not source.note] == []


def test_no_address_and_no_title_stands_twice(sources: tuple[SourceSpec, ...]) -> None:
    assert len({source.url for source in sources}) == len(sources)
    assert len({source.title for source in sources}) == len(sources)


def test_every_address_is_https(sources: tuple[SourceSpec, ...]) -> None:
    assert [source.url for source in sources if not re.fullmatch(r"https://[a-z0-9.-]+/\S+", source.url)] == []


def test_every_language_is_an_iso_code(sources: tuple[SourceSpec, ...]) -> None:
    assert {source.language for source in sources} <= {"en", "km"}


def test_a_world_wide_feed_is_narrowed_by_a_query_that_reads(sources: tuple[SourceSpec, ...]) -> None:
    narrowed = [source for source in sources if source.only]
    assert len(narrowed) == 5
    assert all(parse_query(source.only, {}) for source in narrowed)


def test_a_doubtful_feed_is_not_polled(sources: tuple[SourceSpec, ...]) -> None:
    assert [source.title for source in sources if not source.is_enabled] == ["AKP"]


def test_the_sample_newsroom_is_no_row_of_the_list(sources: tuple[SourceSpec, ...]) -> None:
    assert [source.url for source in sources if ".example" in source.url] == []
