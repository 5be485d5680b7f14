"""English → Khmer: does the encoder find a sentence's translation, and can one line tell a match from the rest?

FLORES dev, passages in Khmer. `R@1` and `R@10` rank 1,000 sentences; true positives are told from all other pairs of
700 sentences by one threshold. A background of 300 other sentences normalises the scores, as an archive's passages do.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bench.evaluate.measures import true_positives_at
from bench.evaluate.reading import read_pairs
from bench.evaluate.tables import Cell, Section, Table, Tools

Scores = NDArray[np.float64]

_RANKED, _DECIDED, _BACKGROUND = 1_000, 700, 300
_NEAREST = 10


def measure(tools: Tools) -> Iterator[Table]:
    """Yield one table: raw cosines, and cosines normalised against a background."""
    if tools.encoder is None:
        return
    english, khmer = _distinct(*read_pairs(tools.data))
    order = np.random.default_rng(0).permutation(len(english))[: _RANKED + _BACKGROUND]
    queries = tools.encoder.encode([english[at] for at in order], "query").astype(np.float64)
    passages = tools.encoder.encode([khmer[at] for at in order], "passage").astype(np.float64)
    claims, background_claims = queries[:_RANKED], queries[_RANKED:]
    texts, background = passages[:_RANKED], passages[_RANKED:]
    raw = claims @ texts.T
    nearest = np.sort(claims @ background.T, axis=1)[:, -_NEAREST:].mean(axis=1)
    nearest_text = np.sort(texts @ background_claims.T, axis=1)[:, -_NEAREST:].mean(axis=1)
    spread = (claims @ background.T).std(axis=1)
    middle = (claims @ background.T).mean(axis=1)
    yield Table(
        "English → Khmer (FLORES dev)",
        ("scores", "R@1", "R@10", "TPR at 1 %", "TPR at 0.1 %"),
        (
            _row("cosine", raw),
            _row("z against the background", (raw - middle[:, None]) / spread[:, None]),
            _row("CSLS, claim and passage", 2 * raw - nearest[:, None] - nearest_text[None, :]),
        ),
        f"{_RANKED} sentences ranked, {_DECIDED} decided, {_BACKGROUND} others as the background, seed 0.",
    )


def _row(name: str, scores: Scores) -> tuple[Cell, ...]:
    right = np.diag(scores)
    ranks = (scores > right[:, None]).sum(axis=1)
    few = scores[:_DECIDED, :_DECIDED]
    others = few[~np.eye(len(few), dtype=bool)]
    decided = [true_positives_at(np.diag(few), others, rate) for rate in (0.01, 0.001)]
    return name, float((ranks == 0).mean()), float((ranks < 10).mean()), *decided


def _distinct(english: list[str], khmer: list[str]) -> tuple[list[str], list[str]]:
    pairs = list(dict(zip(english, khmer, strict=True)).items())
    return [one for one, _ in pairs], [other for _, other in pairs]


SECTION = Section("crosslingual", ("flores-km-en/dev.en.gz", "flores-km-en/dev.km.gz"), measure)
