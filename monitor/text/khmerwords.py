"""Khmer words for a reader's eyes: cut by ICU's dictionary, which knows most and guesses the rest. Pure.

Search and matching take clusters instead (docs/decisions/014): the same words are cut otherwise in another sentence.
"""

import re
from collections.abc import Sequence

from icu4py.breakers import WordBreaker

from monitor.text.khmer import KHMER_LETTERS
from monitor.text.normalise import fold

RUN = re.compile(f"[{KHMER_LETTERS}]+")

TITLES = frozenset(
    fold(word)
    for word in (
        *("លោក", "លោកស្រី", "អ្នកស្រី", "កញ្ញា", "ឯកឧត្តម", "ឧកញ៉ា", "សម្តេច", "សម្ដេច", "ព្រះ", "នាង", "អ្នកនាង"),
        *("ឈ្មោះ", "យុវជន", "យុវតី", "បុរស", "ស្នងការ", "ឧត្តមសេនីយ៍", "វរសេនីយ៍", "អនុសេនីយ៍", "លោកជំទាវ", "ជំទាវ"),
    )
)
"""What stands before a personal name, or says that one follows."""

_NAME_WORDS = 4


def cut_words(run: str) -> list[str]:
    """Return the words of a run of Khmer letters, in normal form."""
    return [word for word in WordBreaker(fold(run), "km") if RUN.fullmatch(word)]


def may_be_names(words: Sequence[str]) -> frozenset[str]:
    """Return those of a sentence's words that come so soon after a title that they may be a name."""
    barred: set[str] = set()
    for at, word in enumerate(words):
        if word in TITLES:
            barred.update(words[at : at + 1 + _NAME_WORDS])
    return frozenset(barred)
