"""FNC-1 as its challenge scores it: four classes, with the pairs that have nothing to do with one another among them.

Whether a body has to do with a headline is told by a logistic regression over what the product takes of a claim without
terms, with meaning where there is an encoder; the side of what has, by the stance model's answers.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.evaluate.pairs import Floats, pair_values
from bench.evaluate.stance_fitting import Answers
from bench.evaluate.stance_sets import FOLDS, LABELS, Pair, Stories, body_rows, headline_key, read_texts
from bench.evaluate.tables import Cell, Tools
from bench.fitting.logistic import Logistic, fit_logistic
from monitor.match.stance_article import SIDES
from monitor.model.matching import MatchInput

UNRELATED = len(SIDES)
_EVEN = 0.5
COLUMNS = (
    *("pairs", "n", "F1 related", "weighted", "4-class macro-F1", "F1 disagree"),
    *("3-way accuracy", "3-way macro-F1"),
)
NOTE = (
    "weighted: the challenge's own score, a quarter for related or not and the rest for the side, in percent of what "
    "can be had; it hardly knows sides ('always reports' beside it). 3-way: on the related pairs alone."
)


@dataclass(frozen=True)
class Challenge:
    """All pairs of FNC-1 in the file's order: headline, body, class (0 to 2 as in SIDES, 3 unrelated), and values.

    `values` are float64[n, features], as `pairs.pair_values` gives them.
    """

    headlines: tuple[str, ...]
    bodies: tuple[str, ...]
    classes: NDArray[np.int64]
    values: Floats


def read_challenge(stances: Path, bodies: Path, tools: Tools) -> Challenge:
    """Read every pair of one part of FNC-1 whose body is there, and hold each headline against its bodies."""
    texts = read_texts(bodies)
    rows = [row for row in body_rows(stances) if row["Body ID"] in texts]
    classes = [SIDES.index(LABELS[row["Stance"]]) if row["Stance"] in LABELS else UNRELATED for row in rows]
    headlines, keys = (tuple(row[name] for row in rows) for name in ("Headline", "Body ID"))
    return held_against(headlines, keys, classes, texts, tools)


def held_against(
    headlines: tuple[str, ...],
    bodies: tuple[str, ...],
    classes: Sequence[int],
    texts: Mapping[str, str],
    tools: Tools,
) -> Challenge:
    """Hold each headline against the body beside it; `texts` are the bodies' by their keys."""
    claims, keys = (list(dict.fromkeys(names)) for names in (headlines, bodies))
    of_claim, of_body = ({name: at for at, name in enumerate(names)} for names in (claims, keys))
    pairs = [(of_claim[headline], of_body[body]) for headline, body in zip(headlines, bodies, strict=True)]
    articles = [MatchInput("", texts[key], "en") for key in keys]
    return Challenge(headlines, bodies, np.asarray(classes), pair_values(tools, claims, articles, pairs))


def related_crossed(challenge: Challenge, stories: Stories, folds: Mapping[str, int]) -> NDArray[np.bool_]:
    """Tell what is related, each pair by a fit that saw neither a headline nor a body of its headline's fold."""
    of_headline = np.asarray([_fold(headline_key(one), stories, folds) for one in challenge.headlines])
    of_body = np.asarray([_fold(f"body {one}", stories, folds) for one in challenge.bodies])
    told = np.zeros(len(of_headline), dtype=bool)
    for fold in range(FOLDS):
        others, inside = (of_headline != fold) & (of_body != fold), of_headline == fold
        told[inside] = _fit(challenge, others).probabilities(challenge.values[inside]) >= _EVEN
    return told


def related(train: Challenge, other: Challenge) -> NDArray[np.bool_]:
    """Tell what is related in another part by a fit on the training part."""
    every = np.ones(len(train.classes), dtype=bool)
    return _fit(train, every).probabilities(other.values) >= _EVEN


def _fit(challenge: Challenge, some: NDArray[np.bool_]) -> Logistic:
    return fit_logistic(challenge.values[some], challenge.classes[some] != UNRELATED)


def _fold(key: str, stories: Stories, folds: Mapping[str, int]) -> int:
    """Return a story's fold; a headline that belongs to no body gets one by its words."""
    story = stories.of(key)
    return folds[story] if story in folds else zlib.crc32(story.encode()) % FOLDS


def four_classes(
    name: str, challenge: Challenge, is_related: NDArray[np.bool_], pairs: Sequence[Pair], answers: Answers
) -> tuple[Cell, ...]:
    """Return one row of figures; `answers` are those to `pairs`, the related ones, in the file's order."""
    sides = answers.argmax(axis=1)
    truth = np.asarray([SIDES.index(pair.label) for pair in pairs])
    of_pair = {(pair.claim, pair.body): side for pair, side in zip(pairs, sides, strict=True)}
    keys = zip(challenge.headlines, challenge.bodies, strict=True)
    # Which side an unrelated pair is given is all the same: each is wrong.
    guessed = np.asarray([of_pair.get(key, SIDES.index("reports")) for key in keys])
    given = np.where(is_related, guessed, UNRELATED)
    gold = challenge.classes != UNRELATED
    scores = [_f1(challenge.classes == at, given == at) for at in range(UNRELATED + 1)]
    three = [_f1(truth == at, sides == at) for at in range(UNRELATED)]
    return (
        *(name, len(given), _f1(gold, is_related), weighted(challenge.classes, given), sum(scores) / len(scores)),
        *(scores[SIDES.index("disputes")], float((sides == truth).mean()), sum(three) / len(three)),
    )


def weighted(classes: NDArray[np.int64], given: NDArray[np.int64]) -> float:
    """Return the challenge's score in percent of the best: 1 for a side, ¼ for "related" alone and for "unrelated"."""
    is_related, is_right = classes != UNRELATED, classes == given
    scores = np.where(is_related, np.where(is_right, 1.0, 0.25 * (given != UNRELATED)), 0.25 * is_right)
    return float(100 * scores.sum() / np.where(is_related, 1.0, 0.25).sum())


def _f1(truth: NDArray[np.bool_], given: NDArray[np.bool_]) -> float:
    return float(2 * (truth & given).sum() / max(1, truth.sum() + given.sum()))
