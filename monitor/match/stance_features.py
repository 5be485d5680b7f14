"""What tells, of one English sentence, on which side of a claim it stands: named numbers, for `match/stance_model`.

In: a claim and a sentence. Out: features. Never: the sentence's own topic; words of the claim are masked, so that what
was learnt on other stories holds for this one.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from monitor.match.cues import AGAINST, DEEDS, OBJECTS, direction_of, kinds_of, manners_of
from monitor.match.standing import MAX_CHARACTERS
from monitor.match.stems import stem
from monitor.text.normalise import fold

Features = dict[str, float]

MASKED = "m:"
"""What the names of n-grams begin with."""

WORDING = "w:"
"""What the names begin with that tell how a headline is worded; of an article's other sentences they tell little."""


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN = re.compile(r"[a-z0-9]+(?:['.,][a-z0-9]+)*|[?!:;\"()]")
_FUNCTION_WORDS = _words(
    "a an the of in on at to for by with from as and or but is are was were be been being it its he she his her they"
    " them their this that these those there has have had do does did will who whom whose which what when where why how"
    " i you we us our my your not no s t than then so into out up over after before about against more most new just"
    " only also can could would should may might will"
)
_BREAK = re.compile(r"\s*(?:[,:|;]| - | -- )\s+")
_SHORT, _HALF = 3, 0.5
_CAPITAL = re.compile(r"[^\w]*[A-Z]")
_NO_EVIDENCE_OF = _words(
    "evidence proof truth sign true substance basis foundation accurate support supported indication reason"
)
_REFUSING = _words("no nope sorry not")
_NEGATED_VERB = re.compile("(?:is|are|was|were|did|does|do|has|have|had|will|would|can|could)n'?t")
_DOUBTING = re.compile("doubt|skeptic|sceptic")
_PAIRED = (
    *("?", "no evidence", "opposite", "polarity", "deny", "refute", "false", "withdraw", "doubt", "hedge", "confirm"),
    "negation",
)
_STEPS = (0.2, 0.4, 0.6, 0.8)
_BEFORE, _AFTER, _NEAR_NEGATION = 10, 8, 3
"""A cue speaks of the claim's words that follow it, or came before it, within so many words."""


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """A claim made ready: its words, the stems that carry its sense, the kinds of cues that it holds itself."""

    words: tuple[str, ...]
    content: frozenset[str]
    kinds: frozenset[str]
    directions: frozenset[tuple[int, int]]
    has_question: bool
    is_denial: bool
    """Whether the claim itself denies or doubts something: what speaks for that thing disputes such a claim."""

    named: float = 0.0
    """The share of its words that begin with a capital, but for the first: how much it speaks of somebody named."""


@dataclass(frozen=True, slots=True)
class SentenceWords:
    """A sentence held against a claim: tokens, words, their stems, and the places of words that the claim has too."""

    tokens: tuple[str, ...]
    words: tuple[str, ...]
    stems: tuple[str, ...]
    shared: tuple[int, ...]

    def is_of(self, at: int) -> bool:
        """Say whether what stands at a place may speak of words that are the claim's."""
        return self.has_shared(at - _AFTER + 1, at) or self.has_shared(at + 1, at + _BEFORE + 1)

    def has_shared(self, first: int, end: int) -> bool:
        """Say whether a word of the claim's stands at one of the places `first` to before `end`."""
        return bisect_left(self.shared, first) < bisect_left(self.shared, end)


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text in normal form."""
    return tuple(token for token in _TOKEN.findall(fold(text)) if token[0].isalnum())


@lru_cache(maxsize=256)
def read_claim(text: str) -> ClaimWords:
    """Make a claim ready."""
    words = words_of(text)
    kinds = frozenset(kind for word in words for kind in kinds_of(word))
    return ClaimWords(
        words,
        frozenset(stem(word) for word in words if word not in _FUNCTION_WORDS),
        kinds,
        frozenset(direction for word in words for direction in direction_of(word)),
        "?" in text,
        any(is_against(word) and word not in DEEDS for word in words) or denies(words),
        _named(text),
    )


def _named(text: str) -> float:
    words = text.split()[1:]
    return sum(_CAPITAL.match(word) is not None for word in words) / max(1, len(words))


def denies(words: Sequence[str]) -> bool:
    """Say whether a sentence in words of normal form negates or doubts its own statement."""
    if words and words[0] in _REFUSING:
        return True
    for at, word in enumerate(words):
        if _NEGATED_VERB.fullmatch(word) and at + 1 < len(words):
            return True
        # "May or may not" says nothing either way.
        if word == "not" and at and "may" not in words[max(0, at - 3) : at] and words[at - 1] != "or":
            return True
    return any(_DOUBTING.match(word) for word in words)


@lru_cache(maxsize=64)
def read_sentence(claim: ClaimWords, text: str) -> SentenceWords:
    """Hold a sentence against a claim."""
    tokens = tuple(_TOKEN.findall(fold(text[:MAX_CHARACTERS])))
    words = tuple(token for token in tokens if token[0].isalnum())
    stems = tuple(stem(word) for word in words)
    places = enumerate(zip(words, stems, strict=True))
    shared = tuple(at for at, (word, base) in places if base in claim.content and word not in _FUNCTION_WORDS)
    return SentenceWords(tokens, words, stems, shared)


def coverage(claim: ClaimWords, sentence: SentenceWords) -> float:
    """Return the share of the claim's content words that stand in the sentence."""
    return len({sentence.stems[at] for at in sentence.shared}) / max(1, len(claim.content))


