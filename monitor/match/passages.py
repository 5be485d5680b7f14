"""The sentences that show why an article bears on a claim.

Candidates are the title, each sentence in which something stands, and windows of up to three sentences for what spans
more than one; a dateline goes with the sentence after it. Chosen is, one after another, what shows most parts of the
claim's expression not yet shown; then most parts, most distinct terms, the title, the shorter, the earlier. What shows
nothing new must at least show two terms, but for the second passage: one sentence alone rarely tells enough.

Boilerplate is never shown; what is only supposed or asked comes after what is said (`match/standing`).
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from monitor.match.expression import NOTHING, Evidence
from monitor.match.standing import NO_REPORT, NoEvidence, is_dateline, why_no_evidence
from monitor.match.view import View
from monitor.model.matching import MatchInput, Passage
from monitor.text.sentences import split_sentences

MAX_PASSAGES = 3
MAX_SENTENCES = 3
FEW_PASSAGES = 2


class Sentences:
    """The sentences of an article's text, told apart only when somebody asks."""

    def __init__(self, article: MatchInput) -> None:
        self.article = article
        self._datelines: dict[int, bool] = {}
        self._standings: dict[int, NoEvidence] = {}

    @cached_property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Their offsets in the text."""
        return split_sentences(self.article.text)

    @cached_property
    def _starts(self) -> list[int]:
        return [start for start, _ in self.spans]

    def at(self, offset: int) -> int:
        """Return the number of the sentence in which a character stands."""
        return max(0, bisect_right(self._starts, offset) - 1)

    def is_dateline(self, number: int) -> bool:
        """Say whether a sentence is a dateline, and a sentence follows it."""
        if number not in self._datelines:
            start, end = self.spans[number]
            self._datelines[number] = number + 1 < len(self.spans) and is_dateline(self.article.text[start:end])
        return self._datelines[number]

    def standing(self, number: int) -> NoEvidence:
        """Say why a sentence may not stand as evidence, "" where it may."""
        if number not in self._standings:
            start, end = self.spans[number]
            self._standings[number] = why_no_evidence(self.article.text[start:end])
        return self._standings[number]

    def is_headline(self, number: int) -> bool:
        """Say whether a sentence is the headline once more, which tells nothing new."""
        start, end = self.spans[number]
        return self.article.text[start:end] == self.article.title.strip()

    def report(self) -> str:
        """Return the text with blanks for the sentences that report nothing."""
        text, at, kept = self.article.text, 0, []
        for number, (start, end) in enumerate(self.spans):
            if self.standing(number) in NO_REPORT:
                kept += [text[at:start], " " * (end - start)]
                at = end
        return "".join(kept) + text[at:]


@dataclass(slots=True)
class _Candidate:
    """Sentences `first` to `last` (-1 is the title) and what they show."""

    first: int
    last: int
    parts: frozenset[int] = frozenset()
    terms: frozenset[int] = frozenset()
    is_said: bool = True

    def takes(self, parts: frozenset[int], terms: frozenset[int]) -> None:
        self.parts |= parts
        self.terms |= terms

    def rank(self, shown: frozenset[int]) -> tuple[int, ...]:
        """Return what decides between candidates, the least first."""
        parts, length = len(self.parts), self.last - self.first
        return -len(self.parts - shown), -parts, not self.is_said, -len(self.terms), length, self.first


def choose_passages(
    sentences: Sentences, view: View, evidence: Mapping[int, Sequence[Evidence]]
) -> tuple[Passage, ...]:
    """Return up to three passages, the most telling first, none overlapping another."""
    candidates: dict[tuple[int, int], _Candidate] = {}
    for index, field in enumerate(view.fields):
        original_span = field.text.original_span
        for place in evidence[index]:
            if field.text.where == "title":
                ranges = [(-1, -1)]
            else:
                start, end = original_span(place.start, place.end)
                ranges = _ranges(sentences, sentences.at(start), sentences.at(end - 1))
            for first, last in ranges:
                if candidate := candidates.get((first, last)) or _candidate(sentences, first, last):
                    candidates[first, last] = candidate
                    candidate.takes(place.parts, place.terms)
    _add_what_windows_hold(candidates)
    return tuple(_passage(sentences, chosen) for chosen in _choose(list(candidates.values())))


def _candidate(sentences: Sentences, first: int, last: int) -> _Candidate | None:
    """Return a candidate that shows nothing yet, or None where boilerplate stands in it or the headline once more."""
    if first < 0:
        return _Candidate(first, last)
    if first == last and sentences.is_headline(first):
        return None
    standings = {sentences.standing(number) for number in range(first, last + 1)}
    return None if "boilerplate" in standings else _Candidate(first, last, is_said="" in standings)


def _ranges(sentences: Sentences, first: int, last: int) -> list[tuple[int, int]]:
    """Return the window for a place, or its two ends where the window would be too wide to quote."""
    if first == last and sentences.is_dateline(first):
        return [(first, first + 1)]
    return [(first, last)] if last - first < MAX_SENTENCES else [(first, first), (last, last)]


def _add_what_windows_hold(candidates: Mapping[tuple[int, int], _Candidate]) -> None:
    for (first, last), window in candidates.items():
        for inner_first in range(first, last + 1):
            for inner_last in range(inner_first, last + 1):
                if inner := candidates.get((inner_first, inner_last)):
                    window.takes(inner.parts, inner.terms)


def _choose(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    chosen: list[_Candidate] = []
    shown: frozenset[int] = frozenset()
    left = list(candidates)
    while left and len(chosen) < MAX_PASSAGES:
        best = min(left, key=lambda candidate: candidate.rank(shown))
        chosen.append(best)
        # A title promises; what keeps the promise is in the text.
        shown |= best.parts if best.first >= 0 else NOTHING
        left = [
            candidate
            for candidate in left
            if (candidate.last < best.first or candidate.first > best.last)
            and (candidate.parts - shown or len(candidate.terms) > 1 or len(chosen) < FEW_PASSAGES)
        ]
    return chosen


def _passage(sentences: Sentences, chosen: _Candidate) -> Passage:
    if chosen.first < 0:
        title = sentences.article.title
        start = len(title) - len(title.lstrip())
        return Passage(title.strip(), start, start + len(title.strip()), "title")
    start, end = sentences.spans[chosen.first][0], sentences.spans[chosen.last][1]
    return Passage(sentences.article.text[start:end], start, end)
