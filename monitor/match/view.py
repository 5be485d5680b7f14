"""What a claim is held against: the fields of an article and the terms found in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from monitor.match.terms import Span
from monitor.text.normalise import Normalised
from monitor.text.words import Words


class FieldText:
    """One field of an article in normal form; its words are told apart only when somebody asks."""

    def __init__(self, where: Literal["title", "text"], normalised: Normalised) -> None:
        self.where = where
        self.normalised = normalised

    @cached_property
    def words(self) -> Words:
        """The words of the field."""
        return Words(self.normalised.text)


@dataclass(frozen=True, slots=True)
class Field:
    """A field and where terms stand in it: by number, as spans of the normalised text."""

    text: FieldText
    spans: Mapping[int, Sequence[Span]]

    def spans_of(self, numbers: frozenset[int]) -> list[Span]:
        """Return all places of some terms, in order."""
        return sorted({span for number in numbers & self.spans.keys() for span in self.spans[number]})

    def before(self, limit: int) -> "Field":
        """Return the field with only what is found before a place of the normalised text."""
        return self._only(
            {number: [span for span in spans if span[1] <= limit] for number, spans in self.spans.items()}
        )

    def within(self, start: int, end: int, numbers: frozenset[int]) -> "Field":
        """Return the field with only some terms, and those only between two places of the original text."""
        original_span = self.text.normalised.original_span
        inside: dict[int, Sequence[Span]] = {}
        for number in numbers & self.spans.keys():
            places = ((span, original_span(*span)) for span in self.spans[number])
            inside[number] = [span for span, (first, last) in places if start <= first and last <= end]
        return self._only(inside)

    def _only(self, spans: Mapping[int, Sequence[Span]]) -> "Field":
        return Field(self.text, {number: found for number, found in spans.items() if found})


class View:
    """The fields of an article, or a part of them."""

    def __init__(self, fields: Sequence[Field]) -> None:
        self.fields = tuple(fields)
        self.found = frozenset(number for field in fields for number in field.spans)
