"""Whether a claim accuses, and by which words an article tells of harm. Pure; English.

A claim that accuses is seldom restated by those who bear it out: they tell what was done to whom, in words of harm.
Official notices and announcements on the same subject have few of them.
"""

import re
from collections.abc import Iterable

from monitor.match.contraries import is_of_force
from monitor.match.stance_features import ClaimWords, words_of
from monitor.match.standing import why_no_evidence
from monitor.match.stems import stem
from monitor.text.sentences import split_sentences

LEAST_WORDS = 2
"""So many different words of harm tell it, one of them at least not the claim's own."""

MOST_NAMED = 0.15
"""A claim of a practice names a country or two, and no more."""

BEARS_OUT = 0.79
"""How often they do, at the least: of 15 such pairs on the shipped subject all 15 were labelled so (Wilson, 95 %)."""

_HARM = re.compile(
    # violence
    "beat|beaten|beats|beating|beatings|rap(e|ed|es|ing)|assault.*|abus(e|ed|es|ing)|violen.*|tortur.*|harass.*"
    "|injur.*|humiliat.*"
    # confinement and force
    "|lock(ed|s|ing)|detain.*|detention|held|imprison.*|jail.*|confin.*|trapp.*|captiv.*|escap.*|fle(e|d|eing)"
    "|forc(ed|es|ing)|coerc.*|compel.*|threat.*|arrest.*"
    # extortion and fraud
    "|brib.*|extort.*|rob(s|bed)|stole|stolen|steal.*|trick.*|lur(e|ed|es)|decei.*|cheat.*|sold"
    # want
    "|unpaid|ow(e|ed|es)|debts?|lack(s|ed)?|without|never|inadequate|insufficient"
    "|fail(s|ed|ing|ure|ures)?|neglect.*|suffer.*|struggl.*|hunger|hungry|starv.*"
)
_BARE = frozenset(("without", "never", "forces"))
"""They make a claim accuse; in an article they may speak of anything, of troops, too."""

_SUPPOSED = ("hypothetical", "supposed")
_HEARSAY = re.compile(
    "reportedly|alleged|allegedly|unverified|unconfirmed|purported(ly)?|rumou?r(s|ed)?|apparently|suspected"
)


def accuses(claim: ClaimWords) -> bool:
    """Say whether a claim says that harm is done as a practice.

    Of somebody named it is an event, which is told in words of harm by those who believe it and those who don't.
    """
    tells_harm = is_of_force(claim.words) or any(_HARM.fullmatch(word) for word in claim.words)
    return tells_harm and claim.named <= MOST_NAMED


def words_of_harm(claim: ClaimWords, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the different words of harm that some texts tell, in order.

    () where one of them is but hearsay, or where all are the claim's own: who retells it repeats them, who bears it out
    tells what else was done.
    """
    words = [word for text in texts if "?" not in text for told in _told(text) for word in words_of(told)]
    if any(_HEARSAY.fullmatch(word) for word in words):
        return ()
    found = tuple(dict.fromkeys(word for word in words if _HARM.fullmatch(word) and word not in _BARE))
    return found if any(stem(word) not in claim.content for word in found) else ()


def _told(text: str) -> list[str]:
    """Return the sentences of a passage that don't only suppose ("if they were forced, that would be illegal")."""
    sentences = [text[start:end] for start, end in split_sentences(text)]
    return [sentence for sentence in sentences if why_no_evidence(sentence) not in _SUPPOSED]
