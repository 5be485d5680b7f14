"""An embeddings endpoint: what it answers is checked before it is believed."""

from collections.abc import Mapping

import numpy as np
import pytest

from monitor.encode.endpoint import EndpointEncoder
from monitor.encode.texts import MAX_CHARACTERS
from monitor.errors import EncoderUnavailable


class Answers:
    """A door that answers with the numbers given, and keeps what it was asked."""

    def __init__(self, *rows: list[float]) -> None:
        self.rows = rows
        self.asked: list[Mapping[str, object]] = []

    def __call__(self, given: Mapping[str, object]) -> object:
        self.asked.append(given)
        return {"data": [{"index": place, "embedding": row} for place, row in reversed(list(enumerate(self.rows)))]}


def test_vectors_are_put_in_the_order_asked_and_made_to_length_one() -> None:
    vectors = EndpointEncoder(Answers([3.0, 4.0], [0.0, 2.0]), "model", "localhost:9").encode(["a", "b"], "query")
    assert np.allclose(vectors, np.array([[0.6, 0.8], [0, 1]]))


def test_a_model_of_the_e5_family_is_told_query_from_passage() -> None:
    answers = Answers([1.0])
    EndpointEncoder(answers, "multilingual-e5-small", "localhost:9").encode(["a raid"], "query")
    assert answers.asked[0]["input"] == ["query: a raid"]


@pytest.mark.parametrize(
    "rows",
    [
        ([1.0, 0.0],),
        ([1.0], [2.0, 3.0]),
        ([0.0, 0.0], [1.0, 0.0]),
        ([float("nan")], [1.0]),
        ([10**400], [1.0]),
    ],
)
def test_an_answer_that_is_no_vector_for_each_text_is_refused(rows: tuple[list[float], ...]) -> None:
    with pytest.raises(EncoderUnavailable):
        EndpointEncoder(Answers(*rows), "model", "localhost:9").encode(["a", "b"], "passage")


def test_what_is_wrong_with_an_answer_is_named() -> None:
    with pytest.raises(EncoderUnavailable, match="gave 1 vector for 2 texts"):
        EndpointEncoder(Answers([1.0]), "model", "localhost:9").encode(["a", "b"], "passage")
    with pytest.raises(EncoderUnavailable, match="all zeros, or no numbers"):
        EndpointEncoder(Answers([float("nan")]), "model", "localhost:9").encode(["a"], "passage")


def test_an_answer_of_another_form_is_refused() -> None:
    with pytest.raises(EncoderUnavailable, match="as an embeddings endpoint does"):
        EndpointEncoder(lambda _: {"error": "no"}, "model", "localhost:9").encode(["a"], "passage")


def test_vectors_that_change_their_length_are_refused() -> None:
    answers = Answers([1.0, 0.0])
    encoder = EndpointEncoder(answers, "model", "localhost:9")
    encoder.encode(["a"], "passage")
    answers.rows = ([1.0],)
    with pytest.raises(EncoderUnavailable, match="another length"):
        encoder.encode(["a"], "passage")


def test_a_text_without_end_is_sent_by_its_beginning_and_as_unicode() -> None:
    answers = Answers([1.0])
    EndpointEncoder(answers, "model", "localhost:9").encode(["a\ud800\0" * 500_000], "passage")
    assert answers.asked[0]["input"] == ["a? " * (MAX_CHARACTERS // 3)]
