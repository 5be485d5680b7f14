"""Extract real pages and say how near the texts come to the true ones, and what a page costs.

Usage: python -m bench.extraction --data PATH [--rounds 5]. PATH holds `pages/` or is that folder: `ground-truth.json`
and `html/*.html.gz`, as the article-extraction-benchmark has them. The cost is compared, page by page in the same run,
with trafilatura's own extraction with metadata, so that a slow machine doesn't change the verdict.
"""

import argparse
import gzip
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import trafilatura

from bench.quality import four_gram_f1, worst
from monitor.errors import NotAnArticle
from monitor.extract.article import extract_article

F1_GOAL = 0.955
RATIO_GOAL = 0.90
_WARM_PAGES = 5


@dataclass(frozen=True, slots=True)
class TruePage:
    """A page with the text that it should give."""

    url: str
    html: bytes
    text: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder of real pages with their true text")
    parser.add_argument("--rounds", type=int, default=5, help="how often every page is extracted (default: 5)")
    arguments = parser.parse_args()
    pages = load_pages(arguments.data)
    if not pages or arguments.rounds < 1:
        parser.error(f"{arguments.data} holds no pages, or no round is asked for")
    now = datetime.now(UTC)
    scores = {page.url: four_gram_f1(_text(page, now), page.text) for page in pages}
    ours, theirs = _costs(pages, arguments.rounds, now)
    mean, ratio = statistics.fmean(scores.values()), ours / theirs
    figures = {
        "pages": len(pages),
        "mean_4gram_f1": round(mean, 4),
        "lowest_4gram_f1": worst(scores, 3),
        "cpu_ms_a_page": round(ours, 2),
        "cpu_ms_a_page_of_trafilatura": round(theirs, 2),
        "ratio": round(ratio, 3),
        "goals": {"mean_4gram_f1": F1_GOAL, "ratio": RATIO_GOAL},
    }
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    sys.exit(0 if mean >= F1_GOAL and ratio <= RATIO_GOAL else 1)


def load_pages(folder: Path) -> list[TruePage]:
    """Read the pages and their true texts."""
    root = folder / "pages" if (folder / "pages").is_dir() else folder
    truth = json.loads((root / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        TruePage(true["url"], gzip.decompress((root / "html" / f"{name}.html.gz").read_bytes()), true["articleBody"])
        for name, true in sorted(truth.items())
    ]


def _text(page: TruePage, now: datetime) -> str:
    try:
        return extract_article(page.html, page.url, "text/html", now).text
    except NotAnArticle:
        return ""


def _costs(pages: list[TruePage], rounds: int, now: datetime) -> tuple[float, float]:
    """Return the CPU time of a page in milliseconds, ours and trafilatura's: a page's median, and their mean."""
    for page in pages[:_WARM_PAGES]:
        trafilatura.bare_extraction(page.html, with_metadata=True)
    ours: list[list[float]] = [[] for _ in pages]
    theirs: list[list[float]] = [[] for _ in pages]
    for _ in range(rounds):
        for at, page in enumerate(pages):
            ours[at].append(_cpu_ms(partial(_text, page, now)))
            theirs[at].append(_cpu_ms(partial(trafilatura.bare_extraction, page.html, with_metadata=True)))
    return statistics.fmean(map(statistics.median, ours)), statistics.fmean(map(statistics.median, theirs))


def _cpu_ms(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return (time.process_time() - began) * 1000


if __name__ == "__main__":
    main()
