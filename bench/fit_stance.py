"""`python -m bench.fit_stance --data PATH [--out FILE]`: fit the stance model anew and write what ships.

Fits the sentence's model on Emergent's headlines and the article's on FNC-1's bodies; from which probability on a side
is told is chosen by cross-validation grouped by story, so that what is told was right in four of five.
"""

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bench.evaluate.stance_crossing import Crossed, cross_validate
from bench.evaluate.stance_fitting import Answers, fit_articles, fit_sentences
from bench.evaluate.stance_sets import Pair, Stories, read_body_stances, read_headline_stances
from monitor.match.denials import find_denial
from monitor.match.stance_article import SIDES
from monitor.match.stance_features import read_claim
from monitor.match.stance_model import FILE, Softmax

PRECISION, LEAST_TOLD = 0.8, 30
_FNC = (
    "Fake News Challenge 1 (github.com/FakeNewsChallenge/fnc-1), training part, derived from Emergent; its repository "
    "and its site state no licence"
)
LICENCES = {
    "emergent/train.csv": "Emergent (Ferreira and Vlachos 2016; github.com/willferreira/mscproject), official training "
    "split; its repository states no licence, the paper is CC BY 4.0",
    "fnc1/train_stances.csv.gz": _FNC,
    "fnc1/train_bodies.csv.gz": _FNC,
}
"""As far as their publishers say (November 2026). Weights of words and word groups ship, none of the texts."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, choose thresholds, write the file and say what came out."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with emergent/ and fnc1/")
    parser.add_argument("--out", type=Path, default=Path("monitor/match/data") / FILE)
    options = parser.parse_args(arguments)
    stories = Stories()
    headlines = read_headline_stances(options.data / "emergent" / "train.csv", stories)
    bodies, library = read_body_stances(
        options.data / "fnc1" / "train_stances.csv.gz", options.data / "fnc1" / "train_bodies.csv.gz", stories
    )
    crossed = cross_validate(headlines, bodies, library, stories)
    sentence = fit_sentences(crossed.held_headlines, stories)
    # The article's model sees the sentence model's answers to stories that it was not fitted on, as it will in use.
    article = fit_articles(crossed.held_bodies, crossed.sides_of_passages, library, stories)
    kept = _file(options.data, headlines, bodies, crossed, sentence, article)
    options.out.write_text(_text(kept), encoding="utf-8")
    print(f"{options.out}: {len(sentence.weights)} + {len(article.weights)} features", file=sys.stderr)
    return 0


def _file(
    data: Path, headlines: list[Pair], bodies: list[Pair], crossed: Crossed, sentence: Softmax, article: Softmax
) -> dict[str, object]:
    denying = [bool(find_denial(read_claim(pair.claim), pair.passages[0])) for pair in headlines]
    right = sum(pair.label == "disputes" for pair, is_denial in zip(headlines, denying, strict=True) if is_denial)
    return {
        "about": "Stance of an English sentence, and of an article, to a claim; applied by match/stance_model.py.",
        "command": "python -m bench.fit_stance --data PATH",
        "data": {name: {"licence": LICENCES[name], "sha256": _sha256(data / name)} for name in LICENCES},
        "thresholds": f"the least from 0.5 on from which {PRECISION:.0%} of what is told was right, cross-validated by "
        f"story (of articles: also were all sides equally frequent); null: none from which {LEAST_TOLD} are told",
        "sides": SIDES,
        "plain_denial": {"precision": round(right / sum(denying), 3), "told": sum(denying)},
        "sentence": _part(sentence, crossed.of_headlines, headlines, is_even=False),
        "article": _part(article, crossed.of_bodies, bodies, is_even=True),
    }


def _part(model: Softmax, answers: Answers, pairs: list[Pair], *, is_even: bool) -> dict[str, object]:
    labels = [pair.label for pair in pairs]
    return {
        "from": {side: least_told(answers, labels, at, is_even=is_even) for at, side in enumerate(SIDES)},
        "intercept": model.intercept,
        "weights": dict(sorted(model.weights.items())),
    }


def least_told(answers: Answers, labels: Sequence[str], at: int, *, is_even: bool) -> float | None:
    """Return the least probability from 0.5 on from which a side is right often enough, if any.

    `is_even` asks the same of the precision were all sides equally frequent: they are so in no set, and otherwise in
    each, and the commonest side must not be told for being common.
    """
    given = np.asarray(labels)
    is_right, is_most = given == SIDES[at], answers.argmax(axis=1) == at
    frequency: dict[str, int] = {side: max(1, int((given == side).sum())) for side in SIDES}
    weights = np.asarray([1 / frequency[side] for side in labels])
    for hundredth in range(50, 100):
        told = is_most & (answers[:, at] >= hundredth / 100)
        if told.sum() < LEAST_TOLD:
            return None
        evenly = weights[told & is_right].sum() / weights[told].sum() if is_even else 1.0
        if min(is_right[told].mean(), evenly) >= PRECISION:
            return hundredth / 100
    return None


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _text(kept: dict[str, object]) -> str:
    """Write JSON with one feature a line, so that a change of fit can be read."""
    text = json.dumps(kept, ensure_ascii=False, indent=1)
    return re.sub(r"\[\s+([^\[\]{}]+?)\s+\]", lambda found: "[" + re.sub(r"\s+", " ", found[1]) + "]", text) + "\n"


if __name__ == "__main__":
    sys.exit(main())
