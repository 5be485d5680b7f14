"""What somebody types to search the archive. In: any text. Out: SearchQuery. Never: an error.

What reads as a query is one. Anything else is looked for as plain words, all of them, and it is said why.
"""

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from monitor.errors import MonitorError
from monitor.model.query import And, Expression, Word
from monitor.text.normalise import fold
from monitor.text.tokens import Tokens, is_clustered
from monitor.watchlist.grammar import QueryError, caret_display
from monitor.watchlist.query import Names, parse_query

MAX_PLAIN_WORDS = 32
_MAX_SHOWN = 12
_MAX_PLAIN_CHARACTERS = 20_000
_OPERATOR = re.compile(r"[()\"]*(?:AND|OR|NOT|NEAR(?:/\S*)?)[()\"]*")


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """What is looked for; None where nothing that can be looked for was typed.

    `fault` says why the text was taken as plain words, or is "" where it is a query; `is_cut` that only its first words
    count.
    """

    expression: Expression | None
    fault: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class KnownNames:
    """The names of all watchlists: as `list/name` each, and alone where that means the same in all that have it."""

    spellings: Names
    unclear: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, lists: Mapping[str, Names]) -> "KnownNames":
        """Put the names of watchlists together, by the name of the list."""
        meant: dict[str, dict[str, Sequence[str]]] = {}
        for watchlist, names in lists.items():
            for name, spellings in names.items():
                meant.setdefault(name, {})[f"{watchlist}/{name}"] = spellings
        whole = {key: spellings for lists_of in meant.values() for key, spellings in lists_of.items()}
        clear = {name: found for name, found in meant.items() if len(set(map(frozenset, found.values()))) == 1}
        alone = {name: next(iter(found.values())) for name, found in clear.items()}
        return cls(alone | whole, {name: sorted(found) for name, found in meant.items() if name not in clear})

    def why_unknown(self, name: str) -> str:
        """Say what to type in place of a name that stands for nothing, or for more than one thing."""
        if name in self.unclear:
            return f'"@{name}" means something else in each watchlist: write @{" or @".join(self.unclear[name])}'
        known = sorted({key.rpartition("/")[2] for key in self.spellings} | set(self.unclear))
        if not known:
            return f'no watchlist has a name "{name}": none has "names"'
        if close := difflib.get_close_matches(name, [*known, *self.spellings], n=1):
            return f'no watchlist has a name "{name}": did you mean "@{close[0]}"?'
        more = f" and {len(known) - _MAX_SHOWN} more" * (len(known) > _MAX_SHOWN)
        return f'no watchlist has a name "{name}": there are @{", @".join(known[:_MAX_SHOWN])}{more}'


NO_NAMES = KnownNames({}, {})


def read_search(text: str, names: KnownNames = NO_NAMES) -> SearchQuery:
    """Read what was typed."""
    if not text.strip():
        return SearchQuery(None)
    try:
        return SearchQuery(parse_query(text, names.spellings, why_unknown=names.why_unknown))
    except QueryError as error:
        fault = error.message
        if error.message.startswith("put AND, OR") and not any(mark in text for mark in '"()*:@/'):
            fault = ""  # plain words, as everybody types them
        elif len(text) <= _MAX_PLAIN_CHARACTERS:
            fault = f"{error.message}\n{caret_display(error.query, error.position)}"
    except MonitorError as error:
        fault = str(error)
    return _plain_words(text, fault)


def _plain_words(text: str, fault: str) -> SearchQuery:
    kept = " ".join(part for part in text[:_MAX_PLAIN_CHARACTERS].split() if not _OPERATOR.fullmatch(part))
    terms = dict.fromkeys(_runs(kept) or _runs(text[:_MAX_PLAIN_CHARACTERS]))
    words = tuple(map(Word, islice(terms, MAX_PLAIN_WORDS)))
    is_cut = len(terms) > len(words) or len(text) > _MAX_PLAIN_CHARACTERS
    if not words:
        return SearchQuery(None, fault)
    return SearchQuery(words[0] if len(words) == 1 else And(words), fault, is_cut)


def _runs(text: str) -> list[str]:
    """Return the words of a text; in scripts that write no spaces, what stands together is one."""
    folded = fold(text)
    tokens = Tokens(folded)
    runs: list[str] = []
    last_end, is_open = -1, False
    for number, form in enumerate(tokens.forms):
        start, end = tokens.span(number, number + 1)
        is_cluster = is_clustered(form)
        if is_open and is_cluster and start == last_end:
            runs[-1] += form
        else:
            runs.append(form)
        last_end, is_open = end, is_cluster
    return runs
