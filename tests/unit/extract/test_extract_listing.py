"""What a source lists is read by its kind; pages that are watched."""

from typing import get_args

import pytest

from monitor.errors import MonitorError, NotAnArticle, SearchRefused
from monitor.extract.entries.watch import fingerprint
from monitor.extract.listing import read_listing
from monitor.model.archiving import SourceKind
from monitor.model.entries import Listing
from tests.unit.extract.answers import answer

FEED = '<rss version="2.0"><channel><title>T</title><item><title>A</title><link>/a</link></item></channel></rss>'
NOTICE = (
    "<html lang=en><head><title>Notice board</title><link rel=canonical href=/board></head><body><article><h1>Notice "
    "board</h1><p>The register of companies that hold a licence for the province was last read on {date}.</p><p>There "
    "are {count} companies in it, and all of them have {what} what they owe to the state.</p></article></body></html>"
)


def watch(date: str = "21 November 2026, 10:59 AM", count: str = "999", what: str = "paid") -> Listing:
    page = NOTICE.format(date=date, count=count, what=what)
    return read_listing(answer(page, "https://gazette.example/board?utm_source=x"), "watch", "")


def test_a_feed_is_read_as_feed_and_as_sitemap_and_as_search() -> None:
    kinds: tuple[SourceKind, ...] = ("feed", "sitemap", "search")
    assert [read_listing(answer(FEED), kind, "").title for kind in kinds] == ["T", "T", "T"]


def test_a_page_is_read_with_its_selector() -> None:
    listing = read_listing(answer("<html><body><a class=n href=/x>X</a><a href=/y>Y</a></body></html>"), "page", "a.n")
    assert [entry.title for entry in listing.entries] == ["X"]


@pytest.mark.parametrize("kind", get_args(SourceKind))
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"<", b"\x1f\x8b", b"{", b"PK\x03\x04", b"\x00" * 5000])
def test_no_kind_takes_rubbish_for_an_empty_listing_or_fails_unexpectedly(kind: SourceKind, content: bytes) -> None:
    with pytest.raises(MonitorError):
        read_listing(answer(content), kind, "")


def test_a_search_that_refuses_is_told_from_one_without_results() -> None:
    with pytest.raises(SearchRefused):
        read_listing(answer("Too short"), "search", "")


def test_a_watched_page_has_one_entry_named_by_its_words() -> None:
    listing = watch()
    (entry,) = listing.entries
    assert (listing.title, listing.language, entry.title, entry.language) == (
        "Notice board",
        "en",
        "Notice board",
        "en",
    )
    assert (entry.url, entry.published_at, len(entry.guid)) == ("https://gazette.example/board", None, 64)


def test_a_clock_a_counter_or_a_date_is_no_change() -> None:
    assert watch("Tuesday, 1 December 2026, 9:00 pm", "1,000").entries == watch().entries


def test_a_word_is_a_change() -> None:
    assert watch(what="denied").entries[0].guid != watch().entries[0].guid


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Read  on\nMonday", "read ON monday"),
        ("Seen 21 Nov 2026", "Seen 1st December 2027"),
        ("Seen November 21, 2026", "Seen May 3, 2027"),
        ("vu le 21 novembre 2026", "vu le 1 décembre 2026"),
        ("ថ្ងៃទី២១ ខែវិច្ឆិកា ឆ្នាំ២០២៦", "ថ្ងៃទី១ ខែធ្នូ ឆ្នាំ២០២៧"),
        ("Views: 999", "Views: 1,000"),
        ("at 10:59 AM", "at 1:02 pm"),
    ],
)
def test_texts_that_differ_in_numbers_dates_spaces_or_case_have_one_fingerprint(before: str, after: str) -> None:
    assert fingerprint(before) == fingerprint(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [("It may rain", "It will rain"), ("កម្មករ", "កម្មការ"), ("the march", "the walk"), ("អ្នកស្រី", "អ្នកស្រា")],
)
def test_texts_that_differ_in_words_have_two(before: str, after: str) -> None:
    assert fingerprint(before) != fingerprint(after)


def test_a_watched_page_without_text_is_refused() -> None:
    with pytest.raises(NotAnArticle):
        read_listing(answer("<html><body></body></html>"), "watch", "")
