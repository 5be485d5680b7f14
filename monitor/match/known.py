"""What tokens mean to an index, in numbers, for all tokens of a text at once. In: tokens. Out: their kinds."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from monitor.match.filing import Around, Filed, Longer, Pair, Together
from monitor.match.rows import NONE, Ints, Numbers, Rows, Table, pair_keys
from monitor.match.words import Words, keys_of
from monitor.text.stems import may_have_stem_of, stem_heads, stem_of


class KnownPairs:
    """The pairs of tokens that are a term or a part of one. All tokens of such terms are numbered from 1 on."""

    def __init__(self, pairs: Mapping[Pair, Together]) -> None:
        self.arounds = [around for together in pairs.values() for around in together.parts]
        """The terms that a pair is a part of."""
        forms = dict.fromkeys(form for pair in pairs for form in pair)
        forms |= dict.fromkeys(form for around in self.arounds for form in (*around.before, *around.after))
        self.numbers = {form: number for number, form in enumerate(forms, 1)}
        numbers = np.fromiter((self.numbers[form] for pair in pairs for form in pair), np.int32, 2 * len(pairs))
        self._table = Table()
        self._table.add(pair_keys(numbers[::2], numbers[1::2]), np.arange(len(pairs), dtype=np.int32))
        self.terms = Rows([together.whole for together in pairs.values()])
        """By pair, the terms that it is."""
        count = itertools.count()
        self._arounds_of = Rows([[next(count) for _ in together.parts] for together in pairs.values()])
        beside = [_beside(around, pair) for pair, together in pairs.items() for around in together.parts]
        self._offsets = np.array([offset for offset, _ in beside], np.int64)
        self._beside = np.array([self.numbers[form] for _, form in beside], np.int32)

    def find(self, numbers: Numbers) -> tuple[Ints, Numbers]:
        """Return which tokens begin such a pair, and which pair that is; `numbers` are the tokens', 0 for others."""
        is_one = numbers != 0
        places = (is_one[:-1] & is_one[1:]).nonzero()[0]
        found = self._table.find(pair_keys(numbers[places], numbers[places + 1]))
        is_pair = found != NONE
        return places[is_pair], found[is_pair]

    def parts(self, numbers: Numbers, places: Ints, pairs: Numbers) -> Iterator[tuple[int, Around]]:
        """Go through the terms that pairs found may be a part of: one more token of each stands there."""
        which = self._arounds_of.take(pairs)
        starts = np.repeat(places, self._arounds_of.lengths(pairs))
        # Before the first token and after the last one there is none.
        fits = np.append(numbers, 0)[starts + self._offsets[which]] == self._beside[which]
        for at, around in zip(starts[fits].tolist(), which[fits].tolist(), strict=True):
            yield at, self.arounds[around]


def _beside(around: Around, pair: Pair) -> tuple[int, str]:
    """Return a token that must stand there, counted from the pair's first one: where there is no other, that one."""
    if around.before:
        return -1, around.before[-1]
    return (2, around.after[0]) if around.after else (0, pair[0])


