"""Search a million short articles, on SQLite and on PostgreSQL, newest and best first.

Usage: python -m bench.search [--articles 1000000] [--queries 120] [--database-url URL] [--keep FOLDER]. The articles
are made of words as often as news has its own (Zipf's law), and go straight into the archive's tables and its index: in
FTS5, plain words are their own tokens. `--keep` leaves them where they are, and a later run begins with them. Timed is
a search as a user meets it, with the passages marked; and the index alone. Beside the wall's time stands the CPU time
of this process and, on Linux, of PostgreSQL's on this machine: hardly more on a busy machine, where the wall's is.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from monitor.operations.indexing import complete_index
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.search import search_archive
from monitor.settings import load_settings
from monitor.store.articles import count_articles
from monitor.store.schema import ArticleRow, Revision
from monitor.store.search.analysed import vector_of
from monitor.store.search.reading import Index, Period, ask_index
from monitor.store.search.tables import words as search_words
from monitor.store.search.writing import LATEST, analyse
from monitor.text.stems import stem_of
from monitor.text.tokens import ANALYSIS
from monitor.watchlist.query import parse_query

NEWEST_GOAL_MS, BEST_GOAL_MS = 20.0, 150.0
_WORDS_IN_ALL = 60_000
_WORDS_A_TEXT = 40
_BATCH = 10_000
_START = datetime(2014, 1, 1, tzinfo=UTC)
_SYLLABLES = (
    "ba",
    "de",
    "fi",
    "ko",
    "lu",
    "ma",
    "ne",
    "pri",
    "ro",
    "sta",
    "ti",
    "vo",
    "gra",
    "len",
    "dis",
    "tur",
    "qua",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1_000_000, help="how many (default: a million)")
    parser.add_argument("--queries", type=int, default=120, help="how many of each kind (default: 120)")
    parser.add_argument("--database-url", default="", help="an empty PostgreSQL database; default: SQLite")
    parser.add_argument("--keep", type=Path, default=None, help="a folder for an archive to be used again")
    arguments = parser.parse_args()
    chance = random.Random(11)  # noqa: S311 (articles, not keys)
    words = _vocabulary(chance)
    with _opened(arguments.database_url, arguments.keep) as monitor:
        began = time.perf_counter()
        if not count_articles(monitor.archive, up_to=1):
            _fill(monitor, words, arguments.articles, chance)
            _settle(monitor)
            _index(monitor, words)
            _settle(monitor)
        filled = time.perf_counter()
        figures = {
            "database": "sqlite" if monitor.archive.is_sqlite else "postgresql",
            "articles": count_articles(monitor.archive),
            "fill_seconds": round(filled - began),
            "milliseconds": _measure(monitor, words, arguments.queries, random.Random(12)),  # noqa: S311
            "goals_p95": {"newest": NEWEST_GOAL_MS, "best": BEST_GOAL_MS},
        }
    print(json.dumps(figures, indent=2))


def _vocabulary(chance: random.Random) -> list[str]:
    words: dict[str, None] = {}
    while len(words) < _WORDS_IN_ALL:
        words["".join(chance.choices(_SYLLABLES, k=chance.randrange(2, 5)))] = None
        if len(words) % 7 == 0:
            words["".join(chance.choices(_SYLLABLES, k=2)) + "s"] = None
    return list(words)


@contextmanager
def _opened(database: str, kept: Path | None = None) -> Iterator[Monitor]:
    with tempfile.TemporaryDirectory() as folder:
        values = {"MONITOR_DATA_DIR": str((kept or Path(folder)) / "var")}
        monitor = open_monitor(load_settings(values | ({"MONITOR_DATABASE_URL": database} if database else {}))[0])
        try:
            yield monitor
        finally:
            monitor.archive.close()


def _fill(monitor: Monitor, words: list[str], count: int, chance: random.Random) -> None:
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(words))))
    for start in range(1, count + 1, _BATCH):
        ids = range(start, min(start + _BATCH, count + 1))
        articles, revisions = [], []
        for number in ids:
            at = _START + timedelta(minutes=5 * number)
            drawn = chance.choices(words, cum_weights=weights, k=_WORDS_A_TEXT)
            articles.append(
                {
                    "id": number,
                    "url_key": f"paper.example/{number}",
                    "canonical_url": f"https://paper.example/{number}",
                    "outlet": "The Paper",
                    "language": "en",
                    "first_seen_at": at,
                }
            )
            revisions.append(
                {
                    "article_id": number,
                    "number": 1,
                    "title": " ".join(drawn[:6]).capitalize(),
                    "text": " ".join(drawn[6:]) + ".",
                    "text_sha256": "0" * 64,
                    "extraction": "text",
                    "made_at": at,
                    "page_starts": [],
                }
            )
        if monitor.archive.is_sqlite:
            with monitor.archive.writing() as connection:
                connection.execute(insert(ArticleRow), articles)
                connection.execute(insert(Revision), revisions)
        else:
            _copy(monitor, "articles", [article | _ARTICLE for article in articles])
            _copy(monitor, "revisions", [row | {"id": row["article_id"], "page_starts": "[]"} for row in revisions])


_ARTICLE = {"byline": "", "arrival": "news", "title_key": "", "is_sample": False}


def _copy(monitor: Monitor, table: str, rows: list[dict[str, Any]]) -> None:
    connection = monitor.archive.engine.raw_connection()
    driver: Any = connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(rows[0])}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(list(row.values()))
    connection.commit()
    connection.close()


_FTS5 = (
    "INSERT INTO search_index (rowid, title, text, outlet, byline, facts) SELECT article_id, lower(title), "
    "replace(text, '.', ''), 'the paper', '', '=lang:en =site:example =site:paper.example' FROM revisions"
)


_PENDING = "WITH (gin_pending_list_limit = 256)"


def _index(monitor: Monitor, words: list[str]) -> None:
    """Fill the index all at once, as the pipeline would fill it one by one."""
    known = [{"word": word, "stem": stem_of(word)} for word in {*words, "the", "paper"}]
    if not monitor.archive.is_sqlite:
        _copy_vectors(monitor)
    with monitor.archive.writing() as connection:
        connection.execute(insert(search_words), known)
        if monitor.archive.is_sqlite:
            connection.execute(text(_FTS5))
        connection.execute(text("INSERT INTO search_entries SELECT id, :by FROM articles"), {"by": ANALYSIS})
    complete_index(monitor.archive)


def _copy_vectors(monitor: Monitor) -> None:
    with monitor.archive.writing() as connection:
        connection.execute(text("DROP INDEX ix_search_index_vector"))  # a million rows are sorted into it at once
    for start in range(1, count_articles(monitor.archive) + 1, _BATCH):
        with monitor.archive.reading() as connection:
            rows = connection.execute(LATEST.where(ArticleRow.id.between(start, start + _BATCH - 1))).all()
        vectors = [{"article_id": row.id, "vector": vector_of(row.id, analyse(row))} for row in rows]
        _copy(monitor, "search_index", vectors)
    with monitor.archive.writing() as connection:
        connection.execute(text(f"CREATE INDEX ix_search_index_vector ON search_index USING gin (vector) {_PENDING}"))


def _settle(monitor: Monitor) -> None:
    """Let the database know what it holds, as it does by itself in time."""
    with monitor.archive.connected() as connection:
        connection.execute(text("ANALYZE" if monitor.archive.is_sqlite else "VACUUM ANALYZE"))


def _measure(monitor: Monitor, words: list[str], count: int, chance: random.Random) -> dict[str, dict[str, float]]:
    def a_word() -> str:
        # From common to rare, evenly by the logarithm of the rank.
        return words[min(len(words) - 1, int(len(words) ** chance.random()))]

    def a_phrase() -> str:
        return f'"{a_word()} {words[chance.randrange(60)]}"'

    kinds: dict[str, Callable[[], str]] = {
        "word": a_word,
        "exact word": lambda: f'"{a_word()}"',
        "two words": lambda: f"{a_word()} AND {a_word()}",
        "either": lambda: f"{a_word()} OR {a_word()}",
        "phrase": a_phrase,
        "title": lambda: f"title:{a_word()}",
        "prefix": lambda: f"{a_word()[:6]}*",
        "near": lambda: f"{a_word()} NEAR/5 {words[chance.randrange(200)]}",
    }
    figures: dict[str, dict[str, float]] = {}
    for order, is_best in (("newest", False), ("best", True)):
        for kind, typed in kinds.items():
            queries = [typed() for _ in range(count)]
            search_archive(monitor, queries[0], is_best=is_best)
            servers = _servers(monitor)
            timed = [_time(monitor, servers, query, is_best=is_best) for query in queries]
            times, cpu = sorted(wall for wall, _ in timed), sorted(spent for _, spent in timed)
            alone = sorted(_time_index(monitor, query, is_best=is_best) for query in queries)
            figures[f"{order}, {kind}"] = {
                "p50": round(statistics.median(times), 1),
                "p95": round(times[int(len(times) * 0.95)], 1),
                "cpu_p50": round(statistics.median(cpu), 1),
                "cpu_p95": round(cpu[int(len(cpu) * 0.95)], 1),
                "index_p50": round(statistics.median(alone), 1),
                "index_p95": round(alone[int(len(alone) * 0.95)], 1),
            }
            print(f"{order}, {kind}: {figures[f'{order}, {kind}']}", file=sys.stderr)
    return figures


def _time_index(monitor: Monitor, query: str, *, is_best: bool) -> float:
    def ask(index: Index) -> None:
        asked = index.asked_of(parse_query(query, {}))
        if is_best:
            index.best(asked, Period(), limit=20)
        else:
            index.newest(asked, Period(), before=None, limit=21)

    began = time.perf_counter()
    ask_index(monitor.archive, ask)
    return (time.perf_counter() - began) * 1000


def _time(monitor: Monitor, servers: list[Path], query: str, *, is_best: bool) -> tuple[float, float]:
    """Return the milliseconds of a search, by the wall and of CPU in this process and the database's."""
    began, spent = time.perf_counter(), _spent(servers)
    search_archive(monitor, query, is_best=is_best)
    return (time.perf_counter() - began) * 1000, (_spent(servers) - spent) * 1000


def _servers(monitor: Monitor) -> list[Path]:
    """Return where the kernel tells what our connections' processes have spent, as far as it does."""
    if monitor.archive.is_sqlite:
        return []
    pids = text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
    with monitor.archive.reading() as connection:
        files = [Path(f"/proc/{pid}/schedstat") for pid in connection.scalars(pids)]
    return [file for file in files if file.is_file()]


def _spent(servers: list[Path]) -> float:
    return time.process_time() + sum(int(file.read_text().split()[0]) for file in servers) / 1e9


if __name__ == "__main__":
    main()
