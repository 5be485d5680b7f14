from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.text.normalise import fold, normalise
from tests.growth import assert_in_proportion

_LATIN = "aZé ßŐﬁİ½“—’…´¨\ufdfa한𝔸\u200b\u00ad\u0301\u0327\u0345\u00a0\n\t\x00"
_KHMER = "កខតដរ\u17d2\u17d2ាិេុើំះ៉៊៌១\u17b5។"
_TRICKY = st.sampled_from([*_LATIN, *_KHMER])
TEXTS = st.one_of(st.text(max_size=60), st.lists(_TRICKY, max_size=40).map("".join))


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("  The  RAID \n\n began", "the raid began"),
        ("L’École “libre” — Đà Nẵng", 'l\'ecole "libre" - da nang'),
        ("Précaire", "precaire"),
        ("Pre\u0301caire", "precaire"),
        ("Straße ﬁlm İ", "strasse film i"),
        ("re\u00adha\u200bbili\ufefftation", "rehabilitation"),
        ("១២៣ ៤", "123 4"),
        ("ជួញ\u200bដូរ\u200cមនុស្ស", "ជួញដូរមនុស្ស"),
        ("ឲ្យ", "ឱ្យ"),
        ("nul\x00and\x85bell\x07", "nul and bell"),
        ("a\u00a0\u2003b", "a b"),
        ("don`t don´t", "don't don't"),
    ],
)
def test_what_looks_the_same_to_a_reader_has_one_normal_form(raw: str, normal: str) -> None:
    assert fold(raw) == normal


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("ស\u17b6\u17d2ត", "ស\u17d2ត\u17b6"),  # vowel typed before its subscript
        ("ស\u17d2រ\u17d2ត", "ស\u17d2ត\u17d2រ"),  # RO comes last of two subscripts
        ("ស\u17c1\u17b8", "ស\u17be"),  # OE typed in two halves
        ("ស\u17c1\u17b6", "ស\u17c4"),  # OO typed in two halves
        ("ស\u17b6\u17c1", "ស\u17c4"),  # … the wrong way round
        ("ស\u17c6\u17b6", "ស\u17b6\u17c6"),  # sign before vowel
        ("ង\u17b6\u17c9", "ង\u17c9\u17b6"),  # vowel before register shifter
        ("ស\u17ca\u17b8", "ស\u17bb\u17b8"),  # a register shifter under an upper vowel is drawn as vowel U
        ("ប\u17c9\u17c1\u17b8", "ប\u17be\u17bb"),  # … under one typed in two halves, too
        ("ម\u17bd\u17bd", "ម\u17bd"),  # a sign typed twice
        ("ស\u17d2ត\u17cc", "ស\u17cc\u17d2ត"),  # robat comes first
        ("បណ\u17d2ដ\u17bbះ", "បណ\u17d2ត\u17bbះ"),  # subscript DA looks as subscript TA
    ],
)
def test_khmer_clusters_stand_in_one_order(typed: str, canonical: str) -> None:
    assert fold(typed) == fold(canonical) == canonical


def test_a_reordered_cluster_points_to_the_whole_of_itself() -> None:
    normal = normalise("កា ស\u17b6\u17d2ត ក")
    at = normal.text.index("ស")
    assert normal.original_span(at, at + 1) == (3, 7)
    assert normal.original_span(at, at + 4) == (3, 7)


def test_an_accent_belongs_to_its_letter_and_an_invisible_character_to_nobody() -> None:
    normal = normalise("Pre\u0301\u200b caire")
    assert normal.text == "pre caire"
    assert normal.original_span(0, 3) == (0, 4)


@given(TEXTS)
@example("\u17d2\u178a\u17b6\u17c9")  # a subscript without a base
def test_normal_form_is_its_own_normal_form(text: str) -> None:
    assert normalise(normalise(text).text).text == normalise(text).text


@given(TEXTS)
def test_offsets_lead_back_in_order_and_within_the_text(text: str) -> None:
    normal = normalise(text)
    spans = [normal.original_span(i, i + 1) for i in range(len(normal.text))]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(before <= after for before, after in pairwise(spans))


@settings(max_examples=300)
@given(TEXTS, st.data())
def test_a_span_led_back_to_the_text_normalises_to_the_span(text: str, data: st.DataObject) -> None:
    normal = normalise(text)
    # Where one original character gave several, or a cluster was put in order, only its edges can be cut.
    spans = [normal.original_span(i, i + 1) for i in range(len(normal.text))]
    inner = (i for i, (before, after) in enumerate(pairwise(spans), start=1) if before[1] <= after[0])
    edges = [0, *inner, len(normal.text)]
    start, end = sorted(data.draw(st.tuples(st.sampled_from(edges), st.sampled_from(edges))))
    if start == end:
        return
    first, last = normal.original_span(start, end)
    assert normalise(text[first:last]).text == normal.text[start:end]


@given(st.text(alphabet=st.characters(max_codepoint=127), max_size=80))
def test_the_fast_way_for_ascii_gives_what_the_long_way_gives(text: str) -> None:
    long_way = normalise(text + "\u00e9")
    assert long_way.text[: len(normalise(text).text)] == normalise(text).text


def test_a_letter_is_folded_to_the_same_whether_it_stands_as_a_capital_or_not() -> None:
    capitals = [letter for letter in map(chr, range(0x20000)) if letter.lower() != letter]
    assert len(capitals) > 1000
    assert [fold(letter) for letter in capitals] == [fold(letter.lower()) for letter in capitals]


@given(TEXTS)
def test_a_text_told_at_once_is_what_its_characters_give_one_by_one(text: str) -> None:
    normal = normalise(text)
    if normal.text:
        normal.original_span(0, 1)
        assert len(normal.text) == len(normal._starts or normal.text)


@pytest.mark.parametrize(
    ("head", "piece"),
    [("e", "\u0301\u0327"), ("ក", "\u17d2រ\u17b6"), ("", "\u200b"), ("", " \u00a0")],
    ids=["accents", "subscripts", "invisible", "spaces"],
)
def test_a_flood_of_marks_takes_time_in_proportion(head: str, piece: str) -> None:
    assert_in_proportion(normalise, lambda size: head + piece * (size // len(piece)), 100_000)
