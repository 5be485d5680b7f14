"""A page written to keep the matcher busy must not hold up the others."""

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from monitor.extract.article import MAX_TEXT_CHARS
from monitor.match import Matcher, with_stances
from monitor.match.expression import find_evidence, make_ready
from monitor.match.terms import TermIndex, literal_of
from monitor.match.view import MAX_PLACES, Field, FieldText, View
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.model.query import And, Expression, Near, Or, Word, iter_terms
from monitor.model.watching import Claim
from monitor.text.khmer import holds_khmer
from monitor.watchlist.document import read_watchlist
from tests.growth import assert_in_proportion

WATCHLIST = Path(__file__).parents[3] / "watchlists" / "cambodia-reintegration.yaml"
RAID, SEWING, PAY = Word("raid"), Word("sewing"), Word("pay")


@cache
def claims() -> tuple[Claim, ...]:
    return read_watchlist(WATCHLIST.read_text(encoding="utf-8"), WATCHLIST.name).claims


@cache
def terms(*, khmer: bool | None = None) -> tuple[str, ...]:
    every = dict.fromkeys(literal_of(term) for claim in claims() for term in iter_terms(claim.expression))
    return tuple(text for text in every if khmer is None or holds_khmer(text) is khmer)


def repeated(piece: str, size: int) -> str:
    return (piece * (size // len(piece) + 1))[:size]


def shuffled(separator: str, size: int) -> str:
    words = [*terms()] * 40
    random.Random(5).shuffle(words)
    return separator.join(words)[:size]


def apart(size: int) -> str:
    """Return text in which everything stands ten thousand times at most, and nothing near anything else."""
    times = size * 3000 // MAX_TEXT_CHARS
    words = ("raid", "sewing", "police", "cambodia", "shelter")
    return repeated(("x " * 60).join(f"{word} " * times for word in words), size)


@pytest.mark.parametrize(
    "text",
    [
        lambda size: repeated("raid sewing ", size),
        lambda size: repeated(" ".join(terms(khmer=False)) + " ", size),
        lambda size: repeated("".join(terms(khmer=True)), size),
        lambda size: repeated(". ".join(terms()) + ". ", size),
        lambda size: shuffled("\n", size),
        apart,
    ],
    ids=["two words", "English terms", "Khmer terms", "sentences", "lines", "apart"],
)
def test_the_longest_text_made_of_our_terms_is_matched_in_proportion(text: Callable[[int], str]) -> None:
    matcher = Matcher([(claim.key, claim) for claim in claims()])
    assert len(text(MAX_TEXT_CHARS)) > 0.9 * MAX_TEXT_CHARS

    def match(article: MatchInput) -> None:
        assert matcher.match(article) != ()

    assert_in_proportion(match, lambda size: MatchInput("", text(size)), MAX_TEXT_CHARS)


@pytest.mark.parametrize(
    "piece", ["The minister denied that raided women were held, ", "if not no evidence raid ", '"?": "', "raid"]
)
def test_a_headline_without_end_is_judged_in_proportion(piece: str) -> None:
    claim = claims()[0]

    def judge(title: str) -> None:
        hit = Assessment("list/claim", 0.9, is_hit=True, passages=(Passage(title, 0, len(title), "title"),))
        assert len(with_stances([hit], MatchInput(title, "It was told to the paper."), {"list/claim": claim.text})) == 1

    assert_in_proportion(judge, lambda size: repeated(piece, size), 1_000_000)


def assess(expression: Expression, text: str) -> Assessment:
    (assessment,) = Matcher([("c", Claim("c", "", "", expression, None, ""))]).match(MatchInput("", text))
    return assessment


@pytest.mark.parametrize("expression", [Or((RAID, SEWING)), Near(RAID, SEWING, 3)], ids=["either", "near"])
def test_only_so_many_places_are_looked_at_as_evidence(expression: Expression) -> None:
    index = TermIndex([RAID, SEWING])
    text = FieldText("text", "raid sewing " * 1000)
    view = View((Field(text, index.find(text.tokens.forms)),))
    assert len(find_evidence(make_ready(expression, index.numbers), view)[0]) == MAX_PLACES


@pytest.mark.parametrize("expression", [And((RAID, Near(SEWING, PAY, 1))), And((RAID, SEWING, PAY))])
def test_what_stands_behind_all_that_is_looked_at_still_makes_a_hit(expression: Expression) -> None:
    filler = "raid. " * 1000 + "sewing. " * 1000
    assert not assess(expression, filler).is_hit
    assert assess(expression, filler + "Then sewing for pay.").is_hit
