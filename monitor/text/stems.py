"""English inflections: the stem that "raid", "raids", "raided" and "raiding" share.

Snowball's English algorithm (https://snowballstem.org/algorithms/english/stemmer.html), in pure Python whatever else is
installed, so that the matcher and an index kept for years always agree. It takes 50 microseconds a word: everything is
stemmed once and remembered.
"""

import re
from functools import lru_cache
from threading import Lock
from typing import cast

from snowballstemmer.english_stemmer import EnglishStemmer

_STEMMED = re.compile("[a-z]{3,40}")
_MAX_KNOWN = 1 << 17
_SHORT = 5

_stemmer = EnglishStemmer()
# It keeps the word under way in itself, and articles are matched in several threads.
_one_at_a_time = Lock()


def is_stemmed(token: str) -> bool:
    """Tell whether a token is one that has inflections: three ASCII letters or more. Accents are folded before."""
    return _STEMMED.fullmatch(token) is not None


@lru_cache(maxsize=_MAX_KNOWN)
def stem_of(token: str) -> str:
    """Return a token's stem; one that has no inflections is its own."""
    return snowball(token) if is_stemmed(token) else token


def snowball(word: str) -> str:
    """Return what the algorithm makes of any word, accents and apostrophes too; nothing is remembered."""
    with _one_at_a_time:
        return cast("str", _stemmer.stemWord(word))


def stem_heads(stem: str) -> tuple[str, str]:
    """Return the letters with which the words of a stem begin, long ones and short ones, to pass over all others."""
    return stem[:2], stem[:1]


def may_have_stem_of(token: str, heads: frozenset[str] | set[str]) -> bool:
    """Tell whether a token's stem may have one of some heads; of a short word (dying, die) the first letter tells."""
    return token[:2] in heads or (len(token) <= _SHORT and token[:1] in heads)
