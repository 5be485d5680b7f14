"""What is asked as PostgreSQL reads it. In: Asked. Out: tsqueries. Pure.

Each query has two forms: as it is meant, and a loose one for the index, which knows no places and finds more. In that,
a phrase is asked for by the pairs of its neighbours: articles that have two common words are many, and few of them have
one after the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from monitor.store.search.analysed import CLUSTERED, CUT, LONG, UNPAIRED, pair_token
from monitor.store.search.compiled import (
    EVERYTHING,
    NOTHING,
    Asked,
    Close,
    Every,
    Part,
    Row,
    Some,
    Within,
    Without,
)

MAX_NEAR = 500
"""A NEAR that takes so many words to write is asked as both of its sides."""

_WEIGHTS: Mapping[Within, str] = {"all": "", "title": "A", "report": "AD"}


def as_tsquery(asked: Asked, *, is_loose: bool = False, has_pairs: bool = False) -> str:
    """Write what is asked as a tsquery; "" where it can find nothing.

    `has_pairs`: all articles of the index have the tokens of pairs, and are marked as clustered where they are.
    """
    if asked.part in (NOTHING, EVERYTHING):
        return ""
    return f"({_Writer(is_loose=is_loose, has_pairs=has_pairs).write(asked.part, is_wide=True)}) | '{CUT}'"


@dataclass(frozen=True, slots=True)
class _Writer:
    is_loose: bool
    has_pairs: bool

    def write(self, part: Part, *, is_wide: bool) -> str:
        match part:
            case Row():
                return self._row(part, is_wide=is_wide)
            case Close():
                return self._close(part)
            case Without(inner):
                return f"!({self.write(inner, is_wide=not is_wide)})"
            case Every(parts):
                return "(" + " & ".join(self.write(inner, is_wide=is_wide) for inner in parts) + ")"
            case Some(parts):
                return "(" + " | ".join(self.write(inner, is_wide=is_wide) for inner in parts) + ")"

    def _row(self, row: Row, *, is_wide: bool) -> str:
        if not is_wide or (len(row.places) == 1 and row.within == "all"):
            return f"({_phrase(row)})"
        if self.is_loose and self.has_pairs and (pairs := _pairs(row)):
            return pairs
        together = " & ".join(map(_either, row.places, _stars(row)))
        return f"({together})" if self.is_loose else f"({_phrase(row)} | '{LONG}' & {together})"

    def _close(self, close: Close) -> str:
        """Write a NEAR, which is asked only where more may be found.

        Distance is counted in words, as PostgreSQL counts it, where no word is a cluster.
        """
        both = " & ".join(self.write(Some(side), is_wide=True) for side in (close.lefts, close.rights))
        written = sum(len(words) for row in (*close.lefts, *close.rights) for words in row.places)
        most = max(len(close.lefts), len(close.rights)) * written * 2 * (close.distance + 1)
        if self.is_loose or not self.has_pairs or most > MAX_NEAR:
            return f"({both})"
        phrases = [[f"({_phrase(row)})" for row in side] for side in (close.lefts, close.rights)]
        orders = [*product(*phrases), *product(*reversed(phrases))]
        near = [f"{one} <{apart}> {other}" for one, other in orders for apart in range(1, close.distance + 2)]
        return f"({' | '.join(near)} | ('{LONG}' | '{CLUSTERED}') & {both})"


def _phrase(row: Row) -> str:
    return " <-> ".join(map(_either, row.places, (star + _WEIGHTS[row.within] for star in _stars(row))))


def _stars(row: Row) -> list[str]:
    last = len(row.places) - 1
    return ["*" if row.is_prefix and at == last else "" for at in range(last + 1)]


def _pairs(row: Row) -> str:
    """Ask for the pairs of neighbours; of a word that goes on none is known, and then it is asked for itself.

    Not for the words too: to look a pair's articles up among those of its words takes the index twenty times as long
    as to give them, and the hash's few strangers are told apart by places anyway.
    """
    whole = row.places[:-1] if row.is_prefix else row.places
    asked = [_either([pair_token(*pair) for pair in product(*both)], "") for both in pairwise(whole)]
    if asked and row.is_prefix:
        asked.append(_either(row.places[-1], "*"))
    return f"({' & '.join(asked)} | '{UNPAIRED}')" if asked else ""


def _either(words: Sequence[str], flag: str) -> str:
    mark = f":{flag}" if flag else ""
    written = " | ".join(f"'{word}'{mark}" for word in words)
    return f"({written})" if len(words) > 1 else written
