"""Counts with their nouns."""

import pytest

from monitor.text.counting import counted


@pytest.mark.parametrize(
    ("count", "noun", "words"),
    [
        (0, "hit", "0 hits"),
        (1, "hit", "1 hit"),
        (1200, "new article", "1,200 new articles"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
        (2, "day", "2 days"),
    ],
)
def test_a_count_is_told_with_its_noun_in_the_right_number(count: int, noun: str, words: str) -> None:
    assert counted(count, noun) == words
