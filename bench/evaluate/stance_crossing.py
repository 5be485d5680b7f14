"""The stance models held against stories that they were not fitted on: five folds, no story in two of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluate.stance_fitting import (
    Answers,
    HeldAgainst,
    answer_articles,
    answer_sentences,
    fit_articles,
    fit_sentences,
    hold,
)
from bench.evaluate.stance_sets import FOLDS, Bodies, Pair, Stories, by_fold, folds_of
from monitor.match.stance_article import Probabilities


@dataclass(frozen=True, slots=True)
class Crossed:
    """Answers to pairs of stories not fitted on: float[n, 3], and the sides of each body's passages."""

    held_headlines: list[HeldAgainst]
    held_bodies: list[HeldAgainst]
    of_headlines: Answers
    of_bodies: Answers
    sides_of_passages: list[tuple[Probabilities, ...]]


def cross_validate(headlines: Sequence[Pair], bodies: Sequence[Pair], library: Bodies, stories: Stories) -> Crossed:
    """Fit on four folds and answer the fifth, for each of five; a story's headlines and bodies share a fold."""
    folds = folds_of([*bodies, *headlines], stories)
    headline_folds, body_folds = by_fold(headlines, stories, folds), by_fold(bodies, stories, folds)
    held_headlines, held_bodies = hold(headlines), hold(bodies)
    of_headlines, of_bodies = np.zeros((len(headlines), 3)), np.zeros((len(bodies), 3))
    sides: list[tuple[Probabilities, ...]] = [()] * len(bodies)
    for fold in range(FOLDS):
        model = fit_sentences(_some(held_headlines, headline_folds, fold, is_in=False), stories)
        own = answer_sentences(model, _some(held_headlines, headline_folds, fold, is_in=True))
        for at, (answer,) in zip(headline_folds[fold], own, strict=True):
            of_headlines[at] = answer
        answers = answer_sentences(model, _some(held_bodies, body_folds, fold, is_in=True))
        for at, some in zip(body_folds[fold], answers, strict=True):
            sides[at] = some
    for fold in range(FOLDS) if bodies else ():
        others = [at for other in range(FOLDS) if other != fold for at in body_folds[other]]
        article = fit_articles([held_bodies[at] for at in others], [sides[at] for at in others], library, stories)
        inside = body_folds[fold]
        of_bodies[inside] = answer_articles(
            article, [held_bodies[at] for at in inside], [sides[at] for at in inside], library
        )
    return Crossed(held_headlines, held_bodies, of_headlines, of_bodies, sides)


def _some(held: Sequence[HeldAgainst], folds: dict[int, list[int]], fold: int, *, is_in: bool) -> list[HeldAgainst]:
    return [held[at] for other in range(FOLDS) if (other == fold) == is_in for at in folds.get(other, [])]
