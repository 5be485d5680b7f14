import pytest

from bench.quality import four_gram_f1


@pytest.mark.parametrize(
    ("predicted", "true", "f1"),
    [
        ("a b c d e", "a b c d e", 1.0),
        ("a, b; c - d", "a b c d", 1.0),
        ("a b c d e f", "a b c d", 2 * 1 / (3 + 1)),
        ("a b c d", "e f g h", 0.0),
        ("", "a b c d", 0.0),
        ("", "", 1.0),
        ("a b", "a b", 1.0),
        ("a a a a a", "a a a a", 2 * 1 / (2 + 1)),
        ("A b c d", "a b c d", 0.0),
    ],
)
def test_shared_four_grams_are_counted_as_often_as_they_stand(predicted: str, true: str, f1: float) -> None:
    assert four_gram_f1(predicted, true) == pytest.approx(f1)
