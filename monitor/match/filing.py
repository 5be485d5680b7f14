"""All terms of an index, filed by what one meets of them: a token, its stem, how it begins, or two tokens together.

A phrase is met by the two neighbours in it that fewest phrases have, and of these the longest: "of the" stands
everywhere.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

from monitor.model.query import Term
from monitor.text.stems import stem_of
from monitor.text.terms import is_inflected, is_prefix, tokens_of

Span = tuple[int, int]
"""Tokens, from the first to before the last."""

Pair = tuple[str, str]

Inflections = Mapping[str, Sequence[str]]
"""The words of a stem."""

NO_INFLECTIONS: Inflections = MappingProxyType({})


class Longer(NamedTuple):
    """What may follow a token: `compounds` go on with words of some stems, `prefixed` with one word that begins so."""

    compounds: Sequence[tuple[int, tuple[str, ...]]]
    prefixed: Sequence[tuple[int, str]]


class Around(NamedTuple):
    """What must stand around two tokens for a term to stand there; with `prefix`, one more token that begins so."""

    number: int
    before: list[str]
    after: list[str]
    prefix: str

    @property
    def is_three(self) -> bool:
        """Whether it is three tokens and no more."""
        return len(self.before) + len(self.after) == 1 and not self.prefix

    def span(self, at: int) -> Span:
        """Return where a term without `prefix` stands."""
        return at - len(self.before), at + 2 + len(self.after)

    def find(self, forms: Sequence[str], at: int) -> Span | None:
        """Return where the term stands, if it does; the two are token `at` and the one after it."""
        first, end = self.span(at)
        if first < 0 or forms[first:at] != self.before or forms[at + 2 : end] != self.after:
            return None
        if not self.prefix:
            return first, end
        return (first, end + 1) if end < len(forms) and forms[end].startswith(self.prefix) else None


@dataclass(slots=True)
class Together:
    """The terms that two neighbouring tokens are, and those that they are a part of."""

    whole: list[int] = field(default_factory=list)
    parts: list[Around] = field(default_factory=list)


@dataclass(slots=True)
class Filed:
    """All terms, by what one meets of them."""

    exact: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    stems: dict[str, list[int]] = field(default_factory=dict)
    compounds: dict[str, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict)
    prefixed: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    pairs: dict[Pair, Together] = field(default_factory=dict)

    @classmethod
    def of(cls, terms: Iterable[tuple[Term, int]], inflections: Inflections) -> "Filed":
        """File terms with their numbers; where all words of a stem are known, by these."""
        filed = cls()
        phrases = [(term, number) for term, number in terms if not filed._takes(term, number, inflections)]
        sharing = Counter(pair for term, _ in phrases for pair in set(_pairs(term)))
        for term, number in phrases:
            filed._add_phrase(term, number, sharing)
        return filed

    def _takes(self, term: Term, number: int, inflections: Inflections) -> bool:
        """File a term that one token tells, alone or with what follows it; say whether it is one."""
        forms = tokens_of(term)
        if is_inflected(term):
            first, *rest = map(stem_of, forms)
            if rest:
                self.compounds.setdefault(first, []).append((number, tuple(rest)))
            elif words := inflections.get(first):
                for word in words:
                    self.exact.setdefault(word, []).append(number)
            else:
                self.stems.setdefault(first, []).append(number)
        elif len(forms) == 1:
            (self.prefixes if is_prefix(term) else self.exact).setdefault(forms[0], []).append(number)
        elif len(forms) == 2 and is_prefix(term):
            self.prefixed.setdefault(forms[0], []).append((number, forms[1]))
        return is_inflected(term) or len(forms) - is_prefix(term) < 2

    def _add_phrase(self, term: Term, number: int, sharing: Mapping[Pair, int]) -> None:
        pairs = _pairs(term)
        at = min(range(len(pairs)), key=lambda at: (sharing[pairs[at]], -len("".join(pairs[at]))))
        together = self.pairs.setdefault(pairs[at], Together())
        forms = list(tokens_of(term))
        prefix = forms.pop() if is_prefix(term) else ""
        if len(forms) == 2 and not prefix:
            together.whole.append(number)
        else:
            together.parts.append(Around(number, forms[:at], forms[at + 2 :], prefix))


def _pairs(phrase: Term) -> list[Pair]:
    forms = tokens_of(phrase)
    whole = forms[: len(forms) - is_prefix(phrase)]
    return list(pairwise(whole))
