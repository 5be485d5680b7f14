"""Judge once more what was judged, and say what differs. In: Claim, MatchInput, the Assessment then. Pure.

Terms, words, places and stance are worked out anew, under the intercept and the thresholds of then. What an encoder
said is taken from what is stored: its vectors may be gone, and the background has moved on since.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from monitor.match.compared import MEANING, MEANING_BARE, Compared, do_overlap
from monitor.match.learning import sigmoid
from monitor.match.scorer import Scorer, is_hit_by_meaning
from monitor.match.sides import with_stances
from monitor.match.weights import shipped_weights
from monitor.model.explaining import Recomputed
from monitor.model.matching import BY_HAND, Assessment, Feature, MatchInput, Passage
from monitor.model.watching import Claim

_CLOSE = 0.0002
"""Scores and values are kept with four decimals."""


def judge_again(claim: Claim, given: MatchInput, then: Assessment) -> Recomputed:
    """Return what judging again comes to, beside what it came to then."""
    why = then.why
    if why.matcher == BY_HAND:
        return Recomputed(None, ("somebody set it under the claim by hand: there is nothing to judge again",))
    scorer = Scorer([(then.claim_key, claim)], {then.claim_key: why.tuning})
    if why.meaning == "compared":
        again = _with_stored_meaning(scorer, given, then)
    else:
        found = scorer.match(given, why.meaning)
        again = found[0] if found else Assessment(then.claim_key, 0.0, is_hit=False)
    (again,) = with_stances((again,), given, {then.claim_key: claim.text})
    return Recomputed(again, tuple(_differences(then, again)))


def _with_stored_meaning(scorer: Scorer, given: MatchInput, then: Assessment) -> Assessment:
    nothing = Compared((), np.zeros((1, 0), np.float32), np.zeros(1, np.float32), then.why.model_id)
    (bare,) = scorer.compare(given, nothing, every=True)
    stored = tuple(feature for feature in then.why.features if feature.name in (*MEANING, *MEANING_BARE))
    features = tuple(sorted((*bare.why.features, *stored), key=lambda feature: -abs(feature.value * feature.weight)))
    logit = bare.why.base + bare.why.tuning.intercept + sum(feature.value * feature.weight for feature in features)
    score = round(sigmoid(logit), 4)
    why = replace(bare.why, features=features, percentile=then.why.percentile)
    is_hit = is_hit_by_meaning(replace(bare, score=score))
    # The sentences that meaning chose stand in the article, or the text is another one.
    kept = (one for one in then.passages if _stands(one, given) and not _is_shown(one, bare.passages))
    return replace(bare, score=score, is_hit=is_hit, why=why, passages=(*bare.passages, *kept))


def _is_shown(passage: Passage, shown: tuple[Passage, ...]) -> bool:
    """Say whether a passage is shown, or a part of it: sentences may have ended elsewhere then."""
    return any(do_overlap(passage, other) for other in shown)


def _stands(passage: Passage, given: MatchInput) -> bool:
    source = given.title if passage.where == "title" else given.text
    return source[passage.start : passage.end] == passage.text


def _differences(then: Assessment, again: Assessment) -> Iterator[str]:
    if then.why.coefficients and then.why.coefficients != shipped_weights().sha256:
        yield "the file of weights is another one now"
    if not then.why.features:
        yield "it was scored by an earlier version of Monitor, in another way"
    if abs(then.score - again.score) > _CLOSE:
        yield f"the score was {then.score:.4f}, and is {again.score:.4f}"
    yield from _of_features(then.why.features, again.why.features)
    if then.stance != again.stance and then.why.opinion is None:
        yield f'the stance was "{then.stance}", and is "{again.stance}"'
    if then.is_hit != again.is_hit:
        yield f"it was {'a' if then.is_hit else 'no'} hit, and is {'one' if again.is_hit else 'none'}"
    if [one.text for one in then.passages] != [one.text for one in again.passages]:
        yield "other sentences are shown"
    if {term.term for term in then.why.terms} != {term.term for term in again.why.terms}:
        yield "other terms match"


def _of_features(then: tuple[Feature, ...], again: tuple[Feature, ...]) -> Iterator[str]:
    was, now = ({feature.name: feature for feature in features} for features in (then, again))
    for name in dict.fromkeys([*was, *now]):
        value, other = (known[name].value if name in known else 0.0 for known in (was, now))
        if then and abs(value - other) > _CLOSE:
            yield f'the feature "{name}" was {value:.4f}, and is {other:.4f}'
