"""Words of a normalised text, and how many stand between two places in it.

A word is a run of letters, digits and the marks on them, with apostrophes inside. Khmer writes no spaces between
words: of a Khmer run, every `CODE_POINTS_PER_WORD` code points count as one word, so that NEAR means about the same
in both scripts without a dictionary.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate, groupby

from monitor.text.khmer import CODE_POINTS_PER_WORD, KHMER_LETTERS, is_cluster_boundary, is_khmer


def _marks() -> str:
    """Return a character class of the combining marks that Python's `\\w` leaves out (Thai, Arabic, Devanagari …)."""
    codes = [code for code in range(0x300, 0x11000) if unicodedata.category(chr(code))[0] == "M"]
    ranges = [[code for _, code in run] for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ranges)


_LETTER = rf"(?:(?![{KHMER_LETTERS}_])[\w{_marks()}])"
# An atomic group, not a possessive one: the latter matches wrongly in Python before 3.11.5 (CPython issue 106052).
_LETTERS = f"(?>(?:[a-z0-9]++|{_LETTER})+)"
_WORD_CHARACTER = re.compile(_LETTER)
_REST_OF_WORD = re.compile(_LETTERS)
_ASCII_WORDS = re.compile("[a-z0-9]+(?:'[a-z0-9]+)*")
_WORDS = re.compile(f"[{KHMER_LETTERS}]+|{_LETTERS}(?:'{_LETTERS})*")


class Words:
    """The words of one normalised text."""

    def __init__(self, text: str) -> None:
        pattern = _ASCII_WORDS if text.isascii() else _WORDS
        spans = [word.span() for word in pattern.finditer(text)]
        self._text = text
        self._starts = array("I", [start for start, _ in spans])
        self._ends = array("I", [end for _, end in spans])
        weights = (end - start if is_khmer(text[start]) else CODE_POINTS_PER_WORD for start, end in spans)
        # In fifths of a word, so that a place within a Khmer run needs no rounding before distances are taken.
        self._passed = array("Q", accumulate(weights, initial=0))

    @property
    def count(self) -> int:
        """How many words the whole text has."""
        return _round_up(self._passed[-1])

    def between(self, end: int, start: int) -> int:
        """Count the words from one place to a later one; a part of a Khmer word counts as one."""
        return _round_up(max(0, self._fifths_before(start) - self._fifths_before(end)))

    def _fifths_before(self, at: int) -> int:
        index = bisect_right(self._starts, at) - 1
        if index < 0:
            return 0
        if at >= self._ends[index]:
            return self._passed[index + 1]
        return self._passed[index] + (at - self._starts[index] if is_khmer(self._text[at]) else 0)


def _round_up(fifths: int) -> int:
    return (fifths + CODE_POINTS_PER_WORD - 1) // CODE_POINTS_PER_WORD


def begins_word(text: str, at: int) -> bool:
    """Tell whether what stands at `at` doesn't continue a word; in Khmer, whether a cluster may begin there."""
    if is_khmer(text[at]):
        return is_cluster_boundary(text, at)
    return at == 0 or not (_is_word_character(text[at]) and _is_word_character(text[at - 1]))


def ends_word(text: str, at: int) -> bool:
    """Tell whether what ends before `at` isn't continued by it; in Khmer, whether a cluster ends there."""
    if is_khmer(text[at - 1]):
        return is_cluster_boundary(text, at)
    return at == len(text) or not (_is_word_character(text[at - 1]) and _is_word_character(text[at]))


def end_of_word(text: str, at: int) -> int:
    """Return where the word that is under way at `at` ends; in Khmer, where the cluster ends."""
    if is_khmer(text[at - 1]):
        while not is_cluster_boundary(text, at):
            at += 1
        return at
    rest = _REST_OF_WORD.match(text, at)
    return rest.end() if rest else at


@lru_cache(maxsize=1 << 12)
def _is_word_character(character: str) -> bool:
    return _WORD_CHARACTER.match(character) is not None
