"""Score articles by terms, and by meaning where an encoder compared them. In: MatchInput, vectors. Out: Assessments.

Terms decide first: what a claim's expression finds is a hit at once, scored on what terms alone tell. Where an encoder
is at work, an article that may bear on a claim is a *candidate*: a hit, one that holds half of an expression or more,
one that has much of the own words of a claim without terms, or one that the static table finds near. A candidate's best
passages are compared with the claims, and the score is told anew, with meaning in it. Meaning can make a hit of what
the terms missed; it never takes one away that they found.
Never: raw cosines compared.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from monitor.match.claimtext import ClaimText, TextReading
from monitor.match.compared import (
    LEAST_Z,
    MAX_ENCODED,
    Compared,
    language_of,
    passages_of,
    shown_passages,
)
from monitor.match.matcher import NEARLY, Matcher
from monitor.match.nearness import Nearness, background_languages
from monitor.match.places import INSIDE, PlacesIfAsked
from monitor.match.static import shipped_table, static_background
from monitor.match.weights import WeightsFile, probability, shipped_weights
from monitor.model.matching import (
    MEANING_MATCHER,
    Assessment,
    ClaimTuning,
    MatchInput,
    Meaning,
    Passage,
    Why,
)
from monitor.model.query import Or
from monitor.model.watching import Claim

_GATE_Z: Mapping[str, float] = {"en": 2.25}
_GATE_Z_ELSEWHERE = 1.0

_FEW_CLAIMS = 500
"""Of more claims than that only hits and the static table make a candidate: half a query is looked for in none."""

LIKELY_BY_WORDS = 0.015
"""So likely by its words alone, an article is a candidate for a claim without terms. Of the pairs labelled in FNC-1's
bodies, names stripped from the claim, that and the static table let 97 % through, the table alone 91 %; of all other
pairs half a percent more (cross-validated by claim; `make evaluate ONLY=gate`)."""

_NO_HIT_BELOW = 3.0
"""Under so many standard deviations meaning alone makes no hit of anything."""

_DECIMALS = 4
_NO_TUNING: Mapping[str, ClaimTuning] = {}


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What terms and the static table say of an article: its hits, and whether its meaning is to be compared."""

    assessments: tuple[Assessment, ...]
    is_candidate: bool


