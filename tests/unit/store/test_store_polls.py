"""Visits in the archive: kept together, counted by day, and a source's illness told once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import DateTime
from sqlalchemy.dialects import sqlite

from monitor.model.archiving import Polled, StoredSource
from monitor.sources.identity import key_entries
from monitor.store.catalogue import list_sources, remove_source
from monitor.store.engine import Archive
from monitor.store.health import forget_old_polls, health_events, poll_days, record_health
from monitor.store.metadata import UtcDateTime
from monitor.store.polls import has_new_entries, record_polls
from tests.unit.store.archives import NOW, add_source, an_entry, poll, settled


def failed(source: StoredSource) -> Polled:
    return Polled(source, NOW, "failed", source, reason="http_403", detail="refused\x00")


def of(archive: Archive, url: str) -> StoredSource:
    return next(source for source in list_sources(archive) if source.spec.url == url)


def test_visits_that_end_together_are_each_kept_with_what_was_new(archive: Archive) -> None:
    sources = [add_source(archive, f"https://s{number}.example/") for number in range(3)]
    visits = [Polled(source, NOW, "new", source, key_entries([an_entry(n)])) for n, source in enumerate(sources[:2])]
    kept = record_polls(archive, [(visit, settled) for visit in (*visits, failed(sources[2]))])
    assert [(visit.outcome, visit.new) for visit in kept] == [("new", 1), ("new", 1), ("failed", 0)]
    assert [source.failures for source in list_sources(archive)] == [0, 0, 1]
    assert list_sources(archive)[2].last_detail == "refused"


def test_what_follows_from_a_visit_is_decided_once_it_is_known_what_was_new(archive: Archive) -> None:
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    seen: list[tuple[str, int]] = []

    def settle(polled: Polled) -> StoredSource:
        seen.append((polled.outcome, polled.new))
        return settled(polled)

    record_polls(archive, [(Polled(source, NOW, "new", source, key_entries([an_entry(1)])), settle)])
    record_polls(archive, [(Polled(source, NOW, "new", source, key_entries([an_entry(1), an_entry(2)])), settle)])
    assert seen == [("unchanged", 0), ("new", 1)]


def test_of_a_source_that_was_removed_meanwhile_nothing_is_kept_and_the_others_are(archive: Archive) -> None:
    gone, stays = add_source(archive, "https://gone.example/"), add_source(archive, "https://stays.example/")
    remove_source(archive, gone.id)
    visits = [Polled(source, NOW, "new", source, key_entries([an_entry(1)])) for source in (gone, stays)]
    kept = record_polls(archive, [(visit, settled) for visit in visits])
    assert [visit.new for visit in kept] == [0, 1]
    with archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT DISTINCT source_id FROM polls").all() == [(stays.id,)]


def test_plain_entries_and_others_are_kept_as_listed_and_with_all_that_they_carry(archive: Archive) -> None:
    plain, full = add_source(archive, "https://plain.example/"), add_source(archive, "https://full.example/")
    lead = replace(an_entry(3), language="km", is_lead=True, is_dated_by_change=True)
    listed = {plain: [an_entry(1)], full: [an_entry(2), lead, replace(an_entry(4), text="All of it.")]}
    visits = [Polled(source, NOW, "new", source, key_entries(entries)) for source, entries in listed.items()]
    record_polls(archive, [(visit, settled) for visit in visits])
    kept = "title, state, attempts, reason, text, outlet, language, is_lead, is_dated_by_change, is_fresh, snapshot_id"
    with archive.reading() as connection:
        rows = connection.exec_driver_sql(f"SELECT {kept} FROM entries ORDER BY id").all()
    assert [tuple(row) for row in rows] == [
        ("Title 1", "pending", 0, "", "", "", "", 0, 0, 0, None),
        ("Title 2", "pending", 0, "", "", "", "", 0, 0, 0, None),
        ("Title 3", "pending", 0, "", "", "", "km", 1, 1, 0, None),
        ("Title 4", "pending", 0, "", "All of it.", "", "", 0, 0, 0, None),
    ]


@pytest.mark.parametrize("microsecond", [0, 7, 654_321])
def test_an_instant_is_written_as_sqlalchemys_own_type_writes_it(microsecond: int) -> None:
    at, dialect = datetime(2026, 1, 2, 3, 4, 5, microsecond, tzinfo=UTC), sqlite.dialect()
    ours = UtcDateTime().bind_processor(dialect)
    theirs = DateTime().dialect_impl(dialect).bind_processor(dialect)
    assert ours is not None
    assert theirs is not None
    assert ours(at) == ours(at.astimezone(timezone(timedelta(hours=7)))) == theirs(at.replace(tzinfo=None))
    with pytest.raises(TypeError, match="aware"):
        ours(at.replace(tzinfo=None))


def test_an_address_moves_unless_another_source_has_it(archive: Archive) -> None:
    first, second = add_source(archive, "https://a.example/"), add_source(archive, "https://b.example/")

    def moving_to(url: str, source: StoredSource) -> None:
        visit = Polled(source, NOW, "unchanged", source)
        record_polls(archive, [(visit, lambda kept: replace(settled(kept), spec=replace(source.spec, url=url)))])

    moving_to(second.spec.url, first)
    assert [source.spec.url for source in list_sources(archive)] == ["https://a.example/", "https://b.example/"]
    moving_to("https://c.example/", list_sources(archive)[0])
    assert [source.spec.url for source in list_sources(archive)] == ["https://c.example/", "https://b.example/"]


def test_a_document_brings_something_new_where_one_entry_is_not_known(archive: Archive) -> None:
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    known = Polled(source, NOW, "new", source, key_entries([an_entry(1)]))
    assert not has_new_entries(archive, known)
    assert has_new_entries(archive, replace(known, entries=key_entries([an_entry(1), an_entry(2)])))
    assert not has_new_entries(archive, replace(known, entries=()))


def test_what_visits_came_to_is_counted_by_day_without_the_backlog(archive: Archive) -> None:
    source = add_source(archive)
    poll(archive, source, *(an_entry(number) for number in range(40)), at=NOW - timedelta(days=3))
    poll(archive, source, an_entry(50), an_entry(51), at=NOW - timedelta(days=2))
    poll(archive, source, an_entry(52), at=NOW - timedelta(days=2, hours=-1))
    record_polls(archive, [(failed(of(archive, source.spec.url)), settled)])
    days = poll_days(archive, [source.id, 999], NOW - timedelta(days=90))
    assert [(day.polls, day.good, day.new) for day in days[source.id]] == [(2, 2, 3), (1, 0, 0)]
    assert [day.day for day in days[source.id]] == [(NOW - timedelta(days=2)).date(), NOW.date()]


def test_a_first_visit_that_failed_is_no_backlog(archive: Archive) -> None:
    source = add_source(archive)
    record_polls(archive, [(failed(source), settled)])
    poll(archive, source, an_entry(1), at=NOW + timedelta(hours=1))
    poll(archive, source, an_entry(2), at=NOW + timedelta(hours=2))
    (day,) = poll_days(archive, [source.id], NOW - timedelta(days=1))[source.id]
    assert (day.polls, day.good, day.new) == (1, 1, 1)


def diagnosed(source: StoredSource, health: str, *, hours: float = 0) -> StoredSource:
    return replace(source, health=health, health_since=NOW + timedelta(hours=hours))


def test_an_illness_is_an_event_once_and_its_end_another(archive: Archive) -> None:
    source = add_source(archive)
    ill = diagnosed(source, "refused")
    record_health(archive, [ill, ill], {source.id: "403\x00"})
    record_health(archive, [diagnosed(source, "refused", hours=1)], {})
    assert of(archive, source.spec.url).health_since == NOW
    record_health(archive, [diagnosed(source, "", hours=2)], {})
    with archive.reading() as connection:
        events, last = health_events(connection, 0)
        assert [(event.health, event.before, event.detail) for event in events] == [
            ("refused", "", "403"),
            ("", "refused", ""),
        ]
        assert health_events(connection, last) == ((), last)
        assert [event.health for event in health_events(connection, last - 1)[0]] == [""]


def test_a_removed_sources_illness_is_forgotten_with_it(archive: Archive) -> None:
    source = add_source(archive)
    record_health(archive, [diagnosed(source, "gone")], {})
    remove_source(archive, source.id)
    record_health(archive, [diagnosed(source, "")], {})
    with archive.reading() as connection:
        assert health_events(connection, 0) == ((), 0)


def test_visits_of_long_ago_are_forgotten_and_their_entries_stay(archive: Archive) -> None:
    source = add_source(archive)
    poll(archive, source, an_entry(1), at=NOW - timedelta(days=200))
    poll(archive, source, an_entry(2), at=NOW)
    assert forget_old_polls(archive, NOW - timedelta(days=120)) == 1
    with archive.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM entries").scalar() == 2
    assert forget_old_polls(archive, NOW - timedelta(days=120)) == 0


def test_a_backlog_that_was_forgotten_does_not_make_another_day_one(archive: Archive) -> None:
    source = add_source(archive)
    poll(archive, source, *(an_entry(number) for number in range(9)), at=NOW - timedelta(days=200))
    for day in (3, 2, 1):
        poll(archive, source, an_entry(10 + day), at=NOW - timedelta(days=day))
    forget_old_polls(archive, NOW - timedelta(days=120))
    days = poll_days(archive, [source.id], NOW - timedelta(days=90))[source.id]
    assert [day.new for day in days][-2:] == [1, 1]
