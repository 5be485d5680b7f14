"""All terms of all claims, looked for in one pass. In: the tokens of a text. Out: which tokens each term stands at.

Terms and texts are cut into tokens alike, so what only separates words makes no difference: re-education and
re, education are the same phrase. Exact terms and prefixes are looked for by one automaton over the tokens joined by
spaces; terms in all their inflections by the stems of the text's tokens, each of which is looked up once.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import ahocorasick

from monitor.model.query import Fact, Lang, Site, Term, Word
from monitor.text.stems import may_have_stem_of, stem_head, stem_of
from monitor.text.terms import fact_of, is_inflected, is_prefix, tokens_of
from monitor.text.tokens import Tokens

Span = tuple[int, int]
"""Tokens, from the first to before the last."""

_MAX_KNOWN_FORMS = 1 << 17


@dataclass(slots=True)
class _Literal:
    """What one string of joined tokens stands for: so many tokens, of these terms."""

    tokens: int
    terms: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Stem:
    """Terms that begin with a stem: of this word alone, or with the stems that must follow it."""

    words: list[int] = field(default_factory=list)
    compounds: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)


class _Forms(dict[str, _Stem | None]):
    """The terms that each token met so far may begin; a token is stemmed when it is met first."""

    def __init__(self, stems: Mapping[str, _Stem]) -> None:
        self._stems = stems
        self._heads = {stem_head(stem) for stem in stems}

    def __missing__(self, form: str) -> _Stem | None:
        found = self._stems.get(stem_of(form)) if may_have_stem_of(form, self._heads) else None
        if len(self) >= _MAX_KNOWN_FORMS:
            self.clear()
        self[form] = found
        return found


class TermIndex:
    """Numbers every distinct term and fact, and finds all terms at once; the cost hardly grows with their number."""

    def __init__(self, leaves: Iterable[Term | Fact]) -> None:
        self.numbers: Mapping[Term | Fact, int] = {leaf: number for number, leaf in enumerate(dict.fromkeys(leaves))}
        self.leaves: tuple[Term | Fact, ...] = tuple(self.numbers)
        self._facts: dict[str, list[int]] = {}
        literals: dict[str, _Literal] = {}
        stems: dict[str, _Stem] = {}
        for leaf, number in self.numbers.items():
            if isinstance(leaf, Site | Lang):
                self._facts.setdefault(fact_of(leaf), []).append(number)
            else:
                _file(leaf, number, literals, stems)
        self._forms = _Forms(stems) if stems else None
        self._automaton = ahocorasick.Automaton() if literals else None
        if self._automaton is not None:
            for text, literal in literals.items():
                self._automaton.add_word(text, (literal.tokens, literal.terms))
            self._automaton.make_automaton()

    def find(self, tokens: Tokens) -> dict[int, list[Span]]:
        """Return the spans of each term that stands in a text, in order."""
        found: dict[int, list[Span]] = {}
        if self._automaton is not None:
            _find_literals(self._automaton, tokens.forms, found)
        if self._forms is not None:
            for number, span in _find_stems(self._forms, tokens.forms):
                found.setdefault(number, []).append(span)
        return found

    def facts(self, facts: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the facts that hold of an article (`monitor.text.facts`)."""
        return frozenset(number for fact in facts for number in self._facts.get(fact, ()))


def _find_literals(automaton: ahocorasick.Automaton, forms: Sequence[str], found: dict[int, list[Span]]) -> None:
    matches = list(automaton.iter(f" {' '.join(forms)} "))
    if not matches:
        return
    # Where each token's closing space stands in what is searched.
    ends = list(accumulate(map(len, forms), lambda at, length: at + length + 1, initial=0))
    for at, (length, numbers) in matches:
        end = bisect_left(ends, at)
        span = (end - length, end)
        for number in numbers:
            if number in found:
                found[number].append(span)
            else:
                found[number] = [span]


def _find_stems(known: _Forms, forms: Sequence[str]) -> Iterator[tuple[int, Span]]:
    for at, stem in enumerate(map(known.__getitem__, forms)):
        if stem is None:
            continue
        for number in stem.words:
            yield number, (at, at + 1)
        for number, rest in stem.compounds:
            end = at + 1 + len(rest)
            if tuple(map(stem_of, forms[at + 1 : end])) == rest:
                yield number, (at, end)


def shown(term: Term) -> str:
    """Return a term as a query would write it."""
    if isinstance(term, Word):
        return term.text + "*" * term.is_prefix
    return f'"{" ".join(term.words)}"'


def literal_of(term: Term) -> str:
    """Return the string that glosses are filed under."""
    return (term.text if isinstance(term, Word) else " ".join(term.words)).replace("-", " ")


def _file(term: Term, number: int, literals: dict[str, _Literal], stems: dict[str, _Stem]) -> None:
    forms = tokens_of(term)
    if not forms:
        return
    if is_inflected(term):
        first, *rest = map(stem_of, forms)
        stem = stems.setdefault(first, _Stem())
        if rest:
            stem.compounds.append((number, tuple(rest)))
        else:
            stem.words.append(number)
        return
    text = f" {' '.join(forms)}" + " " * (not is_prefix(term))
    literals.setdefault(text, _Literal(len(forms))).terms.append(number)
