"""A claim's own words in an article, the rare ones counting most. In: claim text, article. Out: named shares. Pure.

    match    share of the claim's words that stand anywhere in the article, as often as they do (BM25, k1 1.2, b 0.75)
    window   the same by three sentences that follow each other, at best
    words_lead, words_title   the same by the title and first four sentences, and by the title alone

A word is a stem, and weighs what it tells: ln((documents + 1) / (documents with it + 0.5)), counted in the news
articles that `data/words.tsv` names. Claims are English; of an article in another language the shares are 0, and
meaning tells.
"""

import math
from collections import Counter
from collections.abc import Mapping
from functools import cache, cached_property
from importlib.resources import files

from monitor.model.matching import MatchInput
from monitor.text.normalise import fold
from monitor.text.sentences import split_sentences
from monitor.text.stems import is_stemmed, stem_of
from monitor.text.tokens import Tokens

_K1, _B = 1.2, 0.75
_USUAL_WORDS = 250
_WINDOW = 3
_LEAD_SENTENCES = 4
_MAX_SENTENCES = 200

TEXT_FEATURES = ("match", "window", "words_lead", "words_title")


class ClaimText:
    """A claim's words and what each weighs."""

    def __init__(self, text: str) -> None:
        counts = document_counts()
        total = counts[""]
        stems = dict.fromkeys(stems_of(text))
        self.weights = {stem: math.log((total + 1) / (counts.get(stem, 0) + 0.5)) for stem in stems}
        self.total = sum(self.weights.values()) or 1.0


class TextReading:
    """An article's stems, worked out once for all claims."""

    def __init__(self, article: MatchInput) -> None:
        text = article.text
        self.title = frozenset(stems_of(article.title))
        sentences = [stems_of(text[start:end]) for start, end in split_sentences(text)[:_MAX_SENTENCES]]
        self.sentences = [frozenset(stems) for stems in sentences]
        self.counts = Counter(stem for stems in sentences for stem in stems)
        self.counts.update(self.title)

    def features(self, claim: ClaimText) -> dict[str, float]:
        """Return the shares of a claim's words, by the names of `TEXT_FEATURES`."""
        weights = {stem: weight for stem, weight in claim.weights.items() if stem in self.counts}
        if not weights:
            return dict.fromkeys(TEXT_FEATURES, 0.0)
        norm = _K1 * (1 - _B + _B * self.counts.total() / _USUAL_WORDS)
        match = sum(weight * self.counts[stem] / (self.counts[stem] + norm) for stem, weight in weights.items())
        return {
            "match": match / claim.total,
            "window": self._best_window(weights) / claim.total,
            "words_lead": _share(weights, self._lead) / claim.total,
            "words_title": _share(weights, self.title) / claim.total,
        }

    @cached_property
    def _lead(self) -> frozenset[str]:
        return self.title.union(*self.sentences[:_LEAD_SENTENCES])

    @cached_property
    def _sentences_with(self) -> Mapping[str, tuple[int, ...]]:
        places: dict[str, list[int]] = {}
        for number, sentence in enumerate(self.sentences):
            for stem in sentence:
                places.setdefault(stem, []).append(number)
        return {stem: tuple(numbers) for stem, numbers in places.items()}

    def _best_window(self, weights: Mapping[str, float]) -> float:
        """Return the most that sentences number n to n + 2 hold."""
        held: dict[int, float] = {}
        for stem, weight in weights.items():
            numbers = self._sentences_with.get(stem, ())
            for start in {number - back for number in numbers for back in range(_WINDOW)}:
                held[start] = held.get(start, 0.0) + weight
        return max(held.values(), default=0.0)


def _share(weights: Mapping[str, float], stems: frozenset[str]) -> float:
    return sum(weight for stem, weight in weights.items() if stem in stems)


def stems_of(text: str) -> list[str]:
    """Return the stems of a text's words that can tell something."""
    return [stem_of(form) for form in Tokens(fold(text)).forms if is_stemmed(form) and form not in _COMMON]


@cache
def document_counts() -> Mapping[str, int]:
    """Return in how many documents each stem stands; under "" how many documents there are."""
    lines = files("monitor.match").joinpath("data/words.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {stem: int(count) for stem, count in rows}


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_COMMON = _words(
    "and are but can could did does for from had has have her him his how into its may more most not our out over she"
    " than that the their them then there they this was were what when where which who will with would you your after"
    " before about because during said says"
)
