from collections.abc import Callable
from pathlib import Path

import pytest

from tests.growth import assert_in_proportion


class Steps:
    """A clock that goes on by what the work says it took, and by an outsider's share at times."""

    def __init__(self, cost: Callable[[int], float], disturbed: tuple[int, ...] = ()) -> None:
        self.cost = cost
        self.disturbed = disturbed
        self.done = 0
        self.now = 0.0

    def work(self, made: str) -> None:
        self.done += 1
        self.now += self.cost(len(made)) * (10 if self.done in self.disturbed else 1)

    def check(self) -> None:
        assert_in_proportion(self.work, lambda size: "x" * size, 8_000, clock=lambda: self.now)


@pytest.mark.parametrize(
    "cost", [lambda n: n, lambda n: n * n.bit_length(), lambda n: 5.0 + n, lambda _: 3.0, lambda n: n + n * n / 5_000]
)
def test_what_grows_in_proportion_or_less_passes(cost: Callable[[int], float]) -> None:
    Steps(cost).check()


@pytest.mark.parametrize("cost", [lambda n: n * n, lambda n: n + n * n / 1_000, lambda n: 1.001**n])
def test_what_grows_with_the_square_or_worse_fails(cost: Callable[[int], float]) -> None:
    with pytest.raises(AssertionError, match=r"8 times as much costs \d+ times as much"):
        Steps(cost).check()


@pytest.mark.parametrize("disturbed", [(1,), (3,), (4,), (4, 6), (2, 3, 4)])
def test_a_neighbour_on_the_machine_changes_no_verdict(disturbed: tuple[int, ...]) -> None:
    Steps(lambda n: n, disturbed).check()
    with pytest.raises(AssertionError, match="times as much"):
        Steps(lambda n: n * n, disturbed).check()


def test_no_other_test_measures_how_fast_the_machine_is() -> None:
    tests = Path(__file__).parents[1]
    clocks = ("process" + "_time", "perf" + "_counter", "thread" + "_time")
    measuring = {path.name for path in tests.rglob("*.py") if any(clock in path.read_text() for clock in clocks)}
    assert measuring == {"growth.py"}
