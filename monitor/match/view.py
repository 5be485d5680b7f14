"""What a claim is held against: the fields of an article and the terms found in them.

All claims share a field, and many share groups of terms: what is worked out for one is kept for the others.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from heapq import merge
from itertools import islice
from operator import itemgetter
from typing import Literal, TypeVar

from monitor.match.filing import Span
from monitor.match.words import Words, words_of
from monitor.text.normalise import Normalised, normalise
from monitor.text.tokens import Tokens

MAX_PLACES = 200
"""So many places of one group of terms are looked at as evidence, the first ones of a field: no article written for
readers has more, and a page that repeats our terms without end must not hold up the others. Whether a claim's
expression holds is still told by the whole text."""

MAX_SPANS = 100
"""So many places of one term are kept as evidence; a text that repeats a word without end shows nothing more."""

_FEW_TERMS = 8
"""A longer list of spellings isn't gone through term by term: of all that stand in a text few are among them."""

NO_TERMS: frozenset[int] = frozenset()

Place = tuple[int, int, int]
"""Where a term stands and its number: first token, end, term."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class FieldText:
    """One field of an article, cut into tokens; its normal form is made when somebody asks."""

    def __init__(self, where: Literal["title", "text"], original: str) -> None:
        self.where = where
        self.original = original
        self._words: Words | None = None

    @cached_property
    def normalised(self) -> Normalised:
        """The field in normal form."""
        return normalise(self.original)

    @cached_property
    def tokens(self) -> Tokens:
        """Its tokens."""
        return Tokens(self.normalised.text)

    @cached_property
    def cut(self) -> Sequence[str] | Words:
        """Its tokens, cut at once where that can be done; whoever asks for this needs no `tokens` to count words."""
        self._words = words_of(self.original)
        return self.tokens.forms if self._words is None else self._words

    @property
    def word_count(self) -> int:
        """How many words it has."""
        return self.tokens.word_count if self._words is None else len(self._words)

    def words_between(self, end: int, start: int) -> int:
        """Count the words between the tokens before number `end` and those from number `start`."""
        return self.tokens.words_between(end, start) if self._words is None else max(0, start - end)

    def original_span(self, first: int, end: int) -> tuple[int, int]:
        """Return where tokens `first` to before `end` stand in the original text."""
        return self.normalised.original_span(*self.tokens.span(first, end))


class Field:
    """A field and where terms stand in it: by number, as spans of its tokens, in order."""

    def __init__(self, text: FieldText, spans: Mapping[int, Sequence[Span]]) -> None:
        self.text = text
        self.spans = spans
        self._quoted: dict[int, tuple[Span, ...]] = {}
        self._terms_by_span: dict[frozenset[int], dict[Span, frozenset[int]]] = {}
        self._places: dict[frozenset[int], tuple[Place, ...]] = {}
        self._spans_of: dict[frozenset[int], list[Span]] = {}
        self._near: dict[tuple[frozenset[int], frozenset[int], int], tuple[tuple[Span, Span], ...]] = {}

    @cached_property
    def found(self) -> frozenset[int]:
        """The numbers of the terms."""
        return frozenset(self.spans)

    def places_of(self, terms: frozenset[int]) -> tuple[Place, ...]:
        """Return the first `MAX_PLACES` places of some terms, in order."""
        return _kept(self._places, terms, lambda: tuple(islice(self._all_places(terms), MAX_PLACES)))

    def quoted_places(self, number: int) -> tuple[Span, ...]:
        """Return the first `MAX_SPANS` places of a term as spans of the original text."""
        original_span = self.text.original_span
        spans = self.spans.get(number, ())
        return _kept(self._quoted, number, lambda: tuple(original_span(*span) for span in spans[:MAX_SPANS]))

    def pairs_of(self, left: frozenset[int], right: frozenset[int], distance: int) -> tuple[tuple[Span, Span], ...]:
        """Return the first `MAX_PLACES` pairs of places of the two groups with so many words between them at most.

        Each left place stands there with its nearest right one before and after it, if near enough.
        """
        key = left, right, distance
        return _kept(self._near, key, lambda: tuple(islice(self._all_pairs(*key), MAX_PLACES)))

    def has_pair(self, left: frozenset[int], right: frozenset[int], distance: int) -> bool:
        """Tell whether there is such a pair."""
        return next(self._all_pairs(left, right, distance), None) is not None

    def terms_at(self, terms: frozenset[int], span: Span) -> frozenset[int]:
        """Return those of some terms that stand exactly there."""
        return _kept(self._terms_by_span, terms, lambda: self._by_span(terms)).get(span, NO_TERMS)

    def within(self, start: int, end: int, numbers: frozenset[int]) -> "Field":
        """Return the field with only some terms, and those only between two places of the original text."""
        original_span = self.text.original_span
        inside: dict[int, Sequence[Span]] = {}
        for number in numbers & self.found:
            spans = self.spans[number]
            first = bisect_left(spans, start, key=lambda span: original_span(*span)[0])
            last = bisect_right(spans, end, key=lambda span: original_span(*span)[0])
            inside[number] = [span for span in spans[first:last] if original_span(*span)[1] <= end]
        return Field(self.text, {number: found for number, found in inside.items() if found})

    def _by_span(self, terms: frozenset[int]) -> dict[Span, frozenset[int]]:
        by_span: dict[Span, frozenset[int]] = {}
        for number in terms & self.found:
            for span in self.spans[number]:
                by_span[span] = by_span.get(span, NO_TERMS) | {number}
        return by_span

    def _all_places(self, terms: frozenset[int]) -> Iterator[Place]:
        found = sorted(terms & self.found)
        return merge(*([(start, end, number) for start, end in self.spans[number][:MAX_PLACES]] for number in found))

    def _all_spans(self, terms: frozenset[int]) -> Sequence[Span]:
        spans = self.spans
        is_long = len(terms) > _FEW_TERMS
        found = list(terms & self.found) if is_long else [number for number in terms if number in spans]
        if len(found) == 1:
            return spans[found[0]]
        return _kept(self._spans_of, terms, lambda: sorted({span for number in found for span in spans[number]}))

    def _all_pairs(self, left: frozenset[int], right: frozenset[int], distance: int) -> Iterator[tuple[Span, Span]]:
        if not (lefts := self._all_spans(left)) or not (rights := self._all_spans(right)):
            return
        starts = [start for start, _ in rights]
        by_end = sorted(rights, key=itemgetter(1, 0))
        ends = [end for _, end in by_end]
        between = self.text.words_between
        for start, end in lefts:
            if (at := bisect_right(ends, start)) and between(ends[at - 1], start) <= distance:
                yield (start, end), by_end[at - 1]
            if (at := bisect_left(starts, end)) < len(rights) and between(end, starts[at]) <= distance:
                yield (start, end), rights[at]


class View:
    """The fields of an article, or a part of them, and the numbers of the facts that hold of it."""

    def __init__(self, fields: Sequence[Field], facts: frozenset[int] = frozenset()) -> None:
        self.fields = tuple(fields)
        self.facts = facts

    @cached_property
    def found(self) -> frozenset[int]:
        """The numbers of all terms and facts."""
        return self.facts.union(*(field.found for field in self.fields))

    @cached_property
    def title_alone(self) -> "View":
        """The title, and nothing else of it."""
        return View([field for field in self.fields if field.text.where == "title"])


def _kept(known: dict[_Key, _Value], key: _Key, work_out: Callable[[], _Value]) -> _Value:
    if (value := known.get(key)) is None:
        value = known[key] = work_out()
    return value
