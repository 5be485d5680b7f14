"""The matcher against a second one that does everything the slow and obvious way."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.match import Matcher
from monitor.match.terms import TermIndex
from monitor.model.matching import MatchInput
from monitor.model.query import And, Expression, Near, Not, Or, Phrase, Term, Title, Word
from monitor.model.watching import Claim
from monitor.text.khmer import is_cluster_boundary, is_khmer
from monitor.text.normalise import normalise
from monitor.text.stems import stem_of
from monitor.text.tokens import Tokens

Span = tuple[int, int]
_LATIN = "[a-z0-9]"


def _tokens(text: str) -> list[str]:
    """Cut a text as slowly and plainly as can be: letter after letter."""
    tokens: list[str] = []
    is_open = False
    for at, character in enumerate(text):
        if is_khmer(character):
            if at and is_khmer(text[at - 1]) and not is_cluster_boundary(text, at):
                tokens[-1] += character
            else:
                tokens.append(character)
            is_open = False
        elif re.match(_LATIN, character):
            if is_open:
                tokens[-1] += character
            else:
                tokens.append(character)
            is_open = True
        else:
            is_open = False
    return tokens


def _fits(word: str, token: str, *, is_exact: bool, is_prefix: bool) -> bool:
    if is_prefix:
        return token.startswith(word)
    return word == token if is_exact else stem_of(word) == stem_of(token)


def _spans(term: Term, text: str) -> list[Span]:
    tokens, words = _tokens(text), _tokens(term.text if isinstance(term, Word) else " ".join(term.words))
    is_prefix = isinstance(term, Word) and term.is_prefix
    return [
        (at, at + len(words))
        for at in range(len(tokens) - len(words) + 1)
        if all(
            _fits(
                word,
                tokens[at + n],
                is_exact=term.is_exact or is_prefix,
                is_prefix=is_prefix and n == len(words) - 1,
            )
            for n, word in enumerate(words)
        )
    ]


def _words_between(tokens: list[str]) -> int:
    return -(-sum(len(token) if is_khmer(token[0]) else 5 for token in tokens) // 5)


def _group(side: Expression, text: str) -> list[Span]:
    if isinstance(side, Or):
        return [span for part in side.parts for span in _group(part, text)]
    assert isinstance(side, Word | Phrase)
    return _spans(side, text)


def _is_near(near: Near, text: str) -> bool:
    for one in _group(near.left, text):
        for two in _group(near.right, text):
            first, last = sorted((one, two))
            if first[1] <= last[0] and _words_between(_tokens(text)[first[1] : last[0]]) <= near.distance:
                return True
    return False


def _holds(expression: Expression, fields: list[str]) -> bool:
    match expression:
        case And(parts):
            return all(_holds(part, fields) for part in parts)
        case Or(parts):
            return any(_holds(part, fields) for part in parts)
        case Not(part):
            return not _holds(part, fields)
        case Title(part):
            return _holds(part, fields[:1])
        case Near():
            return any(_is_near(expression, field) for field in fields)
        case Word() | Phrase():
            return any(_spans(expression, field) for field in fields)
    raise AssertionError(expression)


_WORDS = [Word(text) for text in ("raid", "sew", "pay", "ការ", "កា", "ដូរ", "ជួញដូរ", "ត្រី", "re")]
_WORDS += [Word(text, is_exact=True) for text in ("raid", "sewing", "ការ")]
_PREFIXES = [Word(text, is_prefix=True) for text in ("raid", "sew", "ជួញ", "ក", "re-s")]
_COMPOUNDS = [Phrase(words, is_exact=False) for words in (("raids", "sew"), ("pay", "ការ"))]
_PHRASES = [Phrase(words) for words in (("raid", "sewing"), ("re", "sew"), ("pay", "ការ"), ("ជួញ", "ដូរ"))]
_EVERY_TERM: list[Term] = [*_WORDS, *_PREFIXES, *_PHRASES, *_COMPOUNDS]
_EVERY_NEAR = [
    Near(left, right, distance)
    for left in (Word("raid"), Or((Word("sew"), Word("ការ"))), Word("ក", is_prefix=True))
    for right in (Word("raid"), Or((Word("pay"), Word("ដូរ"))), Phrase(("re", "sew")))
    for distance in (1, 2, 3)
]
_TERMS: st.SearchStrategy[Expression] = st.sampled_from(_EVERY_TERM)
_GROUPS = st.one_of(_TERMS, st.lists(_TERMS, min_size=2, max_size=3).map(lambda parts: Or(tuple(parts))))
_NEARS = st.builds(Near, _GROUPS, _GROUPS, st.integers(1, 4))


def _grow(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    return st.one_of(
        several.map(And), several.map(Or), inner.map(Title), st.builds(lambda a, b: And((a, Not(b))), inner, inner)
    )


_EXPRESSIONS = st.recursive(st.one_of(_TERMS, _NEARS), _grow, max_leaves=6)
_PIECES = [
    "raid",
    "raids",
    "sew",
    "sewing",
    "pay",
    "re-sew",
    "raid's",
    "ការ",
    "កា",
    "ជួញ",
    "ដូរ",
    "ស្ត្រី",
    "ត្រី",
    "x",
    "២",
    "ខ",
]
_GAPS = [" ", " ", "", "-", ". ", "\n"]
_TEXTS = st.lists(st.tuples(st.sampled_from(_PIECES), st.sampled_from(_GAPS)), max_size=14).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)
_INDEX = TermIndex(_EVERY_TERM)
_NEARNESS = Matcher([(str(n), Claim(str(n), "", "", near, None, "")) for n, near in enumerate(_EVERY_NEAR)])


@settings(max_examples=200)
@given(_TEXTS)
def test_every_term_is_found_where_the_slow_way_finds_it(text: str) -> None:
    normal = normalise(text).text
    found = _INDEX.find(Tokens(normal).forms)
    assert {term: found.get(_INDEX.numbers[term], []) for term in _EVERY_TERM} == {
        term: _spans(term, normal) for term in _EVERY_TERM
    }


@settings(max_examples=200)
@given(_TEXTS)
@pytest.mark.slow
def test_what_is_near_is_what_the_slow_way_finds_near(text: str) -> None:
    hits = {assessment.claim_key for assessment in _NEARNESS.match(MatchInput("", text)) if assessment.is_hit}
    assert hits == {str(n) for n, near in enumerate(_EVERY_NEAR) if _is_near(near, normalise(text).text)}


@settings(max_examples=200)
@given(_EXPRESSIONS, st.one_of(st.none(), _TERMS), _TEXTS, _TEXTS)
def test_the_matcher_finds_what_the_slow_way_finds(
    expression: Expression, exclusion: Expression | None, title: str, text: str
) -> None:
    fields = [normalise(title).text, normalise(text).text]
    holds = _holds(expression, fields)
    is_excluded = exclusion is not None and _holds(exclusion, fields)
    matcher = Matcher([("c", Claim("c", "", "", expression, exclusion, ""))])
    assessments = matcher.match(MatchInput(title, text))
    assert matcher.find_hits(MatchInput(title, text)) == ("c",) * (holds and not is_excluded)
    assert [a.is_hit for a in assessments if a.is_hit] == [True] * (holds and not is_excluded)
    for assessment in assessments:
        assert bool(assessment.why.excluded_by) or not is_excluded
