"""What a changed watchlist would have found: both versions of each claim over the same articles. Changes nothing.

Only claims whose fingerprint changed are held against articles, and only articles that the search index finds for one
of their versions (it may find too many for an expression, and never too few), that are hits already, or that somebody
judged. Terms decide, and of the last two kinds meaning too, where the archive keeps the vectors. A claim whose text is
new is compared in meaning with the newest articles as well; what meaning alone would find in older ones isn't looked
for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from monitor.errors import EncoderUnavailable
from monitor.match import Matcher
from monitor.match.compared import Compared
from monitor.match.learning import wilson
from monitor.match.scorer import Scorer
from monitor.model.backtesting import Backtest, BacktestFigures, BacktestHit, ClaimBacktest, ClaimChange
from monitor.model.judging import Share
from monitor.model.matching import Passage
from monitor.model.ports import Progress
from monitor.model.watching import Claim, Watchlist
from monitor.operations.encoders import open_encoder
from monitor.operations.indexing import complete_index
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import live, read_watchlist_file
from monitor.pipeline.kept import KeptMeaning
from monitor.pipeline.stages import no_progress
from monitor.store.hits import articles_hit
from monitor.store.judgements import judged_articles, live_tunings
from monitor.store.replays import ArchivedArticle, count_between, ids_between, newest_between, read_archived
from monitor.store.search.reading import Period, claim_candidates

SHOWN = 5
"""So many of the hits gained and lost are shown with their sentences, claim by claim."""

NEWEST = 2_000
"""So many of the newest articles are compared in meaning with claims whose text is new."""

RECENT = timedelta(weeks=8)
"""Expected hits a week are told from the last weeks: an archive's backlog is older and denser."""

_WEEK = timedelta(weeks=1)
_EVERY = 2_000_000_000
_BEFORE, _AFTER = "before/", "after/"


@dataclass(slots=True)
class _Version:
    """What one version of a claim finds: all its articles, how many of them recently, and some to show."""

    found: set[int] = field(default_factory=set)
    recent: int = 0


@dataclass(slots=True)
class _Pair:
    """A claim's two versions; None where there is none."""

    key: str
    before: Claim | None
    after: Claim | None
    said: Mapping[int, bool] = field(default_factory=dict)
    hits: frozenset[int] = frozenset()
    found_before: _Version = field(default_factory=_Version)
    found_after: _Version = field(default_factory=_Version)
    gained: list[ArchivedArticle] = field(default_factory=list)
    lost: list[ArchivedArticle] = field(default_factory=list)
    passages: dict[int, tuple[Passage, ...]] = field(default_factory=dict)

    @property
    def change(self) -> ClaimChange:
        if self.before is None:
            return "new"
        if self.after is None:
            return "gone"
        return "unchanged" if self.before.fingerprint == self.after.fingerprint else "changed"

    @property
    def has_new_text(self) -> bool:
        return self.after is not None and (self.before is None or self.before.text != self.after.text)


def backtest_file(
    monitor: Monitor, path: Path, *, since: date | None = None, progress: Progress = no_progress
) -> Backtest:
    """Replay a watchlist file over the archive, beside the live version of its list. Raises WatchlistError."""
    read, _document = read_watchlist_file(path)
    complete_index(monitor.archive, progress)
    period = Period(datetime.combine(since, time(), UTC) if since else None)
    standing = next(((stored, one) for stored, one in live(monitor) if one.name == read.watchlist.name), None)
    ids = {one.identifier.partition("/")[2]: one.claim_id for one in standing[0].claims} if standing else {}
    pairs = _pairs(standing[1] if standing else None, read.watchlist)
    changed = [pair for pair in pairs if pair.change != "unchanged"]
    for pair in changed:
        _add_what_is_known(monitor, pair, ids.get(pair.key))
    count, first = count_between(monitor.archive, period)
    ends_at = monitor.now()
    recent_from = max(ends_at - RECENT, first or ends_at)
    meaning = _Meaning(monitor, read.watchlist.name, changed, period)
    candidates = sorted({*_candidates(monitor, changed, period, progress), *meaning.newest}, reverse=True)
    looked_at = _hold(monitor, changed, candidates, meaning, recent_from, progress)
    weeks = max(1.0, (ends_at - recent_from) / _WEEK)
    claims = tuple(_told(pair, weeks) for pair in changed)
    found = Backtest(read.watchlist.name, claims, count, looked_at, weeks)
    return meaning.told(found)


