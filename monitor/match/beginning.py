"""Look at an article's most telling passages first: where they are far from every claim, the others need no encoder.

In: a Scorer, an article, its passages. Out: which come first; whether the article may still become a hit. Pure.
"""

from collections.abc import Sequence
from dataclasses import replace

from monitor.match.compared import Compared
from monitor.match.scorer import Scorer
from monitor.model.matching import MatchInput, Passage

FIRST = 3
"""So many are encoded first: the title, or the first sentence, and the two that the static table finds nearest."""

REACH = 2.5
"""So many standard deviations nearer than the first may any other passage be expected to be (`make evaluate`, gate)."""


def first_passages(scorer: Scorer, article: MatchInput, passages: Sequence[Passage]) -> tuple[Passage, ...]:
    """Return the passages to encode first, in the order of the article; all of them where they are few."""
    if len(passages) <= FIRST + 1:
        return tuple(passages)
    return tuple(passages[place] for place in sorted(first_places(scorer.rank(article, passages))))


def first_places(ranked: Sequence[int]) -> list[int]:
    """Return the places of those, from the places of all as they rank."""
    return [0, *(place for place in ranked if place)][:FIRST]


def may_be_hit(scorer: Scorer, article: MatchInput, compared: Compared) -> bool:
    """Say whether the article is a hit, or could be one if another passage were `REACH` nearer than these."""
    return bool(scorer.compare(article, replace(compared, z=compared.z + REACH)))
