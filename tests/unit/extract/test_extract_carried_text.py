"""How much of articles' texts is taken from one feed."""

from datetime import UTC, datetime

import pytest

from monitor.extract.entries import raw
from monitor.extract.entries.raw import RawEntry, RawFeed, make_feed

NOW = datetime(2026, 11, 22, tzinfo=UTC)
WORDS = "<p>The pier was closed again on Monday, a clerk of the harbour said.</p>" * 12


def carrying(count: int) -> RawFeed:
    entries = (RawEntry(f"{n}", (f"https://paper.example/{n}",), f"Title {n}", contents=(WORDS,)) for n in range(count))
    return RawFeed("The Paper", "en", tuple(entries))


def test_a_feed_that_floods_us_with_text_keeps_its_entries_and_loses_the_texts_beyond_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = make_feed(carrying(1), "https://paper.example/feed.xml", NOW).entries[0].text
    assert len(whole) > 500
    monkeypatch.setattr(raw, "MAX_TEXT_CHARS_IN_ALL", len(whole) * 3)
    listing = make_feed(carrying(10), "https://paper.example/feed.xml", NOW)
    assert [bool(entry.text) for entry in listing.entries] == [True] * 3 + [False] * 7
    assert len({entry.title for entry in listing.entries}) == 10
