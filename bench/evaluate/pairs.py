"""Every claim against every article, as the product scores it: the arrays that sections and fits work on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.evaluate.tables import Tools
from monitor.match.beginning import first_passages, may_be_hit
from monitor.match.claimtext import LIKENESS, TEXT_FEATURES, ClaimText, TextReading
from monitor.match.compared import MEANING_BARE, Compared, language_of, lead_of, meaning_values, passages_of
from monitor.match.nearness import Nearness, shipped_background
from monitor.match.scorer import Scorer, bare_claims
from monitor.match.weights import shipped_weights
from monitor.model.matching import Assessment, MatchInput, Passage
from monitor.model.ports import Encoder

Floats = NDArray[np.float64]

MAX_PASSAGES = 8
BARE = (*TEXT_FEATURES, *LIKENESS, *MEANING_BARE)
"""What the scorer takes of a claim without terms; the last needs an encoder."""

_OF_WORDS = len(BARE) - len(MEANING_BARE)


@dataclass(frozen=True)
class Scored:
    """All assessments, article by article, in the order of the claims."""

    keys: tuple[str, ...]
    assessments: list[tuple[Assessment, ...]]

    @property
    def scores(self) -> NDArray[np.float64]:
        """Return float64[claims, articles]."""
        return np.array([[one.score for one in row] for row in self.assessments]).T


def score_all(tools: Tools, scorer: Scorer, articles: Sequence[MatchInput]) -> Scored:
    """Score every article against every claim: with meaning where there is an encoder, else on terms."""
    keys = tuple(key for key, _ in scorer.claims)
    if tools.encoder is None:
        return Scored(keys, [_filled(keys, scorer.match(article)) for article in articles])
    claims = tools.encoder.encode([claim.text for _, claim in scorer.claims], "query")
    chosen = [passages_of(article)[:MAX_PASSAGES] for article in articles]
    has_bare = bool(bare_claims(scorer.claims, "en"))
    texts = [
        [*(passage.text for passage in passages), *([lead_of(article)] if has_bare else [])]
        for article, passages in zip(articles, chosen, strict=True)
    ]
    vectors = tools.encoder.encode([text for one in texts for text in one], "passage")
    near: dict[str, Nearness] = {}
    assessments, at = [], 0
    for article, passages, encoded in zip(articles, chosen, texts, strict=True):
        language = language_of(article)
        if language not in near:
            background = shipped_background(language, tools.encoder.model_id)
            assert background is not None, "no background ships for this encoder"
            near[language] = Nearness(background, claims, bare_claims(scorer.claims, language))
        compared = Compared.by(near[language], passages, vectors[at : at + len(encoded)], tools.encoder.model_id)
        at += len(encoded)
        assessments.append(scorer.compare(article, compared, every=True))
    return Scored(keys, assessments)


def score_as_shipped(encoder: Encoder, scorer: Scorer, articles: Sequence[MatchInput]) -> list[tuple[Assessment, ...]]:
    """Score every article against every claim as a round does: candidates only, and three passages of them first."""
    claims = encoder.encode([claim.text for _, claim in scorer.claims], "query")
    near: dict[str, Nearness] = {}

    def compared(passages: Sequence[Passage], language: str) -> Compared:
        if language not in near:
            background = shipped_background(language, encoder.model_id)
            assert background is not None, "no background ships for this encoder"
            near[language] = Nearness(background, claims, bare_claims(scorer.claims, language))
        vectors = encoder.encode([passage.text for passage in passages], "passage")
        return Compared.by(near[language], passages, vectors, encoder.model_id)

    found = []
    for article in articles:
        passages, language = scorer.choose_passages(article), language_of(article)
        if not passages or not scorer.look(article).is_candidate:
            found.append(scorer.match(article))
            continue
        first = compared(first_passages(scorer, article, passages), language)
        is_more = len(first.passages) < len(passages) and may_be_hit(scorer, article, first)
        found.append(scorer.compare(article, compared(passages, language) if is_more else first, every=True))
    return found


def text_values(tools: Tools, claims: Sequence[str], articles: Sequence[MatchInput]) -> Floats:
    """Return float64[articles, claims, features]: what the scorer takes of claims without terms, of every pair."""
    every = [(claim, article) for article in range(len(articles)) for claim in range(len(claims))]
    return pair_values(tools, claims, articles, every).reshape(len(articles), len(claims), len(BARE))


def pair_values(
    tools: Tools, claims: Sequence[str], articles: Sequence[MatchInput], pairs: Sequence[tuple[int, int]]
) -> Floats:
    """Return float64[pairs, features]: the same of some pairs, each the places of a claim and of an article.

    The features are those of `BARE`, of meaning 0 without an encoder. Articles are taken as English.
    """
    nearness = _english(tools, claims)
    texts = [ClaimText(text) for text in claims]
    values = np.zeros((len(pairs), len(BARE)))
    chosen = [[*(one.text for one in passages_of(article)[:MAX_PASSAGES]), lead_of(article)] for article in articles]
    encoded = tools.encoder.encode([text for one in chosen for text in one], "passage") if tools.encoder else None
    by_article: dict[int, list[int]] = {}
    for place, (_, article) in enumerate(pairs):
        by_article.setdefault(article, []).append(place)
    at = 0
    for number, passages in enumerate(chosen):
        wanted = by_article.get(number, [])
        reading = TextReading(articles[number])
        for place in wanted:
            text = texts[pairs[place][0]]
            values[place, :_OF_WORDS] = list((reading.features(text) | reading.likeness(text)).values())
        if nearness is not None and encoded is not None and wanted:
            z = nearness.z(encoded[at : at + len(passages)])
            of_meaning = [meaning_values(row[:-1], float(row[-1])) for row in z[[pairs[place][0] for place in wanted]]]
            values[wanted, _OF_WORDS:] = [[one[name] for name in MEANING_BARE] for one in of_meaning]
        at += len(passages)
    return values


def text_scores(values: Floats, *, has_meaning: bool) -> Floats:
    """Return float64[claims, articles] from such values, by the weights that ship."""
    weights = shipped_weights().sets["text+meaning" if has_meaning else "text"]
    by_feature = [weights.by_name.get(name, 0.0) for name in BARE]
    scores: Floats = 1 / (1 + np.exp(-(weights.base + values @ np.array(by_feature))))
    return scores.T


def _english(tools: Tools, claims: Sequence[str]) -> Nearness | None:
    if tools.encoder is None:
        return None
    background = shipped_background("en", tools.encoder.model_id)
    assert background is not None, "no background ships for this encoder"
    return Nearness(background, tools.encoder.encode(claims, "query"), range(len(claims)))


def _filled(keys: Sequence[str], found: Sequence[Assessment]) -> tuple[Assessment, ...]:
    by_key = {assessment.claim_key: assessment for assessment in found}
    return tuple(by_key.get(key, Assessment(key, 0.0, is_hit=False)) for key in keys)
