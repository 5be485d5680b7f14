"""What is cut from a text's bytes at once is what the ordinary way cuts, letter for letter."""

import string
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.match import words
from monitor.match.terms import TermIndex
from monitor.match.view import FieldText
from monitor.match.words import Words, keys_of, words_of
from monitor.model.query import Phrase, Term, Word
from monitor.text.normalise import normalise
from monitor.text.tokens import MAX_TOKEN_CHARACTERS, Tokens

_KNOWN = ["raid", "Raids", "raided", "re-open", "sewing", "the", "of", "factories", "factory-workers", "rehabilitation"]
_TERMS: list[Term] = [
    *(Word(text) for text in ("raid", "factory", "re-open", "rehabilitated", "2008")),
    *(Word(text, is_exact=True) for text in ("raid", "factories")),
    *(Word(text, is_prefix=True) for text in ("rai", "re-o", "factory-w", "rehabil", "of-the-ra")),
    *(Phrase(pair) for pair in (("of", "the"), ("the", "raid"), ("the", "factory"), ("sewing", "sewing"))),
    *(Phrase(longer) for longer in (("of", "the", "raid"), ("raid", "of", "the"), ("the", "raid", "of", "the"))),
    *(Phrase(several, is_exact=False) for several in (("raid", "factory"), ("sew", "re", "open"))),
]
_FOLDED = "É’“—…\u00a0\u200b\u00ad½ŒﬁİK€©→😀\ud800"
_ASCII = st.text(st.sampled_from([*string.printable, "\x00", "\x1b", "\x7f"]), max_size=400)
_TEXTS = _ASCII | st.lists(st.sampled_from([*_KNOWN, *_FOLDED, *" -.\n'_`", "2008", "x" * 64]), max_size=60).map(
    "".join
)
_INDEX = TermIndex(_TERMS)


@pytest.fixture(scope="module", autouse=True)
def _short_texts_too() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "MIN_CHARACTERS", 0)
        yield


@given(_TEXTS)
def test_a_text_is_cut_and_searched_as_the_ordinary_way_does_it(text: str) -> None:
    normal, cut = Tokens(normalise(text).text), words_of(text)
    if cut is None:
        assert not normal.text.isascii() or max(map(len, normal.forms)) == MAX_TOKEN_CHARACTERS
        return
    assert len(cut) == len(normal.forms)
    assert cut.forms(np.arange(len(cut))) == normal.forms
    ordinary, at_once = _INDEX.find(normal.forms), _INDEX.find(cut)
    assert at_once == ordinary
    assert at_once.before(len(cut) // 2) == ordinary.before(len(cut) // 2) == _INDEX.find(normal.forms[: len(cut) // 2])


@given(st.lists(st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8), unique=True))
def test_no_two_words_of_up_to_eight_letters_have_the_same_key(forms: list[str]) -> None:
    keys = keys_of(forms).tolist()
    assert len(set(keys)) == len(forms)
    if cut := words_of(" ".join(forms)):
        assert cut.keys.tolist() == keys


def test_long_words_that_begin_alike_are_told_apart() -> None:
    index = TermIndex([Word("internation", is_exact=True), Word("internat", is_exact=True)])
    cut = words_of("International internation internat internatx")
    assert cut is not None
    assert index.find(cut) == {0: [(1, 2)], 1: [(2, 3)]}


@pytest.mark.parametrize("text", ["the raid កា on", "рейд", "the 性", "हिन्दी", "x" * 65, "cafe ß\u0e01"])
def test_other_letters_and_words_without_end_are_left_to_the_ordinary_way(text: str) -> None:
    assert words_of(text) is None


def test_words_are_counted_as_the_ordinary_way_counts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "Raid: “the” re-opened factory's\n2 doors."
    at_once, ordinary = FieldText("text", text), FieldText("text", text)
    assert isinstance(at_once.cut, Words)
    monkeypatch.setattr(words, "MIN_CHARACTERS", 1_000)
    assert ordinary.cut == ordinary.tokens.forms
    assert at_once.word_count == ordinary.word_count == 8
    assert at_once.words_between(1, 4) == ordinary.words_between(1, 4) == 3
    assert at_once.words_between(4, 1) == ordinary.words_between(4, 1) == 0
    assert at_once.original_span(1, 3) == ordinary.original_span(1, 3) == (7, 14)


def test_threads_that_meet_words_at_once_find_the_same() -> None:
    texts = [" ".join(f"w{(n * step) % 997}" for n in range(2_000)) for step in (1, 3, 7, 11)] * 4
    terms: list[Term] = [Word(f"w{n}") for n in range(0, 997, 5)]
    cuts = [cut for text in texts if (cut := words_of(text))]
    expected = [set(TermIndex(terms).find(Tokens(text).forms)) for text in texts]
    index = TermIndex(terms)
    with ThreadPoolExecutor(4) as pool:
        assert [set(found) for found in pool.map(index.find, cuts)] == expected
