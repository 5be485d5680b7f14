"""Search the archive.

The index finds candidates; each one that is shown was held against the query itself, so that both databases answer
alike. What is typed is never refused: what doesn't read as a query is looked for as plain words.
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from itertools import islice

from monitor.match.search import Look, Search
from monitor.model.archiving import StoredArticle
from monitor.model.query import And, Expression, Lang, Near, Or, Phrase, Site, Title, Word, iter_terms
from monitor.model.searching import MarkedPassage, SearchedArticle
from monitor.operations.opening import Monitor
from monitor.store.archive import count_articles
from monitor.store.search.compiled import Asked
from monitor.store.search.reading import Index, Period, ask_index
from monitor.store.watchlists import live_watchlists
from monitor.text.normalise import fold
from monitor.text.terms import fact_of, tokens_of
from monitor.watchlist.document import read_names
from monitor.watchlist.searching import NO_NAMES, KnownNames, SearchQuery, read_search

MAX_LOOKS = 2000
"""So many candidates are held against a query that the index can't answer by itself."""

_MAX_COUNTED = 10_000
"""Counting a million articles takes longer than searching them."""

_SHORT, _SHORTEST = 20_000, 500
"""So few characters are in the index as a whole; of so few, PostgreSQL knows all places of every word, however often it
stands there."""

_BATCH = 40
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

    def found(self, *, is_best: bool) -> tuple[tuple[Found, ...], bool]:
        """Return what is shown, and whether there is more."""
        held = list(islice(self.looks(is_best=is_best), self.limit + 1))
        shown = held[: self.limit]
        claims = self.index.claims([article.id for article, _ in shown])
        found = tuple(
            Found(article, tuple(map(_shortened, look.passages())), claims.get(article.id, ()))
            for article, look in shown
        )
        return found, len(held) > self.limit

    def candidates(self, *, is_best: bool) -> Iterator[list[int]]:
        index, before = self.index, None
        size = self.limit + 1 if self.asked.is_exact else _BATCH
        if is_best:
            found = index.best(self.asked, self.period, limit=MAX_LOOKS)
            ids = found.ids
            if found.is_partial:
                self.notes.append(f"The best of the newest {found.ranked:,} that match; older ones were not ranked.")
            yield from (ids[start : start + size] for start in range(0, len(ids), size))
            return
        while ids := index.newest(self.asked, self.period, before=before, limit=size):
            yield ids
            before = ids[-1]

    def looks(self, *, is_best: bool) -> Iterator[tuple[StoredArticle, Look]]:
        """Go through the articles for which the query holds, in order."""
        search, looked_at = Search(self.expression, self.asked.inflections), 0
        for ids in self.candidates(is_best=is_best):
            articles = self.index.articles(ids)
            for article in (articles[article_id] for article_id in ids if article_id in articles):
                look = (search if _length(article) < _SHORT else self.of_long).look(_searched(article))
                looked_at += 1
                if self.is_sure(article) or look.holds:
                    yield article, look
            if looked_at >= MAX_LOOKS:
                self.notes.append(f"The {looked_at:,} likeliest articles were looked at; more words find what is left.")
                return

    @cached_property
    def of_long(self) -> Search:
        """What is held against long articles: not all their words are in the index, and so not in its list."""
        return Search(self.expression)

    def is_sure(self, article: StoredArticle) -> bool:
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
    return replace(result, notes=(*result.notes, *_why_nothing(monitor, expression, period)))


def _names(monitor: Monitor) -> KnownNames:
    return KnownNames.of({stored.name: read_names(stored.document) for stored in live_watchlists(monitor.archive)})


def _length(article: StoredArticle) -> int:
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
        notes.append(f"Not a query, so these are looked for as plain words: {query.fault}")
    if query.is_cut:
        notes.append("Only the first words of what was typed are looked for.")
    return notes


def _why_nothing(monitor: Monitor, expression: Expression, period: Period) -> list[str]:
    """Say why nothing was found, and what to type next."""
    if not (count := count_articles(monitor.archive, up_to=_MAX_COUNTED + 1)):
        return ["The archive is empty: `monitor poll` reads the sources that are due."]
    if period != Period() and _is_found(monitor, expression, Period()):
        return ["Nothing in these days; without --since and --until there is something."]
    wanted = tuple(_asked_at_once(expression))
    notes = [
        _none_of(monitor, part) for part in wanted if _can_be_said(part) and not _is_found(monitor, part, Period())
    ]
    anywhere = _without_near(expression)
    if not notes and anywhere != expression and _is_found(monitor, anywhere, Period()):
        notes = ["Farther apart there is something: write a larger number after NEAR, or AND in its place."]
    elif not notes and len(wanted) > 1:
        notes = ["Each of these stands in some article, but no article has them all: leave one out, or write OR."]
    counted = f"{count:,}" if count <= _MAX_COUNTED else f"more than {_MAX_COUNTED:,}"
    return [f"Nothing in {counted} articles.", *notes]


def _asked_at_once(expression: Expression) -> Iterator[Expression]:
    """Go through the parts that must all stand in an article."""
    match expression:
        case And(parts):
            yield from (inner for part in parts for inner in _asked_at_once(part))
        case Near(left, right):
            yield from _asked_at_once(left)
            yield from _asked_at_once(right)
        case _:
            yield expression


def _without_near(expression: Expression) -> Expression:
    """Return the same query for which all that is near may stand anywhere."""
    match expression:
        case And(parts):
            return And(tuple(map(_without_near, parts)))
        case Or(parts):
            return Or(tuple(map(_without_near, parts)))
        case Near(left, right):
            return And((left, right))
        case _:
            return expression


def _can_be_said(part: Expression) -> bool:
    return isinstance(part, Word | Phrase | Site | Lang | Title)


def _is_found(monitor: Monitor, part: Expression, period: Period) -> bool:
    def ask(index: Index) -> bool:
        return bool(index.newest(index.asked_of(part), period, before=None, limit=1))

    return ask_index(monitor.archive, ask)


def _none_of(monitor: Monitor, part: Expression) -> str:
    match part:
        case Site():
            return f"No article is from {part.host}: `monitor sources list` shows what is read."
        case Lang():
            return f"No article is known to be in the language {fact_of(part).removeprefix('lang:')}."
        case Title():
            return f"No title has {' or '.join(_written(term) for term in iter_terms(part))}: try it without title:"
    term = next(iter_terms(part))
    close = _close_word(monitor, tokens_of(term)) if isinstance(term, Word) else ""
    hint = f" (there is {close})" if close else " (without the quotes, inflections count too)" * term.is_exact
    return f"No article has {_written(term)}{hint}."


def _written(term: Word | Phrase) -> str:
    if isinstance(term, Word):
        return f'"{term.text}{"*" * term.is_prefix}"'
    return f'"{" ".join(term.words)}"'


def _close_word(monitor: Monitor, tokens: tuple[str, ...]) -> str:
    if len(tokens) != 1 or len(tokens[0]) < 3:
        return ""
    word = fold(tokens[0])
    like = ask_index(monitor.archive, lambda index: index.words_like(word))
    close = difflib.get_close_matches(word, like, n=1, cutoff=0.7)
    return f'"{close[0]}"' if close else ""