def _add_what_is_known(monitor: Monitor, pair: _Pair, claim_id: int | None) -> None:
    if claim_id is not None:
        pair.said = {one.article_id: one.is_relevant for one in judged_articles(monitor.archive, claim_id)}
        pair.hits = frozenset(articles_hit(monitor.archive, claim_id))


def _pairs(before: Watchlist | None, after: Watchlist) -> list[_Pair]:
    old = {claim.key: claim for claim in before.claims} if before else {}
    new = {claim.key: claim for claim in after.claims}
    return [_Pair(key, old.get(key), new.get(key)) for key in dict.fromkeys([*new, *old])]


def _versions(pairs: Iterable[_Pair]) -> list[tuple[str, Claim]]:
    both = ((_BEFORE + pair.key, pair.before) for pair in pairs), ((_AFTER + pair.key, pair.after) for pair in pairs)
    return [(key, claim) for keyed in zip(*both, strict=True) for key, claim in keyed if claim is not None]


def _candidates(monitor: Monitor, pairs: Sequence[_Pair], period: Period, progress: Progress) -> set[int]:
    found: set[int] = set()
    versions = _versions(pairs)
    for done, (_, claim) in enumerate(versions, start=1):
        found.update(claim_candidates(monitor.archive, claim.expression, period, before=None, limit=_EVERY))
        progress("candidates", done, len(versions))
    known = {article_id for pair in pairs for article_id in (*pair.hits, *pair.said)}
    return found.union(ids_between(monitor.archive, known, period))


class _Meaning:
    """Both versions of the claims of which there are vectors, and how many articles were compared with them."""

    def __init__(self, monitor: Monitor, watchlist: str, pairs: Sequence[_Pair], period: Period) -> None:
        self._pairs, self.why_terms_alone = pairs, ""
        new = [pair for pair in pairs if pair.has_new_text]
        self._kept = self._with_new_texts(monitor) if new else KeptMeaning(monitor.archive, _versions(pairs))
        self._names = {name for name, _ in self._kept.claims}
        tunings = live_tunings(monitor.archive)
        live = {name: tunings.get(f"{watchlist}/{name.partition('/')[2]}") for name in self._names}
        self._scorer = Scorer(self._kept.claims, {name: tuning for name, tuning in live.items() if tuning})
        # Where one version can't be compared, what the other finds would pass for a difference.
        versions = [{name for name, _ in _versions([pair])} for pair in new]
        self._new = set[str]().union(*(both for both in versions if both <= self._names))
        self.newest = frozenset(newest_between(monitor.archive, period, NEWEST) if self._new else ())
        if all(both <= self._names for both in versions):
            self.why_terms_alone = ""
        else:
            self.why_terms_alone = self.why_terms_alone or "the archive keeps no vectors of this encoder"
        self.compared = self.on_terms_alone = self.by_meaning = 0

    def find(self, articles: Sequence[ArchivedArticle], found: Mapping[int, set[str]]) -> None:
        """Add to what the terms found of articles what meaning finds, as far as it is asked of them."""
        asked: list[tuple[ArchivedArticle, set[str], set[str]]] = []
        for article in articles:
            known = self._of_known(article.id) - found[article.id]
            if versions := known | self._of_newest(article.id) - found[article.id]:
                asked.append((article, known, versions))
        compared = self._kept.compared([article.given for article, _, _ in asked])
        for (article, known, versions), one in zip(asked, compared, strict=True):
            is_compared = one is not None and known <= self._names
            self.compared += bool(known) and is_compared
            self.on_terms_alone += bool(known) and not is_compared
            if one is not None:
                self.by_meaning += article.id in self.newest
                self._add(article, versions if is_compared else versions - known, one, found[article.id])

    def told(self, found: Backtest) -> Backtest:
        """Return what was found with what meaning was asked for."""
        return replace(
            found,
            compared=self.compared,
            on_terms_alone=self.on_terms_alone,
            newest=len(self.newest),
            by_meaning=self.by_meaning,
            why_terms_alone=self.why_terms_alone,
        )

    def _with_new_texts(self, monitor: Monitor) -> KeptMeaning:
        """Have the texts encoded that are new; where that can't be, note why."""
        versions = _versions(self._pairs)
        with open_encoder(monitor.settings) as meanings:
            self.why_terms_alone = meanings.detail
            try:
                return KeptMeaning(monitor.archive, versions, meanings.encoder)
            except EncoderUnavailable as error:
                self.why_terms_alone = str(error)
                return KeptMeaning(monitor.archive, versions)

    def _of_known(self, article_id: int) -> set[str]:
        """Return the versions of claims that an article is known to bear on, or not to."""
        known = (pair for pair in self._pairs if article_id in pair.hits or article_id in pair.said)
        return {name for pair in known for name, _ in _versions([pair])}

    def _of_newest(self, article_id: int) -> set[str]:
        return self._new if article_id in self.newest else set()

    def _add(self, article: ArchivedArticle, versions: set[str], compared: Compared, found: set[str]) -> None:
        passages = {pair.key: pair.passages for pair in self._pairs}
        for one in self._scorer.compare(article.given, compared):
            if one.claim_key in versions:
                found.add(one.claim_key)
                passages[one.claim_key.partition("/")[2]][article.id] = one.passages


