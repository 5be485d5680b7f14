"""Passages as they are quoted: the article's own words, with those that matched marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from monitor.digest.masking import cover
from monitor.digest.plain import language_tag, one_line
from monitor.model.matching import Passage, TermMatch
from monitor.text.plain import letter_end, letter_start

_MAX_CHARS = 600
_LEAD_IN_CHARS = 120

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Segment:
    """A run of a quotation; `is_marked` where a term matched."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation; `language` is for HTML's `lang`, "" where unknown; `page` of a paged document, 0 elsewhere."""

    segments: tuple[Segment, ...]
    language: str
    page: int = 0

    @property
    def text(self) -> str:
        """The quotation as plain text."""
        text = "".join(segment.text for segment in self.segments)
        return f"{text} (page {self.page})" if self.page else text


def quote_passage(passage: Passage, terms: tuple[TermMatch, ...], language: str) -> Quote:
    """Cut a passage where its matches begin and end, and shorten one that is far too long around its first match.

    Victims' names and ages are masked in it.
    """
    text, marks = cover(passage.text, _merge(_marks_in(passage, terms)))
    first, last = _window(text, marks)
    segments = [Segment(one_line(part), marked) for part, marked in _cut(text, marks, first, last)]
    if first > 0:
        segments.insert(0, Segment("… ", is_marked=False))
    if last < len(text):
        segments.append(Segment(" …", is_marked=False))
    shown = tuple(segment for segment in segments if segment.text)
    return Quote(shown, language_tag(passage.text, language), passage.page)


def _marks_in(passage: Passage, terms: tuple[TermMatch, ...]) -> list[Span]:
    """Return the matches inside a passage, counted from its own beginning and widened to whole written clusters."""
    spans = (span for term in terms if term.where == passage.where for span in term.spans)
    inside = ((max(start, passage.start), min(end, passage.end)) for start, end in spans)
    return sorted(
        (letter_start(passage.text, start - passage.start), letter_end(passage.text, end - passage.start))
        for start, end in inside
        if start < end
    )


def _merge(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _window(text: str, marks: list[Span]) -> Span:
    """Return what is shown of a passage: all of it, or enough of it around the first match."""
    if len(text) <= _MAX_CHARS:
        return 0, len(text)
    anchor = max(0, marks[0][0] - _LEAD_IN_CHARS) if marks else 0
    first = min(anchor, len(text) - _MAX_CHARS)
    space = text.find(" ", first, first + _LEAD_IN_CHARS // 2) if first else -1
    first = space + 1 if space >= 0 else letter_start(text, first)
    last = first + _MAX_CHARS
    if last >= len(text):
        return first, len(text)
    space = text.rfind(" ", last - _LEAD_IN_CHARS // 2, last)
    return first, space if space >= 0 else letter_start(text, last)


def _cut(text: str, marks: list[Span], first: int, last: int) -> Iterator[tuple[str, bool]]:
    position = first
    shown = ((max(start, first), min(end, last)) for start, end in marks)
    for start, end in shown:
        if start >= end:
            continue
        yield text[position:start], False
        yield text[start:end], True
        position = end
    yield text[position:last], False
