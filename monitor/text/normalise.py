"""The one normal form in which terms and texts are compared, with the way back to the text as it stands.

In: any text. Out: Normalised. Never: loses where a character came from.

Compatibility forms, case and accents are folded (NFKD, casefold, combining accents dropped), invisible characters
removed, every decimal digit is ASCII, typographic quotes and dashes are plain, runs of white space are one space,
Khmer clusters stand in one order.
"""

import re
import unicodedata
from array import array
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from monitor.text.khmer import CLUSTERS_TO_ORDER, holds_khmer, order_cluster

Offsets: TypeAlias = "array[int]"

_PLAIN_KHMER = "\u1780-\u17a2\u17a5-\u17b1\u17b3\u17b6-\u17dc"
_UNCHANGED = f"[!-~{_PLAIN_KHMER}]+"
_RUNS = re.compile(f"({_UNCHANGED}(?: {_UNCHANGED})*)|.", re.DOTALL)
_TO_FOLD = re.compile(f"[^ -~{_PLAIN_KHMER}]")
_FREQUENT = "\n\u2019\u201c\u201d\u2018\u2013\u2014\u2026\u00a0\u200b"
"""Most of what is to be folded: of most texts in Latin script nothing else is left that isn't ASCII."""

_SPACES = re.compile("  +")
_ACCENT = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_CONTROLS_TO_SPACE = dict.fromkeys((*range(32), *range(127, 160)), " ")

# What no decomposition gives: punctuation that is only drawn otherwise, letters whose stroke is an accent to the
# reader of a name, two Khmer letters that Unicode asks not to use, and one that is another's other shape.
_FOLDED = {
    **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    "đ": "d",
    "Đ": "d",
    "ø": "o",
    "Ø": "o",
    "ł": "l",
    "Ł": "l",
    "ı": "i",
    "\u17a3": "\u17a2",
    "\u17a4": "\u17a2\u17b6",
    "\u17b2": "\u17b1",
}


@dataclass(slots=True)
class Normalised:
    """A text in normal form. Character i comes from `original[starts[i]:ends[i]]`; no offsets = nothing moved.

    `_original` is kept and the offsets are worked out when somebody asks: most texts are told apart without.
    """

    text: str
    _starts: "Offsets | None" = field(default=None, repr=False, compare=False)
    _ends: "Offsets | None" = field(default=None, repr=False, compare=False)
    _original: str | None = field(default=None, repr=False, compare=False)

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where `text[start:end]` stands in the original. The span must not be empty."""
        if self._original is not None:
            folded = _fold_all(self._original)
            self._starts, self._ends, self._original = folded._starts, folded._ends, None  # noqa: SLF001 (its own kind)
        if self._starts is None or self._ends is None:
            return start, end
        return self._starts[start], self._ends[end - 1]


def normalise(text: str) -> Normalised:
    """Return the normal form of a text, with its offsets."""
    # Lower case first changes nothing of what a character is folded to; the test goes through all of them.
    flat = (text if text.isascii() else _fold_frequent(text)).lower()
    folded = flat.translate(_CONTROLS_TO_SPACE) if flat.isascii() else _TO_FOLD.sub(_fold_found, flat)
    folded = folded.replace("`", "'")
    if "  " in folded:
        folded = _SPACES.sub(" ", folded)
    if text.isascii():
        return Normalised(folded, _original=text if len(folded) < len(text) else None)
    if holds_khmer(folded):
        folded = CLUSTERS_TO_ORDER.sub(_order_found, folded)
    return Normalised(folded, _original=text)


def _fold_frequent(text: str) -> str:
    for frequent in _FREQUENT:
        text = text.replace(frequent, fold_character(frequent))
    return text


def _fold_found(found: re.Match[str]) -> str:
    return fold_character(found[0])


def _order_found(found: re.Match[str]) -> str:
    return order_cluster(found[0])


def _fold_all(text: str) -> Normalised:
    folding = _Folding()
    for run in _RUNS.finditer(text):
        if run.lastindex:
            folding.add_unchanged(run[0], run.start())
        else:
            folding.add_folded(run[0], run.start())
    return folding.result()


def fold(text: str) -> str:
    """Return the normal form alone, without white space at its ends."""
    return normalise(text).text.strip()


@lru_cache(maxsize=1 << 14)
def fold_character(character: str) -> str:
    """Return what one character is in the normal form: none, one or several."""
    if (known := _FOLDED.get(character)) is not None:
        return known
    if _INVISIBLE.match(character):
        return ""
    if (digit := unicodedata.decimal(character, None)) is not None:
        return str(digit)
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    # One character at a time: canonical ordering of a whole text is quadratic in a flood of combining marks.
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", character))
    plain = _ACCENT.sub("", unicodedata.normalize("NFKD", plain.casefold()))
    return _INVISIBLE.sub("", "".join(_FOLDED.get(piece, piece) for piece in plain))


class _Folding:
    """The normal form while it is being built."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._starts: Offsets = array("I")
        self._ends: Offsets = array("I")
        self._ends_in_space = False

    def add_unchanged(self, run: str, start: int) -> None:
        self._pieces.append(run.lower().replace("`", "'"))
        self._starts.extend(range(start, start + len(run)))
        self._ends.extend(range(start + 1, start + len(run) + 1))
        self._ends_in_space = False

    def add_folded(self, character: str, at: int) -> None:
        folded = fold_character(character)
        if not folded:
            # An accent belongs to the letter before it; an invisible character to nobody.
            if self._ends and self._ends[-1] == at and _ACCENT.match(character):
                self._ends[-1] = at + 1
            return
        for piece in folded:
            if piece == " " and self._ends_in_space:
                self._ends[-1] = at + 1
                continue
            self._pieces.append(piece)
            self._starts.append(at)
            self._ends.append(at + 1)
            self._ends_in_space = piece == " "

    def result(self) -> Normalised:
        text = "".join(self._pieces)
        if CLUSTERS_TO_ORDER.search(text) is None:
            return Normalised(text, self._starts, self._ends)
        return _order_khmer(text, self._starts, self._ends)


def _order_khmer(text: str, starts: Offsets, ends: Offsets) -> Normalised:
    """Put clusters in order. All characters of a changed cluster come from the whole of it, as none came alone."""
    pieces: list[str] = []
    new_starts, new_ends = array("I"), array("I")
    done = 0
    for cluster in CLUSTERS_TO_ORDER.finditer(text):
        ordered = order_cluster(cluster[0])
        if ordered == cluster[0]:
            continue
        first, last = cluster.span()
        pieces += (text[done:first], ordered)
        new_starts.extend(starts[done:first])
        new_ends.extend(ends[done:first])
        new_starts.extend([starts[first]] * len(ordered))
        new_ends.extend([ends[last - 1]] * len(ordered))
        done = last
    pieces.append(text[done:])
    new_starts.extend(starts[done:])
    new_ends.extend(ends[done:])
    return Normalised("".join(pieces), new_starts, new_ends)
