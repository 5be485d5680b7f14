"""The sets labelled with stances, as pairs of a claim and what stands against it, grouped by the story they tell.

Emergent's claims and FNC-1's headlines tell of the same events: pairs that share a headline, a body or a claim are one
group, so that a fold never tests on a story that another trained on.
"""

import csv
import gzip
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from monitor.match.cues import AGAINST
from monitor.match.stance_article import Side, kinds_in
from monitor.match.stance_features import coverage, read_claim, read_sentence, words_of
from monitor.text.sentences import split_sentences

LABELS: dict[str, Side] = {
    "for": "supports",
    "against": "disputes",
    "observing": "reports",
    "agree": "supports",
    "disagree": "disputes",
    "discuss": "reports",
}
FOLDS = 5
_BEST, _AGAINST = 3, 2


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim, the passages that are held against it (the best first), the body they are of, and its label."""

    claim: str
    passages: tuple[str, ...]
    label: Side
    body: str = ""
    story: str = ""


@dataclass(slots=True)
class Stories:
    """Which keys belong to one story (union-find)."""

    parents: dict[str, str] = field(default_factory=dict)

    def of(self, key: str) -> str:
        """Return the story's key."""
        self.parents.setdefault(key, key)
        while self.parents[key] != key:
            self.parents[key] = self.parents[self.parents[key]]
            key = self.parents[key]
        return key

    def join(self, one: str, other: str) -> None:
        """Make two keys of one story."""
        self.parents[self.of(one)] = self.of(other)


class Body:
    """A body's sentences: their texts, content stems and kinds of cues."""

    def __init__(self, text: str) -> None:
        self.sentences = tuple(text[start:end] for start, end in split_sentences(text))
        self.kinds = tuple(kinds_in(sentence) for sentence in self.sentences)
        self.words = tuple(frozenset(words_of(sentence)) for sentence in self.sentences)


class Bodies:
    """Bodies by id; chooses the passages that a claim is held against, as no terms are at hand."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.bodies = {key: Body(text) for key, text in texts.items()}
        counts = Counter(word for body in self.bodies.values() for word in frozenset().union(*body.words))
        self._idf = {word: math.log(1 + len(texts) / count) for word, count in counts.items()}

    def choose(self, claim_text: str, key: str) -> tuple[str, ...]:
        """Return up to three sentences that share most with the claim, then up to two that speak against something."""
        body, words = self.bodies[key], frozenset(words_of(claim_text))
        # In one order: sums of the same numbers in another differ in their last digit, and so would what is chosen.
        wanted = sorted(words)
        total = sum(self._idf.get(word, 1.0) for word in wanted) or 1.0
        shares = [sum(self._idf[word] for word in wanted if word in found) / total for found in body.words]
        order = sorted(range(len(shares)), key=lambda at: (-round(shares[at], 3), at))
        best = order[:_BEST]
        against = [at for at in order[_BEST:] if body.kinds[at] & set(AGAINST) and _is_near(shares, at)]
        return tuple(body.sentences[at] for at in (*best, *against[:_AGAINST]))


def _is_near(shares: Sequence[float], at: int) -> bool:
    return shares[at] > 0.1 or any(share > 0.3 for share in shares[max(0, at - 1) : at + 2])


def best_coverage(claim_text: str, passages: Iterable[str]) -> float:
    """Return the coverage of a claim by its first passage, 0 where there is none."""
    claim = read_claim(claim_text)
    return next((coverage(claim, read_sentence(claim, passage)) for passage in passages), 0.0)


def read_headline_stances(path: Path, stories: Stories) -> list[Pair]:
    """Return Emergent's pairs of a claim and one headline; `stories` learns which belong together."""
    with path.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["articleHeadlineStance"] in LABELS]
    for row in rows:
        stories.join(f"claim {row['claimId']}", headline_key(row["articleHeadline"]))
    return [
        Pair(
            row["claimHeadline"],
            (row["articleHeadline"],),
            LABELS[row["articleHeadlineStance"]],
            story=f"claim {row['claimId']}",
        )
        for row in rows
    ]


def read_body_stances(stances: Path, bodies: Path, stories: Stories) -> tuple[list[Pair], Bodies]:
    """Return FNC-1's related pairs of a headline, taken as the claim, and a body."""
    texts = read_texts(bodies)
    rows = [row for row in body_rows(stances) if row["Stance"] in LABELS and row["Body ID"] in texts]
    needed = {row["Body ID"] for row in rows}
    library = Bodies({key: text for key, text in texts.items() if key in needed and text.strip()})
    rows = [row for row in rows if row["Body ID"] in library.bodies]
    for row in rows:
        stories.join(headline_key(row["Headline"]), f"body {row['Body ID']}")
    pairs = [
        Pair(
            row["Headline"],
            library.choose(row["Headline"], row["Body ID"]),
            LABELS[row["Stance"]],
            row["Body ID"],
            headline_key(row["Headline"]),
        )
        for row in rows
    ]
    return pairs, library


def read_texts(bodies: Path) -> dict[str, str]:
    """Return FNC-1's bodies by id."""
    csv.field_size_limit(sys.maxsize)
    return {row["Body ID"]: row["articleBody"] for row in body_rows(bodies)}


def headline_key(headline: str) -> str:
    """Return the key by which `Stories` knows a headline."""
    return f"headline {' '.join(words_of(headline))}"


def body_rows(path: Path) -> Iterator[dict[str, str]]:
    """Give the rows of one of FNC-1's files."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def folds_of(pairs: Sequence[Pair], stories: Stories) -> dict[str, int]:
    """Return each story's fold: the largest first, each to the fold with the fewest pairs, so the same every time."""
    sizes = Counter(stories.of(pair.story) for pair in pairs)
    load = [0] * FOLDS
    folds: dict[str, int] = {}
    for story in sorted(sizes, key=lambda story: (-sizes[story], story)):
        folds[story] = load.index(min(load))
        load[folds[story]] += sizes[story]
    return folds


def by_fold(pairs: Sequence[Pair], stories: Stories, folds: dict[str, int]) -> dict[int, list[int]]:
    """Return the places of the pairs of each fold."""
    places: dict[int, list[int]] = defaultdict(list)
    for at, pair in enumerate(pairs):
        places[folds[stories.of(pair.story)]].append(at)
    return places
