"""The labelled sets as the data folder has them (see its README.md)."""

import csv
import gzip
import json
from dataclasses import dataclass
from pathlib import Path

from monitor.model.matching import MatchInput, Stance


@dataclass(frozen=True, slots=True)
class Judged:
    """Claims by id, texts by id, and for each claim the ids of the texts that bear on it."""

    claims: dict[str, str]
    articles: dict[str, MatchInput]
    relevant: dict[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class SubjectText:
    """One labelled text of the subject set: claim → stance, claim → the sentence that shows it."""

    id: str
    article: MatchInput
    kind: str
    stances: dict[str, Stance]
    evidence: dict[str, str]


def read_headlines(data: Path) -> Judged:
    """Return Emergent: each claim with the headlines that report on it."""
    claims: dict[str, str] = {}
    articles: dict[str, MatchInput] = {}
    relevant: dict[str, set[str]] = {}
    with (data / "emergent" / "train.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            claims[row["claimId"]] = row["claimHeadline"]
            headline = row["articleHeadline"]
            articles[headline] = MatchInput(headline, "", "en")
            relevant.setdefault(row["claimId"], set()).add(headline)
    return Judged(claims, articles, {claim: frozenset(texts) for claim, texts in relevant.items()})


def read_bodies(data: Path) -> Judged:
    """Return Emergent's claims with the FNC-1 bodies that bear on them; claims without one are left out."""
    known = json.loads((data / "emergent" / "claim_to_fnc_body.json").read_text(encoding="utf-8"))
    articles: dict[str, MatchInput] = {}
    with gzip.open(data / "fnc1" / "train_bodies.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            articles[row["Body ID"]] = MatchInput("", row["articleBody"], "en")
    relevant = {
        claim: frozenset(str(body) for body in bodies if str(body) in articles)
        for claim, bodies in known["relevant_body_ids"].items()
    }
    relevant = {claim: bodies for claim, bodies in relevant.items() if bodies}
    return Judged({claim: known["claims"][claim] for claim in relevant}, articles, relevant)


def read_pairs(data: Path) -> tuple[list[str], list[str]]:
    """Return FLORES: English sentences and their Khmer translations, line by line."""
    folder = data / "flores-km-en"
    english, khmer = (
        gzip.decompress((folder / f"dev.{code}.gz").read_bytes()).decode().splitlines() for code in ("en", "km")
    )
    return english, khmer


_STANCES: dict[str, Stance] = {"supports": "supports", "disputes": "disputes", "mentions": "reports"}


def read_subject(data: Path) -> list[SubjectText]:
    """Return the labelled texts on the subject itself, of all files that stand there."""
    return [text for path in sorted((data / "subject").glob("*.jsonl")) for text in read_subject_file(path)]


def read_subject_file(path: Path) -> list[SubjectText]:
    """Return the labelled texts of one file."""
    texts = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        stances = {claim: _STANCES[label] for claim, label in row["labels"].items()}
        article = MatchInput(row["title"], row["text"], row["lang"])
        texts.append(SubjectText(row["id"], article, row["kind"], stances, row["evidence"]))
    return texts
