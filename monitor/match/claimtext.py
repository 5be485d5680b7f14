"""A claim's own words in an article, the rare ones counting most. In: claim text, article. Out: named values. Pure.

    words    what the claim's ordinary words that stand in the article tell, as often as they do (BM25, k1 1.2, b 0.75)
    names    the same of its names: words written large within the claim
    window   the most that three sentences that follow each other hold of all of them, as a share
    words_lead, words_title   the same by the title and first four sentences, and by the title alone
    numbers  share of the claim's numbers that stand anywhere
    names_missing, numbers_missing   share of its names, of its numbers, that stand nowhere; 0 where it has none
    like_lead   share of its words that the title and first four sentences have, or have words like them ("beaten",
                "injured"), by the static table; asked of claims without terms only

A word is a stem, and weighs what it tells: ln((documents + 1) / (documents with it + 0.5)), counted in the news
articles that `data/words.tsv` names. `words` and `names` are sums of that and no shares: three rare words of a long
claim tell more than the only word of a short one. Claims are English: of an article in another language nothing is
missed, what stands there is 0 as a rule, and meaning tells.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, cached_property
from importlib.resources import files

import numpy as np

from monitor.match.static import Vectors, shipped_table
from monitor.model.matching import MatchInput
from monitor.text.language import detect_language
from monitor.text.normalise import fold
from monitor.text.sentences import split_sentences
from monitor.text.stems import is_stemmed, stem_of
from monitor.text.tokens import Tokens

_K1, _B = 1.2, 0.75
_USUAL_WORDS = 250
_WINDOW = 3
_LEAD_SENTENCES = 4
_MAX_SENTENCES = 200
_UNLIKE = 0.4
"""Words whose cosine is lower are not alike: so near lies some word of any lead."""

_WORD = re.compile(r"[^\W\d_][\w'’-]*")
# Only from where a run of letters begins: of a page that is one word without end, all else takes for ever.
_NUMBER = re.compile(r"(?<![^\W\d_])[^\W\d_]*\d\w*")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_LEAST_LETTERS = 4
"""Shorter words are small in the title case of headlines, too."""

TEXT_FEATURES = (
    "words",
    "names",
    "window",
    "words_lead",
    "words_title",
    "numbers",
    "names_missing",
    "numbers_missing",
)


LIKENESS = ("like_lead",)


class ClaimText:
    """A claim's words and what each weighs, which of them are names, and its numbers."""

    def __init__(self, text: str) -> None:
        counts = document_counts()
        total = counts[""]
        self._words = _by_stem(words_of(text))
        self.weights = {stem: math.log((total + 1) / (counts.get(stem, 0) + 0.5)) for stem in self._words}
        self.total = sum(self.weights.values()) or 1.0
        self.names = names_of(text) & self.weights.keys()
        self.total_names = sum(self.weights[stem] for stem in self.names)
        self.numbers = numbers_of(text)

    @cached_property
    def directions(self) -> Vectors:
        """Return float32[n, d] of the words by the static table, in the order of `weights`."""
        return shipped_table().directions(list(self._words.values()))


class TextReading:
    """An article's stems, worked out once for all claims."""

    def __init__(self, article: MatchInput) -> None:
        text = article.text
        self._article = article
        self._written = f"{article.title}\n{text}"
        self._language = article.language
        self.title = frozenset(stems_of(article.title))
        sentences = [stems_of(text[start:end]) for start, end in split_sentences(text)[:_MAX_SENTENCES]]
        self.sentences = [frozenset(stems) for stems in sentences]
        self.counts = Counter(stem for stems in sentences for stem in stems)
        self.counts.update(self.title)

    def features(self, claim: ClaimText) -> dict[str, float]:
        """Return the values by the names of `TEXT_FEATURES`."""
        weights = {stem: weight for stem, weight in claim.weights.items() if stem in self.counts}
        if not weights and not claim.names and not claim.numbers:
            return dict.fromkeys(TEXT_FEATURES, 0.0)
        names = {stem: weights.pop(stem) for stem in claim.names if stem in weights}
        words, known_names = self._told(weights), self._told(names)
        numbers = len(claim.numbers & self.numbers) / len(claim.numbers) if claim.numbers else 0.0
        weights |= names
        return {
            "words": words,
            "names": known_names,
            "window": self._best_window(weights) / claim.total,
            "words_lead": _share(weights, self._lead) / claim.total,
            "words_title": _share(weights, self.title) / claim.total,
            "numbers": numbers,
            "names_missing": 1 - sum(names.values()) / claim.total_names if claim.names and self._is_english else 0.0,
            "numbers_missing": 1 - numbers if claim.numbers and self._is_english else 0.0,
        }

    def likeness(self, claim: ClaimText) -> dict[str, float]:
        """Return the values by the names of `LIKENESS`."""
        if not claim.weights or not len(self._lead_directions):
            return dict.fromkeys(LIKENESS, 0.0)
        cosines = (claim.directions @ self._lead_directions.T).max(axis=1)
        like = np.maximum(0.0, (cosines - _UNLIKE) / (1 - _UNLIKE)).tolist()
        told = (
            weight if stem in self._lead else weight * near
            for (stem, weight), near in zip(claim.weights.items(), like, strict=True)
        )
        return dict.fromkeys(LIKENESS, sum(told) / claim.total)

    def _told(self, weights: Mapping[str, float]) -> float:
        counts, norm = self.counts, self._norm
        return sum(weight * counts[stem] / (counts[stem] + norm) for stem, weight in weights.items())

    @cached_property
    def _norm(self) -> float:
        return _K1 * (1 - _B + _B * self.counts.total() / _USUAL_WORDS)

    @cached_property
    def _is_english(self) -> bool:
        return detect_language(self._written, self._language) in ("en", "")

    @cached_property
    def numbers(self) -> frozenset[str]:
        """The numbers in the article, worked out where a claim has some."""
        return numbers_of(self._written)

    @cached_property
    def _lead(self) -> frozenset[str]:
        return self.title.union(*self.sentences[:_LEAD_SENTENCES])

    @cached_property
    def _lead_directions(self) -> Vectors:
        text = self._article.text
        spans = split_sentences(text)[:_LEAD_SENTENCES]
        written = " ".join((self._article.title, *(text[start:end] for start, end in spans)))
        return shipped_table().directions(list(dict.fromkeys(words_of(written))))

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
    return [stem_of(form) for form in words_of(text)]


def words_of(text: str) -> list[str]:
    """Return those words of a text that can tell something, folded."""
    return [form for form in Tokens(fold(text)).forms if is_stemmed(form) and form not in _COMMON]


def _by_stem(words: Iterable[str]) -> dict[str, str]:
    """Return the first word of each stem."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(stem_of(word), word)
    return found


def names_of(text: str) -> frozenset[str]:
    """Return the stems of what is written large within a sentence; none of a text in title case, where all is."""
    words = _WORD.findall(text)
    if all(word[0].isupper() for word in words if len(word) >= _LEAST_LETTERS):
        return frozenset()
    large = [word for place, word in enumerate(words) if any(map(str.isupper, word[place == 0 :]))]
    return frozenset(stems_of(" ".join(large)))


def numbers_of(text: str) -> frozenset[str]:
    """Return the numbers in a text, and what has a digit in it; 1,200 and 1200 are one."""
    return frozenset(_NUMBER.findall(_THOUSANDS.sub("", fold(text))))


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
