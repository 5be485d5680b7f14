"""Khmer terms stand in Khmer text where a reader sees them, and nowhere else."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.model.query import Word
from monitor.model.watching import Claim
from monitor.text.normalise import fold

COENG = "\u17d2"
SIGN = re.compile("[\u17b6-\u17d3\u17dd]")
UNSEEN = "\u200b\u200c\u200d"
KHMER = st.text(
    alphabet="កខគងតដសរមអ\u17d2\u17d2\u17b6\u17b7\u17b8\u17bb\u17be\u17c1\u17c6\u17c7\u17c9\u17ca\u200b\u200d ៗ។",
    max_size=24,
)


def _spans(term: str, text: str) -> list[tuple[int, int]]:
    claim = Claim("claim", "A claim.", "The Sample", Word(fold(term)), None, "0")
    matched = Matcher([("claim", claim)]).match(MatchInput("", text, "km"))
    return [span for assessment in matched for match in assessment.why.terms for span in match.spans]


@given(KHMER, st.data())
def test_a_term_never_begins_or_ends_inside_a_cluster_of_the_text_as_it_stands(text: str, data: st.DataObject) -> None:
    normal = fold(text)
    start = data.draw(st.integers(0, max(0, len(normal) - 1)))
    term = normal[start : data.draw(st.integers(start + 1, len(normal) + 1))].strip(" ។")
    assume("\u1780" <= term[:1] <= "\u17b3" and " " not in term and "។" not in term and term == fold(term))
    for first, last in _spans(term, text):
        assert 0 <= first < last <= len(text)
        before, after = text[:first].rstrip(UNSEEN), text[last:].lstrip(UNSEEN)
        assert not before.endswith(COENG)
        assert not text[first:].startswith(COENG)
        assert not SIGN.match(after)
        assert fold(text[first:last]) == term


@pytest.mark.parametrize(
    ("text", "is_there"),
    [
        ("ស្ត្រីរកស៊ីផ្លូវភេទ១២នាក់", True),
        ("ស្រ្តី\u200bរក\u200bសុី\u200bផ្លូវ\u200bភេទ", True),
        ("អ្នករកស៊ីផ្លូវភេទៗ", True),
        ("រកស៊ីផ្លូវភេទ្យ", False),
        ("រកស៊ីផ្លូវភេទា", False),
    ],
)
def test_a_term_is_found_in_every_spelling_that_looks_the_same(text: str, *, is_there: bool) -> None:
    assert bool(_spans("រកស៊ីផ្លូវភេទ", text)) is is_there
