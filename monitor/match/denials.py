"""Sentences that plainly deny what they speak of, and that they speak of the claim. Pure; English.

In: a claim and a sentence. Out: the words that deny, or nothing. Never: a denial that is itself denied ("does not
dispute that"), asked, or only supposed ("if the charge is false").
"""

import re
from collections.abc import Iterator

from monitor.match.stance_features import (
    ClaimWords,
    SentenceWords,
    coverage,
    is_against,
    is_negated,
    is_rejection,
    lacks_evidence,
    read_sentence,
)

MIN_COVERAGE = 0.2
"""A denial that shares fewer of the claim's content words denies something else."""

MIN_COVERAGE_NEGATED = 0.4
"""A plain "not" denies the claim only where much of the claim is what it negates: nine in ten such headlines do."""

_NEGATED_WITHIN, _NEGATED_WORDS = 6, 2
_NEGATION = re.compile("no|not|nobody|never|none|(?:did|do|does|is|are|was|were|has|have|will|would)n'?t")

_DENYING = re.compile(
    "den(y|ies|ied|ying|ials?)|disavow.*|repudiat.*|refut(es?|ed|ing)|rebut(s|ted)?|debunk.*|disprov.*|disput(es?|ed|ing)"
)
_FALSE = re.compile("hoax.*|bogus|untrue|fabricat(ed|ion|ions)|baseless|unfounded|groundless|false|falsely|fake|faked")
_NOT_OF_A_STATEMENT = re.compile(
    # "false name", "fake passport": the thing is false, not what is said of it; "denied entry", "denied bail": refused.
    "names?|papers?|documents?|passports?|promises?|pretences?|pretenses?|identit.*|imprisonment|id|ids|visas?|jobs?|"
    "entry|access|bail|visas?|permission|asylum|services?|care|justice|rights?|food|medical|treatment|parole|leave|due|"
    "information|comment|education|benefits|legal|release|contact|help|protection|opportunit.*"
)
_SUPPOSED = re.compile("whether|would")


def find_denial(claim: ClaimWords, text: str) -> tuple[str, ...]:
    """Return the words by which a sentence denies the claim, () where it doesn't plainly."""
    sentence = read_sentence(claim, text)
    share = coverage(claim, sentence)
    if "?" in sentence.tokens or share < MIN_COVERAGE:
        return ()
    found = tuple(dict.fromkeys(_denials(claim, sentence)))
    return found or (_negation(claim, sentence) if share >= MIN_COVERAGE_NEGATED else ())


def _denials(claim: ClaimWords, sentence: SentenceWords) -> Iterator[str]:
    words = sentence.words
    for at, word in enumerate(words):
        if word in claim.words or not sentence.is_of(at) or _is_supposed(words, at):
            continue
        following = words[at + 1] if at + 1 < len(words) else ""
        if is_rejection(words, at):
            yield word
        elif lacks_evidence(words, at):
            yield " ".join(words[at : at + 4])
        elif is_negated(sentence, at) or _NOT_OF_A_STATEMENT.fullmatch(following):
            continue
        elif _DENYING.fullmatch(word) or _FALSE.fullmatch(word):
            yield word


def _negation(claim: ClaimWords, sentence: SentenceWords) -> tuple[str, ...]:
    """Return the negation of the claim's own words with the first of them; () where the claim negates something."""
    words = sentence.words
    if "negation" in claim.kinds:
        return ()
    for at, word in enumerate(words):
        if _NEGATION.fullmatch(word) is None or _is_supposed(words, at) or "or" in words[max(0, at - 2) : at]:
            continue
        negated = [place for place in sentence.shared if 0 < place - at <= _NEGATED_WITHIN]
        is_twice = any(is_against(other) for other in words[at + 1 : at + 1 + _NEGATED_WITHIN])
        if len(negated) >= _NEGATED_WORDS and not is_twice:
            return (" ".join(words[at : negated[0] + 1]),)
    return ()


def _is_supposed(words: tuple[str, ...], at: int) -> bool:
    is_condition = "if" in words[:at] or "unless" in words[:at]
    return is_condition or any(_SUPPOSED.fullmatch(word) for word in words[max(0, at - 4) : at])
