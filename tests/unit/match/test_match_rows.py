import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.match.rows import NONE, Rows, Table

_KEYS = st.integers(0, 2**64 - 1) | st.integers(0, 40)


def _keys(keys: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.uint64]]":
    return np.array(keys, np.uint64)


def _ints(numbers: list[int]) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.array(numbers, np.int64)


@given(st.lists(st.dictionaries(_KEYS, st.integers(0, 1000), max_size=40), max_size=6), st.lists(_KEYS, max_size=20))
def test_a_table_finds_what_was_added_and_nothing_else(batches: list[dict[int, int]], others: list[int]) -> None:
    table, known = Table(), dict[int, int]()
    for batch in batches:
        new = {key: number for key, number in batch.items() if key not in known}
        known |= new
        table.add(_keys(list(new)), np.array(list(new.values()), np.int32))
    asked = [*known, *others]
    assert len(table) == len(known)
    assert table.find(_keys(asked)).tolist() == [known.get(key, NONE) for key in asked]


def test_keys_that_want_the_same_slot_are_told_apart() -> None:
    to_the_first_slot = pow(0x9E3779B97F4A7C15, -1, 1 << 64)
    table, keys = Table(), _keys([n * to_the_first_slot % (1 << 64) for n in range(200)])
    table.add(keys, np.arange(200, dtype=np.int32))
    assert table.find(keys).tolist() == list(range(200))
    assert table.find(_keys([200 * to_the_first_slot % (1 << 64)])).tolist() == [NONE]


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), max_size=8), st.data())
def test_rows_are_taken_one_after_another(rows: list[list[int]], data: st.DataObject) -> None:
    kept = Rows(rows[:3])
    kept.extend(rows[3:5])
    kept.extend(rows[5:])
    which = data.draw(st.lists(st.integers(0, len(rows) - 1))) if rows else []
    flags = np.array([number % 3 == 0 for number in range(10)])
    assert len(kept) == len(rows)
    assert kept.take(_ints(which)).tolist() == [number for row in which for number in rows[row]]
    assert kept.any_of(_ints(which), flags).tolist() == [any(flags[number] for number in rows[row]) for row in which]
