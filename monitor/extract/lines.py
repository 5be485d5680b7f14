"""Paragraphs out of lines that were broken to fit a page or a screen; pure.

In: lines as they stand in a PDF document, a mail or a plain text. Out: paragraphs, each in one line. Never: a sentence
cut at a line's end, since a passage is made of whole sentences.
"""

import re
from collections.abc import Iterable, Iterator

_SHORT_LINE = 0.75
_SENTENCE_END = re.compile(r"""[.!?:;\u17d4-\u17d6\u3002\uff01\uff1f\u2026]["'\u201d\u2019\u00bb)\]]{0,4}\Z""")
_ITEM = re.compile(r"(?:[\u2022\u2023\u25aa\u25cf\u2013\u2014*-]|\(?\w{1,3}[.)]) ")
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff]")
_ZERO_WIDTH_SPACE = "\u200b"


def join_lines(lines: Iterable[str]) -> Iterator[str]:
    """Join lines: a paragraph ends at an empty line, after a short one, or before an item of a list."""
    stripped = [line.strip() for line in lines]
    lengths = sorted(len(line) for line in stripped if line)
    usual = lengths[int(0.8 * (len(lengths) - 1))] if lengths else 0
    paragraph: list[str] = []
    previous = ""
    for line in stripped:
        ends = not line or len(previous) < _SHORT_LINE * usual or _ITEM.match(line) is not None
        if paragraph and ends and not (line and line[0].islower() and not ends_sentence(previous)):
            yield "".join(paragraph)
            paragraph = []
        if line:
            paragraph += [_joint(paragraph[-1], line), line] if paragraph else [line]
        previous = line
    if paragraph:
        yield "".join(paragraph)


def ends_sentence(text: str) -> bool:
    """Say whether a text ends with what ends a sentence in Latin, Khmer or Chinese writing."""
    return _SENTENCE_END.search(text[-10:]) is not None


def _joint(before: str, after: str) -> str:
    """Return what stands between two lines: nothing that a reader sees in scripts without spaces."""
    return _ZERO_WIDTH_SPACE if _UNSPACED.match(before[-1]) and _UNSPACED.match(after[0]) else " "
