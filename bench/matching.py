"""Hold thousands of generated claims against real texts, and PostgreSQL's stored tsqueries against the same ones.

Usage: python -m bench.matching --data PATH [--rounds 5] [--most 10000] [--database-url URL]. PATH is the folder of real
inputs. In one run: CPU milliseconds a text at 100, 1,000 and 10,000 claims, the growth from 100 to 10,000, and how far
ahead of PostgreSQL's `to_tsvector @@ stored tsquery` scan that is. Both sides are counted in CPU time, PostgreSQL's of
client and server together, on the same texts in each round; wall time, which counts what else the machine does, stands
beside it. `long` are the first sixty texts of 3,000 characters and more, 4,400 on the mean; PostgreSQL's cost hardly
depends on the length, ours does. Thirteen runs on idle cores found it 15 to 23 times ahead on all texts and 10 to 14
times on long ones, twelve times in the middle; it cost 1.4 to 1.8 times as much at 10,000 claims as at 100.
"""

import argparse
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import psycopg

from bench.claims import Generated, generate_claims, load_texts
from monitor.match import Matcher
from monitor.model.matching import MatchInput
from monitor.model.watching import Claim
from monitor.watchlist.query import parse_query

GROWTH_GOAL = 3.5
LEAD_GOAL = 12.0
COUNTS = (100, 1_000, 10_000, 100_000)
_PEER_TEXTS = 60
_LONG = 3_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=Path, help="folder of real inputs")
    parser.add_argument("--rounds", type=int, default=5, help="how often every text is matched (default: 5)")
    parser.add_argument("--most", type=int, default=10_000, help="the largest number of claims (default: 10000)")
    parser.add_argument("--database-url", default="postgresql:///postgres", help="the peer's server")
    arguments = parser.parse_args()
    chance = random.Random(7)  # noqa: S311 (claims, not keys)
    texts = load_texts(arguments.data)
    chance.shuffle(texts)
    claims = generate_claims(texts, arguments.most, chance)
    counts = [count for count in COUNTS if count <= arguments.most]
    matchers = {count: _matcher(claims[:count]) for count in counts}
    for matcher in matchers.values():
        _cost(matcher, texts)  # every word is stemmed once in a process's life
    at = min(10_000, counts[-1])
    kinds = {"all": texts[:_PEER_TEXTS], "long": [text for text in texts if len(text) >= _LONG][:_PEER_TEXTS]}
    ours: dict[int, list[float]] = {count: [] for count in counts}
    sides: dict[str, list[tuple[_Cost, _Cost]]] = {kind: [] for kind in kinds}
    with psycopg.connect(arguments.database_url.replace("+psycopg", "", 1)) as peer:  # libpq knows no drivers
        theirs = _Peer(peer, claims[:10_000])
        for _ in range(arguments.rounds):
            for count, matcher in matchers.items():
                ours[count].append(_cost(matcher, texts).cpu)
            for kind, some in kinds.items():
                sides[kind].append((_cost(matchers[at], some), theirs.cost(some)))
    costs = {count: statistics.median(found) for count, found in ours.items()}
    growth = costs[at] / costs[counts[0]]
    compared = {kind: _compared(kinds[kind], found) for kind, found in sides.items()}
    figures = {
        "texts": len(texts),
        "characters_a_text": round(statistics.fmean(map(len, texts))),
        "cpu_ms_a_text": {count: round(cost, 3) for count, cost in costs.items()},
        "assessed_cpu_ms_a_text": round(_cost(matchers[at], texts, is_assessed=True).cpu, 3),
        "hits_a_text": {count: round(_hits(matcher, texts), 2) for count, matcher in matchers.items()},
        "growth": round(growth, 2),
        "beside_postgresql": compared,
        "goals": {"growth": GROWTH_GOAL, "ahead_of_postgresql": LEAD_GOAL},
    }
    print(json.dumps(figures, indent=2))
    lead = min(figure["ahead"] for figure in compared.values())
    sys.exit(0 if growth <= GROWTH_GOAL and lead >= LEAD_GOAL else 1)


def _matcher(claims: Sequence[Generated]) -> Matcher:
    return Matcher(
        [(str(n), Claim(str(n), "", "", parse_query(claim.query, {}), None, "")) for n, claim in enumerate(claims)]
    )


class _Cost(NamedTuple):
    """Milliseconds that one text takes."""

    cpu: float
    wall: float


def _cost(matcher: Matcher, texts: Sequence[str], *, is_assessed: bool = False) -> _Cost:
    """Return what one text takes; `is_assessed`: with passages and why of each hit."""
    match = matcher.match_hits if is_assessed else matcher.find_holding
    began, at = time.process_time(), time.perf_counter()
    for text in texts:
        match(MatchInput("", text))
    cpu, wall = time.process_time() - began, time.perf_counter() - at
    return _Cost(cpu / len(texts) * 1000, wall / len(texts) * 1000)


def _compared(texts: Sequence[str], rounds: Sequence[tuple[_Cost, _Cost]]) -> dict[str, float]:
    ours, theirs = ([statistics.median(part) for part in zip(*side, strict=True)] for side in zip(*rounds, strict=True))
    return {
        "characters_a_text": round(statistics.fmean(map(len, texts))),
        "cpu_ms": round(ours[0], 3),
        "postgresql_cpu_ms": round(theirs[0], 2),
        "ahead": round(theirs[0] / ours[0], 1),
        "wall_ms": round(ours[1], 3),
        "postgresql_wall_ms": round(theirs[1], 2),
        "ahead_by_the_wall": round(theirs[1] / ours[1], 1),
    }


def _hits(matcher: Matcher, texts: Sequence[str]) -> float:
    return statistics.fmean(len(matcher.find_holding(MatchInput("", text))) for text in texts)


class _Peer:
    """Stored tsqueries, all of them held against one text at a time."""

    def __init__(self, connection: "psycopg.Connection[tuple[int, ...]]", claims: Sequence[Generated]) -> None:
        self._connection = connection
        connection.execute("CREATE TEMPORARY TABLE stored (id integer, q tsquery)")
        with connection.cursor() as cursor:
            rows = [(number, claim.tsquery) for number, claim in enumerate(claims)]
            cursor.executemany("INSERT INTO stored VALUES (%s, %s::tsquery)", rows)
        connection.execute("ANALYZE stored")
        self._pid = connection.info.backend_pid

    def cost(self, texts: Sequence[str]) -> _Cost:
        """Return what one text takes, in CPU time of client and server."""
        began, at = time.process_time() + self._server_seconds(), time.perf_counter()
        for text in texts:
            statement = (
                "WITH d AS MATERIALIZED (SELECT to_tsvector('simple', %s) AS v) SELECT id FROM d, stored WHERE d.v @@ q"
            )
            self._connection.execute(statement, (text,)).fetchall()
        cpu, wall = time.process_time() + self._server_seconds() - began, time.perf_counter() - at
        return _Cost(cpu / len(texts) * 1000, wall / len(texts) * 1000)

    def _server_seconds(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