def sentence_features(claim: ClaimWords, text: str) -> Features:
    """Return the features of one sentence, each a number from 0 to about 3; what isn't there is 0."""
    sentence = read_sentence(claim, text)
    own = [word for word in sentence.words if word not in _FUNCTION_WORDS]
    features: Features = {
        "coverage": coverage(claim, sentence),
        "novel": (len(own) - len(sentence.shared)) / max(1, len(own)),
        "length": min(len(sentence.words), 60) / 20,
    }
    features |= dict.fromkeys(_cues(claim, sentence, kinds_of), 1.0)
    features |= dict.fromkeys((f"claim:{kind}" for kind in claim.kinds), 1.0)
    features |= dict.fromkeys((WORDING + name for name in _cues(claim, sentence, manners_of)), 1.0)
    features |= dict.fromkeys((f"{WORDING}claim:{manner}" for word in claim.words for manner in manners_of(word)), 1.0)
    features |= dict.fromkeys((WORDING + name for name in _segments(claim, text)), _HALF)
    features |= _refutation(claim, sentence)
    features |= dict.fromkeys(_contrasts(claim, sentence), 1.0)
    features |= dict.fromkeys(_punctuation(sentence, text), 1.0)
    features |= dict.fromkeys(_together(features), 1.0)
    features |= dict.fromkeys(_masked(sentence), 1.0)
    return features


def _cues(claim: ClaimWords, sentence: SentenceWords, kinds_of: Callable[[str], tuple[str, ...]]) -> Iterator[str]:
    """Name each kind of cue that the claim doesn't hold itself, and where it stands to the claim's words."""
    last = len(sentence.words) - 3
    for at, word in enumerate(sentence.words):
        for kind in kinds_of(word):
            if word in claim.words:
                yield f"both:{kind}"
            elif kind != "question" or at == 0:
                yield kind
                if at < 3:
                    yield f"{kind}@start"
                if at >= last:
                    yield f"{kind}@end"
                if sentence.has_shared(at + 1, at + _BEFORE + 1):
                    yield f"{kind}>claim"
                if kind != "question" and sentence.has_shared(at - _AFTER, at):
                    yield f"{kind}<claim"


def _refutation(claim: ClaimWords, sentence: SentenceWords) -> Features:
    words = sentence.words
    against = [at for at, word in enumerate(words) if word not in claim.words and is_against(word)]
    found: Features = {"refuting": float(min(len(against), 3))} if against else {}
    if any(is_negated(sentence, at) for at in against):
        found["not refuting"] = 1.0
    if any("confirm" in kinds_of(word) and is_negated(sentence, at) for at, word in enumerate(words)):
        found["not confirming"] = 1.0
    if any(is_rejection(words, at) for at, _ in enumerate(words)):
        found["rejects statement"] = 1.0
    if any(lacks_evidence(words, at) for at, _ in enumerate(words)):
        found["no evidence"] = 1.0
    return found


def is_against(word: str) -> bool:
    """Say whether a word speaks against what it is said of."""
    return any(kind in AGAINST for kind in kinds_of(word))


