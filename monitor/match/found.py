"""The terms that stand in one text. In: its tokens, and what an index knows of them. Out: terms and where they stand.

Which terms stand there is found at once; where, when somebody asks: most claims are told by the former alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import numpy as np

from monitor.match.filing import Span
from monitor.match.known import KnownForms, KnownPairs, hashes_of
from monitor.match.rows import Flags, Numbers
from monitor.text.stems import stem_of


class Found(Mapping[int, Sequence[Span]]):
    """The terms that stand in a text, by number, with their spans in order."""

    def __init__(self, forms: Sequence[str], known: KnownForms, pairs: KnownPairs, stands: Flags) -> None:
        """Take the tokens, and a flag for each term; those of the terms that stand there are set."""
        self._forms, self._known, self._pairs = forms, known, pairs
        self._spans: dict[int, Sequence[Span]] = {}
        self.stands = stands
        if forms:
            self._look()

    def _look(self) -> None:
        forms, known, pairs, stands = self._forms, self._known, self._pairs, self.stands
        hashes = hashes_of(forms)
        self._kinds = known.find(forms, hashes)
        self._pair_places, self._pairs_found = pairs.find(hashes)
        is_met = np.zeros(len(known.terms), np.bool_)
        is_met[self._kinds] = True
        self._met = is_met.nonzero()[0]
        stands[known.terms.take(self._met)] = True
        stands[pairs.terms.take(self._pairs_found)] = True
        for number, _ in self._longer():
            stands[number] = True

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
        kinds = self._known.kinds_of.get(number)
        if kinds is None:
            return sorted(self._long[number])
        starts = [at for kind in kinds for at in _places(self._kinds, kind)]
        return [(at, at + 1) for at in sorted(starts)]

    @cached_property
    def _long(self) -> Mapping[int, list[Span]]:
        """The terms of more than one token."""
        spans: dict[int, list[Span]] = {}
        for at, pair in zip(self._pair_places.tolist(), self._pairs_found.tolist(), strict=True):
            for number in self._pairs.whole[pair]:
                spans.setdefault(number, []).append((at, at + 2))
        for number, span in self._longer():
            spans.setdefault(number, []).append(span)
        return spans

    def _longer(self) -> Iterator[tuple[int, Span]]:
        """Find the terms of which a first look shows a part only."""
        forms, known, pairs = self._forms, self._known.longer, self._pairs
        for kind in known.keys() & self._met.tolist() if known else ():
            for at in _places(self._kinds, kind):
                for number, rest in known[kind].compounds:
                    end = at + 1 + len(rest)
                    if tuple(map(stem_of, forms[at + 1 : end])) == rest:
                        yield number, (at, end)
                for number, prefix in known[kind].prefixed:
                    if at + 1 < len(forms) and forms[at + 1].startswith(prefix):
                        yield number, (at, at + 2)
        for place in pairs.with_parts(self._pairs_found).tolist():
            at = int(self._pair_places[place])
            for around in pairs.parts[self._pairs_found[place]]:
                if span := around.find(forms, at):
                    yield around.number, span


def _places(kinds: Numbers, kind: int) -> list[int]:
    places: list[int] = (kinds == kind).nonzero()[0].tolist()
    return places
