"""Numbers in flat arrays, so that those of a whole text are looked up in C at once and no object is touched for each.

`Table` is a hash table with open addressing, `Rows` are rows of different lengths, one after another. Both may grow
while other threads read: what a reader was given stays good. One thread at a time may add.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Numbers = NDArray[np.int32]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]

NONE = -1
_ROOM = 16
"""So many slots a key at least: nearly all are found in the first one."""

_ODD = np.uint64(0x9E3779B97F4A7C15)
"""Scatters keys over the slots: of what they are multiplied by it, the highest bits (the golden ratio's bits)."""

_KEY_BITS = 64


class Table:
    """Numbers from 0 on under 64-bit keys."""

    def __init__(self) -> None:
        self._count = 0
        self._slots = _Slots.empty(_ROOM)

    def __len__(self) -> int:
        return self._count

    def add(self, keys: Keys, numbers: Numbers) -> None:
        """File numbers under keys that are all different, and that it doesn't know."""
        slots, self._count = self._slots, self._count + len(keys)
        if self._count * _ROOM > len(slots.keys):
            held = slots.numbers != NONE
            keys, numbers = np.append(slots.keys[held], keys), np.append(slots.numbers[held], numbers)
            slots = _Slots.empty(self._count * _ROOM)
        slots.put(keys, numbers)
        self._slots = slots

    def find(self, keys: Keys) -> Numbers:
        """Return the number of each key, NONE where there is none."""
        known = self._slots
        slots = known.first(keys)
        found: Numbers = known.numbers[slots]
        taken = (found != NONE).nonzero()[0]
        # Where another key sits, the next slot is looked at, and so on.
        while len(wrong := taken[known.keys[slots[taken]] != keys[taken]]):
            slots[wrong] = (slots[wrong] + 1) & known.last
            found[wrong] = known.numbers[slots[wrong]]
            taken = wrong[found[wrong] != NONE]
        return found


def pair_keys(first: Numbers, second: Numbers) -> Keys:
    """Return one key for each two numbers from 0 on; of no others it is the same."""
    return first.astype(np.uint64) << np.uint64(32) | second.astype(np.uint64)


@dataclass(frozen=True, slots=True)
class _Slots:
    """A power of two of slots, each for a key and its number."""

    keys: Keys
    numbers: Numbers
    last: int
    shift: np.uint64

    @classmethod
    def empty(cls, room: int) -> "_Slots":
        bits = room.bit_length()
        size = 1 << bits
        return cls(np.zeros(size, np.uint64), np.full(size, NONE, np.int32), size - 1, np.uint64(_KEY_BITS - bits))

    def first(self, keys: Keys) -> Ints:
        """Return the slots that keys have if no other is there."""
        return (keys * _ODD >> self.shift).view(np.int64)

    def put(self, keys: Keys, numbers: Numbers) -> None:
        """File numbers under keys that aren't there."""
        places = self.first(keys)
        while len(places):
            is_free = self.numbers[places] == NONE
            self.keys[places[is_free]] = keys[is_free]
            # Of several keys that want a slot the last has it now. Its number comes after: who finds one believes it.
            has_won = is_free & (self.keys[places] == keys)
            self.numbers[places[has_won]] = numbers[has_won]
            keys, numbers = keys[~has_won], numbers[~has_won]
            places = (places[~has_won] + 1) & self.last


class Rows:
    """Rows of numbers."""

    def __init__(self, rows: Sequence[Sequence[int]] = ()) -> None:
        self._lengths = np.fromiter(map(len, rows), np.int64, len(rows))
        self._starts = self._lengths.cumsum() - self._lengths
        self._numbers = np.fromiter(chain.from_iterable(rows), np.int64, int(self._lengths.sum()))

    def __len__(self) -> int:
        return len(self._starts)

    def extend(self, rows: Sequence[Sequence[int]]) -> None:
        """Add some rows."""
        added = Rows(rows)
        starts = added._starts + len(self._numbers)
        self._numbers = np.append(self._numbers, added._numbers)
        self._lengths = np.append(self._lengths, added._lengths)
        self._starts = np.append(self._starts, starts)

    def lengths(self, which: Ints | Numbers) -> Ints:
        """Return how many numbers some rows have."""
        return self._lengths[which]

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
