from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.entries import compare, first_difference, load
from bench.polling import Pass, Side, make_rss, report
from monitor.extract.entries.feed import parse_feed
from monitor.model.entries import Entry, Listing

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def side(first: float, again: float) -> Side:
    return Side(Pass(first, 1.0), Pass(again, 1.0), 100)


def test_the_feeds_are_as_large_as_they_say_and_always_the_same() -> None:
    feed = make_rss("/feed-1.xml", 20, NOW)
    assert 12_000 < len(feed) < 18_000
    assert feed == make_rss("/feed-1.xml", 20, NOW)
    assert feed != make_rss("/feed-2.xml", 20, NOW)
    entries = parse_feed(feed, "http://news.example/", None, NOW).entries
    assert len({entry.url for entry in entries}) == 20
    assert all(entry.published_at and entry.summary for entry in entries)


@pytest.mark.parametrize(
    ("ours", "theirs", "passes"),
    [
        ([side(1, 1)] * 3, [side(5, 2)] * 3, True),
        ([side(1, 1)] * 3, [side(4.9, 2)] * 3, False),
        ([side(1, 1)] * 3, [side(5, 1.9)] * 3, False),
        ([side(1, 1), side(1, 1), side(90, 90)], [side(5, 2)] * 3, True),
        ([side(1, 1)], [], True),
    ],
    ids=["both floors", "a slow first poll", "a slow second", "one bad round", "no peer"],
)
def test_the_verdict_goes_by_the_medians(
    ours: list[Side], theirs: list[Side], passes: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert report(ours, theirs, 500) is passes
    assert ("FAIL" in capsys.readouterr().out) is not passes


def test_feeds_are_compared_entry_by_entry() -> None:
    verdict = compare({"one": make_rss("/feed-1.xml", 3, NOW), "broken": b"<rss><channel><item><link>/a</link></item>"})
    assert (verdict.fast, verdict.fell_back, verdict.entries, verdict.by_feedparser) == (1, ["broken"], 4, 4)
    assert verdict.is_pass


def test_a_difference_is_told_with_its_place() -> None:
    one = Listing("T", "", (Entry("g", "http://a.example/", "A"),))
    assert first_difference(one, one) == ""
    assert "entry 0, title" in first_difference(one, Listing("T", "", (Entry("g", "http://a.example/", "B"),)))
    assert "1 entries instead of 0" in first_difference(one, Listing("T", ""))
    assert "head" in first_difference(Listing("T", ""), Listing("U", ""))


def test_a_folder_without_feeds_is_told_with_the_usage(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="usage"):
        load(tmp_path)
