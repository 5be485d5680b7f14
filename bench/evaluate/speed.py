"""Articles a second on one core through the whole matching, on terms alone and with meaning, and the memory of both.

`bench.evaluate.service` does what a round does with articles that it need not fetch: match, stance, keep, index, and
with an encoder choose passages, encode, score. The processor seconds of the service and of the encoder's process count
together. The mix is of real texts: FNC-1 bodies and Khmer news as they come, of which every tenth is one that the gate
lets through and the others are none; the subject's texts give a third of the former.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from bench.evaluate.khmer import ARTICLES as KHMER
from bench.evaluate.khmer import read_articles
from bench.evaluate.reading import read_bodies, read_subject
from bench.evaluate.subject import read_shipped
from bench.evaluate.tables import Cell, Section, Table, Tools
from monitor.match.scorer import Scorer
from monitor.model.matching import MatchInput

_MIX, _CANDIDATES = 200, 20
_AS_THEY_COME = 60
_WARM = 4
_GOAL = 5

Batch = tuple[str, Sequence[MatchInput]]


def measure(tools: Tools) -> Iterator[Table]:
    """Yield what each batch cost, without an encoder and with one."""
    scorer = Scorer([(claim.key, claim) for claim in read_shipped().claims])
    batches = _batches(tools, scorer)
    rows = [("terms, matching alone", *_matching_alone(scorer, batches[1][1]))]
    for name, encoder in (("terms only", "none"), ("with meaning", "auto")):
        if encoder == "none" or tools.encoder is not None:
            costs = _costs(encoder, [articles for _, articles in batches])
            rows += [_row(f"{name}: {of}", cost) for (of, _), cost in list(zip(batches, costs, strict=True))[1:]]
    yield Table(
        "Articles a second a core, through the whole matching",
        (
            *("matching", "articles", "compared", "a second", "service ms", "encoder ms"),
            *("service MiB", "parsers", "encoder"),
        ),
        tuple(rows),
        f"Goal: {_GOAL} a second where a tenth is compared. Milliseconds of the processor an article; peak memory.",
    )


def _batches(tools: Tools, scorer: Scorer) -> list[Batch]:
    """Return what warms up, the mix, and English and Khmer news as they come."""
    english = list(read_bodies(tools.data).articles.values())
    khmer = list(read_articles(tools.data / KHMER).values())
    subject = [text.article for text in read_subject(tools.data)]
    warm = [*subject[:_WARM], *khmer[-_WARM:]]
    few = _AS_THEY_COME // 6 if tools.is_quick else _AS_THEY_COME
    candidates: list[MatchInput] = []
    for some in (subject[_WARM:], english, khmer):
        wanted = _CANDIDATES * (1 + (len(candidates) > 0) + (some is khmer)) // 3
        near = (article for article in some if scorer.look(article).is_candidate)
        candidates += islice(near, wanted - len(candidates))
    others = (article for article in (*khmer[:-_WARM], *english) if not scorer.look(article).is_candidate)
    mix = [*candidates, *islice(others, _MIX - _CANDIDATES)]
    return [
        ("warm-up", warm),
        ("the mix, every tenth near a claim", mix),
        ("English news as it comes", english[few : 2 * few]),
        ("Khmer news as it comes", khmer[few : 2 * few]),
    ]


def _matching_alone(scorer: Scorer, articles: Sequence[MatchInput]) -> tuple[Cell, ...]:
    began_at = time.process_time()
    for article in articles:
        scorer.match_hits(article)
    seconds = time.process_time() - began_at
    return len(articles), 0, len(articles) / seconds, 1000 * seconds / len(articles), 0.0, None, None, None


def _costs(encoder: str, batches: Sequence[Sequence[MatchInput]]) -> list[Mapping[str, float]]:
    given = [[(article.title, article.text, article.language) for article in batch] for batch in batches]
    command = [sys.executable, "-m", "bench.evaluate.service"]
    asked = json.dumps({"encoder": encoder, "batches": given})
    environ = os.environ | {"OPENBLAS_NUM_THREADS": "1"}  # as the command line sets it for itself
    done = subprocess.run(  # noqa: S603 (our own)
        command, input=asked, capture_output=True, text=True, check=False, env=environ
    )
    if done.returncode:
        raise RuntimeError(f"the service ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def _row(name: str, cost: Mapping[str, float]) -> tuple[Cell, ...]:
    articles, seconds = int(cost["articles"]), cost["service_seconds"] + cost["encoder_seconds"]
    each = [1000 * cost[of] / articles for of in ("service_seconds", "encoder_seconds")]
    memory = [int(cost[of]) for of in ("service_mib", "parsers_mib", "encoder_mib")]
    return name, articles, int(cost["compared"]), articles / seconds, *each, *memory


SECTION = Section("speed", ("subject", "emergent/claim_to_fnc_body.json", "fnc1/train_bodies.csv.gz", KHMER), measure)