class Scorer:
    """Holds claims against articles; what it is given from a claim's judgements comes as `tunings` by identifier."""

    def __init__(
        self,
        claims: Sequence[tuple[str, Claim]],
        tunings: Mapping[str, ClaimTuning] = _NO_TUNING,
        weights: WeightsFile | None = None,
    ) -> None:
        self.claims = tuple(claims)
        self.matcher = Matcher(claims)
        self._tunings = tunings
        self._weights = weights or shipped_weights()
        self._texts = [ClaimText(claim.text) for _, claim in claims]
        self._bare = [text for text, (_, claim) in zip(self._texts, claims, strict=True) if not _has_terms(claim)]
        self._nearness: dict[tuple[str, ...], Nearness] = {}

    def with_tunings(self, tunings: Mapping[str, ClaimTuning]) -> "Scorer":
        """Return a scorer of the same claims with other tunings; this one where nothing differs."""
        if tunings == self._tunings:
            return self
        other = copy(self)
        other._tunings = dict(tunings)  # noqa: SLF001 (of its own class)
        return other

    def tuning(self, key: str) -> ClaimTuning:
        """Return a claim's thresholds and intercept."""
        return self._tunings.get(key, ClaimTuning())

    def match(self, article: MatchInput, meaning: Meaning = "none") -> tuple[Assessment, ...]:
        """Return one assessment, on terms, for each claim of which something stands in the article."""
        return self._on_terms(article, self.matcher.match(article), meaning)

    def match_hits(self, article: MatchInput, meaning: Meaning = "none") -> tuple[Assessment, ...]:
        """Return only those whose expression holds."""
        return self._on_terms(article, self.matcher.match_hits(article), meaning)

    def look(self, article: MatchInput) -> FirstLook:
        """Return the hits on terms, their meaning pending, and whether the article is a candidate."""
        is_few = len(self.claims) <= _FEW_CLAIMS
        found = self.matcher.match(article) if is_few else self.matcher.match_hits(article)
        is_nearly = any(_share(assessment) >= NEARLY for assessment in found)
        is_candidate = is_nearly or self._is_near(article) or self._is_likely_by_words(article)
        hits = [assessment for assessment in found if assessment.is_hit]
        return FirstLook(self._on_terms(article, hits, "pending"), is_candidate)

    def choose_passages(self, article: MatchInput) -> tuple[Passage, ...]:
        """Return the passages that are worth encoding, in the order of the article."""
        passages = passages_of(article)
        if len(passages) <= MAX_ENCODED:
            return passages
        first = [0, 1] if passages[0].where == "title" else [0]
        ranked = [place for place in self.rank(article, passages) if place not in first]
        return tuple(passages[place] for place in sorted([*first, *ranked][:MAX_ENCODED]))

    def rank(self, article: MatchInput, passages: Sequence[Passage]) -> list[int]:
        """Return the places of an article's passages, those first that the static table finds nearest to a claim."""
        z = self._static(language_of(article)).z(shipped_table().embed([passage.text for passage in passages]))
        best = z.max(axis=0) if len(z) else np.zeros(len(passages), np.float32)
        order: list[int] = np.argsort(-best, kind="stable").tolist()
        return order

    def compare(self, article: MatchInput, compared: Compared, *, every: bool = False) -> tuple[Assessment, ...]:
        """Return the assessments that are hits, or with `every` one for each claim, with meaning in the score."""
        # Of thousands of claims nearly all have nothing here.
        near = [every or z.max(initial=LEAST_Z) >= _NO_HIT_BELOW for z in compared.z]
        excluding = [
            key for (key, claim), is_near in zip(self.claims, near, strict=True) if is_near and claim.exclusion
        ]
        found = {assessment.claim_key: assessment for assessment in self.matcher.match(article, excluding)}
        reading, places = TextReading(article), PlacesIfAsked(article)
        assessments = []
        for place, (key, claim) in enumerate(self.claims):
            if key not in found and not near[place]:
                continue
            known = _with_place(found.get(key, Assessment(key, 0.0, is_hit=False)), claim, places)
            values = self._values(known, reading, place, claim) | compared.values(place)
            scored = self._scored(known, values, claim, "compared", _set_name(claim, has_meaning=True))
            is_hit = is_hit_by_meaning(scored)
            if is_hit or every:
                why = replace(
                    scored.why,
                    percentile=round(float(compared.percentiles[place]), 1),
                    model_id=compared.model_id,
                    matcher=MEANING_MATCHER,
                )
                passages = shown_passages(known.passages, compared, place)
                assessments.append(replace(scored, is_hit=is_hit, passages=passages, why=why))
        return tuple(assessments)

    def _on_terms(self, article: MatchInput, found: Sequence[Assessment], meaning: Meaning) -> tuple[Assessment, ...]:
        if not found:
            return ()
        reading = TextReading(article)
        scored = []
        for assessment in found:
            place = self._places[assessment.claim_key]
            claim = self.claims[place][1]
            values = self._values(assessment, reading, place, claim)
            scored.append(self._scored(assessment, values, claim, meaning, _set_name(claim, has_meaning=False)))
        return tuple(scored)

    def _values(self, assessment: Assessment, reading: TextReading, place: int, claim: Claim) -> dict[str, float]:
        parts, text = dict(assessment.why.parts), self._texts[place]
        of_words = reading.features(text) | ({} if _has_terms(claim) else reading.likeness(text))
        return of_words | {
            "terms": parts.get("coverage", 0.0),
            "holds": float(assessment.is_hit),
            "title": parts.get("in_title", 0.0),
            "lead": parts.get("in_lead", 0.0),
            "passage": parts.get("in_passage", 0.0),
            "density": parts.get("density", 0.0),
            "place": parts.get("place", 0.0),
            "bodies": parts.get("names", 0.0),
            "out": float(_is_out(assessment)),
        }

    def _scored(
        self, assessment: Assessment, values: Mapping[str, float], claim: Claim, meaning: Meaning, set_name: str
    ) -> Assessment:
        weights, tuning = self._weights.sets[set_name], self.tuning(assessment.claim_key)
        features = weights.explain(values)
        why: Why = replace(
            assessment.why,
            features=features,
            base=weights.base,
            tuning=tuning,
            meaning=meaning,
            coefficients=self._weights.sha256,
            claim_revision=claim.fingerprint,
        )
        return replace(assessment, score=probability(weights.base, features, tuning), why=why)

    def _is_near(self, article: MatchInput) -> bool:
        if not self.claims:
            return False
        language = language_of(article)
        texts = [passage.text for passage in passages_of(article)]
        return bool(texts) and bool(self._static(language).z(shipped_table().embed(texts)).max() >= gate_z(language))

    def _is_likely_by_words(self, article: MatchInput) -> bool:
        """Tell whether it has much of the own words of a claim without terms, which has no query to tell that."""
        if not 0 < len(self._bare) <= _FEW_CLAIMS:
            return False
        reading, weights = TextReading(article), self._weights.sets["text"]
        told = (weights.explain(reading.features(text) | reading.likeness(text)) for text in self._bare)
        return any(probability(weights.base, features, ClaimTuning()) >= LIKELY_BY_WORDS for features in told)

    def _static(self, language: str) -> Nearness:
        languages = background_languages(language)
        known = self._nearness.get(languages)
        if known is None:
            vectors = shipped_table().embed([claim.text for _, claim in self.claims])
            known = self._nearness[languages] = Nearness(static_background(language), vectors)
        return known

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {key: place for place, (key, _) in enumerate(self.claims)}


