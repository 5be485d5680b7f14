from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.match.terms import TermIndex, shown
from monitor.model.query import Lang, Phrase, Site, Term, Word
from monitor.text.facts import facts_of
from monitor.text.normalise import normalise
from monitor.text.tokens import Tokens


def _found(term: Term, text: str) -> list[str]:
    normal = normalise(text)
    tokens = Tokens(normal.text)
    spans = TermIndex([term]).find(tokens.forms).get(0, [])
    originals = [normal.original_span(*tokens.span(first, end)) for first, end in spans]
    return [text[start:end] for start, end in originals]


@pytest.mark.parametrize(
    ("term", "text", "found"),
    [
        (Word("raid", is_exact=True), "Raid, raids; a RAID-led raid’s braid raid_2", ["Raid", "RAID", "raid", "raid"]),
        (Word("raid"), "Raid, raids; RAIDED, raiding, raider, braid", ["Raid", "raids", "RAIDED", "raiding"]),
        (Word("factories"), "the Factory's factories", ["Factory", "factories"]),
        (Word("raid", is_prefix=True), "raids braids raid’s RAIDING", ["raids", "raid", "RAIDING"]),
        (Word("u.s."), "the U.S. army, not us", ["U.S"]),
        (Word("c++"), "in C, or c++", ["C", "c"]),
        (Word("cafe", is_exact=True), "le Café, cafe\u0301s, CAFE\u0301", ["Café", "CAFE\u0301"]),
        (Phrase(("re", "education")), "re-education, Re  education", ["re-education", "Re  education"]),
        (Phrase(("re", "education")), "reeducation re, education re--education", ["re, education", "re--education"]),
        (Phrase(("sweat", "shop"), is_exact=False), "sweat-shops, sweat's shop", ["sweat-shops"]),
        (Word("re-educat", is_prefix=True), "re-educated and re educating", ["re-educated", "re educating"]),
        (Phrase(("their", "own", "will")), "their\nown\u00a0will, their own willing", ["their\nown\u00a0will"]),
        (Word("2008"), "in ២០០៨ and 2008", ["២០០៨", "2008"]),
        (Word("កាត់ដេរ"), "រោងចក្រកាត់ដេរនៅ", ["កាត់ដេរ"]),
        (Word("កាត់ដេរ"), "កាត់\u200bដេរ", ["កាត់\u200bដេរ"]),
        (Word("ក"), "កា ក្រ ក", ["ក"]),
        (Word("ត"), "ស្ត ត", ["ត"]),
        (Word("កា"), "កាក់កា់", ["កា"]),
        (Word("ជួញ", is_prefix=True), "ជួញដូរ", ["ជួញ"]),
        (Word("ជួញដ", is_prefix=True), "ជួញដូរ", ["ជួញដូ"]),
        (Word("工作"), "性工作者工 作", ["工作", "工 作"]),
        (Word("ค้ามนุษย์"), "การค้ามนุษย์ในกัมพูชา", ["ค้ามนุษย์"]),
        (Word("မှု"), "အမှုမှုး", ["မှု"]),
        (Word("afesip"), "អង្គការAFESIPនៅ", ["AFESIP"]),
        (Phrase(("អង្គការ", "afesip")), "អង្គការ AFESIP", ["អង្គការ AFESIP"]),
    ],
)  # fmt: skip
def test_a_term_is_found_where_a_reader_finds_it(term: Term, text: str, found: list[str]) -> None:
    assert _found(term, text) == found


def test_terms_that_share_their_letters_are_found_each_for_itself() -> None:
    terms: list[Term] = [Word("shelter"), Word("shelter", is_prefix=True), Word("helter"), Phrase(("shelter", "staff"))]
    index = TermIndex([*terms, *terms])
    assert index.leaves == tuple(terms)
    assert index.find(Tokens("shelter staff shelters").forms) == {0: [(0, 1), (2, 3)], 1: [(0, 1), (2, 3)], 3: [(0, 2)]}


def test_phrases_that_share_their_beginning_are_told_apart_and_found_to_the_last_token() -> None:
    terms: list[Term] = [
        Phrase(("a", "raid")),
        Phrase(("a", "raid", "on", "bars")),
        Word("raid-on-ba", is_prefix=True),
        Phrase(("sweat", "shop"), is_exact=False),
        Word("a-ra", is_prefix=True),
    ]
    found = TermIndex(terms).find(Tokens("a raid on bars sweating shops sweat shop a raid on a raid").forms)
    assert found == {
        0: [(0, 2), (8, 10), (11, 13)],
        1: [(0, 4)],
        2: [(1, 4)],
        3: [(4, 6), (6, 8)],
        4: [(0, 2), (8, 10), (11, 13)],
    }


def test_no_terms_find_nothing() -> None:
    assert TermIndex([]).find(Tokens("anything").forms) == {}


def test_facts_are_found_by_what_holds_of_the_article() -> None:
    index = TermIndex([Word("raid"), Site("example.org"), Lang("km"), Site("other.example")])
    assert index.facts(facts_of("https://news.example.org/1", "km")) == {1, 2}


def test_terms_are_shown_as_a_query_writes_them() -> None:
    assert [shown(t) for t in (Word("a"), Word("abc", is_prefix=True), Phrase(("a", "b")))] == ["a", "abc*", '"a b"']


def test_a_phrase_is_found_whichever_of_its_words_others_share() -> None:
    terms: list[Term] = [Phrase(("of", "the", name)) for name in ("court", "guard", "press")]
    terms += [Phrase(("court", "of", "the", "guard")), Phrase(("of", "the")), Word("guard-of-th", is_prefix=True)]
    found = TermIndex(terms).find(Tokens("of the press court of the guard of the").forms)
    assert found == {1: [(4, 7)], 2: [(0, 3)], 3: [(3, 7)], 4: [(0, 2), (4, 6), (7, 9)], 5: [(6, 9)]}


def test_what_was_found_can_still_be_told_after_the_index_forgot_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.match.terms._MAX_KNOWN_FORMS", 3)
    index = TermIndex([Word("raid"), Word("sew", is_prefix=True)])
    first = index.find(Tokens("raids sewing one two").forms)
    assert index.find(Tokens("three sews raid").forms) == {0: [(2, 3)], 1: [(1, 2)]}
    assert first == {0: [(0, 1)], 1: [(1, 2)]}


def test_threads_that_meet_words_at_once_find_the_same() -> None:
    texts = [[f"w{(n * step) % 997}" for n in range(2_000)] for step in (1, 3, 7, 11)] * 4
    terms: list[Term] = [Word(f"w{n}") for n in range(0, 997, 5)]
    expected = [set(TermIndex(terms).find(text)) for text in texts]
    index = TermIndex(terms)
    with ThreadPoolExecutor(4) as pool:
        assert [set(found) for found in pool.map(index.find, texts)] == expected
