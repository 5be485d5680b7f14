"""Search the archive.

The index finds candidates; each one that is shown was held against the query itself, so that both databases answer
alike. What is typed is never refused: what doesn't read as a query is looked for as plain words.
"""

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice

from monitor.match.search import Look, Search
from monitor.model.archiving import StoredArticle
from monitor.model.query import Expression
from monitor.model.searching import MarkedPassage, SearchedArticle
from monitor.operations.opening import Monitor
from monitor.operations.unfound import why_nothing
from monitor.store.search.compiled import Asked
from monitor.store.search.reading import Index, Period, ask_index
from monitor.store.watchlists import live_watchlists
from monitor.watchlist.document import read_names
from monitor.watchlist.searching import NO_NAMES, KnownNames, SearchQuery, read_search

MAX_LOOKS = 2000
"""So many candidates are held against a query that the index can't answer by itself."""

_SHORT, _SHORTEST = 20_000, 500
"""So few characters are in the index as a whole; of so few, PostgreSQL knows all places of every word, however often it
stands there."""

_MIN_BATCH, _MAX_BATCH = 10, 320
_PASSAGE_CHARACTERS = 240


@dataclass(frozen=True, slots=True)
class Found:
    """One article that was found: where it stands, and the claims that it bears on."""

    article: StoredArticle
    passages: tuple[MarkedPassage, ...]
    claims: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found.

    `notes` say what a reader must know of it: how it was read, what wasn't looked at, why nothing was found, what to
    type next.
    """

    found: tuple[Found, ...]
    query: SearchQuery
    is_more: bool = False
    notes: tuple[str, ...] = ()


@dataclass
class _Searching:
    """One search under way, in one transaction."""

    index: Index
    expression: Expression
    asked: Asked
    period: Period
    limit: int
    notes: list[str] = field(default_factory=list)
    articles: dict[int, StoredArticle] = field(default_factory=dict)
    """Those read so far as a whole."""

    looked_at: int = 0
    held: int = 0

    def found(self, *, is_best: bool) -> tuple[tuple[Found, ...], bool]:
        """Return what is shown, and whether there is more."""
        with closing(self.looks(is_best=is_best)) as looks:
            held = list(islice(looks, self.limit + 1))
        shown = held[: self.limit]
        ids = [article_id for article_id, _ in shown]
        self.articles |= self.index.articles([article_id for article_id in ids if article_id not in self.articles])
        claims = self.index.claims(ids)
        found = tuple(
            Found(self.articles[article_id], tuple(map(_shortened, look.passages())), claims.get(article_id, ()))
            for article_id, look in shown
        )
        return found, len(held) > self.limit

    def candidates(self, *, is_best: bool) -> Iterator[list[int]]:
        sizes = self.sizes()
        if not is_best:
            yield from self.index.pages(self.asked, self.period, sizes)
            return
        ids = self.best()
        yield from iter(lambda: list(islice(ids, next(sizes))), [])

    def best(self) -> Iterator[int]:
        """Give the best ones; where the index is sure of them, few first, since hardly ever more are looked at."""
        given = 0
        for most in sorted({min(5 * (self.limit + 1), MAX_LOOKS), MAX_LOOKS} if self.asked.is_exact else {MAX_LOOKS}):
            best = self.index.best(self.asked, self.period, limit=most)
            if best.is_partial and not given:
                self.notes.append(f"The best of the newest {best.ranked:,} that match; older ones were not ranked.")
            yield from best.ids[given:]
            if len(best.ids) < most:
                return
            given = most

    def sizes(self) -> Iterator[int]:
        """Give sizes of batches: as many as are wanted still, by the share of those looked at that held."""
        wanted = self.limit + 1
        yield wanted
        while True:
            looked_at, held = self.looked_at, self.held
            likely = (wanted - held) * looked_at * 5 // (4 * held) if held else 2 * looked_at
            yield min(max(likely, _MIN_BATCH), _MAX_BATCH)

    def looks(self, *, is_best: bool) -> Generator[tuple[int, Look]]:
        """Go through the articles for which the query holds, in order."""
        search = Search(self.expression, self.asked.inflections)
        for ids in self.candidates(is_best=is_best):
            texts = self.texts(ids[: MAX_LOOKS - self.looked_at])
            for article_id, article in ((each, texts[each]) for each in ids if each in texts):
                look = (search if _length(article) < _SHORT else self.of_long).look(article)
                self.looked_at += 1
                if self.is_sure(article) or look.holds:
                    self.held += 1
                    yield article_id, look
            if self.looked_at >= MAX_LOOKS:
                self.notes.append(
                    f"The {self.looked_at:,} likeliest articles were looked at; more words find what is left."
                )
                return

    def texts(self, ids: Sequence[int]) -> dict[int, SearchedArticle]:
        """Return what the query is held against; where nearly all are shown, they are read as a whole at once."""
        if not self.asked.is_exact:
            return self.index.texts(ids)
        articles = self.index.articles(ids)
        self.articles |= articles
        return {article_id: _searched(article) for article_id, article in articles.items()}

    @cached_property
    def of_long(self) -> Search:
        """What is held against long articles: not all their words are in the index, and so not in its list."""
        return Search(self.expression)

    def is_sure(self, article: SearchedArticle) -> bool:
        """Tell whether the index alone says that the query holds of an article: not of a long one."""
        most = _SHORT if self.index.knows_places(self.asked) else _SHORTEST
        return self.asked.is_exact and _length(article) < most


def search_archive(
    monitor: Monitor,
    text: str,
    *,
    is_best: bool = False,
    since: date | None = None,
    until: date | None = None,
    limit: int = 20,
) -> SearchResult:
    """Search the latest texts of all articles, newest or best first; `since` and `until` are days, both included."""
    query = read_search(text, _names(monitor) if "@" in text else NO_NAMES)
    notes = _how_read(query)
    if query.expression is None:
        return SearchResult((), query, notes=(*notes, "Nothing to look for: type a word, as: monitor search garment"))
    period = _period(since, until)
    expression = query.expression

    def search(index: Index) -> SearchResult:
        searching = _Searching(index, expression, index.asked_of(expression), period, limit)
        found, is_more = searching.found(is_best=is_best)
        return SearchResult(found, query, is_more=is_more, notes=(*notes, *searching.notes))

    result = ask_index(monitor.archive, search)
    if result.found:
        return result
    return replace(result, notes=(*result.notes, *why_nothing(monitor, expression, period)))


def _names(monitor: Monitor) -> KnownNames:
    return KnownNames.of({stored.name: read_names(stored.document) for stored in live_watchlists(monitor.archive)})


def _length(article: SearchedArticle) -> int:
    return len(article.title) + len(article.text) + len(article.outlet) + len(article.byline)


def _searched(article: StoredArticle) -> SearchedArticle:
    return SearchedArticle(
        article.title, article.text, article.outlet, article.byline, article.canonical_url, article.language
    )


def _period(since: date | None, until: date | None) -> Period:
    first = datetime.combine(since, time(), UTC) if since else None
    last = datetime.combine(until, time(), UTC) + timedelta(days=1) if until and until < date.max else None
    return Period(first, last)


def _shortened(marked: MarkedPassage) -> MarkedPassage:
    """Cut a long passage to what stands around its first mark."""
    passage, marks = marked.passage, marked.marks
    if len(passage.text) <= _PASSAGE_CHARACTERS or not marks:
        return marked
    first = max(0, min(marks[0][0] - _PASSAGE_CHARACTERS // 3, len(passage.text) - _PASSAGE_CHARACTERS))
    last = max(first + _PASSAGE_CHARACTERS, marks[0][1])
    kept = tuple((start - first, end - first) for start, end in marks if start >= first and end <= last)
    text = passage.text[first:last]
    cut = type(passage)(text, passage.start + first, passage.start + first + len(text), passage.where, passage.page)
    return MarkedPassage(cut, kept)


def _how_read(query: SearchQuery) -> list[str]:
    notes = []
    if query.fault:
        instead = ", so these are looked for as plain words" if query.expression else ""
        notes.append(f"Not a query{instead}: {query.fault}")
    if query.is_cut:
        notes.append("Only the first words of what was typed are looked for.")
    return notes
