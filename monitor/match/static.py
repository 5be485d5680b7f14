"""A cheap look at meaning: a table of word vectors distilled from the encoder. In: text. Out: float32[64]. Pure.

Made as model2vec does (https://github.com/MinishLab/model2vec): each word of a vocabulary is encoded once, and a
sentence's vector is the weighted sum of its words'. A linear map, fitted to what the encoder says of whole sentences,
then brings 384 numbers down to 64. `bench/fitting/static_table.py` makes the file. 10,000 sentences a second.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from monitor.match.nearness import Background, background_languages
from monitor.text.normalise import fold

Vectors = NDArray[np.float32]

_RUNS = re.compile(r"[\u1780-\u17d3]+|[\u0e00-\u0e7f]+|[\u3040-\u9fff]+|[^\W\d_]+")
_UNSPACED = re.compile(r"[\u1780-\u17d3\u0e00-\u0e7f\u3040-\u9fff]")
_LEAST_HEAD = 4
"""Of a word that the table lacks, the longest known beginning of so many letters stands for it."""
_MAX_CHARACTERS = 1_500
_TINY = 1e-9


class StaticTable:
    """Words by number and their vectors, already weighted by how much a word tells."""

    def __init__(self, words: Sequence[str], vectors: Vectors) -> None:
        self._numbers = {word: number for number, word in enumerate(words)}
        self._vectors = vectors
        self._longest = max((len(word) for word in words if _UNSPACED.match(word)), default=1)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return float32[n, d]; a text without a known word is all zeros."""
        vectors = np.zeros((len(texts), self._vectors.shape[1]), np.float32)
        for place, text in enumerate(texts):
            if numbers := self.words_of(text):
                vectors[place] = self._vectors[numbers].sum(axis=0)
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: Vectors = vectors / np.maximum(lengths, _TINY)
        return unit

    def directions(self, words: Sequence[str]) -> Vectors:
        """Return float32[n, d] of single words, of length 1; one that the table lacks is all zeros."""
        vectors = np.zeros((len(words), self._vectors.shape[1]), np.float32)
        known = [(place, numbers[0]) for place, word in enumerate(words) if (numbers := self.words_of(word))]
        if known:
            places, numbers = map(list, zip(*known, strict=True))
            vectors[places] = self._vectors[numbers]
        unit: Vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), _TINY)
        return unit

    def words_of(self, text: str) -> list[int]:
        """Return the numbers of a text's words."""
        numbers: list[int] = []
        for run in _RUNS.findall(fold(text[:_MAX_CHARACTERS])):
            known = self._numbers.get(run)
            if known is not None:
                numbers.append(known)
            elif _UNSPACED.match(run):
                numbers += self._cut(run)
            else:
                heads = (self._numbers.get(run[:end]) for end in range(len(run) - 1, _LEAST_HEAD - 1, -1))
                numbers += [head for head in heads if head is not None][:1]
        return numbers

    def _cut(self, run: str) -> list[int]:
        """Cut a run of a script without spaces in the longest known words, from the left."""
        numbers: list[int] = []
        start = 0
        while start < len(run):
            for end in range(min(len(run), start + self._longest), start, -1):
                if (number := self._numbers.get(run[start:end])) is not None:
                    numbers.append(number)
                    start = end
                    break
            else:
                start += 1
        return numbers


@cache
def shipped_table() -> StaticTable:
    """Return the table that ships."""
    with files("monitor.match").joinpath("data/static.npz").open("rb") as file, np.load(file) as given:
        words = given["words"].tobytes().decode().split("\n")
        return StaticTable(words, given["vectors"].astype(np.float32) * given["scales"].astype(np.float32)[:, None])


def static_background(language: str) -> Background:
    """Return the background's vectors in this table's space, for a language it lacks all of them together."""
    return _background(background_languages(language))


@cache
def _background(languages: tuple[str, ...]) -> Background:
    with files("monitor.match").joinpath("data/static.npz").open("rb") as file, np.load(file) as given:
        passages = np.concatenate([given[name].astype(np.float32) for name in languages])
        return Background(passages, given["queries"].astype(np.float32))
