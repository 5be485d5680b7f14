"""Sources as operators name, change and see them, over a real archive."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.model.archiving import Polled, SourceSpec, StoredSource
from monitor.operations import sources as operations
from monitor.operations.discovery import add_source, search_source
from monitor.operations.opening import Monitor, open_monitor
from monitor.settings import load_settings
from monitor.store.catalogue import add_sources, claim_sources
from monitor.store.polls import record_polls
from tests.unit.store.archives import NOW, an_entry, poll, settled

SPECS = (
    SourceSpec("https://gazette.example/feed.xml", "The Gazette", tags=("press",)),
    SourceSpec("https://post.example/feed.xml", "Harbour Post", tags=("press", "harbour")),
    SourceSpec("https://office.example/", "Harbour office", kind="watch", is_enabled=False),
)


@pytest.fixture
def monitor(tmp_path: Path) -> Monitor:
    settings = load_settings({"MONITOR_DATA_DIR": str(tmp_path / "var")})[0]
    opened = open_monitor(settings, now=lambda: NOW)
    add_sources(opened.archive, SPECS, NOW)
    return opened


def titles(found: list[StoredSource]) -> list[str]:
    return [source.spec.title for source in found]


@pytest.mark.parametrize("name", ["2", "https://post.example/feed.xml", "Harbour Post", "harbour post"])
def test_a_source_is_found_by_number_address_or_title(monitor: Monitor, name: str) -> None:
    assert titles(operations.find_sources(monitor, [name])) == ["Harbour Post"]


@pytest.mark.parametrize("name", ["", "9", "Harbour", "-1", "\x00"])
def test_a_name_that_means_no_source_is_refused_and_named(monitor: Monitor, name: str) -> None:
    with pytest.raises(UsageError, match="no source"):
        operations.find_sources(monitor, ["1", name])


def test_sources_are_picked_by_a_whole_tag(monitor: Monitor) -> None:
    assert titles(operations.all_sources(monitor, "press")) == ["The Gazette", "Harbour Post"]
    assert titles(operations.all_sources(monitor, "harbour")) == ["Harbour Post"]
    assert operations.all_sources(monitor, "har") == []
    assert len(operations.all_sources(monitor)) == 3


def test_a_changed_source_is_due_at_once_and_forgets_what_made_its_visits_conditional(monitor: Monitor) -> None:
    source = operations.find_sources(monitor, ["1"])[0]
    visited = replace(source, etag='"v1"', body_sha256="abc", failures=3, strikes=2.0, moved_to="https://x.example/")
    visit = Polled(source, NOW, "unchanged", source)
    record_polls(monitor.archive, [(visit, lambda _: visited)])
    assert operations.find_sources(monitor, ["1"])[0].etag == '"v1"'
    operations.change_sources(monitor, [(source, replace(source.spec, kind="page", links="h2 a"))])
    changed = operations.find_sources(monitor, ["1"])[0]
    assert (changed.spec.kind, changed.spec.links, changed.next_poll_at) == ("page", "h2 a", NOW)
    assert (changed.etag, changed.body_sha256, changed.failures, changed.strikes, changed.moved_to) == (
        None,
        "",
        0,
        0.0,
        "",
    )


def test_an_address_that_another_source_has_is_refused(monitor: Monitor) -> None:
    source = operations.find_sources(monitor, ["1"])[0]
    with pytest.raises(UsageError, match="another source's address"):
        operations.change_sources(monitor, [(source, replace(source.spec, url=SPECS[1].url))])
    assert operations.find_sources(monitor, ["1"])[0].spec == source.spec


def test_a_disabled_source_is_not_claimed_and_an_enabled_one_is(monitor: Monitor) -> None:
    operations.enable_sources(monitor, ["1", "2"], is_enabled=False)
    operations.enable_sources(monitor, ["Harbour office"], is_enabled=True)
    assert titles(claim_sources(monitor.archive, NOW, all_enabled=True)) == ["Harbour office"]


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (replace(SPECS[0], only="(pier"), "`only` is no query"),
        (replace(SPECS[0], language="klingon"), "is no language"),
        (replace(SPECS[0], proxy_url="http://user:word@proxy.example:8080"), "proxy"),
        (replace(SPECS[0], proxy_url="ftp://proxy.example"), "proxy"),
    ],
)
def test_what_can_not_be_used_is_refused_with_its_reason(spec: SourceSpec, words: str) -> None:
    with pytest.raises(UsageError, match=words) as refused:
        operations.check_spec(spec)
    assert "word@" not in str(refused.value)


def test_a_title_is_made_fit_to_show_and_a_language_is_its_code() -> None:
    checked = operations.check_spec(replace(SPECS[0], title="The\n\x1b[31mGazette\u202e ", language="EN-gb"))
    assert "\x1b" not in checked.title
    assert "\u202e" not in checked.title
    assert "\n" not in checked.title
    assert checked.language == "en"


@pytest.mark.parametrize(("text", "seconds"), [("", None), ("90s", 90), ("30m", 1800), ("6h", 21_600), ("1d", 86_400)])
def test_an_interval_is_read_as_it_is_written(text: str, seconds: int | None) -> None:
    assert operations.read_interval(text) == seconds


@pytest.mark.parametrize("text", ["soon", "0m", "59", "31d", "-5m", "1.5h", "٣m", "9" * 50])
def test_an_interval_that_can_not_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--interval"):
        operations.read_interval(text)


def test_health_shows_the_ill_first_and_what_came_in_the_last_week(monitor: Monitor) -> None:
    first, second, _ = operations.all_sources(monitor)
    poll(monitor.archive, first, an_entry(1), at=NOW - timedelta(days=3))
    poll(monitor.archive, first, an_entry(2), an_entry(3), at=NOW - timedelta(days=2))
    with monitor.archive.writing() as connection:
        connection.exec_driver_sql(f"UPDATE sources SET health = 'gone' WHERE id = {second.id}")
    ill, *well = operations.source_health(monitor)
    assert (ill.source.spec.title, ill.words is not None) == ("Harbour Post", True)
    assert [(one.source.spec.title, one.new_last_week) for one in well] == [("The Gazette", 2), ("Harbour office", 0)]


def test_the_standing_counts_real_enabled_sources_that_were_visited(monitor: Monitor) -> None:
    first, second, _ = operations.all_sources(monitor)
    poll(monitor.archive, first, an_entry(1))
    visit = Polled(second, NOW, "failed", second, reason="http_403", detail="refused")
    record_polls(monitor.archive, [(visit, settled)])
    standing = operations.source_standing(monitor)
    assert (standing.enabled, standing.failing) == (2, 1)
    assert standing.next_at == NOW + timedelta(minutes=30)


def test_a_source_that_is_there_already_is_not_added_twice(monitor: Monitor) -> None:
    with pytest.raises(UsageError, match="is a source already"):
        add_source(monitor, SPECS[0])


def test_an_untitled_source_is_called_by_its_host(monitor: Monitor) -> None:
    assert add_source(monitor, SourceSpec("https://new.example/feed.xml", "")).title == "new.example"


@pytest.mark.parametrize(
    "url", ["", "ftp://x.example/", "http://user:word@x.example/", "http://x.example:22/", "monitor:by-hand"]
)
def test_a_source_at_an_address_that_monitor_may_not_fetch_is_refused(monitor: Monitor, url: str) -> None:
    with pytest.raises(UsageError):
        add_source(monitor, SourceSpec(url, "X"))
    assert len(operations.all_sources(monitor)) == 3


def test_a_search_is_a_source_with_its_query_in_its_title() -> None:
    spec = search_source(" site:gazette.example pier ", "google-news", language="en", country="KH", title="")
    assert (spec.kind, spec.title) == ("search", "Google News: site:gazette.example pier")
    assert spec.url.startswith("https://news.google.com/rss/search?q=site:gazette.example+pier&hl=en-KH")
    assert search_source("pier", "gdelt", language="en", country="US", title="Mine").title == "Mine"
    with pytest.raises(UsageError, match="query is empty"):
        search_source("  ", "gdelt", language="en", country="US", title="")
