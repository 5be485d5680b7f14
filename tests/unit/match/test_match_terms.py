import pytest

from monitor.match.terms import TermIndex, shown
from monitor.model.query import Phrase, Term, Word
from monitor.text.normalise import normalise


def _found(term: Term, text: str) -> list[str]:
    normal = normalise(text)
    spans = TermIndex([term]).find(normal.text).get(0, [])
    originals = [normal.original_span(start, end) for start, end in spans]
    return [text[start:end] for start, end in originals]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        (Word("raid"), "Raid, raids; a RAID-led raid’s braid raid_2", ["Raid", "RAID", "raid", "raid"]),
        (Word("raid", is_prefix=True), "raids braids raid’s RAIDING", ["raids", "raid", "RAIDING"]),
        (Word("u.s."), "the U.S. army, not us", ["U.S."]),
        (Word("cafe"), "le Café, cafe\u0301s, CAFE\u0301", ["Café", "CAFE\u0301"]),
        (Phrase(("re", "education")), "re-education, Re  education", ["re-education", "Re  education"]),
        (Phrase(("re", "education")), "reeducation re, education re--education", []),
        (Word("re-educat", is_prefix=True), "re-educated and re educating", ["re-educated", "re educating"]),
        (Phrase(("their", "own", "will")), "their\nown\u00a0will, their own willing", ["their\nown\u00a0will"]),
        (Word("2008"), "in ២០០៨ and 2008", ["២០០៨", "2008"]),
        (Word("កាត់ដេរ"), "រោងចក្រកាត់ដេរនៅ", ["កាត់ដេរ"]),
        (Word("កាត់ដេរ"), "កាត់\u200bដេរ", ["កាត់\u200bដេរ"]),
        (Word("ក"), "កា ក្រ ក", ["ក"]),
        (Word("ត"), "ស្ត ត", ["ត"]),
        (Word("កា"), "កាក់កា់", ["កា"]),
        (Word("ជួញ", is_prefix=True), "ជួញដូរ", ["ជួញ"]),
        (Word("afesip"), "អង្គការAFESIPនៅ", ["AFESIP"]),
        (Phrase(("អង្គការ", "afesip")), "អង្គការ AFESIP", ["អង្គការ AFESIP"]),
    ],
)  # fmt: skip
def test_a_term_is_found_where_a_reader_finds_it(term: Term, text: str, found: list[str]) -> None:
    assert _found(term, text) == found


def test_terms_that_share_their_letters_are_found_each_for_itself() -> None:
    terms: list[Term] = [Word("shelter"), Word("shelter", is_prefix=True), Word("helter"), Phrase(("shelter", "staff"))]
    index = TermIndex([*terms, *terms])
    assert index.terms == tuple(terms)
    assert index.find("shelter staff shelters") == {0: [(0, 7)], 1: [(0, 7), (14, 22)], 3: [(0, 13)]}


def test_no_terms_find_nothing() -> None:
    assert TermIndex([]).find("anything") == {}


def test_terms_are_shown_as_a_query_writes_them() -> None:
    assert [shown(t) for t in (Word("a"), Word("abc", is_prefix=True), Phrase(("a", "b")))] == ["a", "abc*", '"a b"']
