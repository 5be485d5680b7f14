"""A claim's expression, made ready to be held against many articles: terms are numbers, groups of terms are sets.

The *coverage* of an expression is the share of it that an article satisfies, and 1 exactly where it holds:
a term or a group of alternatives 1 or 0; OR the best of its parts; AND the mean of its parts, halved where something
denied holds; NEAR 1, or a quarter for each side that stands there at all.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from monitor.match.filing import Span
from monitor.match.view import Field, View
from monitor.model.query import And, Expression, Fact, Lang, Near, Not, Or, Phrase, Site, Term, Title, Word, iter_terms

NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class AnyTerm:
    """A group of terms of which one is enough. `part` tells the groups of an expression apart."""

    part: int
    terms: frozenset[int]


@dataclass(frozen=True, slots=True)
class Close:
    """Two groups with so many words between them at most, in either order, and never the same words."""

    left: AnyTerm
    right: AnyTerm
    distance: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """Alternatives."""

    parts: tuple["Ready", ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """What must hold together, and what must not hold with it."""

    wanted: tuple["Ready", ...]
    unwanted: tuple["Without", ...]


@dataclass(frozen=True, slots=True)
class Without:
    """What must not hold."""

    part: "Ready"


@dataclass(frozen=True, slots=True)
class OfTitle:
    """What must hold of the title alone."""

    part: "Ready"


Ready = AnyTerm | Close | OneOf | AllOf | Without | OfTitle
Numbers = Mapping[Term | Fact, int]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A place that helps to satisfy an expression: which of its groups, with which terms."""

    start: int
    end: int
    parts: frozenset[int]
    terms: frozenset[int]


def make_ready(expression: Expression, numbers: Numbers) -> Ready:
    """Make an expression ready; `numbers` must hold all its terms."""
    return _ready(expression, numbers, count())


def holds(ready: Ready, view: View) -> bool:
    """Tell whether an expression holds; its cost is what it takes to find out, and no more."""
    match ready:
        case AnyTerm():
            return not ready.terms.isdisjoint(view.found)
        case Close():
            return any(field.has_pair(ready.left.terms, ready.right.terms, ready.distance) for field in view.fields)
        case OneOf():
            return any(holds(part, view) for part in ready.parts)
        case AllOf():
            return all(holds(part, view) for part in ready.wanted) and all(holds(part, view) for part in ready.unwanted)
        case Without():
            return not holds(ready.part, view)
        case OfTitle():
            return holds(ready.part, view.title_alone)


def required_groups(ready: Ready) -> tuple[frozenset[int], ...]:
    """Return groups of terms of each of which one must stand there for the expression to hold; perhaps not all."""
    match ready:
        case AnyTerm():
            return (ready.terms,)
        case OfTitle():
            return required_groups(ready.part)
        case Close():
            return ready.left.terms, ready.right.terms
        case AllOf():
            return tuple(group for part in ready.wanted for group in required_groups(part))
    return ()


def required_terms(ready: Ready, cost: Callable[[int], float]) -> frozenset[int] | None:
    """Return terms of which one must stand there for the expression to hold: of all such groups, the cheapest.

    `cost` says how often one meets a term. None where it may hold without any.
    """
    match ready:
        case AnyTerm():
            return ready.terms
        case OfTitle():
            return required_terms(ready.part, cost)
        case Without():
            return None
        case OneOf():
            options = [required_terms(part, cost) for part in ready.parts]
            return None if None in options else NOTHING.union(*(option for option in options if option))
    parts = (ready.left, ready.right) if isinstance(ready, Close) else ready.wanted
    groups = [group for part in parts if (group := required_terms(part, cost)) is not None]
    return min(groups, key=lambda group: sum(map(cost, group))) if groups else None


def denied_terms(ready: Ready) -> frozenset[int] | None:
    """Return the terms of which none may stand there for the expression to hold beside its required groups.

    None where more than that must be asked: whether it is near, of the title, or one of several parts.
    """
    match ready:
        case AnyTerm():
            return NOTHING
        case AllOf(wanted, unwanted):
            denied = [denied_terms(part) for part in wanted]
            denied += [not_.part.terms if isinstance(not_.part, AnyTerm) else None for not_ in unwanted]
            return None if None in denied else NOTHING.union(*(terms for terms in denied if terms))
    return None


def coverage(ready: Ready, view: View) -> float:
    """Return the share of an expression that is satisfied; 1 exactly where it holds."""
    match ready:
        case AnyTerm():
            return 0.0 if ready.terms.isdisjoint(view.found) else 1.0
        case Close():
            sides = coverage(ready.left, view) + coverage(ready.right, view)
            holds = sides == 2 and any(_pairs(ready, field) for field in view.fields)
            return 1.0 if holds else sides / 4
        case OneOf():
            return max((coverage(part, view) for part in ready.parts), default=0.0)
        case AllOf():
            share = sum(coverage(part, view) for part in ready.wanted) / len(ready.wanted) if ready.wanted else 1.0
            return share if all(coverage(part, view) == 1 for part in ready.unwanted) else share / 2
        case Without():
            return 0.0 if coverage(ready.part, view) == 1 else 1.0
        case OfTitle():
            return coverage(ready.part, view.title_alone)


