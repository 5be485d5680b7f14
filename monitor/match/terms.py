"""All terms of all claims, looked for in one pass. In: the tokens of a text. Out: which tokens each term stands at.

Terms and texts are cut into tokens alike, so what only separates words makes no difference: re-education and
re, education are the same phrase. What a token alone may be, as it is, as an inflection or as what begins with a
prefix, is worked out when it is met first and remembered; phrases are told by their first two tokens, and from there
token by token.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, count, islice
from typing import NamedTuple

from monitor.model.query import Fact, Lang, Site, Term, Word
from monitor.text.stems import may_have_stem_of, stem_heads, stem_of
from monitor.text.terms import fact_of, is_inflected, is_prefix, tokens_of
from monitor.text.tokens import Tokens

Span = tuple[int, int]
"""Tokens, from the first to before the last."""

_MAX_KNOWN_FORMS = 1 << 17


class _Beginning(NamedTuple):
    """What may begin with a token: terms of this word alone, and what must follow for others.

    `compounds` go on with words of some stems, `prefixed` with one word that begins so.
    """

    words: tuple[int, ...]
    compounds: Sequence[tuple[int, tuple[str, ...]]]
    prefixed: Sequence[tuple[int, str]]


@dataclass(slots=True)
class _Phrase:
    """Where the beginning of some phrases ends: the terms that end there too, and what the others go on with."""

    terms: list[int] = field(default_factory=list)
    prefixes: list[tuple[int, str]] = field(default_factory=list)
    following: dict[str, "_Phrase"] = field(default_factory=dict)


@dataclass(slots=True)
class _Filed:
    """All terms, by what one meets of them first."""

    exact: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[str, list[int]] = field(default_factory=dict)
    stems: dict[str, list[int]] = field(default_factory=dict)
    compounds: dict[str, list[tuple[int, tuple[str, ...]]]] = field(default_factory=dict)
    prefixed: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    phrases: dict[tuple[str, str], _Phrase] = field(default_factory=dict)

    def add(self, term: Term, number: int) -> None:
        """File a term."""
        forms = tokens_of(term)
        if not forms:
            return
        if is_inflected(term):
            first, *rest = map(stem_of, forms)
            if rest:
                self.compounds.setdefault(first, []).append((number, tuple(rest)))
            else:
                self.stems.setdefault(first, []).append(number)
        elif len(forms) == 1:
            (self.prefixes if is_prefix(term) else self.exact).setdefault(forms[0], []).append(number)
        elif len(forms) == 2 and is_prefix(term):
            self.prefixed.setdefault(forms[0], []).append((number, forms[1]))
        else:
            self._add_phrase(forms, number, goes_on=is_prefix(term))

    def _add_phrase(self, forms: Sequence[str], number: int, *, goes_on: bool) -> None:
        phrase = self.phrases.setdefault((forms[0], forms[1]), _Phrase())
        for form in forms[2 : len(forms) - goes_on]:
            phrase = phrase.following.setdefault(form, _Phrase())
        if goes_on:
            phrase.prefixes.append((number, forms[-1]))
        else:
            phrase.terms.append(number)


class _Beginnings(dict[str, _Beginning | None]):
    """What may begin with each token met so far; None: nothing. A token is stemmed when it is met first."""

    def __init__(self, filed: _Filed) -> None:
        self._filed = filed
        self._heads = {head for stem in (*filed.stems, *filed.compounds) for head in stem_heads(stem)}
        self.longer: set[str] = set()
        """Those of them after which something must follow."""
        self._lengths = sorted({len(prefix) for prefix in filed.prefixes})

    def __missing__(self, form: str) -> _Beginning | None:
        if len(self) >= _MAX_KNOWN_FORMS:
            self.clear()
            self.longer.clear()
        filed, may_be_stemmed = self._filed, may_have_stem_of(form, self._heads)
        if not (may_be_stemmed or self._lengths or form in filed.exact or form in filed.prefixed):
            self[form] = None  # as of nearly all forms, where few terms are looked for
            return None
        words = list(filed.exact.get(form, ()))
        compounds: Sequence[tuple[int, tuple[str, ...]]] = ()
        if may_be_stemmed:
            stem = stem_of(form)
            words += filed.stems.get(stem, ())
            compounds = filed.compounds.get(stem, ())
        for length in self._lengths:
            if length > len(form):
                break
            words += filed.prefixes.get(form[:length], ())
        prefixed = filed.prefixed.get(form, ())
        if compounds or prefixed:
            self.longer.add(form)
        found = self[form] = _Beginning(tuple(words), compounds, prefixed) if words or compounds or prefixed else None
        return found


class TermIndex:
    """Numbers every distinct term and fact, and finds all terms at once; the cost hardly grows with their number."""

    def __init__(self, leaves: Iterable[Term | Fact]) -> None:
        self.numbers: Mapping[Term | Fact, int] = {leaf: number for number, leaf in enumerate(dict.fromkeys(leaves))}
        self.leaves: tuple[Term | Fact, ...] = tuple(self.numbers)
        self._facts: dict[str, list[int]] = {}
        filed = _Filed()
        for leaf, number in self.numbers.items():
            if isinstance(leaf, Site | Lang):
                self._facts.setdefault(fact_of(leaf), []).append(number)
            else:
                filed.add(leaf, number)
        self._beginnings, self._phrases = _Beginnings(filed), filed.phrases

    def find(self, tokens: Tokens) -> "Found":
        """Return the terms that stand in a text, and where."""
        return Found(self._beginnings, self._phrases, tokens.forms)

    def facts(self, facts: Iterable[str]) -> frozenset[int]:
        """Return the numbers of the facts that hold of an article (`monitor.text.facts`)."""
        return frozenset(number for fact in facts for number in self._facts.get(fact, ()))


class Found(Mapping[int, Sequence[Span]]):
    """The terms that stand in a text, by number, with their spans in order.

    Which stand there is found at once; where, when somebody asks: most claims are told by the former alone.
    """

    def __init__(self, known: _Beginnings, phrases: Mapping[tuple[str, str], _Phrase], forms: Sequence[str]) -> None:
        self._forms = forms
        self._spans: dict[int, Sequence[Span]] = {}
        self._long: dict[int, list[Span]] = {}
        distinct = dict.fromkeys(forms)
        self._begun = [(form, begun) for form in distinct if (begun := known[form]) is not None]
        self.numbers: set[int] = set().union(*[begun.words for _, begun in self._begun])
        if known.longer:
            for form in known.longer.intersection(distinct):
                self._find_compounds(form, known[form])
        if phrases:
            self._find_phrases(phrases)
        self.numbers.update(self._long)

    def __getitem__(self, number: int) -> Sequence[Span]:
        spans = self._spans.get(number)
        if spans is None:
            spans = self._spans[number] = self._spans_of(number)
        return spans

    def __contains__(self, number: object) -> bool:
        return number in self.numbers

    def __iter__(self) -> Iterator[int]:
        return iter(self.numbers)

    def __len__(self) -> int:
        return len(self.numbers)

    def _find_compounds(self, form: str, begun: _Beginning | None) -> None:
        if begun is None:
            return
        forms = self._forms
        for at in self._places[form]:
            for number, rest in begun.compounds:
                end = at + 1 + len(rest)
                if tuple(map(stem_of, forms[at + 1 : end])) == rest:
                    self._long.setdefault(number, []).append((at, end))
            for number, prefix in begun.prefixed:
                if at + 1 < len(forms) and forms[at + 1].startswith(prefix):
                    self._long.setdefault(number, []).append((at, at + 2))

    def _find_phrases(self, phrases: Mapping[tuple[str, str], _Phrase]) -> None:
        forms, long = self._forms, self._long
        # In C over all pairs: few of them begin a phrase.
        begins = map(phrases.__contains__, zip(forms, islice(forms, 1, None), strict=False))
        for at in compress(count(), begins):
            phrase = phrases[forms[at], forms[at + 1]]
            for number in phrase.terms:
                long.setdefault(number, []).append((at, at + 2))
            if phrase.prefixes or phrase.following:
                self._follow(phrase, at)

    def _follow(self, phrase: _Phrase, at: int) -> None:
        """Note the longer phrases that begin at a token; the first two tokens of `phrase` stand there."""
        forms, long = self._forms, self._long
        for end in range(at + 3, len(forms) + 1):
            form = forms[end - 1]
            for number, prefix in phrase.prefixes:
                if form.startswith(prefix):
                    long.setdefault(number, []).append((at, end))
            if (longer := phrase.following.get(form)) is None:
                return
            phrase = longer
            for number in phrase.terms:
                long.setdefault(number, []).append((at, end))

    def _spans_of(self, number: int) -> Sequence[Span]:
        if number in self._long:
            return sorted(self._long[number])
        return [(at, at + 1) for at in sorted(at for form in self._forms_of[number] for at in self._places[form])]

    @cached_property
    def _forms_of(self) -> dict[int, list[str]]:
        forms: dict[int, list[str]] = {}
        for form, begun in self._begun:
            for number in begun.words:
                forms.setdefault(number, []).append(form)
        return forms

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        places: dict[str, list[int]] = {}
        for at, form in enumerate(self._forms):
            if form in places:
                places[form].append(at)
            else:
                places[form] = [at]
        return places


def shown(term: Term) -> str:
    """Return a term as a query would write it."""
    if isinstance(term, Word):
        return term.text + "*" * term.is_prefix
    return f'"{" ".join(term.words)}"'


def literal_of(term: Term) -> str:
    """Return the string that glosses are filed under."""
    return (term.text if isinstance(term, Word) else " ".join(term.words)).replace("-", " ")
