"""Sentences that contradict a claim without a word of denial: what it says fell, rose; who was forced, came freely.

In: a claim and a sentence, English. Out: the words that contradict, or nothing. Never: a sentence that also goes the
claim's own way, or whose words stand far from the claim's. Pure.
"""

from collections.abc import Iterator, Sequence

from monitor.match.clauses import clauses_of
from monitor.match.cues import DOUBTING, FORCED, RISING, contraries_of, kinds_of
from monitor.match.stance_features import ClaimWords, SentenceWords, is_against

_NEGATED_WITHIN, _NEGATED_WITHIN_CLAIM, _MAYBE_NEGATED_WITHIN = 5, 6, 16
_NEAR, _WITHIN = 6, 20
_LEAVING_OPEN = frozenset(
    ("how", "whether", "if", "unless", "would", "could", "should", "may", "might", "must", "want")
)

_COMPARING = frozenset(("more", "less", "fewer", "higher", "lower"))
_TIMES = frozenset(("year", "years", "last", "before", "previous", "month", "earlier"))

_OF_ONES_OWN = frozenset(("accord", "choice", "will"))
_MONEY = frozenset(("dollar", "dollars", "allowance", "allowances"))
_RECEIVING = frozenset(("receive", "receives", "received", "get", "gets", "got", "earn", "earns", "earned", "given"))

Way = tuple[int, int]


def find_contrary(claim: ClaimWords, sentence: SentenceWords, text: str) -> tuple[str, ...]:
    """Return the words by which a sentence says the contrary of a claim, () where it doesn't plainly."""
    wanted = dict(_only(way for _, way in _ways(claim.words, _NEGATED_WITHIN_CLAIM)))
    if not wanted or "?" in sentence.tokens:
        return ()
    found = [(at, way) for at, way in _ways(sentence.words, _NEGATED_WITHIN) if way[0] in wanted]
    own = {pair for _, (pair, side) in found if wanted[pair] == side}
    words = sentence.words
    for at, (pair, _) in found:
        near = _NEAR if pair == RISING else _WITHIN
        is_open = not _LEAVING_OPEN.isdisjoint(words[max(0, at - _NEAR) : at]) or _is_unsure(words, at)
        is_open = is_open or _is_of_another_clause(words, at, text)
        if pair not in own and not is_open and sentence.has_shared(at - near, at + near + 1):
            return (" ".join(words[_start(words, at) : at + 1]),)
    return ()


def _is_unsure(words: Sequence[str], at: int) -> bool:
    """Say whether a negation stands so far before a word that it may be of it or not."""
    before = words[max(0, at - _MAYBE_NEGATED_WITHIN) : max(0, at - _NEGATED_WITHIN)]
    return any("negation" in kinds_of(word) for word in before)


def _is_of_another_clause(words: Sequence[str], at: int, text: str) -> bool:
    """Say whether a word's negation is of what somebody is or does else ("who had not asked for help, were forced")."""
    start, clauses = _start(words, at), clauses_of(text)
    return start != at and (clauses[start] != clauses[at] or "who" in words[max(0, start - 3) : start])


def is_of_force(words: Sequence[str]) -> bool:
    """Say whether a claim says that somebody is forced or held."""
    return (FORCED, 0) in {way for _, way in _ways(words, _NEGATED_WITHIN_CLAIM)}


def _ways(words: Sequence[str], within: int) -> Iterator[tuple[int, Way]]:
    """Give the place and the way of each word that goes one; a negation before it turns it round."""
    for at, word in enumerate(words):
        for pair, side in contraries_of(word):
            if not _says_other(words, at):
                yield at, (pair, side if _negation(words, at, within) is None else 1 - side)


def _says_other(words: Sequence[str], at: int) -> bool:
    """Say whether a word says something else here: "against" of no will, an accord of states, money not received."""
    word, before, following = words[at], words[max(0, at - _NEAR) : at], words[at + 1 : at + 4]
    if word == "against":
        return "will" not in following
    if word in _OF_ONES_OWN:
        return "own" not in before[-2:] or "against" in before
    if word in _MONEY:
        return _RECEIVING.isdisjoint(before)
    return word in _COMPARING and following[:1] == ("than",) and _TIMES.isdisjoint(following)


def _negation(words: Sequence[str], at: int, within: int) -> int | None:
    """Return the place of a negation of a word; "did not deny that" negates nothing behind it."""
    before = range(max(0, at - within), at)
    place = next((place for place in reversed(before) if "negation" in kinds_of(words[place])), None)
    is_twice = place is not None and any(is_against(other) or other in DOUBTING for other in words[place + 1 : at])
    return None if is_twice else place


def _start(words: Sequence[str], at: int) -> int:
    negation = _negation(words, at, _NEGATED_WITHIN)
    return at if negation is None else negation


def _only(ways: Iterator[Way]) -> Iterator[Way]:
    """Give the ways that go against none of the others."""
    seen = frozenset(ways)
    yield from (way for way in seen if (way[0], 1 - way[1]) not in seen)