def find_evidence(ready: Ready, view: View) -> dict[int, list[Evidence]]:
    """Return the places that satisfy an expression's parts, per field of the view; nothing for what is denied.

    Of alternatives, those that are satisfied best; of a NEAR that holds, only the places that are near.
    """
    places: dict[int, list[Evidence]] = {index: [] for index, _ in enumerate(view.fields)}
    for group, is_of_title in _best_groups(ready, view):
        for index, field in enumerate(view.fields):
            if field.text.where == "title" or not is_of_title:
                places[index] += _near_places(group, field) if isinstance(group, Close) else _places(group, field)
    return places


def find_denied(ready: Ready, view: View) -> frozenset[int]:
    """Return the terms by which something holds that the expression denies."""
    match ready:
        case Without(part):
            return find_terms(part, view) if coverage(part, view) == 1 else NOTHING
        case AllOf(wanted, unwanted):
            return NOTHING.union(*(find_denied(part, view) for part in (*wanted, *unwanted)))
        case OneOf(parts):
            return NOTHING.union(*(find_denied(part, view) for part in parts))
        case OfTitle(part):
            return find_denied(part, view.title_alone)
    return NOTHING


def find_terms(ready: Ready, view: View) -> frozenset[int]:
    """Return the terms that satisfy an expression's parts."""
    return frozenset(term for places in find_evidence(ready, view).values() for place in places for term in place.terms)


def _ready(expression: Expression, numbers: Numbers, parts: Iterator[int]) -> Ready:
    match expression:
        case Word() | Phrase() | Site() | Lang():
            return AnyTerm(next(parts), frozenset({numbers[expression]}))
        case Title(part):
            return OfTitle(_ready(part, numbers, parts))
        case Or(options):
            return _one_of(options, numbers, parts)
        case And(together):
            ready = [_ready(part, numbers, parts) for part in together]
            unwanted = tuple(part for part in ready if isinstance(part, Without))
            return AllOf(tuple(part for part in ready if not isinstance(part, Without)), unwanted)
        case Not(part):
            return Without(_ready(part, numbers, parts))
        case Near(left, right, distance):
            return Close(_group(left, numbers, parts), _group(right, numbers, parts), distance)


def _group(side: Expression, numbers: Numbers, parts: Iterator[int]) -> AnyTerm:
    return AnyTerm(next(parts), frozenset(numbers[term] for term in iter_terms(side)))


def _one_of(options: Sequence[Expression], numbers: Numbers, parts: Iterator[int]) -> Ready:
    """Gather the bare terms of an OR in one set: most queries are long lists of spellings."""
    terms = frozenset(numbers[option] for option in options if isinstance(option, Word | Phrase))
    ready: list[Ready] = [AnyTerm(next(parts), terms)] if terms else []
    ready += [_ready(option, numbers, parts) for option in options if not isinstance(option, Word | Phrase)]
    return ready[0] if len(ready) == 1 else OneOf(tuple(ready))


def _best_groups(ready: Ready, view: View, *, is_of_title: bool = False) -> Iterator[tuple[AnyTerm | Close, bool]]:
    match ready:
        case AnyTerm():
            yield ready, is_of_title
        case Close():
            if coverage(ready, view) == 1:
                yield ready, is_of_title
            else:
                yield from ((ready.left, is_of_title), (ready.right, is_of_title))
        case OneOf():
            best = coverage(ready, view)
            for part in ready.parts:
                if coverage(part, view) == best:
                    yield from _best_groups(part, view, is_of_title=is_of_title)
        case AllOf():
            for part in ready.wanted:
                yield from _best_groups(part, view, is_of_title=is_of_title)
        case OfTitle():
            yield from _best_groups(ready.part, view.title_alone, is_of_title=True)


def _places(group: AnyTerm, field: Field) -> Iterator[Evidence]:
    parts = frozenset({group.part})
    for start, end, number in field.places_of(group.terms):
        yield Evidence(start, end, parts, frozenset({number}))


def _near_places(close: Close, field: Field) -> Iterator[Evidence]:
    parts = frozenset({close.left.part, close.right.part})
    for one, other in _pairs(close, field):
        terms = field.terms_at(close.left.terms, one) | field.terms_at(close.right.terms, other)
        yield Evidence(min(one[0], other[0]), max(one[1], other[1]), parts, terms)


def _pairs(close: Close, field: Field) -> Sequence[tuple[Span, Span]]:
    return field.pairs_of(close.left.terms, close.right.terms, close.distance)
