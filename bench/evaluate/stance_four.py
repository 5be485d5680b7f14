"""FNC-1 as its challenge scores it: four classes, with the pairs that have nothing to do with one another among them.

Whether a body has to do with a headline is told by a logistic regression over six lexical numbers (in the product, by
whether it is a hit); the side of what has, by the stance model's answers.
"""

import math
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from bench.evaluate.stance_fitting import Answers
from bench.evaluate.stance_sets import FOLDS, LABELS, Pair, Stories, body_rows, headline_key, read_texts
from bench.evaluate.tables import Cell
from monitor.match.stance_article import LEAD_SENTENCES, SIDES
from monitor.match.stance_features import read_claim, words_of
from monitor.match.stems import stem
from monitor.text.sentences import split_sentences

UNRELATED = len(SIDES)
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
    """All pairs of FNC-1 in the file's order: headline, body, class (0 to 2 as in SIDES, 3 unrelated)."""

    headlines: tuple[str, ...]
    bodies: tuple[str, ...]
    classes: NDArray[np.int64]
    texts: Mapping[str, str]

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """float[n, 6]: how much of each headline stands in its body, in its best sentence, in its lead, in pairs."""
        sentences = {key: [_stems(text[a:b]) for a, b in split_sentences(text)] for key, text in self.texts.items()}
        counts = Counter(word for found in sentences.values() for word in {w for one in found for w in one})
        held = {key: _Stems(found) for key, found in sentences.items()}
        rows = []
        for headline, body in zip(self.headlines, self.bodies, strict=True):
            content = read_claim(headline).content
            wanted = [word for word in _stems(headline) if word in content]
            idf = {word: math.log(1 + len(sentences) / counts.get(word, 1)) for word in wanted}
            rows.append(held[body].shares(wanted, idf))
        return np.asarray(rows)


class _Stems:
    def __init__(self, sentences: Sequence[Sequence[str]]) -> None:
        self.sentences = [frozenset(one) for one in sentences]
        self.all = frozenset[str]().union(*self.sentences)
        self.lead = frozenset[str]().union(*self.sentences[:LEAD_SENTENCES])
        flat = [word for one in sentences for word in one]
        self.pairs = frozenset(pairwise(flat))

    def shares(self, wanted: Sequence[str], idf: Mapping[str, float]) -> tuple[float, ...]:
        total = sum(idf.values()) or 1.0
        full, lead = (sum(idf[word] for word in idf if word in found) / total for found in (self.all, self.lead))
        best = max((sum(idf[word] for word in idf if word in one) / total for one in self.sentences), default=0.0)
        pairs = list(pairwise(wanted))
        together = sum(pair in self.pairs for pair in pairs) / max(1, len(pairs))
        return full, best, lead, together, full * full, best * lead


def _stems(text: str) -> list[str]:
    return [stem(word) for word in words_of(text)]


def read_challenge(stances: Path, bodies: Path) -> Challenge:
    """Read every pair of one part of FNC-1 whose body is there."""
    texts = read_texts(bodies)
    rows = [row for row in body_rows(stances) if row["Body ID"] in texts]
    classes = [SIDES.index(LABELS[row["Stance"]]) if row["Stance"] in LABELS else UNRELATED for row in rows]
    return Challenge(
        tuple(row["Headline"] for row in rows), tuple(row["Body ID"] for row in rows), np.asarray(classes), texts
    )


def related_crossed(challenge: Challenge, stories: Stories, folds: Mapping[str, int]) -> NDArray[np.bool_]:
    """Tell what is related, each pair by a fit that saw neither a headline nor a body of its headline's fold."""
    of_headline = np.asarray([_fold(headline_key(one), stories, folds) for one in challenge.headlines])
    of_body = np.asarray([_fold(f"body {one}", stories, folds) for one in challenge.bodies])
    told = np.zeros(len(of_headline), dtype=bool)
    for fold in range(FOLDS):
        others, inside = (of_headline != fold) & (of_body != fold), of_headline == fold
        told[inside] = _fit(challenge.numbers[others], challenge.classes[others]).predict(challenge.numbers[inside])
    return told


def related(train: Challenge, other: Challenge) -> NDArray[np.bool_]:
    """Tell what is related in another part by a fit on the training part."""
    return np.asarray(_fit(train.numbers, train.classes).predict(other.numbers), dtype=bool)


def _fit(numbers: NDArray[np.float64], classes: NDArray[np.int64]) -> LogisticRegression:
    return LogisticRegression(C=10, max_iter=1000).fit(numbers, classes != UNRELATED)


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
