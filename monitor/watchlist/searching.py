"""What somebody types to search the archive. In: any text. Out: SearchQuery. Never: an error.

What reads as a query is one. Anything else is looked for as plain words, all of them, and it is said why.
"""

import re
from dataclasses import dataclass
from itertools import islice

from monitor.errors import MonitorError
from monitor.model.query import And, Expression, Word
from monitor.text.normalise import fold
from monitor.text.tokens import Tokens, is_clustered
from monitor.watchlist.grammar import QueryError, caret_display
from monitor.watchlist.query import Names, parse_query

MAX_PLAIN_WORDS = 32
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


def read_search(text: str, names: Names) -> SearchQuery:
    """Read what was typed."""
    try:
        return SearchQuery(parse_query(text, names))
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
