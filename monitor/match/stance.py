"""On which side of a claim an article stands, and the sentence that shows it. Pure.

In: the claim's text, the passages that bear on it, the article. Out: StanceCall. Never: a side below the probability
that holds precision; then it is `unclear`.

What decides, in this order:

1. A plain denial of the claim in the headline or among the first sentences: disputes.
2. A headline that the model of one sentence takes for a dispute: disputes. Headlines are what it was fitted on.
3. The model of a whole article: supports or reports. Where some later sentence denies the claim, it is not told as
   supporting; that sentence is named, whatever the stance.

Other languages than English have a list of cues for denials (`match/foreign_cues`), and are `unclear` otherwise.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.match.denials import find_denial
from monitor.match.foreign_cues import find_foreign_denial
from monitor.match.stance_article import LEAD_SENTENCES, SIDES, Probabilities, article_features, kinds_in
from monitor.match.stance_features import ClaimWords, coverage, read_claim, read_sentence, sentence_features, words_of
from monitor.match.stance_model import StanceModel, shipped_model
from monitor.match.standing import why_no_evidence
from monitor.model.matching import MatchInput, Passage, StanceCall
from monitor.text.sentences import split_sentences

MAX_SENTENCES = 200
"""So many sentences of an article tell how it speaks; a longer one speaks no other way."""

_ENGLISH = re.compile("the|of|and|to|in|a|is|that|for|was|on|are|with|as|by|at|from|has|have|said")
_ENGLISH_SHARE = 0.12
_ENGLISH_CHARACTERS = 20_000
UNCLEAR = StanceCall()


@dataclass(frozen=True, slots=True)
class _Held:
    """A passage, where it stands among those given, and what the model of one sentence says of it."""

    index: int
    passage: Passage
    sides: Probabilities
    denying: tuple[str, ...]


def judge_stance(
    claim_text: str, passages: Sequence[Passage], language: str, article: MatchInput | None = None
) -> StanceCall:
    """Return the stance of an article by the passages that bear on a claim.

    `article` tells how it speaks elsewhere; without it the passages are all there is. Of a passage in several sentences
    each is held against the claim.
    """
    if not passages:
        return UNCLEAR
    if not is_english(" ".join(passage.text for passage in passages)):
        return _judge_by_cues(passages, language)
    claim, model = read_claim(claim_text), shipped_model()
    held = [_hold(claim, model, index, passage) for index, passage in enumerate(passages)]
    sentences = _sentences(passages, article)
    return _told_denial(held, article, model) or _told_side(claim, held, sentences, model)


def is_english(text: str) -> bool:
    """Tell by its commonest words whether a text is English; the label of a page is often wrong."""
    words = words_of(text[:_ENGLISH_CHARACTERS])
    return len(words) > 0 and sum(_ENGLISH.fullmatch(word) is not None for word in words) >= _ENGLISH_SHARE * len(words)


def _hold(claim: ClaimWords, model: StanceModel, index: int, passage: Passage) -> _Held:
    sides = model.sentence.probabilities(sentence_features(claim, passage.text))
    parts = [passage.text[start:end] for start, end in split_sentences(passage.text)]
    denying = [] if passage.where == "title" and "?" in passage.text else [find_denial(claim, part) for part in parts]
    return _Held(index, passage, sides, tuple(dict.fromkeys(cue for cues in denying for cue in cues)))


def _told_denial(held: Sequence[_Held], article: MatchInput | None, model: StanceModel) -> StanceCall | None:
    """Return the call where the headline or the lead denies the claim, or the one sentence that is known."""
    lead, is_alone = _end_of_lead(article), article is None and len(held) == 1
    # Of two that deny, the sentence tells a reader more than the headline above it.
    for one in sorted(held, key=lambda one: one.passage.where == "title"):
        if one.denying and (one.passage.where == "title" or one.passage.start < lead or is_alone):
            return _call(one, "disputes", max(one.sides[0], model.plain_denial), held)
    least = model.sentence_from["disputes"]
    for one in held:
        is_headline = one.passage.where == "title" or is_alone
        if is_headline and least is not None and one.sides[0] >= least and max(one.sides) == one.sides[0]:
            return _call(one, "disputes", one.sides[0], held)
    return None


def _told_side(claim: ClaimWords, held: Sequence[_Held], sentences: Sequence[str], model: StanceModel) -> StanceCall:
    """Return the side that the model tells, of one sentence or of an article, or `unclear`."""
    if len(held) == 1 and len(sentences) <= 1:
        sides, least = held[0].sides, model.sentence_from
    else:
        first = coverage(claim, read_sentence(claim, held[0].passage.text))
        kinds = [kinds_in(sentence) for sentence in sentences]
        features = article_features(claim, first, [one.sides for one in held], kinds)
        sides, least = model.article.probabilities(features), model.article_from
    at = max(range(len(SIDES)), key=lambda side: sides[side])
    side, needed = SIDES[at], least[SIDES[at]]
    is_contested = side == "supports" and any(one.denying for one in held)
    if needed is None or sides[at] < needed or is_contested:
        return _call(max(held, key=lambda one: one.sides[at]), "unclear", sides[at], held)
    return _call(max(held, key=lambda one: one.sides[at]), side, sides[at], held)


def _call(one: _Held, stance: str, confidence: float, held: Sequence[_Held]) -> StanceCall:
    denials = tuple(other.index for other in held if other.denying)
    cues = one.denying or tuple(cue for other in held for cue in other.denying)
    return StanceCall(stance, round(confidence, 3), one.index, cues, denials)  # type: ignore[arg-type]


def _judge_by_cues(passages: Sequence[Passage], language: str) -> StanceCall:
    """Return `disputes` where a passage plainly denies, by the list of cues of its language, else `unclear`."""
    found = {index: find_foreign_denial(passage.text, language) for index, passage in enumerate(passages)}
    denials = tuple(index for index, cues in found.items() if cues)
    if not denials:
        return UNCLEAR
    return StanceCall("disputes", None, denials[0], found[denials[0]], denials)


def _sentences(passages: Sequence[Passage], article: MatchInput | None) -> list[str]:
    if article is None:
        return [passage.text for passage in passages]
    text = article.text
    sentences = [text[start:end] for start, end in split_sentences(text)[:MAX_SENTENCES]]
    told = [sentence for sentence in sentences if why_no_evidence(sentence) != "boilerplate"]
    return told or [passage.text for passage in passages]


def _end_of_lead(article: MatchInput | None) -> int:
    """Return where the first sentences of an article end, 0 where only passages are known."""
    spans = split_sentences(article.text)[:LEAD_SENTENCES] if article else ()
    return spans[-1][1] if spans else 0
