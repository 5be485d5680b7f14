"""How cost grows with what is read: compared with itself in one run, so that no machine is too slow for it.

Work in proportion costs eight times as much on eight times as much; work that grows with the square, 64 times.
"""

import gc
import time
from collections.abc import Callable
from math import inf
from typing import TypeVar

Made = TypeVar("Made")

TIMES = 8
TOO_MANY_TIMES = 24
ATTEMPTS = 4


def assert_in_proportion(
    work: Callable[[Made], object],
    make: Callable[[int], Made],
    size: int,
    *,
    clock: Callable[[], float] = time.process_time,
) -> None:
    """Fail if working on what is made of `size` costs far more than eight times as much as of an eighth of it."""
    small, large = make(size // TIMES), make(size)
    # The first time pays for what is loaded or made once; the least of several is what no neighbour disturbed.
    least_small = min(_cost(work, small, clock) for _ in range(3))
    least_large = inf
    for _ in range(ATTEMPTS):
        least_large = min(least_large, _cost(work, large, clock))
        if least_large <= TOO_MANY_TIMES * least_small:
            return
        least_small = min(least_small, _cost(work, small, clock))
    raise AssertionError(
        f"{TIMES} times as much costs {least_large / least_small:.0f} times as much: "
        f"{least_large:.3f} s, where an eighth costs {least_small:.4f} s"
    )


def _cost(work: Callable[[Made], object], made: Made, clock: Callable[[], float]) -> float:
    # A collection would cost by what the other tests left behind.
    was_collecting = gc.isenabled()
    gc.disable()
    try:
        began_at = clock()
        work(made)
        return clock() - began_at
    finally:
        if was_collecting:
            gc.enable()
