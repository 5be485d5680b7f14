"""An article as the index has it. In: its fields. Out: Analysed, and that as PostgreSQL and SQLite take it. Pure.

PostgreSQL keeps at most 255 places of a word and none beyond the 16,383rd; an article that has more is marked long, so
that a phrase is looked for in it by its words alone, and the article itself then says whether the phrase stands there.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_letters, digits
from zlib import crc32

from monitor.text.facts import facts_of
from monitor.text.normalise import normalise
from monitor.text.tokens import Tokens, is_clustered

LONG = "=long"
"""Holds of an article of which PostgreSQL doesn't know all places."""

UNPAIRED = "=unpaired"
"""Holds of an article that is too large for its pairs to be in PostgreSQL's index."""

CLUSTERED = "=clustered"
"""Holds of an article in which fewer words than tokens may stand between two places."""

CUT = "=cut"
"""Holds of an article that is too large for the index. Every search finds it, and the article itself then says."""

MAX_TOKENS = 200_000
"""So many tokens of a field are in the index: more than any report has."""

BUCKET_BITS = (10, 13, 16, 19)
"""Articles are gathered in buckets of 2^n by their numbers, so that PostgreSQL can look at the newest ones first."""

_LISTED = re.compile("[a-z]{3}")
_MAX_PLACE = 16_383
_MAX_PLACES = 255
_APART = 8
_SIGNS = f"{ascii_letters}{digits}-_"
_FIRST_SIGNS = [f"+{sign}" for sign in _SIGNS]
_LAST_SIGNS = [one + other for one in _SIGNS for other in _SIGNS]
_MAX_VECTOR_BYTES = 900_000
"""Under the megabyte that a tsvector may have."""

_PAIR_BYTES = 8


@dataclass(frozen=True, slots=True)
class Analysed:
    """The tokens of an article's fields, and the facts that hold of it."""

    title: Sequence[str]
    text: Sequence[str]
    outlet: Sequence[str]
    byline: Sequence[str]
    facts: frozenset[str]

    @classmethod
    def of(cls, title: str, text: str, outlet: str, byline: str, facts: frozenset[str]) -> "Analysed":
        """Analyse an article's fields; `facts` as `facts_for_index` gives them."""
        fields = [Tokens(normalise(field).text).forms for field in (title, text, outlet, byline)]
        if max(map(len, fields)) > MAX_TOKENS:
            facts |= {CUT}
        title_forms, text_forms, outlet_forms, byline_forms = (forms[:MAX_TOKENS] for forms in fields)
        return cls(title_forms, text_forms, outlet_forms, byline_forms, facts)

    def listed(self) -> set[str]:
        """Return the tokens that the index lists beside: those that have inflections or go on after three letters."""
        every = {*self.title, *self.text, *self.outlet, *self.byline}
        return {form for form in every if is_listed(form)}


def is_listed(form: str) -> bool:
    """Tell whether a token, or whatever begins with a prefix, is in the index's list of words."""
    return _LISTED.match(form) is not None


def fact_token(fact: str) -> str:
    """Return how a fact stands in the index: no word begins with its sign."""
    return f"={fact}"


def bucket_token(bits: int, number: int) -> str:
    """Return what holds of the articles `number << bits` and those after it, up to the next bucket."""
    return f"=b{bits}:{number}"


def pair_token(first: str, second: str) -> str:
    """Return what holds of an article in which one token follows the other; sometimes it holds of another one, too.

    One of 2^18, in four characters: short, so that the vectors stay small, and many, so that few of a long article's
    are another's.
    """
    number = crc32(f"{first} {second}".encode())
    return _FIRST_SIGNS[number >> 12 & 63] + _LAST_SIGNS[number & 4095]


def facts_for_index(url: str, language: str) -> frozenset[str]:
    """Return the facts of an article as tokens."""
    return frozenset(map(fact_token, facts_of(url, language)))


def vector_of(article_id: int, article: Analysed) -> str:
    """Return the article as the text of a tsvector: titles have weight A, outlets B, bylines C, texts none."""
    places = _Places()
    for forms, weight in ((article.title, "A"), (article.outlet, "B"), (article.byline, "C"), (article.text, "")):
        places.add(forms, weight)
    facts = {*article.facts, *(bucket_token(bits, article_id >> bits) for bits in BUCKET_BITS)}
    facts |= {CUT} if places.is_cut else {LONG} if places.is_long else set()
    facts |= _pairs_of(article, places.room)
    if any(not form.isascii() and is_clustered(form) for form in places.known):
        facts.add(CLUSTERED)
    lexemes = [f"'{form}':{','.join(found)}" if found else f"'{form}'" for form, found in places.known.items()]
    return " ".join([*lexemes, *(f"'{token}'" for token in facts)])


def _pairs_of(article: Analysed, room: int) -> set[str]:
    """Return what stands for the pairs of neighbours, as far as there is room for so many bytes."""
    fields = (article.title, article.text, article.outlet, article.byline)
    pairs = {pair_token(*pair) for forms in fields for pair in pairwise(forms)}
    return pairs if len(pairs) * _PAIR_BYTES <= room else {UNPAIRED}


def columns_of(article: Analysed) -> dict[str, str]:
    """Return the article as the columns of an FTS5 table."""
    fields: Iterable[tuple[str, Iterable[str]]] = (
        ("title", article.title),
        ("text", article.text),
        ("outlet", article.outlet),
        ("byline", article.byline),
        ("facts", sorted(article.facts)),
    )
    return {name: " ".join(forms) for name, forms in fields}


class _Places:
    """Where the tokens of an article stand, as far as a tsvector can say."""

    def __init__(self) -> None:
        self.known: dict[str, list[str]] = {}
        self.is_long = self.is_cut = False
        self._at = self._bytes = 0

    @property
    def room(self) -> int:
        """So many bytes are left."""
        return _MAX_VECTOR_BYTES - self._bytes

    def add(self, forms: Sequence[str], weight: str) -> None:
        """Note the tokens of one field."""
        known = self.known
        for place, form in enumerate(forms, start=self._at + 1):
            found = known.get(form)
            if found is None:
                self._bytes += len(form.encode()) + 8
                if self._bytes > _MAX_VECTOR_BYTES:
                    self.is_cut = True
                    return
                found = known[form] = []
            if place <= _MAX_PLACE and len(found) < _MAX_PLACES and self._bytes <= _MAX_VECTOR_BYTES:
                found.append(f"{place}{weight}")
                self._bytes += 2
            else:
                self.is_long = True
        # No phrase goes from one field into the next.
        self._at += len(forms) + _APART
