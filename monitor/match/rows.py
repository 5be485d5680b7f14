"""Numbers in flat arrays, so that those of a whole text are looked up in C at once and no object is touched for each.

`Table` is a hash table with open addressing, `Rows` are rows of different lengths, one after another. Both may grow
while other threads read: what a reader was given stays good. One thread at a time may add.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Flags = NDArray[np.bool_]

NONE = -1
_ROOM = 8
"""So many slots a key at least: nearly all are found in the first one."""

_ODD = 0x9E3779B97F4A7C1
"""Scatters the first number of a pair (the golden ratio's bits)."""


class Table:
    """Numbers from 0 on under 64-bit keys."""

    def __init__(self) -> None:
        self._count = 0
        self._slots = _empty(_ROOM)

    def __len__(self) -> int:
        return self._count

    def add(self, keys: Ints, numbers: Numbers) -> None:
        """File numbers under keys that are all different, and that it doesn't know."""
        slots, self._count = self._slots, self._count + len(keys)
        if self._count * _ROOM > len(slots[0]):
            held = slots[1] != NONE
            keys, numbers = np.append(slots[0][held], keys), np.append(slots[1][held], numbers)
            slots = _empty(1 << (self._count * _ROOM).bit_length())
        _put(slots, keys, numbers)
        self._slots = slots

    def find(self, keys: Ints) -> Numbers:
        """Return the number of each key, NONE where there is none."""
        known, numbers = self._slots
        last = len(known) - 1
        slots = keys & last
        found: Numbers = numbers[slots]
        taken = (found != NONE).nonzero()[0]
        # Where another key sits, the next slot is looked at, and so on.
        while len(wrong := taken[known[slots[taken]] != keys[taken]]):
            slots[wrong] = (slots[wrong] + 1) & last
            found[wrong] = numbers[slots[wrong]]
            taken = wrong[found[wrong] != NONE]
        return found


def pair_keys(first: Ints, second: Ints) -> Ints:
    """Return one key for each two."""
    return first * _ODD ^ second


def _empty(size: int) -> tuple[Ints, Numbers]:
    return np.zeros(size, np.int64), np.full(size, NONE, np.int32)


def _put(slots: tuple[Ints, Numbers], keys: Ints, numbers: Numbers) -> None:
    known, held = slots
    places = keys & (len(known) - 1)
    while len(places):
        is_free = held[places] == NONE
        known[places[is_free]] = keys[is_free]
        # Of several keys that want a slot the last has it now. Its number comes after: who finds one believes it.
        has_won = is_free & (known[places] == keys)
        held[places[has_won]] = numbers[has_won]
        keys, numbers = keys[~has_won], numbers[~has_won]
        places = (places[~has_won] + 1) & (len(known) - 1)


class Rows:
    """Rows of numbers."""

    def __init__(self, rows: Sequence[Sequence[int]] = ()) -> None:
        self._lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        self._starts = self._lengths.cumsum() - self._lengths
        self._numbers = np.fromiter(chain.from_iterable(rows), np.int64, int(self._lengths.sum()))

    def __len__(self) -> int:
        return len(self._starts)

    def append(self, row: Sequence[int]) -> None:
        """Add a row."""
        start = len(self._numbers)
        self._numbers = np.append(self._numbers, np.array(row, np.int64))
        self._lengths = np.append(self._lengths, len(row))
        self._starts = np.append(self._starts, start)

    def take(self, which: Ints | Numbers) -> Ints:
        """Return the numbers of some rows, one row after another."""
        lengths = self._lengths[which]
        return self._take(which, lengths, lengths.cumsum())

    def any_of(self, which: Ints, flags: Flags) -> Flags:
        """Tell of each of some rows, none of them empty, whether any of its numbers is flagged."""
        lengths = self._lengths[which]
        ends = lengths.cumsum()
        return np.logical_or.reduceat(flags[self._take(which, lengths, ends)], ends - lengths)

    def _take(self, which: Ints | Numbers, lengths: Ints, ends: Ints) -> Ints:
        places = np.repeat(self._starts[which] - ends + lengths, lengths)
        places += np.arange(len(places))
        return self._numbers[places]
