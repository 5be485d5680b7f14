"""Which of thousands of claims may hold of an article, told from the terms that stand there. In: flags. Out: claims.

A claim is looked at only where one of its rarest group of terms stands, and in C for all claims at once: whether one of
each other group stands there, and none of what is denied. Most claims hold where that is so; the others are asked.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.match.expression import (
    AnyTerm,
    Ready,
    denied_terms,
    make_ready,
    required_groups,
    required_terms,
)
from monitor.match.rows import Flags, Rows
from monitor.match.terms import UNSET, TermIndex
from monitor.model.query import Fact, Lang, Site, Term
from monitor.model.watching import Claim
from monitor.text.normalise import fold
from monitor.text.terms import tokens_of

_MOST_GROUPS = 3
"""A claim of more groups, beside the rarest, is asked."""


@dataclass(frozen=True, slots=True)
class ReadyClaim:
    """A claim made ready."""

    key: str
    expression: Ready
    exclusion: Ready | None
    glosses: Mapping[str, str]
    where: str

    @classmethod
    def of(cls, key: str, claim: Claim, numbers: Mapping[Term | Fact, int]) -> "ReadyClaim":
        """Make a claim ready; `numbers` must hold all its terms."""
        exclusion = make_ready(claim.exclusion, numbers) if claim.exclusion else None
        glosses = {fold(term).replace("-", " "): gloss for term, gloss in claim.glosses}
        return cls(key, make_ready(claim.expression, numbers), exclusion, glosses, claim.where)

    def denied(self) -> frozenset[int] | None:
        """Return the terms of which none may stand there, where that and the required groups tell a hit; else None."""
        denied = denied_terms(self.expression)
        if denied is None or self.where or len(required_groups(self.expression)) > _MOST_GROUPS + 1:
            return None
        if self.exclusion is None:
            return denied
        return denied | self.exclusion.terms if isinstance(self.exclusion, AnyTerm) else None


class Candidates:
    """Claims, filed under the group of terms each can't do without that one meets least, as far as that shows."""

    def __init__(self, claims: Sequence[ReadyClaim], index: TermIndex, sharing: Sequence[int]) -> None:
        """Take the claims, their terms, and how many claims each term is wanted by.

        Long terms and phrases are rare; a term that many claims share is a common word.
        """
        costs = [(1 + sharing[number]) * _commonness(leaf) for number, leaf in enumerate(index.leaves)]
        rarest: list[list[int]] = [[] for _ in costs]
        self._always: list[int] = []
        groups: list[list[Sequence[int]]] = [[] for _ in range(_MOST_GROUPS)]
        denied: list[Sequence[int]] = []
        most = 0
        for place, claim in enumerate(claims):
            required = required_terms(claim.expression, costs.__getitem__)
            if required is None:
                self._always.append(place)
            for number in required or ():
                rarest[number].append(place)
            others = [group for group in required_groups(claim.expression) if group != required]
            others.sort(key=_cost_of(costs))
            most = max(most, len(others))
            for at, filed in enumerate(groups):
                # Where there is no other, the rarest again, of which one stands there.
                filed.append(sorted(others[at] if at < len(others) else required or {UNSET}))
            denied.append(sorted(claim.denied() or {UNSET}))
        self._by_rarest = Rows(rarest)
        self._groups = [Rows(filed) for filed in groups[:most]]
        self._denied = Rows(denied)
        self._is_told = np.fromiter((claim.denied() is not None for claim in claims), np.bool_, len(claims))

    def find(self, stands: Flags) -> tuple[list[int], list[int]]:
        """Return the claims that hold, and those that are to be asked. `stands`: of each term, whether it does."""
        claims = self._by_rarest.take(stands.nonzero()[0])
        for groups in self._groups:
            claims = claims[groups.any_of(claims, stands)]
        claims = claims[~self._denied.any_of(claims, stands)]
        is_told = self._is_told[claims]
        return claims[is_told].tolist(), [*claims[~is_told].tolist(), *self._always]


def _cost_of(costs: Sequence[float]) -> Callable[[frozenset[int]], float]:
    return lambda group: sum(map(costs.__getitem__, group))


def _commonness(leaf: Term | Fact) -> float:
    if isinstance(leaf, Site | Lang):
        return 1000.0
    forms = tokens_of(leaf)
    return 100.0 / (1 + sum(map(len, forms))) / len(forms) ** 2 if forms else 0.0
