"""The words of a text that is ASCII in normal form, as numbers, all at once. In: a text as it stands. Out: Words.

Most texts in English are such. What `Tokens` cuts of their normal form is cut here from their bytes, with no object for
any word: a word of up to eight letters is a number by its bytes, so no two words have the same one. A text of which
this can't be told (other scripts, a word without end), or that is too short to be worth it, is left to `Tokens`.
"""

import codecs
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from monitor.match.rows import Ints, Keys
from monitor.text.normalise import fold_character
from monitor.text.tokens import MAX_TOKEN_CHARACTERS, is_separator

MIN_CHARACTERS = 300
"""A shorter text is cut the ordinary way as quickly."""

MAX_SHORT = 8

_LETTERS = bytes(ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 0 for code in range(256))
"""What each byte is in a word, 0 where it stands in none."""

_MASKS = np.array([(1 << 8 * min(length, MAX_SHORT)) - 1 for length in range(MAX_TOKEN_CHARACTERS + 1)], np.uint64)
"""By a word's length, the bits of its first eight letters."""

_FOLDED = "monitor.words"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a text, in order. `keys`: the first eight letters of each; `long`: which words have more."""

    letters: bytes
    starts: Ints
    ends: Ints
    keys: Keys
    long: Ints

    def __len__(self) -> int:
        return len(self.starts)

    def forms(self, which: Ints) -> list[str]:
        """Return some words as `Tokens` gives them."""
        letters = self.letters.decode("ascii")
        spans = zip(self.starts[which].tolist(), self.ends[which].tolist(), strict=True)
        return [letters[start:end] for start, end in spans]


def words_of(text: str) -> Words | None:
    """Return the words of a text in any form, None where they can't be told or it is too short to be worth it."""
    if len(text) < MIN_CHARACTERS:
        return None
    try:
        folded = text.encode("ascii", _FOLDED)
    except UnicodeEncodeError:
        return None
    letters = b"\0" + folded.translate(_LETTERS) + bytes(MAX_SHORT)
    is_letter = np.frombuffer(letters, np.uint8) != 0
    edges = (is_letter[1:] != is_letter[:-1]).nonzero()[0] + 1
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    if lengths.max(initial=0) > MAX_TOKEN_CHARACTERS:
        return None
    eights = np.ndarray((len(letters) - MAX_SHORT + 1,), "<u8", letters, strides=(1,))
    return Words(letters, starts, ends, eights[starts] & _MASKS[lengths], (lengths > MAX_SHORT).nonzero()[0])


def keys_of(forms: Iterable[str]) -> Keys:
    """Return the keys of words of up to eight letters."""
    return np.fromiter((int.from_bytes(form.encode(), "little") for form in forms), np.uint64)


def _fold(error: UnicodeError) -> tuple[str, int]:
    """Fold what isn't ASCII, as far as that makes it so."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    pieces: list[str] = []
    for character in error.object[error.start : error.end]:
        if (piece := _in_ascii(character)) is None:
            raise error
        pieces.append(piece)
    return "".join(pieces), error.end


@lru_cache(maxsize=1 << 12)
def _in_ascii(character: str) -> str | None:
    """Return what a character is in a text's normal form, spaces for what only separates; None for other letters."""
    pieces = [" " if is_separator(piece) else piece for piece in fold_character(character)]
    return folded if (folded := "".join(pieces)).isascii() else None


codecs.register_error(_FOLDED, _fold)
