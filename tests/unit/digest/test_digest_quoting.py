"""Quotations keep the article's words, and the digest's own words are plain ones."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digest.plain import shorten
from monitor.digest.quoting import quote_passage
from monitor.digest.wording import say_all, say_language, say_reason
from monitor.errors import MonitorError, Rejected, Retryable
from monitor.model.matching import Passage, TermMatch
from monitor.text.counting import counted


def marked(passage: Passage, *terms: TermMatch) -> list[str]:
    return [segment.text for segment in quote_passage(passage, terms, "").segments if segment.is_marked]


def test_offsets_count_into_the_article_and_not_into_the_passage() -> None:
    passage = Passage("the raid again", 100, 114)
    assert marked(passage, TermMatch("raid", "text", ((4, 8), (104, 108)))) == ["raid"]


def test_a_match_in_the_title_marks_nothing_in_the_text() -> None:
    assert marked(Passage("the raid", 0, 8), TermMatch("raid", "title", ((4, 8),))) == []


def test_matches_that_overlap_are_one_mark_and_those_that_stick_out_are_clipped() -> None:
    passage = Passage("garment factory raid", 10, 30)
    terms = (TermMatch("a", "text", ((10, 25), (18, 25))), TermMatch("b", "text", ((26, 99),)))
    assert marked(passage, *terms) == ["garment factory", "raid"]


def test_a_mark_never_splits_a_written_khmer_cluster() -> None:
    text = "ស្ត្រីរត់"
    assert marked(Passage(text, 0, len(text)), TermMatch("x", "text", ((0, 1),))) == ["ស្ត្រី"]
    assert marked(Passage(text, 0, len(text)), TermMatch("x", "text", ((2, 3),))) == ["ស្ត្រី"]


@given(st.text(alphabet="ab កខ្តី", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60))))
def test_a_short_passage_is_quoted_whole_whatever_is_marked(text: str, spans: list[tuple[int, int]]) -> None:
    words = " ".join(text.split())
    quote = quote_passage(Passage(words, 0, len(words)), (TermMatch("t", "text", tuple(spans)),), "km")
    assert quote.text == words


def test_a_very_long_passage_is_shortened_around_its_first_match() -> None:
    text = "far away " * 300 + "the raid itself " + "and more " * 300
    start = text.index("raid")
    quote = quote_passage(Passage(text, 0, len(text)), (TermMatch("raid", "text", ((start, start + 4),)),), "en")
    assert [segment.text for segment in quote.segments if segment.is_marked] == ["raid"]
    assert quote.text.startswith("… ")
    assert quote.text.endswith(" …")
    assert len(quote.text) < 620


@given(st.text(alphabet="ab កខ្តី\u200b", max_size=80), st.integers(2, 40))
def test_shortened_text_is_a_beginning_of_the_whole_and_no_longer_than_asked(text: str, max_chars: int) -> None:
    short = shorten(text, max_chars)
    assert len(short) <= max_chars
    assert text.startswith(short.removesuffix("…"))


def reasons_of(family: type[MonitorError]) -> Iterator[str]:
    for kind in family.__subclasses__():
        if kind.__module__.startswith("monitor.errors."):
            yield kind.reason
            yield from reasons_of(kind)


def test_every_reason_for_which_a_source_fails_has_words() -> None:
    reasons = {*reasons_of(Retryable), *reasons_of(Rejected)} - {"error"}
    assert len(reasons) > 15
    assert [reason for reason in reasons if say_reason(reason) == reason] == []


@pytest.mark.parametrize(
    ("reason", "words"),
    [("timeout", "Did not answer in time"), ("http_418", "Answered HTTP 418"), ("brand_new_slug", "brand_new_slug")],
)
def test_a_reason_that_has_no_words_is_shown_as_it_is(reason: str, words: str) -> None:
    assert say_reason(reason) == words


def test_counts_and_lists_read_as_sentences_do() -> None:
    assert [counted(n, "hit") for n in (0, 1, 1200)] == ["0 hits", "1 hit", "1,200 hits"]
    assert [say_all(names) for names in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == ["", "A", "A and B", "A, B and C"]
    assert [say_language(code) for code in ("", "en", "en-GB", "km", "xx")] == ["", "", "", "Khmer", "xx"]
