"""What a changed watchlist would have found."""

from dataclasses import dataclass
from typing import Literal

from monitor.model.judging import Share
from monitor.model.matching import Passage

ClaimChange = Literal["new", "changed", "gone", "unchanged"]


@dataclass(frozen=True, slots=True)
class BacktestHit:
    """An article that only one of two versions of a claim finds, with the sentences that show it."""

    article_id: int
    title: str
    outlet: str
    url: str
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class BacktestFigures:
    """What one version of a claim comes to: its hits, those a week, and how it does on what was judged."""

    hits: int
    a_week: float
    precision: Share | None
    recall: Share | None


@dataclass(frozen=True, slots=True)
class ClaimBacktest:
    """A claim's two versions over the same articles. Samples of what differs come in `gained` and `lost`, newest first.

    `judged` counts the articles that somebody judged on the claim.
    """

    key: str
    change: ClaimChange
    before: BacktestFigures
    after: BacktestFigures
    gained: int = 0
    lost: int = 0
    judged: int = 0
    gained_hits: tuple[BacktestHit, ...] = ()
    lost_hits: tuple[BacktestHit, ...] = ()


@dataclass(frozen=True, slots=True)
class Backtest:
    """A changed watchlist over the archive: of `articles` in the period `looked_at` could be hits of what changed.

    Of those that are hits of a live claim or were judged, and that its terms don't find, `compared` were compared in
    meaning with both versions, and of `on_terms_alone` the vectors are not kept. With claims of which the text is new,
    `by_meaning` of the `newest` articles were compared; `why_terms_alone` says why none could be.
    """

    watchlist: str
    claims: tuple[ClaimBacktest, ...]
    articles: int
    looked_at: int
    weeks: float
    compared: int = 0
    on_terms_alone: int = 0
    newest: int = 0
    by_meaning: int = 0
    why_terms_alone: str = ""
