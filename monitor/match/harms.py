"""Whether a claim accuses, and by which words an article tells of harm. Pure; English.

A claim that accuses is seldom restated by those who bear it out: they tell what was done to whom, in words of harm.
Official notices and announcements on the same subject have few of them.
"""

import re
from collections.abc import Iterable

from monitor.match.contraries import is_of_force
from monitor.match.stance_features import ClaimWords, words_of

LEAST_WORDS = 2
"""So many different words of harm tell it."""

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
_BARE = frozenset(("without", "never"))
"""They make a claim accuse; in an article they may speak of anything."""

_HEARSAY = re.compile(
    "reportedly|alleged|allegedly|unverified|unconfirmed|purported(ly)?|rumou?r(s|ed)?|apparently|suspected"
)


def accuses(claim: ClaimWords) -> bool:
    """Say whether a claim says that harm is done."""
    return is_of_force(claim.words) or any(_HARM.fullmatch(word) for word in claim.words)


def words_of_harm(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the different words of harm that some texts tell, in order; () where one of them is but hearsay."""
    words = [word for text in texts if "?" not in text for word in words_of(text)]
    if any(_HEARSAY.fullmatch(word) for word in words):
        return ()
    return tuple(dict.fromkeys(word for word in words if _HARM.fullmatch(word) and word not in _BARE))
