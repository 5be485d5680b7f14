"""Sentences of a text as it stands, with their offsets. In: any text. Out: spans. Never: an empty or an endless one.

A full stop ends a sentence unless an abbreviation, an initial or what follows says otherwise; ។ ៕ 。 ! ? and line
breaks end one, too. ៖ doesn't: it introduces. Nor does a 。 within a quotation that "と" or a comma takes up.
"""

import re

from monitor.text.khmer import count_khmer, is_cluster_boundary

MAX_LATIN = 400
MAX_KHMER = 300

_CLOSING = "[\"'”’»)\\]]*+"
# What every stop begins with comes first, so that all that lies between two is passed over quickly.
_STOPS = re.compile(
    r"[.!?…។៕。｡！？\n]"
    rf"(?:(?<=[.!?…])(?<![.!?…].)[.!?…]*+{_CLOSING}(?=\s|$)|(?<=[។៕])[។៕]*+{_CLOSING}"
    rf"|(?<=[。｡！？])[。｡！？]*+[」』）】》〉”’]*+|(?<=\n)\n*+)"
)
_LAST_WORD = re.compile(r"[^\s\"'“‘«(\[]+$")
_WIDE_STOPS = "。｡！？"
_TAKING_UP = ("と", "、", "，")
_OPENING = "\"'“‘«([ \t"


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Followed by a name: never the end.
_TITLES = _words(
    "gen mr mrs ms mx dr prof lt col maj capt sgt cpl brig cmdr adm rev hon pres gov sen rep supt insp msgr st mt"
    " vs cf e.g i.e viz approx ca fig art sec ch vol pp lt.gen maj.gen brig.gen lt.col h.e m mme mlle"
)
# Followed by a number: not the end.
_BEFORE_NUMBERS = _words("no nos nr jan feb mar apr jun jul aug sep sept oct nov dec tel ext art sec para p")
# May end a sentence or not: it does before a word that often begins one.
_EITHER_WAY = _words(
    "u.s u.n u.k e.u d.c a.m p.m inc ltd co corp llc jr sr etc al ph.d b.a m.a jan feb mar apr jun jul aug sep sept"
    " oct nov dec est dept univ assn bros"
)
_OPENERS = _words(
    "the a an in on at it its he she they we i you but and or so this that these those there when while after before"
    " if as for from by with according however meanwhile some many most one two last since his her their our my what"
    " who why how no not also police officials"
)


def split_sentences(text: str) -> tuple[tuple[int, int], ...]:
    """Return the (start, end) of each sentence, in order, without white space at either end."""
    spans: list[tuple[int, int]] = []
    start = 0
    for stop in _STOPS.finditer(text):
        if stop[0][0] == "\n" or _ends_sentence(text, start, stop):
            _add(spans, text, start, stop.end())
            start = stop.end()
    _add(spans, text, start, len(text))
    return tuple(spans)


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    if stop[0][0] in "។៕" or stop.end() == len(text):
        return True
    if stop[0][0] in _WIDE_STOPS:
        return stop[0][-1] in _WIDE_STOPS or not text.startswith(_TAKING_UP, stop.end())
    following = text[stop.end() : stop.end() + 40].lstrip(_OPENING + "\u200b")
    if following[:1].islower():
        return False
    if stop[0][0] != "." or stop[0].startswith(".."):
        return True
    found = _LAST_WORD.search(text, max(start, stop.start() - 20), stop.start())
    return found is None or not _is_abbreviation(found[0], following)


def _is_abbreviation(word: str, following: str) -> bool:
    lowered = word.lower()
    if lowered in _TITLES or (lowered in _BEFORE_NUMBERS and following[:1].isdigit()):
        return True
    if len(word) == 1 and word.isupper() and word != "I":
        return True
    if lowered in _EITHER_WAY or re.fullmatch(r"(?:[A-Z]\.)+[A-Z]", word):
        opener = re.match(r"\w*", following)
        return opener is None or opener[0].lower() not in _OPENERS
    return False


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add a sentence, in pieces where it is over the cap."""
    start, end = _strip(text, start, end)
    while start < end:
        cap = _cap(text, start, end)
        cut = end if end - start <= cap else _cut(text, start, start + cap)
        piece_start, piece_end = _strip(text, start, cut)
        spans.append((piece_start, piece_end))
        start, _ = _strip(text, cut, end)


def _cap(text: str, start: int, end: int) -> int:
    if end - start <= MAX_KHMER:
        return MAX_KHMER
    return MAX_KHMER if count_khmer(text[start : start + MAX_KHMER]) * 3 >= MAX_KHMER else MAX_LATIN


def _cut(text: str, start: int, limit: int) -> int:
    """Return where to cut: at the last white space in the second half, else where no cluster is split."""
    for at in range(limit, start + (limit - start) // 2, -1):
        if text[at].isspace() or text[at] == "\u200b":
            return at
    for at in range(limit, start, -1):
        if is_cluster_boundary(text, at):
            return at
    return limit


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
