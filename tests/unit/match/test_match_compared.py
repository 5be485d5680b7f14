"""What an article's nearness in meaning comes to."""

import numpy as np
import pytest

from monitor.match.compared import meaning_values


def values(*z: float) -> dict[str, float]:
    return meaning_values(np.array(z, np.float32))


def test_passages_that_are_near_together_tell_more_than_one_alone() -> None:
    alone, together = values(5, 0, 0, 0), values(5, 4, 4, 0)
    assert alone["meaning"] == together["meaning"]
    assert alone["meaning_all"] < together["meaning_all"] < together["meaning"]


def test_of_a_single_passage_all_say_the_same() -> None:
    assert list(values(3).values()) == pytest.approx([3, 3, 3])


def test_without_a_passage_there_is_nothing_to_say() -> None:
    assert values() == {}


def test_no_passage_tells_more_than_the_nearest_that_is_believed() -> None:
    assert values(50, 50) == values(8, 8)
