"""In which order articles are read."""

from datetime import UTC, datetime

from monitor.model.archiving import PendingEntry, SourceSpec
from monitor.model.entries import Entry
from monitor.pipeline.only import OnlyFilter
from monitor.pipeline.read import interleave_by_host

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def pending(number: int, url: str) -> PendingEntry:
    return PendingEntry(number, SourceSpec("https://x.example/feed", "X"), Entry(url, url, "T"), url, 0, NOW)


def test_hosts_take_turns_so_that_a_long_one_keeps_nobody_waiting() -> None:
    entries = [pending(n, f"https://a.example/{n}") for n in range(3)] + [pending(9, "https://b.example/")]
    assert [entry.id for entry in interleave_by_host(entries)] == [0, 9, 1, 2]


def test_nothing_is_lost_in_taking_turns() -> None:
    entries = [pending(n, f"https://{n % 7}.example/{n}") for n in range(100)]
    assert sorted(entry.id for entry in interleave_by_host(entries)) == list(range(100))


def test_an_only_query_is_asked_of_title_and_summary() -> None:
    only = OnlyFilter()
    query = 'Cambodia* OR Khmer OR "Phnom Penh"'
    assert only.admits(query, "News", "From Phnom Penh, in short")
    assert only.admits(query, "Cambodians vote", "")
    assert not only.admits(query, "News", "From Vientiane")
    assert only.admits("", "Anything", "")
