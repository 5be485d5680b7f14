"""English → Khmer: does the encoder find a sentence's translation, and can one line tell a match from the rest?

FLORES dev, passages in Khmer. `R@1` and `R@10` rank 1,000 sentences; true positives are told from all other pairs of
700 sentences by one threshold. The background that ships normalises the scores, as an archive's passages do later.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.evaluate.measures import true_positives_at
from bench.evaluate.reading import read_pairs
from bench.evaluate.tables import Cell, Section, Table, Tools
from monitor.match.nearness import Nearness, shipped_background

Scores = NDArray[np.float64]

_RANKED, _DECIDED = 1_000, 700
BACKGROUND_QUERIES = slice(1_000, 1_300)


def measure(tools: Tools) -> Iterator[Table]:
    """Yield one table: raw cosines, and cosines normalised against a background."""
    if tools.encoder is None:
        return
    english, khmer = split_pairs(tools.data)
    count = min(_RANKED, len(english))
    queries = tools.encoder.encode(english[:count], "query")
    passages = tools.encoder.encode(khmer[:count], "passage")
    background = shipped_background("km", tools.encoder.model_id)
    rows = [_row("cosine", queries @ passages.T)]
    if background is not None:
        cosines = queries @ background.passages.T
        middle, spread = cosines.mean(axis=1, keepdims=True), cosines.std(axis=1, keepdims=True)
        rows.append(_row("z against the background", (queries @ passages.T - middle) / spread))
        rows.append(_row("as shipped: centred, CSLS, z", Nearness(background, queries).z(passages)))
    yield Table(
        "English → Khmer (FLORES dev)",
        ("scores", "R@1", "R@10", "TPR at 1 %", "TPR at 0.1 %"),
        tuple(rows),
        f"{count} sentences ranked, {min(_DECIDED, count)} decided, seed 0; the background that ships is of others.",
    )


def split_pairs(data: Path) -> tuple[list[str], list[str]]:
    """Return the distinct pairs in an order that is drawn once: first those that are measured, then the background."""
    pairs = list(dict(zip(*read_pairs(data), strict=True)).items())
    order = np.random.default_rng(0).permutation(len(pairs))
    return [pairs[at][0] for at in order], [pairs[at][1] for at in order]


def _row(name: str, given: NDArray[np.float32]) -> tuple[Cell, ...]:
    scores: Scores = given.astype(np.float64)
    right = np.diag(scores)
    ranks = (scores > right[:, None]).sum(axis=1)
    few = scores[:_DECIDED, :_DECIDED]
    others = few[~np.eye(len(few), dtype=bool)]
    decided = [true_positives_at(np.diag(few), others, rate) for rate in (0.01, 0.001)]
    return name, float((ranks == 0).mean()), float((ranks < 10).mean()), *decided


SECTION = Section("crosslingual", ("flores-km-en/dev.en.gz", "flores-km-en/dev.km.gz"), measure)
