"""Sentences that plainly deny what they speak of, and that they speak of the claim. Pure; English.

In: a claim and a sentence. Out: the words that deny, or nothing. Never: a denial that is itself denied ("does not
dispute that"), asked, or only supposed ("if the charge is false").
"""

import re
from collections.abc import Iterator

from monitor.match.clauses import clauses_of
from monitor.match.contraries import find_contrary
from monitor.match.cues import DOUBTING, kinds_of
from monitor.match.stance_features import (
    ClaimWords,
    SentenceWords,
    coverage,
    is_against,
    is_negated,
    is_rejection,
    lacks_evidence,
    read_sentence,
    words_of,
)

MIN_COVERAGE = 0.2
"""A denial that shares fewer of the claim's content words denies something else."""

MIN_COVERAGE_NEGATED = 0.4
"""A plain "not" denies the claim only where much of the claim is what it negates: nine in ten such headlines do."""

_NEGATED_WITHIN, _NEGATED_WORDS = 6, 2
_NONE = frozenset(("no", "none", "nobody", "never", "few", "hardly", "scarcely"))
_NEGATION = re.compile(
    "few|hardly|scarcely|no|not|nobody|never|none|(?:did|do|does|is|are|was|were|has|have|will|would)n'?t"
)

_DENYING = re.compile(
    "den(y|ies|ied|ying|ials?)|disavow.*|repudiat.*|refut(es?|ed|ing)|rebut(s|ted)?|debunk.*|disprov.*|disput(es?|ed|ing)"
    "|rebuff(s|ed)|quash(es|ed)|rubbish(es|ed)"
)
_FALSE = re.compile(
    "hoax.*|bogus|untrue|untruthful|fabricat(ed|ion|ions)|baseless|unfounded|groundless|false|falsely|fake|faked|fiction"
    "|nonsense|slander(ous)?|libel(lous)?|defamatory|exaggerat(ed|ion|ions)|overstated|incorrect|inaccurate|misleading"
    "|overblown"
)
_CONTRARY_TO = {"contrary": ("to",), "far": ("from",), "nothing": ("to", "suggest")}
"""Words with which a sentence turns away from what it then says."""

_CASTING = re.compile("cast(s|ing)?|rais(e|es|ed|ing)|throw(s|ing)?|threw|thrown|sow(s|ed|n|ing)?")
_DOUBTED = frozenset(("that", "over", "about", "on", "cast", "raised"))
_HARDLY_DOUBTED = frozenset(("little", "beyond", "few"))
"""Who casts doubt on a claim disputes it; who has little doubt of it doesn't."""

_SHOOTING_DOWN, _SHOT_WITHIN = re.compile("shoots?|shot|shooting|bats?|batted|knock(s|ed)?"), 5

_KEEPING_BACK = re.compile("hid|hides?|hidden|hiding|conceal.*|withh.*|ignor.*|neglect.*|without|unpaid|denie[sd]")
"""What "did not tell" says, too: of a claim with one of these a plain "not" may be the claim itself."""

_SAYING = re.compile(
    "said|says|say|insist(s|ed)?|stress(es|ed)|maintain(s|ed)|assur(es|ed)|told|tells|replied|state[sd]|testified"
)
_STATEMENTS = frozenset(
    (
        *("claim", "claims", "report", "reports", "allegation", "allegations", "accusation", "accusations", "charge"),
        *("charges", "account", "accounts", "story", "stories", "rumour", "rumours", "rumor", "rumors", "assertion"),
        *("assertions", "finding", "findings", "criticism", "suggestion", "suggestions"),
    )
)
"""What can be true or false: of one, fewer of the claim's words are enough, as it stands for them."""

MIN_COVERAGE_OF_STATEMENT = 0.1
_NOT_OF_A_STATEMENT = re.compile(
    # "false name", "fake passport": the thing is false, not what is said of it; "denied entry", "denied bail": refused.
    "names?|papers?|documents?|passports?|promises?|pretences?|pretenses?|identit.*|imprisonment|id|ids|visas?|jobs?|"
    "entry|access|bail|visas?|permission|asylum|services?|care|justice|rights?|food|medical|treatment|parole|leave|due|"
    "information|comment|education|benefits|legal|release|contact|help|protection|opportunit.*|compensation|pay|wages?|"
    "water|land|figures|numbers|hopes?|money|credit|treatment"
)
_REJECTING = re.compile("reject(s|ed)|dismiss(es|ed)")
_CALLING = re.compile("call(s|ed)|brand(s|ed)|describe[sd]|label(s|led)|term(s|ed)")
_NO_PRONOUN = frozenset(
    ("the", "a", "an", "he", "she", "they", "it", "his", "her", "their", "no", "any", "women", "men", "people", "there")
)
"""After "denied that" they begin what is denied, and "that" is no pronoun."""

_MAX_REPLY_WORDS = 30
_SUPPOSED = re.compile("whether|would")