def gate_z(language: str) -> float:
    """Return from how many standard deviations by the static table on an article is a candidate.

    Chosen so that 95 % of what the encoder has near is let through (`make evaluate`): in English that is a third of all
    news, in other languages, of which the table knows less, nearly all.
    """
    return _GATE_Z.get(language, _GATE_Z_ELSEWHERE)


def _set_name(claim: Claim, *, has_meaning: bool) -> str:
    return ("terms" if _has_terms(claim) else "text") + ("+meaning" if has_meaning else "")


def bare_claims(claims: Sequence[tuple[str, Claim]], language: str) -> list[int]:
    """Return the places of those claims whose nearness to articles in a language is told as of claims without terms.

    None where the languages differ: a translation is found better by the vectors as they are.
    """
    return [place for place, (_, claim) in enumerate(claims) if language == "en" and not _has_terms(claim)]


def _has_terms(claim: Claim) -> bool:
    return claim.expression != Or(())


def is_hit_by_meaning(assessment: Assessment) -> bool:
    """Say whether the terms found it, or its score reaches the claim's line and nothing keeps it out."""
    return assessment.is_hit or (assessment.score >= assessment.why.tuning.digest_from and not _is_out(assessment))


def _share(assessment: Assessment) -> float:
    return 0.0 if _is_out(assessment) else dict(assessment.why.parts).get("coverage", 0.0)


def _is_out(assessment: Assessment) -> bool:
    """Say whether the claim's exclusion holds, or the article is about another country."""
    parts = dict(assessment.why.parts)
    return "excluded" in parts or parts.get("place", 1.0) < INSIDE


def _with_place(known: Assessment, claim: Claim, places: PlacesIfAsked) -> Assessment:
    """Return an assessment that knows where the article's story happens; the matcher asks only where terms stand."""
    if not claim.where or "place" in dict(known.why.parts):
        return known
    evidence = places.evidence(claim.where)
    parts = (*known.why.parts, ("place", round(evidence.value, _DECIMALS)), ("names", round(evidence.names, _DECIMALS)))
    excluded_by = known.why.excluded_by if evidence.is_inside else (*known.why.excluded_by, *evidence.elsewhere)
    return replace(known, why=replace(known.why, parts=parts, excluded_by=excluded_by))
