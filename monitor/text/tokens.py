"""The one analysis of text that terms, articles and the search index share. In: a text in normal form. Out: Tokens.

A token is a run of letters, digits and the marks on them. Scripts that write no spaces between words (Khmer, Thai, Lao,
Burmese, Chinese, Japanese) give one token a cluster: a term in them is a phrase of clusters, which is a substring that
cuts no cluster, and stays one in every index that knows phrases. Whatever is no letter and no digit only separates.

Distance is counted in words: a cluster counts as its part of a word, so that NEAR means about the same in all scripts
without a dictionary.
"""

import re
import unicodedata
from array import array
from bisect import bisect_right
from functools import cached_property, lru_cache
from itertools import accumulate, groupby
from operator import itemgetter

from monitor.text.khmer import CODE_POINTS_PER_WORD, COENG, KHMER_LETTERS

ANALYSIS = 3
"""Which analysis this is: an index made by another one is made anew."""

MAX_TOKEN_CHARACTERS = 64
"""A longer run is cut into tokens of so many characters, in terms and texts alike: no word is as long."""

_TENTHS = 10
_IDEOGRAPH_TENTHS = 5
"""Chinese and Japanese words have about two characters."""

_IDEOGRAPHS = (
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b\u303c\u3040-\u3096\u3099\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_BURMESE = "\u1000-\u103f\u1050-\u108f\u109a-\u109d\ua9e0-\ua9ef\ua9fa-\ua9fe\uaa60-\uaa76\uaa7a-\uaa7f"
_THAI_AND_LAO = "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ecf\u0edc-\u0edf"
_UNSPACED = f"{_THAI_AND_LAO}{_BURMESE}{_IDEOGRAPHS}"


def _marks() -> str:
    """Return a character class of the combining marks that Python's `\\w` leaves out (Thai, Arabic, Devanagari …)."""
    codes = [code for code in range(0x300, 0x11000) if unicodedata.category(chr(code))[0] == "M"]
    ranges = [[code for _, code in run] for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0])}-{chr(run[-1])}" for run in ranges)


_MARKS = _marks()
_KHMER_SIGNS = "\u17b4-\u17d3\u17dd"
_KHMER_CLUSTER = f"[{KHMER_LETTERS}](?:[{_KHMER_SIGNS}]|(?<={COENG})[{KHMER_LETTERS}])*"
# A Burmese consonant under another stands after a virama, U+1039.
_CLUSTER = f"[{_UNSPACED}](?:(?![{KHMER_LETTERS}])[{_MARKS}]|(?<=\u1039)[{_BURMESE}])*"
_LETTER = rf"(?:(?![{KHMER_LETTERS}{_UNSPACED}_])[\w{_MARKS}])"
# An atomic group, not a possessive one: the latter matches wrongly in Python before 3.11.5 (CPython issue 106052).
_TOKEN = re.compile(f"{_KHMER_CLUSTER}|(?>(?:[a-z0-9]++|{_LETTER})+)|{_CLUSTER}")
_ASCII_TOKEN = re.compile("[a-z0-9]+")
_SIMPLE_TOKEN = re.compile(r"[^\W_]+")
_NOT_SIMPLE = re.compile(f"(?![\\x00-\\x7f])[{KHMER_LETTERS}{_UNSPACED}{_MARKS}]")
"""Without any of these, a run of letters and digits is a token, and nothing else is."""
_SYMBOL = re.compile(r"[^\w\x00-\x7f]")
_SEPARATORS = {code: " " for code in range(128) if not _ASCII_TOKEN.match(chr(code))}
_IDEOGRAPH = re.compile(f"[{_IDEOGRAPHS}]")
_CLUSTERED = re.compile(f"[{KHMER_LETTERS}{_UNSPACED}]")


class Tokens:
    """The tokens of one text in normal form: `forms`, and for those who ask where each stands."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pattern = _ASCII_TOKEN
        plain = text if text.isascii() else self._without_symbols()
        self.forms: list[str] = plain.translate(_SEPARATORS).split() if plain.isascii() else self._pattern.findall(text)
        self._is_cut = max(map(len, self.forms), default=0) > MAX_TOKEN_CHARACTERS
        if self._is_cut:
            self.forms = [text[start:end] for start, end in self._spans]

    @property
    def word_count(self) -> int:
        """How many words the text has."""
        return _words(self._passed[-1])

    def words_between(self, end: int, start: int) -> int:
        """Count the words between the tokens before number `end` and those from number `start`."""
        return _words(max(0, self._passed[start] - self._passed[end]))

    def span(self, first: int, end: int) -> tuple[int, int]:
        """Return where tokens `first` to before `end` stand in the text."""
        return self._spans[first][0], self._spans[end - 1][1]

    def end_before(self, at: int) -> int:
        """Return how many tokens end at a character or before it."""
        return bisect_right(self._spans, at, key=itemgetter(1))

    def _without_symbols(self) -> str:
        """Choose the pattern for a text that isn't all ASCII, and return it with spaces for other signs than letters.

        Of most such texts in Latin script nothing else is left that isn't ASCII.
        """
        plain = self.text
        self._pattern = _TOKEN if _NOT_SIMPLE.search(plain) else _SIMPLE_TOKEN
        if self._pattern is _SIMPLE_TOKEN:
            for symbol in set(_SYMBOL.findall(plain)):
                plain = plain.replace(symbol, " ")
        return plain

    @cached_property
    def _spans(self) -> list[tuple[int, int]]:
        spans = [found.span() for found in self._pattern.finditer(self.text)]
        return [piece for span in spans for piece in _cut(*span)] if self._is_cut else spans

    @cached_property
    def _passed(self) -> "array[int] | range":
        if self._pattern is not _TOKEN:  # no clusters
            return range(0, (len(self.forms) + 1) * _TENTHS, _TENTHS)
        return array("Q", accumulate(map(_weight, self.forms), initial=0))


@lru_cache(maxsize=1 << 14)
def forms_of(text: str) -> tuple[str, ...]:
    """Return the tokens of a short text in normal form: of a term, say."""
    return tuple(Tokens(text).forms)


def is_separator(character: str) -> bool:
    """Tell whether a character in normal form that isn't ASCII stands in no token, whatever stands around it."""
    return _SYMBOL.match(character) is not None and not _NOT_SIMPLE.match(character)


def is_clustered(token: str) -> bool:
    """Tell whether a token is a cluster of a script that writes no spaces between words."""
    return _CLUSTERED.match(token) is not None


def _weight(token: str) -> int:
    """Return a token's part of a word, in tenths."""
    if token.isascii() or not is_clustered(token):
        return _TENTHS
    return _IDEOGRAPH_TENTHS if _IDEOGRAPH.match(token) else len(token) * _TENTHS // CODE_POINTS_PER_WORD


def _words(tenths: int) -> int:
    return -(-tenths // _TENTHS)


def _cut(start: int, end: int) -> list[tuple[int, int]]:
    return [(at, min(at + MAX_TOKEN_CHARACTERS, end)) for at in range(start, end, MAX_TOKEN_CHARACTERS)]