def _hold(
    monitor: Monitor,
    pairs: Sequence[_Pair],
    ids: Sequence[int],
    meaning: _Meaning,
    recent_from: datetime,
    progress: Progress,
) -> int:
    """Hold both versions of each claim against the candidates; return of how many, for samples are no archive."""
    matcher, by_key, done = Matcher(_versions(pairs)), {pair.key: pair for pair in pairs}, 0
    for articles in read_archived(monitor.archive, ids):
        found = {article.id: set(matcher.find_hits(article.given)) for article in articles}
        meaning.find(articles, found)
        for article in articles:
            here, is_recent = found[article.id], article.seen_at >= recent_from
            for key in {name.partition("/")[2] for name in here}:
                _note(by_key[key], article, _BEFORE + key in here, _AFTER + key in here, is_recent)
        done += len(articles)
        progress("backtest", min(done, len(ids)), len(ids))
    return done


def _note(pair: _Pair, article: ArchivedArticle, was: bool, will: bool, is_recent: bool) -> None:
    for version, holds in ((pair.found_before, was), (pair.found_after, will)):
        if holds:
            version.found.add(article.id)
            version.recent += is_recent
    differs = pair.gained if will and not was else pair.lost if was and not will else None
    if differs is not None and len(differs) < SHOWN:
        differs.append(article)


def _told(pair: _Pair, weeks: float) -> ClaimBacktest:
    before, after = pair.found_before.found, pair.found_after.found
    return ClaimBacktest(
        key=pair.key,
        change=pair.change,
        before=_figures(pair.found_before, pair.said, weeks),
        after=_figures(pair.found_after, pair.said, weeks),
        gained=len(after - before),
        lost=len(before - after),
        judged=len(pair.said),
        gained_hits=_shown(pair.after, pair.gained, pair.passages),
        lost_hits=_shown(pair.before, pair.lost, pair.passages),
    )


def _figures(version: _Version, said: Mapping[int, bool], weeks: float) -> BacktestFigures:
    found = [is_relevant for article_id, is_relevant in said.items() if article_id in version.found]
    wanted = [article_id in version.found for article_id, is_relevant in said.items() if is_relevant]
    return BacktestFigures(len(version.found), version.recent / weeks, _share(found), _share(wanted))


def _share(answers: Sequence[bool]) -> Share | None:
    return wilson(sum(answers), len(answers)) if answers else None


def _shown(
    claim: Claim | None, articles: Sequence[ArchivedArticle], nearest: Mapping[int, tuple[Passage, ...]]
) -> tuple[BacktestHit, ...]:
    if claim is None:
        return ()
    matcher, hits = Matcher([(claim.key, claim)]), []
    for article in articles:
        given = article.given
        passages = tuple(passage for one in matcher.match_hits(given) for passage in one.passages)
        shown = passages or nearest.get(article.id, ())
        hits.append(BacktestHit(article.id, given.title, article.outlet, given.url, shown))
    return tuple(hits)
