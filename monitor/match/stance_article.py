"""What tells, of a whole English article, on which side of a claim it stands: the sides its passages take, and how it
speaks elsewhere. Named numbers, for `match/stance_model`. Pure.
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from monitor.match.cues import AGAINST, kinds_of
from monitor.match.stance_features import MASKED, WORDING, ClaimWords, Features, words_of

Side = Literal["disputes", "reports", "supports"]
SIDES: tuple[Side, ...] = ("disputes", "reports", "supports")
"""The order in which probabilities stand."""

Probabilities = tuple[float, float, float]
Held = tuple[Features, Probabilities]
"""The features of a passage, and the side that the model of one sentence says it takes."""

LEAD_SENTENCES = 3
IN_BEST = "in best "
"""What the names of word groups in the best passages begin with."""

BEST = 3
_OF_HEADLINES = (WORDING, "first:", "colon", "short before colon", "short after colon", "before colon:", "after colon:")
_KINDS = ("deny", "refute", "false", "withdraw", "doubt", "hedge", "attribute", "confirm")


def kinds_in(sentence: str) -> frozenset[str]:
    """Return the kinds of cues in a sentence, `against` for any that speaks against something."""
    kinds = {kind for word in words_of(sentence) for kind in kinds_of(word)}
    return frozenset(kinds | {"against"}) if kinds & set(AGAINST) else frozenset(kinds)


def turn(claim: ClaimWords, sides: Probabilities) -> Probabilities:
    """Return sides to a claim as sides to what it speaks of, and back: of a claim that denies, the other way round."""
    disputes, reports, supports = sides
    return (supports, reports, disputes) if claim.is_denial else sides


def article_features(
    claim: ClaimWords, coverage: float, passages: Sequence[Held], sentences: Sequence[frozenset[str]]
) -> Features:
    """Return the features of an article; they tell its side to what the claim speaks of (see `turn`).

    `coverage` is that of its best passage; `passages` are what each has and the side it takes, the best first;
    `sentences` the kinds of cues in each sentence of the text, in order.
    """
    turned = [turn(claim, sides) for _, sides in passages]
    found: Features = {}
    for at, side in enumerate(SIDES):
        values = [probabilities[at] for probabilities in turned]
        found |= {f"first {side}": values[0], f"mean {side}": sum(values) / len(values), f"most {side}": max(values)}
    found |= _manner(sentences)
    found |= {f"claim:{kind}": 1.0 for kind in claim.kinds}
    if claim.is_denial:
        found["claim denies"] = 1.0
    if claim.has_question:
        found["claim asks"] = 1.0
    found["coverage"] = coverage
    return found | _within(passages)


def _within(passages: Sequence[Held]) -> Features:
    """Return what the sentences themselves have: cues in any of them and in the best, word groups in the best few."""
    found: Features = {}
    for at, (features, _) in enumerate(passages):
        for name, value in features.items():
            if name.startswith(MASKED):
                if at < BEST:
                    found[IN_BEST + name] = 1.0
            elif not name.startswith(_OF_HEADLINES):
                key = f"any:{name}"
                found[key] = max(found.get(key, 0.0), value)
                if at == 0:
                    found[f"best:{name}"] = value
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
