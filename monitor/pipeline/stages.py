"""What a round works with: the ports to the outside, the archive, and what is watched for."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import ParamSpec, Protocol, TypeVar

from monitor.errors import WatchlistError
from monitor.match import with_opinions, with_stances
from monitor.match.compared import Compared
from monitor.match.scorer import FirstLook, Scorer
from monitor.model.archiving import LiveClaim, LiveWatchlist
from monitor.model.matching import Assessment, ClaimTuning, MatchInput
from monitor.model.ports import Clock, Encoder, Http, Judge, Parsers, Progress
from monitor.sources.cadence import Pace
from monitor.store.blobs import SnapshotStore
from monitor.store.engine import Archive
from monitor.watchlist.document import read_watchlist

P = ParamSpec("P")
T = TypeVar("T")


class InStore(Protocol):
    """Calls a function of the archive, in a thread or at once."""

    async def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call it and return what it returns."""
        ...


async def at_once(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a store function where we are."""
    return function(*args, **kwargs)


def no_progress(_what: str, _done: int, _total: int) -> None:
    """Say nothing."""


@dataclass(frozen=True)
class Watching:
    """The live claims: how an article is judged by them, and the ids under which that is kept.

    `versions` tells whether they are still the live ones: each watchlist's name and number. `texts` are the claims'
    sentences by identifier, `alerted` the identifiers of those that ask for alerts.
    """

    scorer: Scorer
    claims: Mapping[str, LiveClaim]
    versions: tuple[tuple[str, int], ...]
    texts: Mapping[str, str]
    alerted: frozenset[str] = frozenset()

    def assess(self, article: MatchInput, *, only_hits: bool = True) -> tuple[Assessment, ...]:
        """Hold all live claims against an article: what bears on which claim, and on which side it stands."""
        match = self.scorer.match_hits if only_hits else self.scorer.match
        return with_stances(match(article), article, self.texts)

    def settle(self, assessments: tuple[Assessment, ...], judge: Judge) -> tuple[Assessment, ...]:
        """Ask the judge about the hits on which no side could be told. It takes its time: never in the event loop."""
        return with_opinions(assessments, self.texts, judge)

    def tuned(self, tunings: Mapping[str, ClaimTuning]) -> "Watching":
        """Return the same claims with what was learnt and set for them by now."""
        scorer = self.scorer.with_tunings(tunings)
        return self if scorer is self.scorer else replace(self, scorer=scorer)

    def look(self, article: MatchInput) -> FirstLook:
        """Do the same where an encoder will have its say: the hits on terms, and whether there is more to compare."""
        look = self.scorer.look(article)
        return replace(look, assessments=with_stances(look.assessments, article, self.texts))

    def compare(self, article: MatchInput, compared: Compared) -> tuple[Assessment, ...]:
        """Hold all live claims against an article whose passages an encoder compared with them."""
        return with_stances(self.scorer.compare(article, compared), article, self.texts)


def watch(watchlists: Sequence[LiveWatchlist], before: Watching | None = None) -> Watching:
    """Compile all live watchlists into one matcher; `before` is given back where nothing has changed since.

    A list that this version can't read is left out (`operations.watchlists.unreadable` tells of it).
    """
    versions = tuple((live.name, live.number) for live in watchlists)
    if before is not None and before.versions == versions:
        return before
    claims: dict[str, LiveClaim] = {}
    judged = []
    for live in watchlists:
        try:
            document = read_watchlist(live.document, live.origin or live.name)
        except WatchlistError:
            continue  # an older Monitor took it; the start and doctor say so, and the other lists go on
        claims |= {claim.identifier: claim for claim in live.claims}
        judged += [(f"{live.name}/{claim.key}", claim) for claim in document.claims]
    texts = {key: claim.text for key, claim in judged}
    alerted = frozenset(key for key, claim in judged if claim.is_alerted)
    return Watching(Scorer(judged), claims, versions, texts, alerted)


@dataclass(frozen=True)
class Stages:
    """What the pipeline is given. `jitter` gives numbers in [0, 1); `concurrency` counts tasks in flight.

    Without an `encoder`, articles are judged on their terms alone; where it `leaves_meaning`, the encoder is another
    process's, and what it would compare waits for that.
    """

    archive: Archive
    snapshots: SnapshotStore
    http: Http
    parsers: Parsers
    watching: Watching
    pace: Pace
    now: Clock
    jitter: Callable[[], float]
    concurrency: int
    progress: Progress = no_progress
    judge: Judge | None = None
    encoder: Encoder | None = None
    leaves_meaning: bool = False
    # One thread for the archive: SQLite has one writer, and waiting for it must not hold up the network.
    _store_thread: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(1, "store"))

    async def stored(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a store function in the archive's thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._store_thread, lambda: function(*args, **kwargs))

    def close(self) -> None:
        """Wait for the last write to end."""
        self._store_thread.shutdown(wait=True)
