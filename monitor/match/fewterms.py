"""A few terms, looked for in short texts. In: the tokens of a text. Out: where each stands, as `TermIndex` would say.

An index of all claims' terms looks at all tokens of a text at once, and is made for thousands of terms; to ask for one
or two, that is the long way.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from monitor.match.filing import Inflections, Span
from monitor.model.query import Term
from monitor.text.stems import is_stemmed, may_have_stem_of, stem_heads, stem_of
from monitor.text.terms import is_inflected, is_prefix, tokens_of

MOST = 16
"""So many terms are few."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What may stand at one place of a term: some words, or what begins so, or all words of a stem."""

    words: frozenset[str] = frozenset()
    prefix: str = ""
    stem: str = ""

    def among(self, forms: frozenset[str]) -> frozenset[str]:
        """Return the tokens of a text that may stand there."""
        if self.prefix:
            return frozenset(form for form in forms if form.startswith(self.prefix))
        if self.stem:
            heads = frozenset(stem_heads(self.stem))
            return frozenset(form for form in forms if may_have_stem_of(form, heads) and stem_of(form) == self.stem)
        return self.words & forms


class FewTerms:
    """Finds a few terms."""

    def __init__(self, terms: Iterable[tuple[Term, int]], inflections: Inflections) -> None:
        self._terms = [(number, places) for term, number in terms if (places := _places(term, inflections))]

    def find(self, forms: Sequence[str]) -> Mapping[int, Sequence[Span]]:
        """Return the terms that stand in a text, given as its tokens, by number; and where, in order."""
        found: dict[int, Sequence[Span]] = {}
        distinct = frozenset(forms)
        for number, places in self._terms:
            fitting = [place.among(distinct) for place in places]
            if all(fitting) and (spans := _spans(forms, fitting)):
                found[number] = spans
        return found


def _spans(forms: Sequence[str], fitting: Sequence[frozenset[str]]) -> list[Span]:
    first, *rest = fitting
    starts = [at for at, form in enumerate(forms) if form in first]
    if rest:
        last = len(forms) - len(rest)
        starts = [at for at in starts if at < last and all(forms[at + 1 + k] in fit for k, fit in enumerate(rest))]
    return [(at, at + len(fitting)) for at in starts]


def _places(term: Term, inflections: Inflections) -> tuple[_Place, ...]:
    forms = tokens_of(term)
    if is_inflected(term):
        return tuple(_inflected(form, inflections) for form in forms)
    places = [_Place(words=frozenset((form,))) for form in forms]
    if places and is_prefix(term):
        places[-1] = _Place(prefix=forms[-1])
    return tuple(places)


def _inflected(form: str, inflections: Inflections) -> _Place:
    if not is_stemmed(form):
        return _Place(words=frozenset((form,)))
    stem = stem_of(form)
    words = inflections.get(stem)
    return _Place(words=frozenset(words)) if words else _Place(stem=stem)
