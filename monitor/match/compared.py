"""What an encoder compares of an article, and what it comes to: passages, z scores, features, sentences to show.

In: MatchInput, z by claim and passage. Out: `Compared`, and what the score takes of it. Never: a passage chosen that is
not the article's.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.match.nearness import Nearness, Vectors
from monitor.match.standing import is_boilerplate, is_dateline, why_no_evidence
from monitor.model.matching import MatchInput, Passage
from monitor.text.language import detect_language
from monitor.text.normalise import fold
from monitor.text.sentences import split_sentences

MAX_ENCODED = 8
"""So many passages of a candidate are encoded: its title, its first sentence and those that the table finds nearest."""

MEANING = ("meaning", "meaning_top")
"""The features that an encoder gives of a claim with terms: the best passage's z, and the mean of the three best."""

MEANING_BARE = ("meaning_all", "meaning_lead")
"""Those of a claim without terms: of all passages' z together ln(mean(exp z)), where the near ones count most and no
one of them alone; and the z of the article's first sentences as one text."""

_MAX_LOOKED_AT = 160
_LEAST_CHARACTERS = 20
_WIDE = re.compile("[\u2e80-\u9fff\uac00-\ud7a3]")
"""A Chinese, Japanese or Korean character says what two of others do."""

_LEAD_SENTENCES, _LEAD_CHARACTERS = 6, 2000
_TOP = 3
LEAST_Z, _MOST_Z = -2.0, 8.0
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Compared:
    """Passages of an article and what an encoder made of them: float32[claims, passages] of z, by the claims' order.

    `lead` is float32[claims], the z of the first sentences as one text. None where that was not encoded: then the
    nearest passage stands for it.
    """

    passages: tuple[Passage, ...]
    z: Vectors
    percentiles: Vectors
    model_id: str
    lead: Vectors | None = None

    @classmethod
    def by(cls, nearness: Nearness, passages: Sequence[Passage], vectors: Vectors, model_id: str) -> "Compared":
        """Compare an article; `vectors` are its passages', and behind them that of its lead where it was encoded."""
        every = nearness.z(vectors)
        z, lead = every[:, : len(passages)], every[:, -1] if len(vectors) > len(passages) else None
        return cls(tuple(passages), z, nearness.percentiles(z.max(axis=1)), model_id, lead)

    def values(self, place: int) -> dict[str, float]:
        """Return the features that meaning gives of the claim at a place."""
        return meaning_values(self.z[place], None if self.lead is None else float(self.lead[place]))


def passages_of(article: MatchInput) -> tuple[Passage, ...]:
    """Return an article's title and its sentences, without what is too short to mean something or is no report.

    A headline that stands in the text once more is no sentence of it.
    """
    title = article.title.strip()
    start = len(article.title) - len(article.title.lstrip())
    passages = [Passage(title, start, start + len(title), "title")] if title else []
    for begin, end in split_sentences(article.text)[:_MAX_LOOKED_AT]:
        sentence = article.text[begin:end]
        is_telling = _length(sentence) >= _LEAST_CHARACTERS and sentence != title and not _is_no_report(sentence)
        if not passages or is_telling:
            passages.append(Passage(sentence, begin, end))
    return tuple(passages)


def lead_of(article: MatchInput) -> str:
    """Return the first sentences as one text, the title of an article without any: what it is about as a whole."""
    sentences = split_sentences(article.text)[:_LEAD_SENTENCES]
    return article.text[sentences[0][0] : sentences[-1][1]][:_LEAD_CHARACTERS] if sentences else article.title.strip()


def _length(sentence: str) -> int:
    return len(sentence) + (0 if sentence.isascii() else len(_WIDE.findall(sentence)))


def _is_no_report(sentence: str) -> bool:
    return is_dateline(sentence) or is_boilerplate(fold(sentence))


def language_of(article: MatchInput) -> str:
    """Return the language whose background an article is held against: its script where that tells, else its label."""
    return detect_language(f"{article.title}\n{article.text}", article.language) or "en"


def meaning_values(z: Vectors, lead: float | None = None) -> dict[str, float]:
    """Return the features that a claim's z scores over an article's passages, and over its lead, come to."""
    if not len(z):
        return {}
    given = np.clip(np.sort(z)[::-1], LEAST_Z, _MOST_Z).astype(float)
    together = math.log(np.exp(given).mean())
    whole = float(given[0]) if lead is None else min(max(lead, LEAST_Z), _MOST_Z)
    values = (float(given[0]), float(given[:_TOP].mean()), together, whole)
    return dict(zip((*MEANING, *MEANING_BARE), values, strict=True))


def shown_passages(found: tuple[Passage, ...], compared: Compared, place: int) -> tuple[Passage, ...]:
    """Return what the terms show, then the passages nearest in meaning that it doesn't hold yet.

    A title tells what an article is about and seldom what it says: it takes no sentence's place. What is only supposed
    or asked comes after what is said.
    """
    shown = list(found)
    of_text = sum(passage.where == "text" for passage in found)
    is_said = [not why_no_evidence(passage.text) for passage in compared.passages]
    nearness = compared.z[place].tolist()
    for at in sorted(range(len(nearness)), key=lambda at: (not is_said[at], -nearness[at])):
        candidate = compared.passages[at]
        if of_text < _SHOWN and not any(do_overlap(candidate, passage) for passage in shown):
            shown.append(candidate)
            of_text += candidate.where == "text"
    return tuple(shown)


def do_overlap(one: Passage, other: Passage) -> bool:
    """Say whether two passages share a place of a text."""
    return one.where == other.where and one.start < other.end and other.start < one.end
