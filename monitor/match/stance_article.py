"""What tells, of a whole English article, on which side of a claim it stands: the sides its passages take, and how it
speaks elsewhere. Named numbers, for `match/stance_model`. Pure.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from monitor.match.cues import AGAINST, kinds_of
from monitor.match.stance_features import ClaimWords, Features, words_of

Side = Literal["disputes", "reports", "supports"]
SIDES: tuple[Side, ...] = ("disputes", "reports", "supports")
"""The order in which probabilities stand."""

Probabilities = tuple[float, float, float]

LEAD_SENTENCES = 3
_KINDS = ("deny", "refute", "false", "withdraw", "doubt", "hedge", "attribute", "confirm")


def kinds_in(sentence: str) -> frozenset[str]:
    """Return the kinds of cues in a sentence, `against` for any that speaks against something."""
    kinds = {kind for word in words_of(sentence) for kind in kinds_of(word)}
    return frozenset(kinds | {"against"}) if kinds & set(AGAINST) else frozenset(kinds)


def article_features(
    claim: ClaimWords, coverage: float, passages: Sequence[Probabilities], sentences: Sequence[frozenset[str]]
) -> Features:
    """Return the features of an article.

    `coverage` is that of its best passage; `passages` are the sides that each takes, the best first; `sentences` the
    kinds of cues in each sentence of the text, in order. A claim that is itself a denial turns the sides round: an
    article that speaks for what it denies is against it.
    """
    turned = [side[::-1] if claim.is_denial else side for side in passages]
    found: Features = {}
    for at, side in enumerate(SIDES):
        values = [probabilities[at] for probabilities in turned]
        found |= {f"first {side}": values[0], f"mean {side}": sum(values) / len(values), f"most {side}": max(values)}
    found = {name: 3 * value for name, value in found.items()}
    found |= _manner(sentences)
    if claim.is_denial:
        found |= {f"of a denial, {name}": value for name, value in found.items()}
        found["claim denies"] = 1.0
    found |= {f"claim:{kind}": 1.0 for kind in claim.kinds}
    if claim.has_question:
        found["claim asks"] = 1.0
    found["coverage"] = coverage
    return found


def _manner(sentences: Sequence[frozenset[str]]) -> Features:
    found: Features = {}
    for kind in (*_KINDS, "against"):
        count = _count(kind, sentences)
        if count:
            found |= {f"any {kind}": 1.0, f"share {kind}": count / len(sentences), f"count {kind}": min(count, 4)}
            found[f"lead {kind}"] = float(_count(kind, sentences[:LEAD_SENTENCES]) > 0)
    return found


def _count(kind: str, sentences: Iterable[frozenset[str]]) -> int:
    return sum(kind in kinds for kinds in sentences)