class KnownForms:
    """The kind of each token met so far: which terms it is by itself. A token is stemmed when it is met first.

    What stands in a term of several tokens is of a kind of its own; of the others, those that are the same terms are of
    one kind. Those of kind 0 are none, and in none.
    """

    def __init__(self, filed: Filed, pairs: KnownPairs) -> None:
        self._filed, self._numbers_in_pairs = filed, pairs.numbers
        self._in_phrases = {*pairs.numbers, *filed.prefixed}
        ends = {prefix for longer in filed.prefixed.values() for _, prefix in longer}
        self._ends = tuple(ends.union(around.prefix for around in pairs.arounds if around.prefix))
        self._in_compounds = {*filed.compounds}
        self._in_compounds.update(stem for longer in filed.compounds.values() for _, rest in longer for stem in rest)
        self._heads = {head for stem in (*filed.stems, *self._in_compounds) for head in stem_heads(stem)}
        self._lengths = sorted({len(prefix) for prefix in filed.prefixes})
        self._one_at_a_time = Lock()
        self._by_form: dict[str, int] = {}
        self._by_key = Table()
        self._kinds: dict[tuple[tuple[int, ...], str], int] = {((), ""): 0}
        self._new: list[tuple[tuple[int, ...], str]] = []
        self.terms = Rows([()])
        """By kind."""
        self.forms: NDArray[np.object_] = np.array([""], np.object_)
        """By kind, the token, where it stands in a term of several."""
        self.in_pairs: Numbers = np.zeros(1, np.int32)
        """By kind, the token's number in pairs."""
        self.longer: dict[int, Longer] = {}
        """By kind, what may follow."""

    def __len__(self) -> int:
        return len(self._by_form) + len(self._by_key)

    def find(self, tokens: Sequence[str] | Words) -> Numbers:
        """Return the kind of each token."""
        if isinstance(tokens, Words):
            return self._find_words(tokens)
        known = self._by_form
        try:
            return np.fromiter(map(known.__getitem__, tokens), np.int32, len(tokens))
        except KeyError:
            with self._one_at_a_time:
                new = [form for form in dict.fromkeys(tokens) if form not in known]
                known.update(zip(new, self._meet(new).tolist(), strict=True))
            return self.find(tokens)

    def _find_words(self, words: Words) -> Numbers:
        kinds = self._by_key.find(words.keys)
        kinds[words.long] = self.find(words.forms(words.long))
        unknown = (kinds == NONE).nonzero()[0]
        if len(unknown):
            with self._one_at_a_time:
                new = unknown[self._by_key.find(words.keys[unknown]) == NONE]
                forms = list(dict.fromkeys(words.forms(new)))
                self._by_key.add(keys_of(forms), self._meet(forms))
            kinds[unknown] = self._by_key.find(words.keys[unknown])
        return kinds

    def _meet(self, forms: Sequence[str]) -> Numbers:
        """Return the kinds of tokens not met before; what those kinds are is there before anybody finds them."""
        kinds = np.fromiter(map(self._kind_of, forms), np.int32, len(forms))
        if self._new:
            terms, own = zip(*self._new, strict=True)
            numbers = [self._numbers_in_pairs.get(form, 0) for form in own]
            self.in_pairs = np.append(self.in_pairs, np.array(numbers, np.int32))
            self.forms = np.append(self.forms, np.array(own, np.object_))
            self.terms.extend(terms)
            self._new.clear()
        return kinds

    def _kind_of(self, form: str) -> int:
        filed, may_be_stemmed = self._filed, may_have_stem_of(form, self._heads)
        is_in_longer = form in self._in_phrases or form.startswith(self._ends)
        if not (is_in_longer or may_be_stemmed or self._lengths or form in filed.exact):
            return 0  # as of nearly all forms, where few terms are looked for
        terms, longer = self._terms_of(form, may_be_stemmed=may_be_stemmed)
        is_in_longer = is_in_longer or (may_be_stemmed and stem_of(form) in self._in_compounds)
        known = terms, form if is_in_longer else ""
        kind = self._kinds.get(known)
        if kind is None:
            kind = self._kinds[known] = len(self._kinds)
            self._new.append(known)
            if any(longer):
                self.longer[kind] = longer
        return kind

    def _terms_of(self, form: str, *, may_be_stemmed: bool) -> tuple[tuple[int, ...], Longer]:
        filed = self._filed
        terms, longer = list(filed.exact.get(form, ())), Longer((), filed.prefixed.get(form, ()))
        if may_be_stemmed:
            stem = stem_of(form)
            terms += filed.stems.get(stem, ())
            longer = longer._replace(compounds=filed.compounds.get(stem, ()))
        for length in self._lengths:
            if length > len(form):
                break
            terms += filed.prefixes.get(form[:length], ())
        return tuple(terms), longer
