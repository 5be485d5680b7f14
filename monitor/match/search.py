"""Hold one expression against articles of the archive. In: SearchedArticle. Out: whether it holds, and where. Pure.

It is what decides in the end: an index finds candidates. All four fields count, each for itself; passages come from
title and text, with the places that are marked in them.
"""

from functools import cached_property
from typing import Literal

from monitor.match.expression import find_evidence, holds, make_ready
from monitor.match.fewterms import MOST, FewTerms
from monitor.match.filing import NO_INFLECTIONS, Inflections
from monitor.match.passages import Sentences, choose_passages
from monitor.match.terms import TermIndex
from monitor.match.view import Field, FieldText, View
from monitor.model.matching import MatchInput, Passage
from monitor.model.query import Expression, Lang, Site, iter_leaves
from monitor.model.searching import MarkedPassage, SearchedArticle
from monitor.text.facts import facts_of
from monitor.text.terms import fact_of


class Search:
    """One expression, made ready to be held against many articles; `inflections` as `TermIndex` takes them."""

    def __init__(self, expression: Expression, inflections: Inflections = NO_INFLECTIONS) -> None:
        numbers = {leaf: number for number, leaf in enumerate(dict.fromkeys(iter_leaves(expression)))}
        self.ready = make_ready(expression, numbers)
        self.facts = [(fact_of(leaf), number) for leaf, number in numbers.items() if isinstance(leaf, Site | Lang)]
        """The facts that it asks for, with their numbers."""
        terms = [(leaf, number) for leaf, number in numbers.items() if not isinstance(leaf, Site | Lang)]
        self.find = FewTerms(terms, inflections).find if len(terms) <= MOST else TermIndex(numbers, inflections).find
        self.sources: dict[str, Field] = {}
        """Outlets and bylines met so far: many articles share one."""

    def look(self, article: SearchedArticle) -> "Look":
        """Look at one article."""
        return Look(self, article)


class Look:
    """One article under one expression."""

    def __init__(self, search: Search, article: SearchedArticle) -> None:
        self._search, self._article = search, article

    @cached_property
    def holds(self) -> bool:
        """Whether the expression holds."""
        search, article = self._search, self._article
        known = facts_of(article.url, article.language) if search.facts else ()
        facts = frozenset(number for fact, number in search.facts if fact in known)
        source = [self._source(text) for text in (article.outlet, article.byline) if text]
        return holds(search.ready, View([*self._shown, *source], facts))

    @cached_property
    def _shown(self) -> list[Field]:
        return [self._field("title", self._article.title), self._field("text", self._article.text)]

    def _source(self, text: str) -> Field:
        known = self._search.sources
        if (field := known.get(text)) is None:
            field = known[text] = self._field("text", text)
        return field

    def _field(self, where: Literal["title", "text"], text: str) -> Field:
        field = FieldText(where, text)
        return Field(field, self._search.find(field.tokens.forms))

    def passages(self) -> tuple[MarkedPassage, ...]:
        """Return the passages that show it best, as far as title and text do."""
        view = View(self._shown)
        evidence = find_evidence(self._search.ready, view)
        given = MatchInput(self._article.title, self._article.text)
        chosen = choose_passages(Sentences(given), view, evidence)
        spans = {
            field.text.where: sorted({field.text.original_span(place.start, place.end) for place in evidence[number]})
            for number, field in enumerate(view.fields)
        }
        return tuple(MarkedPassage(passage, _marks(passage, spans[passage.where])) for passage in chosen)


def _marks(passage: Passage, spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Return the spans within a passage, counted from its beginning, those that overlap as one."""
    marks: list[tuple[int, int]] = []
    for start, end in spans:
        if start < passage.start or end > passage.end:
            continue
        first, last = start - passage.start, end - passage.start
        if marks and first <= marks[-1][1]:
            marks[-1] = (marks[-1][0], max(last, marks[-1][1]))
        else:
            marks.append((first, last))
    return tuple(marks)
