"""Why a search found nothing. In: what was looked for. Out: sentences for who typed it, with what to type next."""

import difflib
from collections.abc import Iterator

from monitor.model.query import And, Expression, Lang, Near, Or, Phrase, Site, Title, Word, iter_terms
from monitor.operations.opening import Monitor
from monitor.store.articles import count_articles
from monitor.store.search.reading import Index, Period, ask_index
from monitor.text.counting import counted
from monitor.text.normalise import fold
from monitor.text.terms import fact_of, tokens_of

_MAX_COUNTED = 10_000
"""Counting a million articles takes longer than searching them."""


def why_nothing(monitor: Monitor, expression: Expression, period: Period) -> list[str]:
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
    articles = counted(count, "article") if count <= _MAX_COUNTED else f"more than {_MAX_COUNTED:,} articles"
    return [f"Nothing in {articles}.", *notes]


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
