"""How near an extracted text comes to the true one, in the manner of the article-extraction-benchmark (Scrapinghub)."""

import re
from collections import Counter

_WORD = re.compile(r"\w+")
_GRAM_WORDS = 4


def four_gram_f1(predicted: str, true: str) -> float:
    """Return the F1 of the word 4-grams of two texts, each counted as often as it stands there; two empty texts: 1."""
    predicted_grams, true_grams = _four_grams(predicted), _four_grams(true)
    shared = (predicted_grams & true_grams).total()
    total = predicted_grams.total() + true_grams.total()
    return 2 * shared / total if total else 1.0


def _four_grams(text: str) -> Counter[tuple[str, ...]]:
    """Count the 4-grams of a text; a text of fewer words is one shorter gram, as the benchmark has it."""
    words = _WORD.findall(text)
    starts = range(max(1, len(words) - _GRAM_WORDS + 1))
    return Counter(gram for at in starts if (gram := tuple(words[at : at + _GRAM_WORDS])))


def worst(scores: dict[str, float], count: int) -> list[tuple[float, str]]:
    """Return the `count` lowest scores with their names, the lowest first."""
    return sorted((score, name) for name, score in scores.items())[:count]
