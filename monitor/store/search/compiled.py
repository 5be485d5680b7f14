"""An expression as an index can be asked for it. In: Expression, and the words of each stem. Out: Asked. Pure.

FTS5 and tsvector know words, phrases, prefixes and what joins them, so most expressions mean in an index what they mean
to the matcher. What an index can't say is asked more widely, and then `is_exact` is false: the articles found are held
against the expression itself (`monitor.match.search`). That is NEAR, whose distance counts words in scripts that write
no spaces; a phrase with too many inflections; and on PostgreSQL phrases in very long texts. Under NOT, what is asked
must be narrower instead: an article that the index hides is lost, one too many is only looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, product
from typing import Literal

from monitor.model.query import And, Expression, Lang, Near, Not, Or, Phrase, Site, Term, Title, Word, iter_terms
from monitor.store.search.analysed import CUT, fact_token, is_listed
from monitor.text.stems import is_stemmed, stem_of
from monitor.text.terms import fact_of, is_inflected, is_prefix, tokens_of

MAX_BEGINNINGS = 512
"""A prefix with which so many words begin is asked for by its words."""

MAX_PHRASES = 64
"""So many forms of one phrase are asked for; of more, only that all its words are there."""


Within = Literal["all", "title", "report"]
"""Where words are looked for: in all fields, in the title, or in title and text alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """Tokens that follow each other, each one of some: what one phrase in all its inflections is."""

    places: tuple[tuple[str, ...], ...]
    is_prefix: bool
    within: Within


