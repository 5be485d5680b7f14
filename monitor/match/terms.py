"""All terms of all claims, looked for in one pass. In: a normalised text. Out: where each term stands.

Latin terms begin and end where words do (a prefix only begins there); Khmer terms are looked for as they stand, since
Khmer puts no spaces between words, but never cut a cluster. A hyphen and a space are the same to a phrase.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ahocorasick

from monitor.model.query import Term, Word
from monitor.text.words import begins_word, end_of_word, ends_word

Span = tuple[int, int]


@dataclass(slots=True)
class _Literal:
    """What one string stands for: terms that end with it, and terms of which it is only the beginning."""

    length: int
    whole: list[int]
    beginnings: list[int]


class TermIndex:
    """Numbers every distinct term and finds them all at once; the cost of a pass doesn't grow with their number."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self.numbers: Mapping[Term, int] = {term: number for number, term in enumerate(dict.fromkeys(terms))}
        self.terms: tuple[Term, ...] = tuple(self.numbers)
        literals: dict[str, _Literal] = {}
        for term, number in self.numbers.items():
            text = literal_of(term)
            literal = literals.setdefault(text, _Literal(len(text), [], []))
            (literal.beginnings if _is_prefix(term) else literal.whole).append(number)
        self._automaton = ahocorasick.Automaton() if literals else None
        if self._automaton is not None:
            for text, literal in literals.items():
                self._automaton.add_word(text, literal)
            self._automaton.make_automaton()

    def find(self, text: str) -> dict[int, list[Span]]:
        """Return the spans of each term that stands in a normalised text, in order."""
        found: dict[int, list[Span]] = {}
        if self._automaton is None:
            return found
        literal: _Literal
        for last, literal in self._automaton.iter(text.replace("-", " ")):
            start, end = last + 1 - literal.length, last + 1
            if not begins_word(text, start):
                continue
            if literal.whole and ends_word(text, end):
                for number in literal.whole:
                    found.setdefault(number, []).append((start, end))
            for number in literal.beginnings:
                found.setdefault(number, []).append((start, end_of_word(text, end)))
        return found


def shown(term: Term) -> str:
    """Return a term as a query would write it."""
    if isinstance(term, Word):
        return term.text + "*" * term.is_prefix
    return f'"{" ".join(term.words)}"'


def literal_of(term: Term) -> str:
    """Return the string that is looked for, and that glosses are filed under."""
    return (term.text if isinstance(term, Word) else " ".join(term.words)).replace("-", " ")


def _is_prefix(term: Term) -> bool:
    return isinstance(term, Word) and term.is_prefix
