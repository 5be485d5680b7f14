"""What tokens mean to an index, in numbers, for all tokens of a text at once. In: tokens, their hashes. Out: numbers.

A token stands for itself by Python's hash of it: 64 bits, with a secret of the process. That two words have the same is
to be feared once in 10^12 texts.
"""

from collections.abc import Mapping, Sequence
from threading import Lock

import numpy as np

from monitor.match.filing import Filed, Longer, Pair, Together
from monitor.match.rows import NONE, Ints, Numbers, Rows, Table, pair_keys
from monitor.text.stems import may_have_stem_of, stem_heads, stem_of


def hashes_of(forms: Sequence[str]) -> Ints:
    """Return a number for each token, the same for the same."""
    return np.fromiter(map(hash, forms), np.int64, len(forms))


class KnownForms:
    """The terms that each token met so far is, by itself. A token is stemmed when it is met first.

    Tokens that are the same terms are of one kind; those of kind 0 are none, and nothing begins with them.
    """

    def __init__(self, filed: Filed) -> None:
        self._filed = filed
        self._heads = {head for stem in (*filed.stems, *filed.compounds) for head in stem_heads(stem)}
        self._lengths = sorted({len(prefix) for prefix in filed.prefixes})
        self._one_at_a_time = Lock()
        self._table = Table()
        self._kinds: dict[tuple[tuple[int, ...], str], int] = {((), ""): 0}
        self.terms = Rows([()])
        """By kind."""
        self.longer: dict[int, Longer] = {}
        """By kind, what may follow."""
        self.kinds_of: dict[int, list[int]] = {}
        """By term."""

    def __len__(self) -> int:
        return len(self._table)

    def find(self, forms: Sequence[str], hashes: Ints) -> Numbers:
        """Return the kind of each token; `hashes` are those of the forms."""
        kinds = self._table.find(hashes)
        if (kinds == NONE).any():
            with self._one_at_a_time:
                kinds = self._table.find(hashes)
                new = dict.fromkeys(forms[at] for at in (kinds == NONE).nonzero()[0].tolist())
                met = np.fromiter(map(self._kind_of, new), np.int32, len(new))
                self._table.add(hashes_of(tuple(new)), met)
            kinds = self._table.find(hashes)
        return kinds

    def _kind_of(self, form: str) -> int:
        filed, may_be_stemmed = self._filed, may_have_stem_of(form, self._heads)
        if not (may_be_stemmed or self._lengths or form in filed.exact or form in filed.prefixed):
            return 0  # as of nearly all forms, where few terms are looked for
        terms, longer = self._terms_of(form, may_be_stemmed=may_be_stemmed)
        known = terms, form if any(longer) else ""
        kind = self._kinds.get(known)
        if kind is None:
            kind = self._kinds[known] = len(self.terms)
            if any(longer):
                self.longer[kind] = longer
            for number in terms:
                self.kinds_of.setdefault(number, []).append(kind)
            self.terms.append(terms)
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


class KnownPairs:
    """The pairs of tokens that are a term or a part of one."""

    def __init__(self, pairs: Mapping[Pair, Together]) -> None:
        hashes = hashes_of([form for pair in pairs for form in pair])
        self._table = Table()
        self._table.add(pair_keys(hashes[::2], hashes[1::2]), np.arange(len(pairs), dtype=np.int32))
        self.whole = [together.whole for together in pairs.values()]
        """By pair, the terms that it is."""
        self.terms = Rows(self.whole)
        """The same."""
        self.parts = [together.parts for together in pairs.values()]
        """By pair, the terms that it is a part of."""
        self._has_parts = np.fromiter(map(bool, self.parts), np.bool_, len(pairs))

    def find(self, hashes: Ints) -> tuple[Ints, Numbers]:
        """Return which tokens begin such a pair, and which pair that is; `hashes` are those of all tokens."""
        found = self._table.find(pair_keys(hashes[:-1], hashes[1:]))
        places = (found != NONE).nonzero()[0]
        return places, found[places]

    def with_parts(self, pairs: Numbers) -> Ints:
        """Return the places, in an array of pairs, of those that are a part of a term."""
        return self._has_parts[pairs].nonzero()[0]