def find_denial(claim: ClaimWords, text: str) -> tuple[str, ...]:
    """Return the words by which a sentence denies or contradicts the claim, () where it doesn't plainly."""
    sentence = read_sentence(claim, text)
    share = coverage(claim, sentence)
    if "?" in sentence.tokens or not sentence.shared:
        return ()
    if share >= MIN_COVERAGE or (share >= MIN_COVERAGE_OF_STATEMENT and not _STATEMENTS.isdisjoint(sentence.words)):
        found = tuple(dict.fromkeys(_denials(claim, sentence)))
        if found:
            return found
    return _negation(claim, sentence, share, text) or find_contrary(claim, sentence, text)


def find_reply(text: str) -> tuple[str, ...]:
    """Return the words by which a sentence denies what was said just before it ("a spokesman denied this")."""
    words = words_of(text)
    if len(words) > _MAX_REPLY_WORDS or "?" in text:
        return ()
    for at, word in enumerate(words):
        is_denied = _DENYING.fullmatch(word) or _REJECTING.fullmatch(word)
        before, after = words[max(0, at - 3) : at], words[at + 1 : at + 4]
        if is_denied and not any("negation" in kinds_of(other) for other in before):
            if after[:1] in (("it",), ("this",), ("that",)) and (len(after) == 1 or after[1] not in _NO_PRONOUN):
                return (f"{word} {after[0]}",)
            if not _STATEMENTS.isdisjoint(after) or "wrongdoing" in after:
                return (word,)
        elif _CALLING.fullmatch(word) and any(_FALSE.fullmatch(other) for other in words[at + 1 : at + 8]):
            return (word, next(other for other in words[at + 1 : at + 8] if _FALSE.fullmatch(other)))
    return ()


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
        elif word in _CONTRARY_TO and words[at + 1 :][: len(_CONTRARY_TO[word])] == _CONTRARY_TO[word]:
            yield " ".join((word, *_CONTRARY_TO[word]))
        elif is_negated(sentence, at) or _NOT_OF_A_STATEMENT.fullmatch(following):
            continue
        elif _DENYING.fullmatch(word) or _FALSE.fullmatch(word) or _is_doubt(words, at):
            yield word
        elif _SHOOTING_DOWN.fullmatch(word) and following in ("down", "away") and _speaks_of_statements(words, at):
            yield f"{word} {following}"


def _is_doubt(words: tuple[str, ...], at: int) -> bool:
    """Say whether doubt is cast at a place ("raised doubts about", "doubt that"), rather than had or lacked."""
    if words[at] not in DOUBTING:
        return False
    before, after = words[max(0, at - 3) : at], words[at + 1 : at + 3]
    is_cast = any(_CASTING.fullmatch(word) for word in before)
    is_of_something = (after[:1] != () and after[0] in _DOUBTED) or not _STATEMENTS.isdisjoint(after)
    return (is_cast or is_of_something) and _HARDLY_DOUBTED.isdisjoint(before)


def _speaks_of_statements(words: tuple[str, ...], at: int) -> bool:
    return not _STATEMENTS.isdisjoint(words[at + 2 : at + 2 + _SHOT_WITHIN])


def _negation(claim: ClaimWords, sentence: SentenceWords, share: float, text: str) -> tuple[str, ...]:
    """Return the negation of the claim's own words with the first of them; () where the claim negates something.

    Of "said no family was moved" less of the claim is enough than of a plain "not". What stands behind the comma is
    told all the same ("who had not asked for help, were forced to sew"), but for what a "No," answers.
    """
    words = sentence.words
    if "negation" in claim.kinds or share < MIN_COVERAGE or any(_KEEPING_BACK.fullmatch(word) for word in claim.words):
        return ()
    clauses = clauses_of(text)
    for at, word in enumerate(words):
        if _NEGATION.fullmatch(word) is None or _is_supposed(words, at) or "or" in words[max(0, at - 2) : at]:
            continue
        before = words[max(0, at - 3) : at]
        if before[-1:] == ("a",) or "who" in before:
            continue
        is_said = word in _NONE and (not before or any(_SAYING.fullmatch(other) for other in before))
        if share < MIN_COVERAGE_NEGATED and not is_said:
            continue
        is_answer = clauses[at + 1 : at + 2] != clauses[at : at + 1]
        near = [place for place in sentence.shared if 0 < place - at <= _NEGATED_WITHIN]
        negated = [place for place in near if is_answer or clauses[place] == clauses[at]]
        is_twice = any(is_against(other) or other in DOUBTING for other in words[at + 1 : at + 1 + _NEGATED_WITHIN])
        if len(negated) >= _NEGATED_WORDS and not is_twice:
            return (" ".join(words[at : negated[0] + 1]),)
    return ()


def _is_supposed(words: tuple[str, ...], at: int) -> bool:
    is_condition = "if" in words[:at] or "unless" in words[:at]
    return is_condition or any(_SUPPOSED.fullmatch(word) for word in words[max(0, at - 4) : at])
