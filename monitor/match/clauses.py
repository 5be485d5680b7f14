"""The clauses of a sentence: how far a "not" reaches. Pure; English."""

import re

from monitor.match.stance_features import words_of
from monitor.match.standing import MAX_CHARACTERS

_END = re.compile(r"[,;:\u2013\u2014](?=\W)")


def clauses_of(text: str) -> tuple[int, ...]:
    """Return for each word of a sentence the number of its clause, which a comma, a colon or a dash ends."""
    parts = enumerate(_END.split(text[:MAX_CHARACTERS]))
    return tuple(number for number, part in parts for _ in words_of(part))
