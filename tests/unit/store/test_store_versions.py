"""A watchlist's history in the archive, on both databases."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier

from monitor.model.versions import Applied
from monitor.model.watching import Claim, StoryRef, Watchlist
from monitor.store.archive import record_article
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.versions import list_events, list_standings, list_versions, number_in_file, record_event
from monitor.store.watchlists import apply_watchlist, live_watchlists, remember_file
from tests.unit.store.archives import NOW, a_claim, a_read, add_source, an_entry, poll


def put(archive: Archive, document: str, *claims: Claim, **more: object) -> Applied:
    watchlist = Watchlist("list", "The list", "", StoryRef(), claims or (a_claim(),))
    signed = {"now": NOW, "by": "anna", "origin": "/lists/list.yaml", **more}
    return apply_watchlist(archive, watchlist, document, **signed)  # type: ignore[arg-type]


def test_a_version_keeps_who_applied_it_when_why_and_from_where(archive: Archive) -> None:
    put(archive, "one", why="the story is out")
    put(archive, "two", now=NOW + timedelta(hours=1), by="ben", origin="")
    first, second = list_versions(archive, "list")
    assert (first.number, first.applied_by, first.why, first.origin) == (
        1,
        "anna",
        "the story is out",
        "/lists/list.yaml",
    )
    assert (second.number, second.document, second.applied_at) == (2, "two", NOW + timedelta(hours=1))
    assert list_versions(archive, "nothing") == []


def test_of_two_who_began_from_one_version_only_the_first_is_taken(archive: Archive) -> None:
    put(archive, "one")
    assert put(archive, "anna's", expected=1) == Applied(2, is_new=True)
    assert put(archive, "ben's", expected=1) == Applied(2, is_new=False, is_moved=True)
    assert [version.document for version in list_versions(archive, "list")] == ["one", "anna's"]
    assert put(archive, "new", expected=0).is_moved


def test_of_many_who_apply_at_the_same_moment_one_alone_makes_the_next_version(archive: Archive) -> None:
    put(archive, "one")
    start = Barrier(4)

    def apply(name: str) -> Applied:
        start.wait(timeout=30)
        return put(archive, f"{name}'s", by=name, expected=1)

    with ThreadPoolExecutor(4) as threads:
        applied = list(threads.map(apply, ("anna", "ben", "chea", "dara")))
    assert sorted((one.number, one.is_new, one.is_moved) for one in applied) == [(2, False, True)] * 3 + [
        (2, True, False)
    ]
    assert len(list_versions(archive, "list")) == 2


def test_a_document_is_kept_byte_for_byte_and_line_ends_make_no_version(archive: Archive) -> None:
    put(archive, "\ufeffone\r\n# and more\r\n")
    assert not put(archive, "one\n# and more\n").is_new
    assert list_versions(archive, "list")[0].document == "\ufeffone\r\n# and more\r\n"


def test_a_file_is_known_by_the_version_that_it_held_last(archive: Archive) -> None:
    put(archive, "one")
    put(archive, "two", origin="/lists/other.yaml")
    assert number_in_file(archive, "list", "/lists/list.yaml") == 1
    assert number_in_file(archive, "list", "/lists/other.yaml") == 2
    assert number_in_file(archive, "list", "/never/seen.yaml") is None
    remember_file(archive, "list", "/lists/list.yaml", 2)
    assert number_in_file(archive, "list", "/lists/list.yaml") == 2


def test_a_retired_list_is_not_live_and_keeps_its_past(archive: Archive) -> None:
    put(archive, "one")
    assert record_event(archive, "list", "retired", now=NOW, by="anna", why="the story is closed")
    assert not record_event(archive, "list", "retired", now=NOW, by="anna", why="again")
    assert live_watchlists(archive) == []
    (standing,) = list_standings(archive)
    assert standing.retired is not None
    assert (standing.retired.by, standing.retired.why) == ("anna", "the story is closed")
    assert record_event(archive, "list", "restored", now=NOW, by="ben", why="")
    assert [live.name for live in live_watchlists(archive)] == ["list"]
    assert [event.kind for event in list_events(archive, "list")] == ["retired", "restored"]
    assert list_standings(archive)[0].retired is None


def test_hits_are_counted_for_each_claim_those_of_old_ones_too(archive: Archive) -> None:
    put(archive, "one")
    source = add_source(archive)
    poll(archive, source, an_entry(1))
    live = {claim.identifier: claim for one in live_watchlists(archive) for claim in one.claims}
    record_article(archive, a_read(claim_entries(archive, NOW)[0].id, 1), live)
    put(archive, "two", replace(a_claim(), key="shut-in"))
    (standing,) = list_standings(archive)
    assert standing.hits == {"locked": 1}
    assert standing.last_hit_at == NOW
    assert standing.version.number == 2
