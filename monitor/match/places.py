"""Where an article's story happens, as far as the places it names tell. In: fields. Out: PlaceEvidence. Pure.

Every mention counts for its country: 1, and half of it where only people are named ("Cambodian women" may be anywhere);
three times as much in the title, twice in the lead, where a dateline stands; of a name that is repeated without end the
first places count. The value is

    inside / (inside + the other country that counts most)

so a story that takes place here and names many neighbours is still here; 0 where nothing inside is named. A language
that is at home in one country counts as one mention of it. `names` tells how many of the country's bodies are named
(ministries, committees, centres), in whatever spelling or script: each further one halves what is missing to 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from monitor.match.filing import Span
from monitor.match.terms import TermIndex
from monitor.match.view import MAX_PLACES, MAX_SPANS, FieldText
from monitor.model.matching import MatchInput, TermMatch
from monitor.model.query import Phrase, Term, Word
from monitor.text.gazetteer import PlaceName, gazetteer
from monitor.text.normalise import fold

INSIDE = 0.3
"""From this value on, an article may bear on the country; under it, another one counts more than twice as much."""

LEAD_CHARACTERS = 200
_TITLE, _LEAD, _BODY = 3.0, 2.0, 1.0
_PEOPLE = 0.5
_HOME_LANGUAGE = 1.0


@dataclass(frozen=True, slots=True)
class PlaceEvidence:
    """How far an article is about a country: `value` in [0, 1], what names it, and what names the strongest other."""

    value: float
    inside: tuple[TermMatch, ...] = ()
    elsewhere: tuple[TermMatch, ...] = ()
    other: str = ""
    names: float = 0.0

    @property
    def is_inside(self) -> bool:
        """Whether the article may bear on what happens in the country."""
        return self.value >= INSIDE


@dataclass(frozen=True, slots=True)
class Mention:
    """One place named in an article: the span in the normalised field, and what it counts."""

    field: int
    span: Span
    name: PlaceName
    weight: float


class PlacesNamed:
    """The places that an article names, found once for all countries that are asked about."""

    def __init__(self, article: MatchInput, fields: Sequence[FieldText]) -> None:
        """Take an article and its fields in normal form."""
        self._fields = fields
        written = {"title": article.title, "text": article.text}
        self._mentions = [
            mention for number, field in enumerate(fields) for mention in _mentions(number, field, written[field.where])
        ]
        self._evidence: dict[str, PlaceEvidence] = {}
        home = gazetteer().homes.get(article.language, "")
        self._weights: dict[str, float] = {home: _HOME_LANGUAGE} if home else {}
        for mention in self._mentions:
            self._weights[mention.name.country] = self._weights.get(mention.name.country, 0) + mention.weight

    def evidence(self, country: str) -> PlaceEvidence:
        """Return how far the article is about a country (ISO 3166); worked out once for all claims that ask."""
        if (known := self._evidence.get(country)) is None:
            known = self._evidence[country] = self._weigh(country)
        return known

    def _weigh(self, country: str) -> PlaceEvidence:
        inside = self._weights.get(country, 0.0)
        others = {code: weight for code, weight in self._weights.items() if code != country}
        other = max(sorted(others), key=others.__getitem__, default="")
        value = inside / (inside + others.get(other, 0.0)) if inside else 0.0
        bodies = {mention.name.place for mention in self._mentions if _is_body_of(mention.name, country)}
        return PlaceEvidence(value, self._matches(country), self._matches(other), other, 1 - 0.5 ** len(bodies))

    def _matches(self, country: str) -> tuple[TermMatch, ...]:
        spans: dict[tuple[int, PlaceName], list[Span]] = {}
        for mention in self._mentions:
            if mention.name.country == country:
                original = self._fields[mention.field].normalised.original_span(*mention.span)
                spans.setdefault((mention.field, mention.name), []).append(original)
        return tuple(
            TermMatch(name.form, self._fields[field].where, tuple(found[:MAX_SPANS]), _gloss(name))
            for (field, name), found in spans.items()
        )


class PlacesIfAsked:
    """The places of an article that nobody has read yet: looked for when the first country is asked about."""

    def __init__(self, article: MatchInput) -> None:
        """Take an article."""
        self._article = article

    def evidence(self, country: str) -> PlaceEvidence:
        """Return how far the article is about a country (ISO 3166)."""
        return self._named.evidence(country)

    @cached_property
    def _named(self) -> PlacesNamed:
        fields = (FieldText("title", self._article.title), FieldText("text", self._article.text))
        return PlacesNamed(self._article, fields)


def _is_body_of(name: PlaceName, country: str) -> bool:
    return name.kind == "institution" and name.country == country


def _gloss(name: PlaceName) -> str:
    return "" if name.language == "en" else name.place


@cache
def _index() -> tuple[TermIndex, Mapping[int, tuple[PlaceName, ...]]]:
    by_term: dict[Term, list[PlaceName]] = {}
    for name in gazetteer().names:
        by_term.setdefault(_term(name.form), []).append(name)
    index = TermIndex(by_term)
    return index, {index.numbers[term]: tuple(names) for term, names in by_term.items()}


def _term(form: str) -> Term:
    words = fold(form.removesuffix("*")).replace("-", " ").split()
    return Word(words[0], form.endswith("*"), is_exact=True) if len(words) == 1 else Phrase(tuple(words))


def _mentions(number: int, field: FieldText, original: str) -> list[Mention]:
    index, names_of = _index()
    text, tokens, original_span = field.normalised.text, field.tokens, field.normalised.original_span
    places = sorted(
        ((tokens.span(*span), term) for term, spans in index.find(field.cut).items() for span in spans[:MAX_PLACES]),
        key=lambda place: (place[0][0], -place[0][1]),
    )
    mentions: list[Mention] = []
    done = 0
    for span, term in places:
        if span[0] < done or _is_part_of_katakana(text, span):
            continue
        start, end = original_span(*span)
        written = original[start:end]
        if name := next((name for name in names_of[term] if _is_written_as(name.form, written)), None):
            mentions.append(Mention(number, span, name, _weight(field, span, name)))
            done = span[1]
    return mentions


def _weight(field: FieldText, span: Span, name: PlaceName) -> float:
    position = _TITLE if field.where == "title" else _LEAD if span[0] < LEAD_CHARACTERS else _BODY
    return position * (_PEOPLE if name.kind == "people" else 1.0)


def _is_written_as(form: str, written: str) -> bool:
    """Tell whether capitals stand where the form has them; where lengths differ, the first letter speaks for all."""
    letters = form.removesuffix("*")
    length = len(letters) if len(written) >= len(letters) else 1
    return all(letter.isupper() for wanted, letter in zip(letters[:length], written, strict=False) if wanted.isupper())


def _is_part_of_katakana(text: str, span: Span) -> bool:
    """Tell whether a name in katakana only begins or ends a longer word: タイ (Thailand) in タイトル (title)."""
    start, end = span
    if not _is_katakana(text[start]):
        return False
    return (start > 0 and _is_katakana(text[start - 1])) or (end < len(text) and _is_katakana(text[end]))


def _is_katakana(character: str) -> bool:
    return "\u30a1" <= character <= "\u30fa" or character in "\u30fc\u3099\u309a"
