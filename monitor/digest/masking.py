"""Victims' names and ages are masked where text leaves the desk. Pure.

In: a headline or a passage as the article has it. Out: what is to be covered, and with what. Never: touches the
archive, which keeps the article's own words.

The rules are careful rather than complete, for English, with ages in Khmer too: what carries no sign of a victim or of
a minor beside it stays as it is (docs/mail.md).
"""

import re
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

AGE, NAME = "[age]", "[name]"

_N = r"(?:[1-9]?\d|1[01]\d)"
_WORDS_UNDER_20 = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|"
    "eighteen|nineteen"
)
_AGED = rf"(?:{_N}|{_WORDS_UNDER_20})"
# Of things, an age harms nobody: a two-year-old programme, the 12-year-old law.
_THINGS = (
    r"(?:programme|program|project|centre|center|shelter|organi[sz]ation|ngo|charity|law|building|factory|company|firm|"
    r"ban|case|report|policy|agreement|campaign|study|feud|dispute|conflict|war|government|party|system|plan|car|house)"
)
_PARTICULAR = r"[A-Z][a-z\u00c0-\u024f'’-]+"
_NOT_NAMES = (
    r"(?!(?:The|A|An|In|On|At|By|For|From|He|She|It|They|We|I|But|And|Police|Ministry|Government|Cambodia|Cambodian|"
    r"Khmer|Vietnamese|Thai|Chinese|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|"
    r"April|May|June|July|August|September|October|November|December|Phnom|Siem|NGO|UN|AFESIP)\b)"
)
_TITLE = r"(?:(?:Ms|Mrs|Mr|Miss|Mx)\.?\s+)?"
_PERSON = rf"{_NOT_NAMES}{_PARTICULAR}(?:\s+(?:[A-Z]\.\s+)?{_NOT_NAMES}{_PARTICULAR}){{0,3}}"
_MINOR_AGE = rf"(?:1[0-7]|[1-9]|{'|'.join(_WORDS_UNDER_20.split('|')[:17])})"
_MINOR = (
    r"(?:(?:school)?girls?|(?:school)?boys?|child(?:ren)?|teen(?:ager)?s?|minors?|toddlers?|infants?|bab(?:y|ies)|"
    r"pupils?)"
)
_VICTIM = (
    r"(?:victims?|survivors?|(?:trafficked|rescued|abused|raped|detained|arrested|exploited|enslaved|former\s+sex)\s+"
    r"(?:wom[ae]n|girls?|boys?|child(?:ren)?|workers?))"
)
_CALLED = r"(?:,?\s+(?:named|called|identified\s+(?:only\s+)?as|known\s+as)\s+|,?\s+)"

_AGES = (
    re.compile(rf"\b(?P<age>{_AGED})[-\s‑–]years?[-\s‑–]olds?\b(?![-\s‑–]+{_THINGS}\b)", re.IGNORECASE),
    re.compile(
        rf"\baged?\s+(?:only\s+|just\s+|about\s+|around\s+)?(?P<age>{_AGED})\b(?!\s*(?:%|per\b))", re.IGNORECASE
    ),
    re.compile(
        rf"\b(?:was|is|were|are|am|turned|only|just)\s+(?:only\s+|just\s+)?(?P<age>{_AGED})"
        r"(?=\s+(?:when|at\s+the\s+time|years?\s+of\s+age|then)\b)",
        re.IGNORECASE,
    ),
    re.compile(rf"\bat\s+(?:the\s+age\s+of|age)\s+(?P<age>{_AGED})\b", re.IGNORECASE),
    re.compile(rf"(?<=[a-z])\s?[,(]\s?(?P<age>{_N})(?=\s?[,)])"),
)
_KHMER_AGE = re.compile(r"អាយុ[\s\u200b]*(?P<age>[0-9០-៩]{1,3})(?=[\s\u200b]*ឆ្នាំ)")
_NAMES = (
    # Sok Dara, 15, … and the 15-year-old Sok Dara
    re.compile(rf"\b{_TITLE}(?P<name>{_PERSON})(?=\s?[,(]\s?{_MINOR_AGE}\s?[,)])"),
    re.compile(
        rf"\b{_MINOR_AGE}[-\s‑–]years?[-\s‑–]olds?\s+(?:{_MINOR}\s+)?(?:named\s+|called\s+)?{_TITLE}(?P<name>{_PERSON})"
    ),
    # a girl named Dara; the victim, Sok Dara, …; survivor Sok Dara
    re.compile(rf"\b{_MINOR}{_CALLED}{_TITLE}(?P<name>{_PERSON})"),
    re.compile(rf"\b(?i:{_VICTIM}){_CALLED}{_TITLE}(?P<name>{_PERSON})"),
    # Sok Dara, a victim of …
    re.compile(
        rf"\b{_TITLE}(?P<name>{_PERSON})(?=,\s+(?:a|an|one\s+of\s+the|another)\s+(?:\w+\s+){{0,2}}(?:{_VICTIM}|{_MINOR})\b)"
    ),
)


class Mask(NamedTuple):
    """What covers a stretch of a text."""

    start: int
    end: int
    cover: str


def find_masks(text: str) -> list[Mask]:
    """Return what is to be covered in a text, in order and without overlaps; a name that stands there again, too."""
    names = [(found.start("name"), found.end("name")) for rule in _NAMES for found in rule.finditer(text)]
    masks = [Mask(start, end, NAME) for start, end in names]
    masks += [Mask(*place, NAME) for start, end in names for place in _again(text, text[start:end])]
    for found in chain.from_iterable(rule.finditer(text) for rule in (*_AGES, _KHMER_AGE)):
        masks.append(Mask(found.start("age"), found.end("age"), AGE))
    return list(_apart(sorted(masks)))


def mask_victims(text: str) -> str:
    """Return a text with victims' names and ages covered."""
    return cover(text, [])[0]


def cover(text: str, marks: list[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """Return a text with its masks laid over it, and where its marks stand then; a mark inside a mask is its whole."""
    parts: list[str] = []
    position = 0
    shifts: list[tuple[int, int, int, int]] = []
    length = 0
    for mask in find_masks(text):
        parts += (text[position : mask.start], mask.cover)
        length += mask.start - position
        shifts.append((mask.start, mask.end, length, length + len(mask.cover)))
        length += len(mask.cover)
        position = mask.end
    parts.append(text[position:])
    return "".join(parts), [(_moved(start, shifts, 0), _moved(end, shifts, 1)) for start, end in marks]


def _moved(place: int, shifts: list[tuple[int, int, int, int]], side: int) -> int:
    """Return where a place stands once the masks are laid over the text."""
    offset = 0
    for start, end, new_start, new_end in shifts:
        if place <= start:
            break
        if place < end:
            return (new_start, new_end)[side]
        offset = new_end - end
    return place + offset


def _again(text: str, name: str) -> Iterator[tuple[int, int]]:
    """Find a name where it stands once more, whole or by its last part, as reports go on to call people."""
    for part in {name, name.rsplit(None, 1)[-1]}:
        for found in re.finditer(rf"\b{re.escape(part)}\b", text):
            yield found.span()


def _apart(masks: list[Mask]) -> Iterator[Mask]:
    end = -1
    for mask in sorted(masks, key=lambda mask: (mask.start, -mask.end)):
        if mask.start >= end:
            yield mask
            end = mask.end
