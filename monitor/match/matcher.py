"""Hold all claims against an article. In: MatchInput. Out: Assessments. Never: an opinion it can't show the words for.

The parts say how much of a claim's expression stands in the article, and of a hit how prominently; what score that
comes to is for `monitor.match.scorer` to say, and 0 till then.

coverage: see `monitor.match.expression`. in_title: coverage by the title alone. in_lead: by the title and the first 600
characters. in_passage: by the first passage alone. density: places per 100 words, full at 5; of a very long text only
the first places count (`monitor.match.view.MAX_PLACES`). Title and text are fields apart for NEAR and phrases; AND, OR
and NOT span both.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from monitor.match.candidates import Candidates, ReadyClaim
from monitor.match.expression import (
    Evidence,
    Ready,
    coverage,
    find_denied,
    find_evidence,
    find_terms,
    holds,
)
from monitor.match.passages import Sentences, choose_passages
from monitor.match.places import PlacesNamed
from monitor.match.terms import TermIndex, literal_of, shown
from monitor.match.view import Field, FieldText, View
from monitor.model.matching import Assessment, MatchInput, Passage, TermMatch, Why
from monitor.model.query import And, Expression, Fact, Not, Or, Phrase, Term, Title, Word, iter_leaves
from monitor.model.watching import Claim
from monitor.text.facts import facts_of

LEAD_CHARACTERS = 600
FULL_DENSITY = 5
NEARLY = 0.5
"""From this coverage on, an article that is no hit still gets passages: somebody may want to see why not."""
_DECIMALS = 4


class _Reading:
    """One article while claims are held against it; what all claims share is worked out once."""

    def __init__(self, article: MatchInput, index: TermIndex) -> None:
        self.sentences = Sentences(article)
        self._article, self._index = article, index
        fields = FieldText("title", article.title), FieldText("text", article.text)
        title, self._found = (index.find(field.cut) for field in fields)
        self.title, self.text = Field(fields[0], title), Field(fields[1], self._found)
        self.facts = index.facts(facts_of(article.url, article.language))
        self.stands = title.stands | self._found.stands
        for fact in self.facts:
            self.stands[fact] = True
        self.whole = View((self.title, self.text), self.facts)

    @cached_property
    def places(self) -> PlacesNamed:
        return PlacesNamed(self._article, [field.text for field in self.whole.fields])

    @cached_property
    def report(self) -> View:
        """The article without the sentences that report nothing: "Read more: …", "if it were so, that would be …"."""
        report = self.sentences.report()
        if report == self._article.text:
            return self.whole
        text = FieldText("text", report)
        return View((self.title, Field(text, self._index.find(text.cut))), self.facts)

    @cached_property
    def title_alone(self) -> View:
        return View((self.title,), self.facts)

    @cached_property
    def lead(self) -> View:
        before = self._found.before(self.text.text.tokens.end_before(LEAD_CHARACTERS))
        return View((self.title, Field(self.text.text, before)), self.facts)

    def passages_alone(self, passages: Sequence[Passage], numbers: frozenset[int]) -> View:
        fields = {"title": self.title, "text": self.text}
        inside = [fields[passage.where].within(passage.start, passage.end, numbers) for passage in passages]
        return View(inside, self.facts)

    @cached_property
    def length(self) -> int:
        return self.title.text.word_count + self.text.text.word_count


class Matcher:
    """Holds many claims against one article at a time; only claims of which some term stands there cost anything."""

    def __init__(self, claims: Sequence[tuple[str, Claim]]) -> None:
        """Take (identifier, claim) pairs; the identifier, unique over all watchlists, becomes `claim_key`."""
        self._index = TermIndex(leaf for _, claim in claims for leaf in _all_leaves(claim))
        numbers = self._index.numbers
        self._claims = [ReadyClaim.of(key, claim, numbers) for key, claim in claims]
        self._places = {claim.key: place for place, claim in enumerate(self._claims)}
        self._claims_by_term: list[list[int]] = [[] for _ in self._index.leaves]
        for place, (_, claim) in enumerate(claims):
            for leaf in set(_wanted_leaves(claim.expression)):
                self._claims_by_term[numbers[leaf]].append(place)
        self._candidates = Candidates(self._claims, self._index, list(map(len, self._claims_by_term)))

    def match(self, article: MatchInput, also: Iterable[str] = ()) -> tuple[Assessment, ...]:
        """Return one assessment per claim of which something stands in the article, in the order of the claims.

        Those in `also` get one whatever stands there: what they exclude may.
        """
        reading = _Reading(article, self._index)
        places = {place for term in reading.whole.found for place in self._claims_by_term[term]}
        places.update(self._places[key] for key in also)
        return tuple(self._assess(self._claims[place], reading) for place in sorted(places))

    def match_hits(self, article: MatchInput) -> tuple[Assessment, ...]:
        """Return the assessments that are hits, in the order of the claims; no other claim is looked into further."""
        reading = _Reading(article, self._index)
        return tuple(self._assess(self._claims[place], reading) for place in self._reported(reading))

    def find_hits(self, article: MatchInput) -> tuple[str, ...]:
        """Return the identifiers of the claims that are hits, in their order, without saying why."""
        return tuple(self._claims[place].key for place in self._reported(_Reading(article, self._index)))

    def find_holding(self, article: MatchInput) -> tuple[str, ...]:
        """Return the same, and those that hold only with what reports nothing: no sentences are told apart."""
        return tuple(self._claims[place].key for place in self._holding(_Reading(article, self._index)))

    def _reported(self, reading: _Reading) -> list[int]:
        return [place for place in self._holding(reading) if holds(self._claims[place].expression, reading.report)]

    def _holding(self, reading: _Reading) -> list[int]:
        holding, may_hold = self._candidates.find(reading.stands)
        return sorted({*holding, *(place for place in may_hold if _is_hit(self._claims[place], reading))})

    def _assess(self, claim: ReadyClaim, reading: _Reading) -> Assessment:
        view = reading.whole
        covered = coverage(claim.expression, view)
        is_excluded = claim.exclusion is not None and holds(claim.exclusion, view)
        place = reading.places.evidence(claim.where) if claim.where and covered >= NEARLY else None
        is_elsewhere = place is not None and not place.is_inside
        is_hit = covered == 1 and not is_excluded and not is_elsewhere and holds(claim.expression, reading.report)
        evidence = find_evidence(claim.expression, view)
        terms = frozenset(term for places in evidence.values() for place in places for term in place.terms)
        passages = choose_passages(reading.sentences, view, evidence) if covered >= NEARLY else ()
        parts = [("coverage", covered)]
        if is_hit:
            parts += _prominence(claim.expression, reading, evidence, reading.passages_alone(passages[:1], terms))
        if is_excluded:
            parts.append(("excluded", 1.0))
        if place is not None:
            parts += [("place", place.value), ("names", place.names)]
        why = Why(
            terms=tuple(self._term_matches(terms, view, claim.glosses)),
            excluded_by=(
                *self._term_matches(_terms_against(claim, view), view, claim.glosses),
                *(place.elsewhere if place is not None and is_elsewhere else ()),
            ),
            parts=tuple((name, round(value, _DECIMALS)) for name, value in parts),
        )
        return Assessment(claim.key, 0.0, is_hit, passages=passages, why=why)

    def _term_matches(self, numbers: Iterable[int], view: View, glosses: Mapping[str, str]) -> Iterator[TermMatch]:
        for number in sorted(numbers):
            term = self._index.leaves[number]
            for field in view.fields:
                if isinstance(term, Word | Phrase) and (places := field.quoted_places(number)):
                    yield TermMatch(shown(term), field.text.where, places, glosses.get(literal_of(term), ""))


def _terms_against(claim: ReadyClaim, view: View) -> frozenset[int]:
    against = find_denied(claim.expression, view)
    if claim.exclusion is not None and holds(claim.exclusion, view):
        against |= find_terms(claim.exclusion, view)
    return against


def _prominence(
    expression: Ready, reading: _Reading, evidence: Mapping[int, Sequence[Evidence]], passage: View
) -> list[tuple[str, float]]:
    places = len({(field, place.start, place.end) for field, found in evidence.items() for place in found})
    return [
        ("in_title", coverage(expression, reading.title_alone)),
        ("in_lead", coverage(expression, reading.lead)),
        ("in_passage", coverage(expression, passage)),
        ("density", min(1.0, 100 * places / max(1, reading.length) / FULL_DENSITY)),
    ]


def _is_hit(claim: ReadyClaim, reading: _Reading) -> bool:
    if not holds(claim.expression, reading.whole):
        return False
    if claim.exclusion is not None and holds(claim.exclusion, reading.whole):
        return False
    return not claim.where or reading.places.evidence(claim.where).is_inside


def _all_leaves(claim: Claim) -> Iterator[Term | Fact]:
    yield from iter_leaves(claim.expression)
    if claim.exclusion:
        yield from iter_leaves(claim.exclusion)


def _wanted_leaves(expression: Expression) -> Iterator[Term | Fact]:
    """Go through what is not denied."""
    match expression:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _wanted_leaves(part)
        case Title(part):
            yield from _wanted_leaves(part)
        case Not():
            return
        case _:
            yield from iter_leaves(expression)
