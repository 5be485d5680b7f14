"""Replay a watchlist of which every claim's terms changed over a large archive: `python -m bench.backtest --data PATH`.

In: the data folder's real texts, each some dozens of times, cut to the length of news (250 words), and claims made of
their words. Out: how long the replay took, and how much of the archive it had to hold against claims. Goal: 100,000
articles and 100 claims in under a minute on two cores.
"""

import argparse
import json
import random
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from bench.claims import generate_claims, load_texts
from bench.search import _opened
from monitor.operations.backtest import backtest_file
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import apply_file
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.analysed import Analysed, columns_of, facts_for_index
from monitor.store.search.tables import words as search_words
from monitor.text.stems import stem_of
from monitor.text.tokens import ANALYSIS

GOAL_SECONDS = 60
_WORDS = 250
_START = datetime(2026, 1, 1, tzinfo=UTC)
_BATCH = 5_000
_FTS5 = (
    "INSERT INTO search_index (rowid, title, text, outlet, byline, facts) VALUES (:id, :title, :text, '', '', :facts)"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with the labelled sets")
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--claims", type=int, default=100)
    arguments = parser.parse_args()
    chance = random.Random(5)  # noqa: S311 (claims, not keys)
    texts = [" ".join(one.split()[:_WORDS]) for one in load_texts(arguments.data)]
    queries = [claim.query for claim in generate_claims(texts, 2 * arguments.claims, chance)]
    with _opened("") as monitor:
        _fill(monitor, texts, arguments.articles)
        before = monitor.settings.data_dir / "before.yaml"
        after = monitor.settings.data_dir / "after.yaml"
        before.write_text(_document(queries[: arguments.claims]), encoding="utf-8")
        changed = [f"({old}) OR ({new})" for old, new in zip(queries, queries[arguments.claims :], strict=False)]
        after.write_text(_document(changed), encoding="utf-8")
        apply_file(monitor, before)
        began, began_cpu = time.perf_counter(), time.process_time()
        found = backtest_file(monitor, after)
        seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    figures = {
        "articles": found.articles,
        "claims": len(found.claims),
        "held_against_claims": found.looked_at,
        "gained": sum(claim.gained for claim in found.claims),
        "lost": sum(claim.lost for claim in found.claims),
        "seconds": round(seconds, 1),
        "processor_seconds": round(cpu, 1),
        "goal_seconds": GOAL_SECONDS,
    }
    print(json.dumps(figures, indent=2))


def _document(queries: Sequence[str]) -> str:
    claims = [
        {"id": f"claim-{number}", "claim": f"Statement {number}.", "said_by": "A reporter", "terms": {"en": query}}
        for number, query in enumerate(queries)
    ]
    return json.dumps({"watchlist": "bench", "title": "Bench", "claims": claims}, ensure_ascii=False)


def _fill(monitor: Monitor, texts: Sequence[str], count: int) -> None:
    analysed = [Analysed.of("News", one, "", "", facts_for_index("https://paper.example/1", "")) for one in texts]
    columns = [columns_of(one) for one in analysed]
    known = {word for one in analysed for word in one.listed()}
    with monitor.archive.writing() as connection:
        connection.execute(insert(search_words), [{"word": word, "stem": stem_of(word)} for word in known])
    for start in range(1, count + 1, _BATCH):
        ids = range(start, min(start + _BATCH, count + 1))
        with monitor.archive.writing() as connection:
            connection.execute(insert(ArticleRow), [_article(number) for number in ids])
            connection.execute(insert(Revision), [_revision(number, texts[number % len(texts)]) for number in ids])
            rows = [{"id": number} | columns[number % len(texts)] for number in ids]
            connection.execute(text(_FTS5), rows)
    with monitor.archive.writing() as connection:
        connection.execute(text("INSERT INTO search_entries SELECT id, :by FROM articles"), {"by": ANALYSIS})


def _article(number: int) -> dict[str, Any]:
    url = f"paper.example/{number}"
    at = _START + timedelta(minutes=4 * number)
    return {"id": number, "url_key": url, "canonical_url": f"https://{url}", "outlet": "", "first_seen_at": at}


def _revision(number: int, body: str) -> dict[str, Any]:
    return {
        "article_id": number,
        "number": 1,
        "title": "News",
        "text": body,
        "text_sha256": "0" * 64,
        "extraction": "text",
        "made_at": _START,
        "page_starts": [],
    }


if __name__ == "__main__":
    main()
