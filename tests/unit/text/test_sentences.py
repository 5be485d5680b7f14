from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.khmer import is_cluster_boundary
from monitor.text.sentences import MAX_KHMER, MAX_LATIN, split_sentences
from tests.growth import assert_in_proportion


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "sentences",
    [
        ["Gen. Dara spoke on Nov. 20 of the U.S. State Department.", "It paid $3.5 million."],
        ["“They were held,” she said.", "“Why?” he asked.", "“We go.”", "They went."],
        ["She lives in the U.S.", "The man does not."],
        ["No. 5 came, and then no. 6.", "He said no.", "Then he left."],
        ["J. R. Doe, Jr. came at 5 p.m. with Lt. Col. Roe.", "(They left.)", "Why?!", "Nobody knows..."],
        ["Acme Ltd. Director Doe resigned.", "Yahoo! said so."],
        ["A headline without a stop", "A second line"],
        ["ប៉ូលិសបានបង្ក្រាប។", "ស្ត្រីត្រូវបានចាប់ខ្លួន។", "ហើយ៖ «ទៅ» ៕", "តើអ្នកណា?"],
        ["ប៉ូលិស។»", "ស្ត្រី"],
        ["婦女說她們被關在中心裡。", "「我們走了！」", "主任否認？！", "沒有人回答"],
        ["「誰も拘束していない。」と施設長は述べた。", "女性らは違うと言う。"],
        ["They waited..and v1.2 came, a.b!c too.", "“Really?!”", "So it did…"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentences: list[str]) -> None:
    # A line break where no stop stands, else a space; Khmer needs neither after its full stop.
    text = "".join(s + (" " if s[-1] in ".!?”)" else "" if s[-1] in "។៕»。！？」" else "\n") for s in sentences)
    assert _split(text) == sentences


def test_a_long_sentence_is_cut_at_a_space() -> None:
    pieces = _split("word " * 200)
    assert all(len(piece) <= MAX_LATIN and piece.startswith("word") and piece.endswith("word") for piece in pieces)
    assert " ".join(pieces) == ("word " * 200).strip()


def test_a_long_khmer_sentence_is_cut_between_clusters() -> None:
    text = "ស្ត្រី" * 200
    spans = split_sentences(text)
    assert len(spans) > 1
    assert all(end - start <= MAX_KHMER and is_cluster_boundary(text, start) for start, end in spans)


_PIECES = [*'aB.!?។៕ \n"”)ក\u17d2រា。！」と中', "Mr", "U.S.", "No. 5", "x" * 450, "ក" * 320]


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_sentences_hold_all_but_white_space_in_order_under_the_cap(text: str) -> None:
    spans = split_sentences(text)
    assert _same_letters(text, spans)
    assert all(0 <= start < end <= len(text) and end - start <= MAX_LATIN for start, end in spans)
    assert all(text[start:end] == text[start:end].strip() for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def _same_letters(text: str, spans: tuple[tuple[int, int], ...]) -> bool:
    return "".join("".join(text[start:end] for start, end in spans).split()) == "".join(text.split())


@pytest.mark.parametrize("piece", ["x", "a. ", ".", "\n ", '."', "ក\u17d2", "。", "！」と"], ids=repr)
def test_a_flood_takes_time_in_proportion(piece: str) -> None:
    assert_in_proportion(split_sentences, lambda size: piece * (size // len(piece)) + "x", 200_000)
