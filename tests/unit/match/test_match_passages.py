from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.match import Matcher
from monitor.model.matching import Assessment, MatchInput
from monitor.model.query import And, Expression, Near, Or, Phrase, Word
from monitor.model.watching import Claim

RAID, SEWING, PAY, KHMER = Word("raid"), Word("sewing"), Word("pay", is_prefix=True), Word("ជួញដូរ")


def _match(expression: Expression, article: MatchInput) -> Assessment:
    claim = Claim("claim", "A claim.", "The Sample", expression, None, "0")
    (assessment,) = Matcher([("claim", claim)]).match(article)
    return assessment


def _passages(expression: Expression, text: str, title: str = "") -> list[str]:
    return [passage.text for passage in _match(expression, MatchInput(title, text)).passages]


def test_the_sentence_with_most_of_the_claim_comes_first() -> None:
    text = "A raid came. Nothing here. The raid led to sewing without pay. Sewing it was. Unpaid."
    assert _passages(And((RAID, SEWING, PAY)), text)[0] == "The raid led to sewing without pay."


def test_what_has_not_been_shown_comes_before_more_of_the_same() -> None:
    text = "A raid came. The raid went. A raid again. And a raid. At last, sewing."
    assert _passages(And((RAID, SEWING)), text)[:2] == ["A raid came.", "At last, sewing."]


def test_a_title_that_shows_it_all_does_not_keep_the_text_from_showing_it() -> None:
    text = "Nothing here. A raid, then sewing. Nothing there."
    assert _passages(And((RAID, SEWING)), text, "Raid and sewing") == ["Raid and sewing", "A raid, then sewing."]


def test_a_headline_that_the_text_repeats_is_shown_once() -> None:
    text = "Raid and sewing\n\nNothing here. A raid, then sewing. Nothing there."
    assert _passages(And((RAID, SEWING)), text, "Raid and sewing") == ["Raid and sewing", "A raid, then sewing."]


def test_a_near_over_two_sentences_is_shown_as_both() -> None:
    text = "They came at dawn. It was a raid. Sewing followed. They left."
    assert _passages(Near(RAID, SEWING, 3), text) == ["It was a raid. Sewing followed."]


def test_a_near_over_too_many_sentences_is_shown_by_its_ends() -> None:
    text = "A raid. One. Two. Three. Sewing."
    assert _passages(Near(RAID, SEWING, 9), text) == ["A raid.", "Sewing."]


def test_words_of_a_near_that_are_not_near_are_not_shown() -> None:
    text = "A raid. " + "Word after word. " * 30 + "A raid for sewing. " + "Word after word. " * 30 + "Sewing."
    assert _passages(Near(RAID, SEWING, 3), text) == ["A raid for sewing."]


def test_the_title_is_a_passage_of_its_own_field() -> None:
    (passage, *_) = _match(RAID, MatchInput("  A raid at the pier ", "The raid.")).passages
    assert (passage.where, passage.text, passage.start, passage.end) == ("title", "A raid at the pier", 2, 20)


def test_a_near_hit_is_shown_and_a_far_miss_is_not() -> None:
    assert _passages(And((RAID, SEWING)), "A raid. That is all.") == ["A raid."]
    assert _passages(And((RAID, SEWING, PAY)), "A raid. That is all.") == []


def test_a_dateline_is_shown_with_the_sentence_after_it() -> None:
    text = "PREY VENG, Cambodia. Nobody was paid. They sat at their sewing."
    assert "PREY VENG, Cambodia. Nobody was paid." in _passages(And((Word("cambodia"), SEWING)), text)


def test_what_shows_one_known_term_once_more_comes_second_at_best() -> None:
    text = "It was a raid for sewing. It was called a raid later on. The raid was forgotten."
    expected = ["It was a raid for sewing.", "It was called a raid later on."]
    assert _passages(And((RAID, SEWING)), text) == expected


_BITS = [
    "raid",
    "Sewing",
    "paid",
    "ជួញ\u200bដូរ",
    "ស្ត្រី",
    "។",
    ". ",
    " ",
    "\n\n",
    "“",
    "”",
    "x" * 200,
    "Pre\u0301",
    "word ",
]
_EXPRESSIONS = [
    RAID,
    Near(RAID, Or((SEWING, KHMER)), 4),
    And((Or((RAID, KHMER)), SEWING)),
    Or((Phrase(("raid", "sewing")), Near(PAY, KHMER, 30))),
]


@settings(max_examples=200)
@given(
    st.sampled_from(_EXPRESSIONS),
    st.lists(st.sampled_from(_BITS), max_size=40).map("".join),
    st.lists(st.sampled_from(_BITS), max_size=5).map("".join),
)
def test_every_offset_points_to_what_it_says(expression: Expression, text: str, title: str) -> None:
    article = MatchInput(title, text)
    fields = {"text": text, "title": title}
    for assessment in Matcher([("c", Claim("c", "", "", expression, None, ""))]).match(article):
        assert bool(assessment.passages) or not assessment.is_hit
        assert len(assessment.passages) <= 3
        for passage in assessment.passages:
            assert fields[passage.where][passage.start : passage.end] == passage.text == passage.text.strip() != ""
        spans = sorted((p.where, p.start, p.end) for p in assessment.passages)
        assert all(one[0] != two[0] or one[2] <= two[1] for one, two in pairwise(spans))
        for term in assessment.why.terms:
            assert all(fields[term.where][start:end].strip() for start, end in term.spans)
