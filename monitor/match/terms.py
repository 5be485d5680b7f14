"""All terms of all claims, looked for in one pass. In: the tokens of a text. Out: which tokens each term stands at.

Terms and texts are cut into tokens alike, so what only separates words makes no difference: re-education and
re, education are the same phrase. Exact terms and prefixes are looked for by one automaton over the tokens joined by
spaces; terms in all their inflections by the stems of the text's tokens, each of which is looked up once.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
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

    def find(self, tokens: Tokens) -> "Found":
        """Return the terms that stand in a text, and where."""
        return Found(self._automaton, self._forms, tokens)

    def facts(self, facts: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the facts that hold of an article (`monitor.text.facts`)."""
        return frozenset(number for fact in facts for number in self._facts.get(fact, ()))


class Found(Mapping[int, Sequence[Span]]):
    """The terms that stand in a text, by number, with their spans in order.

    Which stand there is found at once; where, when somebody asks: most claims are told by the former alone.
    """

    def __init__(self, automaton: ahocorasick.Automaton | None, known: _Forms | None, tokens: Tokens) -> None:
        self._forms = tokens.forms
        self._spans: dict[int, Sequence[Span]] = {}
        self._compounds: dict[int, list[Span]] = {}
        # Of each literal found: where in the joined tokens it ends, how many tokens it has, and whose it is.
        self._matches: list[tuple[int, tuple[int, list[int]]]] = []
        self._stems: list[tuple[str, _Stem]] = []
        self.numbers: set[int] = set()
        if automaton is not None:
            self._matches = list(automaton.iter(f" {' '.join(self._forms)} "))
            for _, (_, numbers) in self._matches:
                self.numbers.update(numbers)
        if known is not None:
            self._find_stems(known)

    def __getitem__(self, number: int) -> Sequence[Span]:
        spans = self._spans.get(number)
        if spans is None:
            spans = self._spans[number] = self._spans_of(number)
        return spans

    def __contains__(self, number: object) -> bool:
        return number in self.numbers

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def _find_stems(self, known: _Forms) -> None:
        self._stems = [(form, stem) for form in dict.fromkeys(self._forms) if (stem := known[form]) is not None]
        for form, stem in self._stems:
            self.numbers.update(stem.words)
            if stem.compounds:
                self._find_compounds(form, stem.compounds)
        self.numbers.update(self._compounds)

    def _find_compounds(self, form: str, compounds: Sequence[tuple[int, tuple[str, ...]]]) -> None:
        for at in self._places[form]:
            for number, rest in compounds:
                end = at + 1 + len(rest)
                if tuple(map(stem_of, self._forms[at + 1 : end])) == rest:
                    self._compounds.setdefault(number, []).append((at, end))

    def _spans_of(self, number: int) -> list[Span]:
        if number in self._literals:
            length, ends = self._literals[number]
            tokens = (bisect_left(self._token_ends, at) for at in ends)
            return [(end - length, end) for end in tokens]
        if number in self._forms_of:
            return [(at, at + 1) for at in sorted(at for form in self._forms_of[number] for at in self._places[form])]
        return sorted(self._compounds[number])

    @cached_property
    def _literals(self) -> dict[int, tuple[int, list[int]]]:
        literals: dict[int, tuple[int, list[int]]] = {}
        for at, (length, numbers) in self._matches:
            for number in numbers:
                literals.setdefault(number, (length, []))[1].append(at)
        return literals

    @cached_property
    def _forms_of(self) -> dict[int, list[str]]:
        forms: dict[int, list[str]] = {}
        for form, stem in self._stems:
            for number in stem.words:
                forms.setdefault(number, []).append(form)
        return forms

    @cached_property
    def _token_ends(self) -> list[int]:
        """Where each token's closing space stands in what the automaton searches."""
        return list(accumulate(map(len, self._forms), lambda at, length: at + length + 1, initial=0))

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for at, form in enumerate(self._forms):
            if form in places:
                places[form].append(at)
            else:
                places[form] = [at]
        return places


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
