"""What an article's nearness in meaning comes to."""

import numpy as np
import pytest

from monitor.match.compared import Compared, lead_of, meaning_values, passages_of
from monitor.match.nearness import Background, Nearness
from monitor.model.matching import MatchInput


def values(*z: float) -> dict[str, float]:
    return meaning_values(np.array(z, np.float32))


def test_passages_that_are_near_together_tell_more_than_one_alone() -> None:
    alone, together = values(5, 0, 0, 0), values(5, 4, 4, 0)
    assert alone["meaning"] == together["meaning"]
    assert alone["meaning_all"] < together["meaning_all"] < together["meaning"]


def test_of_a_single_passage_all_say_the_same() -> None:
    assert list(values(3).values()) == pytest.approx([3, 3, 3, 3])


def test_the_first_sentences_as_one_stand_beside_the_passages_and_the_nearest_where_they_are_not_known() -> None:
    claims = np.eye(4, dtype=np.float32)[:2]
    nearness = Nearness(Background(np.eye(4, dtype=np.float32), np.eye(4, dtype=np.float32)[::-1]), claims)
    passages = passages_of(MatchInput("Title", "", "en"))
    vectors = np.eye(4, dtype=np.float32)[[2, 1]]
    known = Compared.by(nearness, passages, vectors, "model")
    assert known.z.shape == (2, 1)
    assert known.values(1)["meaning_lead"] > known.values(1)["meaning"]
    alone = Compared.by(nearness, passages, vectors[:1], "model")
    assert alone.values(1) == known.values(1) | {"meaning_lead": known.values(1)["meaning"]}


@pytest.mark.parametrize(
    ("title", "text", "lead"),
    [
        ("Title", "One. Two! " + "More came. " * 9, "One. Two! " + "More came. " * 3 + "More came."),
        (" Title ", "", "Title"),
        ("", "", ""),
        ("Title", "word " * 999, ("word " * 999)[:2000]),
    ],
)
def test_a_lead_is_the_first_six_sentences_or_the_title_where_there_are_none(title: str, text: str, lead: str) -> None:
    assert lead_of(MatchInput(title, text, "en")) == lead


def test_without_a_passage_there_is_nothing_to_say() -> None:
    assert values() == {}


def test_no_passage_tells_more_than_the_nearest_that_is_believed() -> None:
    assert values(50, 50) == values(8, 8)
