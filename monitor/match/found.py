"""The terms that stand in one text. In: its tokens, and what an index knows of them. Out: terms and where they stand.

Which terms stand there is found at once; where, when somebody asks: most claims are told by the former alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from monitor.match.filing import Span
from monitor.match.known import KnownForms, KnownPairs
from monitor.match.rows import Flags, Ints, Numbers
from monitor.text.stems import stem_of


class Found(Mapping[int, Sequence[Span]]):
    """The terms that stand in a text, by number, with their spans in order."""

    def __init__(self, kinds: Numbers, known: KnownForms, pairs: KnownPairs, stands: Flags) -> None:
        """Take the kinds of the tokens, and a flag for each term; those of the terms that stand there are set."""
        self._kinds, self._known, self._pairs = kinds, known, pairs
        self._spans: dict[int, Sequence[Span]] = {}
        self.stands = stands
        if len(kinds):
            self._look()

    def _look(self) -> None:
        known, pairs, stands = self._known, self._pairs, self.stands
        self._terms = known.terms.take(self._kinds)
        self._numbers_in_pairs = known.in_pairs[self._kinds]
        self._pair_places, self._pairs_found = pairs.find(self._numbers_in_pairs)
        self._terms_of_two = pairs.terms.take(self._pairs_found)
        stands[self._terms] = stands[self._terms_of_two] = True
        for number, _ in self._longer():
            stands[number] = True

    def before(self, end: int) -> "Found":
        """Return what stands in the text before token `end`."""
        return Found(self._kinds[:end], self._known, self._pairs, np.zeros_like(self.stands))

    def __getitem__(self, number: int) -> Sequence[Span]:
        spans = self._spans.get(number)
        if spans is None:
            if not self.stands[number]:
                raise KeyError(number)
            spans = self._spans[number] = self._spans_of(number)
        return spans

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and bool(self.stands[number])

    def __iter__(self) -> Iterator[int]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)

    @cached_property
    def _numbers(self) -> frozenset[int]:
        return frozenset(self.stands.nonzero()[0].tolist())

    def _spans_of(self, number: int) -> Sequence[Span]:
        if starts := self._starts[self._terms == number].tolist():
            return [(at, at + 1) for at in starts]
        if starts := self._starts_of_two[self._terms_of_two == number].tolist():
            return [(at, at + 2) for at in starts]
        return sorted(self._long[number])

    @cached_property
    def _starts(self) -> Ints:
        """The tokens that are a term, as often as they are one."""
        return np.repeat(np.arange(len(self._kinds)), self._known.terms.lengths(self._kinds))

    @cached_property
    def _starts_of_two(self) -> Ints:
        """The first tokens of the terms of two."""
        return np.repeat(self._pair_places, self._pairs.terms.lengths(self._pairs_found))

    @cached_property
    def _long(self) -> Mapping[int, list[Span]]:
        """The other terms of several tokens."""
        spans: dict[int, list[Span]] = {}
        for number, span in self._longer():
            spans.setdefault(number, []).append(span)
        return spans

    @cached_property
    def _forms(self) -> list[str]:
        """The tokens, as far as they stand in a term of several."""
        forms: list[str] = self._known.forms[self._kinds].tolist()
        return forms

    def _longer(self) -> Iterator[tuple[int, Span]]:
        """Find the terms of which a first look shows a part only."""
        known, pairs = self._known.longer, self._pairs
        for kind in known.keys() & set(self._kinds.tolist()) if known else ():
            for at in _places(self._kinds, kind):
                for number, rest in known[kind].compounds:
                    end = at + 1 + len(rest)
                    if tuple(map(stem_of, self._forms[at + 1 : end])) == rest:
                        yield number, (at, end)
                for number, prefix in known[kind].prefixed:
                    if at + 1 < len(self._forms) and self._forms[at + 1].startswith(prefix):
                        yield number, (at, at + 2)
        for at, around in pairs.parts(self._numbers_in_pairs, self._pair_places, self._pairs_found):
            if span := around.span(at) if around.is_three else around.find(self._forms, at):
                yield around.number, span


def _places(kinds: Numbers, kind: int) -> list[int]:
    places: list[int] = (kinds == kind).nonzero()[0].tolist()
    return places
