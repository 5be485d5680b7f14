"""Hold thousands of generated claims against real texts, and PostgreSQL's stored tsqueries against the same ones.

Usage: python -m bench.matching --data PATH [--rounds 5] [--most 10000] [--database-url URL]. PATH is the folder of real
inputs. In one run: CPU milliseconds a text at 100, 1,000 and 10,000 claims, the growth from 100 to 10,000, and how far
ahead of PostgreSQL's `to_tsvector @@ stored tsquery` scan that is, in CPU time of client and server.
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
    with psycopg.connect(arguments.database_url) as peer:
        theirs = _Peer(peer, claims[:10_000])
        rounds = [
            ({count: _cost(matcher, texts) for count, matcher in matchers.items()}, theirs.cost(texts[:_PEER_TEXTS]))
            for _ in range(arguments.rounds)
        ]
    ours = {count: statistics.median(costs[count] for costs, _ in rounds) for count in counts}
    peer_ms = statistics.median(cost for _, cost in rounds)
    at = min(10_000, counts[-1])
    growth, lead = ours[at] / ours[counts[0]], peer_ms / ours[at]
    figures = {
        "texts": len(texts),
        "characters_a_text": round(statistics.fmean(map(len, texts))),
        "cpu_ms_a_text": {count: round(cost, 3) for count, cost in ours.items()},
        "assessed_cpu_ms_a_text": round(_cost(matchers[at], texts, is_assessed=True), 3),
        "hits_a_text": {count: round(_hits(matcher, texts), 2) for count, matcher in matchers.items()},
        "growth": round(growth, 2),
        "postgresql_cpu_ms_a_text": round(peer_ms, 2),
        "postgresql_hits_a_text": round(theirs.hits / arguments.rounds / _PEER_TEXTS, 2),
        "ahead_of_postgresql": round(lead, 1),
        "goals": {"growth": GROWTH_GOAL, "ahead_of_postgresql": LEAD_GOAL},
    }
    print(json.dumps(figures, indent=2))
    sys.exit(0 if growth <= GROWTH_GOAL and lead >= LEAD_GOAL else 1)


def _matcher(claims: Sequence[Generated]) -> Matcher:
    return Matcher(
        [(str(n), Claim(str(n), "", "", parse_query(claim.query, {}), None, "")) for n, claim in enumerate(claims)]
    )


def _cost(matcher: Matcher, texts: Sequence[str], *, is_assessed: bool = False) -> float:
    """Return the CPU milliseconds that one text takes; `is_assessed`: with passages and why of each hit."""
    match = matcher.match_hits if is_assessed else matcher.find_hits
    began = time.process_time()
    for text in texts:
        match(MatchInput("", text))
    return (time.process_time() - began) / len(texts) * 1000


def _hits(matcher: Matcher, texts: Sequence[str]) -> float:
    return statistics.fmean(len(matcher.find_hits(MatchInput("", text))) for text in texts)


class _Peer:
    """Stored tsqueries, all of them held against one text at a time."""

    def __init__(self, connection: "psycopg.Connection[tuple[int, ...]]", claims: Sequence[Generated]) -> None:
        self._connection = connection
        self.hits = 0
        connection.execute("CREATE TEMPORARY TABLE stored (id integer, q tsquery)")
        with connection.cursor() as cursor:
            rows = [(number, claim.tsquery) for number, claim in enumerate(claims)]
            cursor.executemany("INSERT INTO stored VALUES (%s, %s::tsquery)", rows)
        connection.execute("ANALYZE stored")
        self._pid = connection.info.backend_pid

    def cost(self, texts: Sequence[str]) -> float:
        """Return the CPU milliseconds of client and server that one text takes."""
        began = time.process_time() + self._server_seconds()
        for text in texts:
            statement = (
                "WITH d AS MATERIALIZED (SELECT to_tsvector('simple', %s) AS v) SELECT id FROM d, stored WHERE d.v @@ q"
            )
            self.hits += len(self._connection.execute(statement, (text,)).fetchall())
        return (time.process_time() + self._server_seconds() - began) / len(texts) * 1000

    def _server_seconds(self) -> float:
        fields = Path(f"/proc/{self._pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
