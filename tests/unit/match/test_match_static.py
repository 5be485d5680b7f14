"""The static table: a cheap look at meaning that knows Khmer words without spaces between them."""

import numpy as np
import pytest

from monitor.match.static import StaticTable, shipped_table

TABLE = StaticTable(["raid", "រោង", "រោងចក្រ", "កាត់ដេរ"], np.eye(4, dtype=np.float32))


def test_words_of_a_script_without_spaces_are_the_longest_known() -> None:
    assert TABLE.words_of("រោងចក្រកាត់ដេរ") == [2, 3]


def test_an_unknown_word_is_known_by_its_beginning() -> None:
    assert TABLE.words_of("raiding raids rai") == [0, 0]


def test_a_text_without_a_known_word_has_no_direction() -> None:
    assert not TABLE.embed(["xyzzy", ""]).any()


def test_single_words_have_directions_of_length_one_and_an_unknown_one_has_none() -> None:
    assert TABLE.directions(["raids", "xyzzy", "រោងចក្រ"]).tolist() == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0]]
    assert TABLE.directions([]).shape == (0, 4)


def test_an_endless_text_is_looked_at_in_part() -> None:
    assert len(TABLE.words_of("raid " * 100_000)) < 1_000


@pytest.mark.parametrize(
    ("one", "near", "far"),
    [
        (
            "Police raided a brothel and arrested the women.",
            "Officers stormed the karaoke bar and detained sex workers.",
            "The rice harvest was good this year.",
        ),
        (
            "Workers went on strike at a garment factory.",
            "កម្មករធ្វើកូដកម្មនៅរោងចក្រកាត់ដេរ។",
            "ក្រុមបាល់ទាត់ជាតិឈ្នះការប្រកួត។",
        ),
    ],
)
def test_the_table_that_ships_has_the_like_nearer_than_the_unlike(one: str, near: str, far: str) -> None:
    vectors = shipped_table().embed([one, near, far])
    assert float(vectors[0] @ vectors[1]) > float(vectors[0] @ vectors[2])
