"""Khmer, apart: of 1,000 Khmer news articles the 20 best for each claim, judged one by one.

`khmer_judged.tsv` holds the verdicts: which claims an article bears on (mostly none), and why. They were given by
somebody who reads Khmer with a dictionary; no Khmer reader has checked them. What nobody has judged counts as unjudged,
never as right. The articles are two days of general news, of July 2019: few can bear on anything. They are ranked by
what ships: terms, and meaning as a round compares it.
"""

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.evaluate.measures import wilson
from bench.evaluate.pairs import score_as_shipped
from bench.evaluate.tables import Cell, Section, Table, Tools
from monitor.bundled import bundled_path
from monitor.match.scorer import Scorer
from monitor.model.matching import Assessment, MatchInput
from monitor.watchlist.document import read_watchlist

ARTICLES = "khmer_news_1000.zip"
JUDGED = Path(__file__).with_name("khmer_judged.tsv")
BEST = 20
_NAME = re.compile(r"(\d+)_orig\.txt$")


def measure(tools: Tools) -> Iterator[Table]:
    """Yield one table: for each claim and for all of them, what the 20 best and the hits are worth."""
    file = bundled_path("watchlists") / "cambodia-reintegration.yaml"
    claims = [(claim.key, claim) for claim in read_watchlist(file.read_text(encoding="utf-8"), file.name).claims]
    articles = read_articles(tools.data / ARTICLES)
    scorer, given = Scorer(claims), list(articles.values())
    scored = score_as_shipped(tools.encoder, scorer, given) if tools.encoder else [scorer.match(one) for one in given]
    ranked: dict[str, list[tuple[str, Assessment]]] = {key: [] for key, _ in claims}
    for name, assessments in zip(articles, scored, strict=True):
        for assessment in assessments:
            ranked[assessment.claim_key].append((name, assessment))
    verdicts = read_verdicts(JUDGED)
    best = {key: sorted(found, key=_rank)[:BEST] for key, found in ranked.items()}
    rows = [_row(key, found, verdicts) for key, found in best.items()]
    pairs = [(key, name, one) for key, found in best.items() for name, one in found]
    yield Table(
        f"Khmer: the {BEST} best of {len(articles)} news articles for each claim, by the shipped watchlist",
        ("claim", "ranked", "judged", "bear on it", "precision", "95 %", "hits", "right hits"),
        (*rows, _total(pairs, verdicts)),
        "No Khmer reader has checked the verdicts.",
    )


def read_articles(path: Path) -> dict[str, MatchInput]:
    """Return the articles as published, by number; the first line is the headline."""
    articles: dict[str, MatchInput] = {}
    with zipfile.ZipFile(path) as files:
        for name in sorted(files.namelist()):
            if found := _NAME.search(name):
                title, _, text = files.read(name).decode("utf-8-sig").strip().partition("\n")
                articles[found[1]] = MatchInput(title, text, "km")
    return articles


def read_verdicts(path: Path) -> dict[str, frozenset[str]]:
    """Return for each judged article the claims that it bears on."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {row["article"]: frozenset(row["bears_on"].split()) for row in rows}


def _rank(found: tuple[str, Assessment]) -> tuple[float, str]:
    return -found[1].score, found[0]


def _row(key: str, found: list[tuple[str, Assessment]], verdicts: Mapping[str, frozenset[str]]) -> tuple[Cell, ...]:
    return _figures(key, [(key, name, one) for name, one in found], verdicts)


def _total(pairs: list[tuple[str, str, Assessment]], verdicts: Mapping[str, frozenset[str]]) -> tuple[Cell, ...]:
    return _figures("all", pairs, verdicts)


def _figures(
    label: str, pairs: list[tuple[str, str, Assessment]], verdicts: Mapping[str, frozenset[str]]
) -> tuple[Cell, ...]:
    judged = [(key, name, one) for key, name, one in pairs if name in verdicts]
    right = sum(key in verdicts[name] for key, name, _ in judged)
    low, high = wilson(right, len(judged))
    hits = [(key, name) for key, name, one in pairs if one.is_hit]
    return (
        label,
        len(pairs),
        len(judged),
        right,
        right / len(judged) if judged else None,
        f"[{low:.2f}, {high:.2f}]",
        len(hits),
        sum(key in verdicts.get(name, frozenset()) for key, name in hits),
    )


SECTION = Section("khmer", (ARTICLES,), measure)
