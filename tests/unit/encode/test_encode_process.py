"""The encoder's process: what it is asked for comes back, and nothing that happens to it reaches the service."""

from collections.abc import Iterator

import numpy as np
import pytest

from monitor.encode.process import EncoderLimits, EncoderProcess
from monitor.errors import EncoderUnavailable
from tests.unit.encode.encoders import (
    CRASH,
    FAIL,
    HANG,
    NOT_A_NUMBER,
    CrashingEncoder,
    LengthEncoder,
    LongVectors,
    MissingEncoder,
)

LIMITS = EncoderLimits(batch_seconds=1.0)


@pytest.fixture
def encoder() -> Iterator[EncoderProcess]:
    with EncoderProcess(LengthEncoder, LIMITS) as process:
        yield process


def test_vectors_come_back_in_the_order_of_the_texts(encoder: EncoderProcess) -> None:
    texts = ["a" * length for length in range(40)]
    vectors = encoder.encode(texts, "passage")
    assert vectors.dtype == np.float32
    assert np.allclose(np.arctan2(vectors[:, 1], vectors[:, 0]) * 100, range(40), atol=1e-3)
    assert (encoder.model_id, encoder.dimensions) == ("length-1", 2)


def test_no_texts_give_no_vectors(encoder: EncoderProcess) -> None:
    assert encoder.encode([], "query").shape == (0, 2)


def test_a_crash_is_told_and_the_next_texts_are_encoded_by_a_new_child(encoder: EncoderProcess) -> None:
    with pytest.raises(EncoderUnavailable, match="AVX2"):
        encoder.encode([CRASH], "passage")
    assert encoder.encode(["again"], "passage").shape == (1, 2)


@pytest.mark.parametrize(("text", "says"), [(FAIL, "OnlyKnownHere"), (NOT_A_NUMBER, "something else than vectors")])
def test_whatever_an_engine_raises_or_gives_is_told_in_one_way(encoder: EncoderProcess, text: str, says: str) -> None:
    with pytest.raises(EncoderUnavailable, match=says):
        encoder.encode([text], "passage")
    assert encoder.encode(["again"], "passage").shape == (1, 2)


def test_texts_that_take_for_ever_are_given_up_and_the_next_ones_encoded(encoder: EncoderProcess) -> None:
    with pytest.raises(EncoderUnavailable, match="longer than 1 seconds"):
        encoder.encode([HANG], "passage")
    assert encoder.encode(["again"], "passage").shape == (1, 2)


@pytest.mark.parametrize(
    ("make", "says"),
    [(CrashingEncoder, "AVX2"), (MissingEncoder, "No module named"), (LongVectors, "vector of length 1")],
)
def test_an_encoder_that_cannot_work_here_is_found_out_by_the_probe(make: type[LengthEncoder], says: str) -> None:
    with EncoderProcess(make) as process, pytest.raises(EncoderUnavailable, match=says):
        process.probe()