def is_negated(sentence: SentenceWords, at: int) -> bool:
    """Say whether a negation stands just before a word."""
    return any("negation" in kinds_of(word) for word in sentence.words[max(0, at - _NEAR_NEGATION) : at])


def is_rejection(words: Sequence[str], at: int) -> bool:
    """Say whether a statement is rejected at a place: a court's rejection of an appeal is none."""
    return words[at].startswith(("reject", "dismiss")) and not OBJECTS.isdisjoint(words[at + 1 : at + 5])


def lacks_evidence(words: Sequence[str], at: int) -> bool:
    """Say whether "no evidence", "not true" and the like begin at a place."""
    return "negation" in kinds_of(words[at]) and not _NO_EVIDENCE_OF.isdisjoint(words[at + 1 : at + 4])


def _contrasts(claim: ClaimWords, sentence: SentenceWords) -> Iterator[str]:
    """Name how the sentence goes the other way: in its negation, in words of direction, in its numbers."""
    negated_claim = any("negation" in kinds_of(word) for word in claim.words)
    negated = any(
        "negation" in kinds_of(word) and sentence.has_shared(at - 2, at + 6) for at, word in enumerate(sentence.words)
    )
    if negated_claim != negated:
        yield "polarity"
    directions = {direction for word in sentence.words for direction in direction_of(word)}
    for pair, side in claim.directions:
        if (pair, side) in directions:
            yield "same way"
        elif (pair, 1 - side) in directions:
            yield "opposite"
    numbers = {word for word in claim.words if word[0].isdigit()}
    others = {word for word in sentence.words if word[0].isdigit()}
    if numbers:
        yield "number shared" if numbers & others else "number missing"
    if numbers and others and not numbers & others:
        yield "number other"


def _punctuation(sentence: SentenceWords, text: str) -> Iterator[str]:
    tokens = sentence.tokens
    yield from (mark for mark in '?"!' if mark in tokens)
    if tokens and tokens[-1] == "?":
        yield "?end"
    if any(word in ("NOT", "No", "NO", "FAKE", "HOAX") for word in text.split()):
        yield "shouted"
    if sentence.words:
        yield f"first:{sentence.words[0]}"
    if ":" in tokens:
        before, after = tokens[: tokens.index(":")], tokens[tokens.index(":") + 1 :]
        yield "colon"
        if len(before) <= 3:
            yield "short before colon"
        if len(after) <= 3:
            yield "short after colon"
        yield from (f"before colon:{word}" for word in before[-3:])
        yield from (f"after colon:{word}" for word in after[:2])


def _segments(claim: ClaimWords, text: str) -> Iterator[str]:
    """Name what stands before the first comma, colon or dash and behind the last ("…, sources say"; "Report: …")."""
    parts = _BREAK.split(fold(text[:MAX_CHARACTERS]))
    if len(parts) == 1:
        yield "one segment"
        return
    for name, part in (("last", parts[-1]), ("first", parts[0])):
        words = words_of(part)
        yield f"{name} is {'short' if len(words) <= _SHORT else 'long'}"
        yield f"{name} has {'some' if any(stem(word) in claim.content for word in words) else 'none'}"
        yield from (f"{name}:{kind}" for word in words for kind in (*kinds_of(word), *manners_of(word)))
        if len(words) <= _SHORT + 1:
            yield from (f"{name}={stem(word)}" for word in words)


def _together(features: Features) -> Iterator[str]:
    """Name each two kinds of cues that stand in one sentence, and the steps of coverage: a line alone can't bend."""
    found = [name for name in _PAIRED if name in features]
    yield from (f"{one}&{other}" for at, one in enumerate(found) for other in found[at + 1 :])
    yield from (f"coverage>{step}" for step in _STEPS if features["coverage"] > step)


def _masked(sentence: SentenceWords) -> Iterator[str]:
    """Name the 1- to 3-grams of stems, with every run of the claim's words as one mark and every number as another."""
    units, shared = ["<"], frozenset(sentence.shared)
    for at, (word, base) in enumerate(zip(sentence.words, sentence.stems, strict=True)):
        unit = "CLAIM" if at in shared else "#" if word[0].isdigit() else base
        if unit != "CLAIM" or units[-1] != "CLAIM":
            units.append(unit)
    units.append(">")
    for size in (1, 2, 3):
        yield from (MASKED + " ".join(units[at : at + size]) for at in range(len(units) - size + 1))