@dataclass(frozen=True, slots=True)
class Every:
    """All of them; none: everything."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one of them; none: nothing."""

    parts: tuple["Part", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """What isn't in it."""

    part: "Part"


@dataclass(frozen=True, slots=True)
class Close:
    """One of each, with so many words between them at most, in either order."""

    lefts: tuple[Row, ...]
    rights: tuple[Row, ...]
    distance: int


Part = Row | Every | Some | Without | Close
NOTHING, EVERYTHING = Some(()), Every(())
NO_WORDS: Mapping[str, Sequence[str]] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an index is asked. Unless `is_exact`, it may find more than the expression means, and never less."""

    part: Part
    is_exact: bool
    inflections: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The words that the index has of each stem."""

    has_prefix: bool = False
    has_phrase: bool = False
    """Whether it asks where words stand, or in which field."""


def stems_of(expression: Expression) -> frozenset[str]:
    """Return the stems of which the compiler must know the words."""
    forms = chain.from_iterable(tokens_of(term) for term in iter_terms(expression) if is_inflected(term))
    return frozenset(stem_of(form) for form in forms if is_stemmed(form))


def prefixes_of(expression: Expression) -> frozenset[str]:
    """Return the prefixes of which the compiler can do with the words."""
    lasts = (tokens_of(term)[-1:] for term in iter_terms(expression) if is_prefix(term))
    return frozenset(form for form in chain.from_iterable(lasts) if is_listed(form))


def compile_expression(
    expression: Expression,
    inflections: Mapping[str, Sequence[str]],
    beginnings: Mapping[str, Sequence[str]] = NO_WORDS,
    *,
    is_of_claim: bool = False,
) -> Asked:
    """Say what an index is asked.

    `inflections` gives the words that the index has of each stem, `beginnings` all that begin with a prefix, where they
    are few: FTS5 gathers all articles of a prefix before it gives the first, but not those of some words. A claim is
    held against title and text alone: what it denies must not be looked for in outlets and bylines.
    """
    compiler = _Compiler(inflections, beginnings, is_of_claim=is_of_claim)
    part = compiler.compile(expression, is_wide=True, is_of_title=False)
    return Asked(part, compiler.is_exact and not is_of_claim, inflections, compiler.has_prefix, compiler.has_phrase)


class _Compiler:
    def __init__(
        self, inflections: Mapping[str, Sequence[str]], beginnings: Mapping[str, Sequence[str]], *, is_of_claim: bool
    ) -> None:
        self.inflections, self.beginnings, self.is_of_claim = inflections, beginnings, is_of_claim
        self.is_exact, self.has_prefix, self.has_phrase = True, False, False

    def compile(self, expression: Expression, *, is_wide: bool, is_of_title: bool) -> Part:
        match expression:
            case Title(part):
                return self.compile(part, is_wide=is_wide, is_of_title=True)
            case Not(part):
                return without(self.compile(part, is_wide=not is_wide, is_of_title=is_of_title))
            case And(parts):
                return every(self.compile(part, is_wide=is_wide, is_of_title=is_of_title) for part in parts)
            case Or(parts):
                return some(self.compile(part, is_wide=is_wide, is_of_title=is_of_title) for part in parts)
        return self._leaf(expression, is_wide=is_wide, is_of_title=is_of_title)

    def _leaf(self, leaf: Expression, *, is_wide: bool, is_of_title: bool) -> Part:
        match leaf:
            case Word() | Phrase():
                return self._term(leaf, is_wide=is_wide, is_of_title=is_of_title)
            case Site() | Lang():
                return Row(((fact_token(fact_of(leaf)),),), is_prefix=False, within="all")
            case Near(left, right, distance) if is_wide:
                self.is_exact = False
                sides = [self.compile(side, is_wide=True, is_of_title=is_of_title) for side in (left, right)]
                lefts, rights = map(_rows, sides)
                if not lefts or not rights:
                    return every(sides)
                self.has_phrase = True
                return Close(lefts, rights, distance)
        self.is_exact = False
        return NOTHING

    def _term(self, term: Term, *, is_wide: bool, is_of_title: bool) -> Part:
        forms = tokens_of(term)
        is_open = is_inflected(term)  # asked once: it reads the whole term
        places = tuple(self._words(form) if is_open else (form,) for form in forms)
        goes_on = is_prefix(term)
        begun = self.beginnings.get(forms[-1]) if goes_on and forms else None
        if begun is not None and (len(forms) == 1 or len(begun) <= MAX_PHRASES):
            places, goes_on = (*places[:-1], tuple(begun)), False
        if not places or not all(places):
            return NOTHING
        count = 1
        for words in places:
            count *= len(words)
        self.has_prefix |= goes_on
        self.has_phrase |= len(places) > 1 or is_of_title
        within: Within = "title" if is_of_title else "report" if self.is_of_claim and not is_wide else "all"
        if count <= MAX_PHRASES or len(places) == 1:
            return Row(places, goes_on, within)
        self.is_exact = False
        if not is_wide:
            return NOTHING
        return every(Row((words,), is_prefix=False, within=within) for words in places)

    def _words(self, form: str) -> tuple[str, ...]:
        return tuple(self.inflections.get(stem_of(form), ())) if is_stemmed(form) else (form,)


def every(parts: Iterable[Part]) -> Part:
    """Join parts that must all hold; what is nothing makes nothing of all."""
    kept = [part for part in parts if part != EVERYTHING]
    return NOTHING if NOTHING in kept else kept[0] if len(kept) == 1 else Every(tuple(kept))


def some(parts: Iterable[Part]) -> Part:
    """Join parts of which one is enough."""
    kept = [part for part in parts if part != NOTHING]
    return EVERYTHING if EVERYTHING in kept else kept[0] if len(kept) == 1 else Some(tuple(kept))


def without(part: Part) -> Part:
    """Deny a part."""
    if isinstance(part, Without):
        return part.part
    return EVERYTHING if part == NOTHING else NOTHING if part == EVERYTHING else Without(part)


def _rows(part: Part) -> tuple[Row, ...]:
    """Return the rows of which a part is one; none where it is more than that."""
    parts = part.parts if isinstance(part, Some) else (part,)
    rows = tuple(row for row in parts if isinstance(row, Row))
    return rows if len(rows) == len(parts) else ()


def as_fts5(asked: Asked) -> str:
    """Write what is asked as an FTS5 query; "" where it can find nothing.

    FTS5 has no NOT that stands alone: a AND NOT b is written `a NOT b`, and what is denied alone is carried up to where
    something stands beside it. A query that denies all there is to it is refused by the grammar.
    """
    text, is_denied = _fts5(asked.part)
    if is_denied or not text:
        return "" if asked.part == NOTHING else f'"{CUT}"'
    return f'({text}) OR "{CUT}"'


_COLUMNS: Mapping[Within, str] = {"all": "", "title": "title : ", "report": "{title text} : "}


def _fts5(part: Part) -> tuple[str, bool]:
    """Return a query, and whether what is meant is all that it doesn't find. "" finds nothing."""
    match part:
        case Row(places, goes_on, within):
            phrases = [f'"{" ".join(forms)}"{" *" if goes_on else ""}' for forms in product(*places)]
            return f"{_COLUMNS[within]}({' OR '.join(phrases)})", False
        case Without(inner):
            text, is_denied = _fts5(inner)
            return text, not is_denied
        case Close(lefts, rights):
            return _all_of([_fts5(Some(lefts)), _fts5(Some(rights))])
        case Every(parts):
            return _all_of([_fts5(inner) for inner in parts])
        case Some(parts):
            # Either holds, where it isn't that both fail.
            text, is_denied = _all_of([(text, not is_denied) for text, is_denied in map(_fts5, parts)])
            return text, not is_denied


def _all_of(parts: list[tuple[str, bool]]) -> tuple[str, bool]:
    wanted = [text for text, is_denied in parts if not is_denied]
    denied = [text for text, is_denied in parts if is_denied]
    if not wanted:
        return (f"({' OR '.join(denied)})" if denied else ""), True
    text = f"({' AND '.join(wanted)})" if len(wanted) > 1 else wanted[0]
    return (f"({text} NOT ({' OR '.join(denied)}))" if denied else text), False
