"""Khmer script: where a cluster ends, and the one order in which a cluster is spelt."""

import re
from functools import lru_cache

CODE_POINTS_PER_WORD = 5
"""Khmer has no spaces between words: so many code points of a run count as one word where distance is measured."""

COENG = "\u17d2"
_COENG_RO = COENG + "\u179a"
_SIGNS = "\u17b4-\u17d3\u17dd"
KHMER_LETTERS = "\u1780-\u17d3\u17d7\u17dc\u17dd"
"""Ranges, for a character class, of what Khmer words are made of (digits are ASCII in normal form)."""

_KHMER = re.compile(f"[{KHMER_LETTERS}]")
_OTHER_LETTERS = frozenset("\u17d7\u17dc\u17dd")
_SIGN = re.compile(f"[{_SIGNS}]")
_CLUSTER = re.compile(f"[\u1780-\u17b3](?:{COENG}[\u1780-\u17b3]|[{_SIGNS}])*")
CLUSTERS_TO_ORDER = re.compile(f"(?<!{COENG})[\u1780-\u17b3](?:{COENG}[\u1780-\u17b3]|[{_SIGNS}]){{2,}}|{COENG}\u178a")
"""What `order_cluster` may change: two or more units after the base, or a subscript DA. A subscript is no base, though
nothing stands before it."""

_UNIT = re.compile(f"{COENG}[\u1780-\u17b3]|.", re.DOTALL)

# The order of M. Hosken, "Khmer Encoding Structure" (Unicode L2/22-290): what stands after the base, first to last.
_ORDER = (
    "\u17cc",  # robat
    COENG,  # subscripts, RO after the others (below)
    "\u17c9\u17ca",  # register shifters
    "\u17be\u17bf\u17c0\u17c1\u17c2\u17c3\u17c4\u17c5",  # vowels with a part before the base
    "\u17bb\u17bc\u17bd",  # vowels below
    "\u17b7\u17b8\u17b9\u17ba",  # vowels above
    "\u17b6",  # vowel AA
    "\u17c6\u17cb\u17cd\u17ce\u17cf\u17d0\u17d1\u17d3\u17dd",  # other signs
    "\u17c7\u17c8",  # final signs
)
_RANK = {sign: rank * 2 for rank, signs in enumerate(_ORDER) for sign in signs}

# Two signs of a cluster that look the same as one.
_COMPOSED = (("\u17c1", "\u17b8", "\u17be"), ("\u17c1", "\u17b6", "\u17c4"))

# Under a vowel that stands above, a register shifter is drawn below, like the vowel U: many type that in its place (of
# 1,000 news articles one in twenty spellings).
_ABOVE = frozenset("\u17b7\u17b8\u17b9\u17ba\u17be")
_SHIFTERS = frozenset("\u17c9\u17ca")
_VOWEL_U = "\u17bb"


def is_khmer(character: str) -> bool:
    """Tell whether a character is of those that Khmer words are made of (not a digit or a full stop)."""
    return "\u1780" <= character <= "\u17d3" or character in _OTHER_LETTERS


def count_khmer(text: str) -> int:
    """Count the characters that Khmer words are made of."""
    return 0 if text.isascii() else len(_KHMER.findall(text))


def holds_khmer(text: str) -> bool:
    """Tell whether any of a text is written in Khmer."""
    return _KHMER.search(text) is not None


def is_cluster_boundary(text: str, index: int) -> bool:
    """Tell whether Khmer text may be cut before `index`: not before a combining sign, not after a coeng."""
    if index <= 0 or index >= len(text):
        return True
    return text[index - 1] != COENG and _SIGN.match(text, index) is None


def count_clusters(text: str) -> int:
    """Count the Khmer clusters (what a reader sees as letters) of a text."""
    return sum(1 for _ in _CLUSTER.finditer(text))


def order_cluster(cluster: str) -> str:
    """Return one cluster in canonical order, so that spellings which look the same are the same.

    Subscripts come before vowels, vowels before other signs, RO last among the subscripts; a vowel typed in two
    halves is joined, a sign typed twice stands once, a register shifter under an upper vowel is the vowel U that it is
    drawn as; subscript DA, which no reader can tell from subscript TA, becomes TA.
    """
    return _order_short(cluster) if len(cluster) <= 16 else _order(cluster)


def _order(cluster: str) -> str:
    base = "" if cluster[0] == COENG else cluster[0]
    typed = _UNIT.findall(cluster[len(base) :].replace(COENG + "\u178a", COENG + "\u178f"))
    subscripts, signs = [unit for unit in typed if unit[0] == COENG], {unit for unit in typed if unit[0] != COENG}
    for first, second, joined in _COMPOSED:
        if {first, second} <= signs:
            signs = signs - {first, second} | {joined}
    if signs & _ABOVE and signs & _SHIFTERS:
        signs = signs - _SHIFTERS | {_VOWEL_U}
    return base + "".join(sorted([*subscripts, *sorted(signs)], key=_rank))


def _rank(unit: str) -> int:
    return _RANK.get(unit[0], 99) + (unit == _COENG_RO)


_order_short = lru_cache(maxsize=4096)(_order)
