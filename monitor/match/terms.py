"""All terms of all claims, looked for in one pass. In: the tokens of a text. Out: which tokens each term stands at.

Terms and texts are cut into tokens alike, so what only separates words makes no difference: re-education and
re, education are the same phrase.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from monitor.match.filing import NO_INFLECTIONS, Filed, Inflections
from monitor.match.found import Found
from monitor.match.known import KnownForms, KnownPairs
from monitor.match.words import Words
from monitor.model.query import Fact, Lang, Site, Term, Word
from monitor.text.terms import fact_of

UNSET = -1
"""The flag after those of all terms, which is never set."""

_MAX_KNOWN_FORMS = 1 << 17


class TermIndex:
    """Numbers every distinct term and fact, and finds all terms at once; the cost hardly grows with their number.

    `inflections` gives all words that a stem may have in the texts, where that is known: then none is stemmed for it.
    """

    def __init__(self, leaves: Iterable[Term | Fact], inflections: Inflections = NO_INFLECTIONS) -> None:
        self.numbers: Mapping[Term | Fact, int] = {leaf: number for number, leaf in enumerate(dict.fromkeys(leaves))}
        self.leaves: tuple[Term | Fact, ...] = tuple(self.numbers)
        self._facts: dict[str, list[int]] = {}
        terms: list[tuple[Term, int]] = []
        for leaf, number in self.numbers.items():
            if isinstance(leaf, Site | Lang):
                self._facts.setdefault(fact_of(leaf), []).append(number)
            else:
                terms.append((leaf, number))
        self._filed = Filed.of(terms, inflections)
        self._pairs = KnownPairs(self._filed.pairs)
        self._known = KnownForms(self._filed, self._pairs)

    def find(self, tokens: Sequence[str] | Words) -> Found:
        """Return the terms that stand in a text, given as its tokens, and where."""
        if len(self._known) > _MAX_KNOWN_FORMS:
            # Not emptied: what was found with it may still be asked where.
            self._known = KnownForms(self._filed, self._pairs)
        known = self._known
        return Found(known.find(tokens), known, self._pairs, np.zeros(len(self.leaves) + 1, np.bool_))

    def facts(self, facts: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the facts that hold of an article (`monitor.text.facts`)."""
        return frozenset(number for fact in facts for number in self._facts.get(fact, ()))


def shown(term: Term) -> str:
    """Return a term as a query would write it."""
    if isinstance(term, Word):
        return term.text + "*" * term.is_prefix
    return f'"{" ".join(term.words)}"'


def literal_of(term: Term) -> str:
    """Return the string that glosses are filed under."""
    return (term.text if isinstance(term, Word) else " ".join(term.words)).replace("-", " ")
