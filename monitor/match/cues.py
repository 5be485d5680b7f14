"""Words by which an English sentence takes a side on what it speaks of: denial, falsity, doubt, confirmation.

In: words in normal form. Out: kinds of cues and where they stand. Never: a side; a cue beside the claim's own words is
only evidence of one.
"""

import re
from collections.abc import Iterable
from functools import lru_cache


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


KINDS: dict[str, str] = {
    "deny": "deny denies denied denying denial denials disavow* repudiat*",
    "refute": (
        "refute refutes refuted refuting rebut rebuts rebutted debunk* disprov* discredit* disput* contradict*"
        " dispel* scoff* clarif* dismiss* reject rejects rejected rejecting rebuff* quash*"
    ),
    "false": (
        "false falsely fake faked fakes hoax* bogus untrue fabricat* fiction fictional fictitious myth myths satir*"
        " parody prank pranks nonsense baseless unfounded groundless wrong wrongly incorrect* inaccura* mislead*"
        " misled photoshop* phony nope untruth* lie lies lied liar lying fooled duped tricked trolled sham invented"
        " phoney spurious erroneous* mistaken* exaggerat* overblown overstat* distort* doctored forged forgery concoct*"
        " counterfeit disinformation misinform* propaganda libel* slander* defam* smear* impost* scam scams spoof*"
        " mockumentary joke jokes joking rubbish rubbished rubbishes bunk baloney bs bullshit absurd* ridiculous*"
        " ludicrous* preposterous laughable farcical"
    ),
    "withdraw": "retract* apolog* correction corrects corrected withdr* backtrack* recant* pulls pulled",
    "doubt": (
        "doubt* skeptic* sceptic* question questions questioned questionable dubious implausib* unlikely suspicious"
        " improbabl* fishy debate* debatable controvers* conflicting unclear unproven mystery"
    ),
    "hedge": (
        "may might could can possibly perhaps maybe likely probably apparent* seem seems seemingly appears suspected"
        " potential* supposed* expected unverified unconfirmed purport* rumo* speculat* reportedly allegedly alleged"
        " allegation* tipped hint* suggest* believed thought feared if would should"
    ),
    "attribute": (
        "said says say saying told tells claim claims claimed claiming according report reports reported source"
        " sources state states stated allege alleges accus* announc* warn* insist* argue argues argued quoted cited"
        " cites"
    ),
    "confirm": (
        "confirm* verif* official officially prove* proof proven admit* acknowledg* reveal* truth true evidence"
        " identif* authentic* genuine real really actually indeed"
    ),
    "surface": (
        "video photo photos image images footage clip viral internet online twitter facebook tweet* update updated"
    ),
    "negation": (
        "not no never none nobody nothing neither nor without cannot isn't aren't wasn't weren't don't doesn't didn't"
        " won't wouldn't can't couldn't hasn't haven't hadn't shouldn't isnt arent wasnt werent dont doesnt didnt wont"
        " wouldnt cant couldnt hasnt havent hadnt unable refuse* refusing fail fails failed lack lacks"
    ),
    "question": "did does do is are was were has have will would could can should how why what who when where which",
    "safety": "safe alive fine free unharmed well happy voluntar* willing*",
}
"""Kinds of cues that the model knows, each with its words; a trailing * stands for any ending."""

MANNERS: dict[str, str] = {
    "hearsay": "reportedly allegedly alleged rumo* unconfirmed unverified purport* supposed*",
    "modal": "may might could would should",
    "report": "report reports reported sources source according",
    "say": "says say said tells told",
    "claim": "claim claims claimed claiming insist* alleg*",
    "confuse": "confus* wonder*",
}
"""Manners of saying, told apart more finely than kinds, as headlines do: what a paper says of its own, what of another.

Only the model of one sentence knows them."""

AGAINST = ("deny", "refute", "false")
"""Kinds of cues that speak against what they are said of."""

DEEDS = _words(
    "fooled duped tricked trolled lie lies lied lying liar sham doctored forged forgery counterfeit scam scams smear"
    " smears smeared smearing concocted distorted distorting"
)
"""Words of falsity that tell what somebody did: a claim that has one accuses, and denies nothing."""

DOUBTING = _words("doubt doubts doubted")
"""Words of doubt that deny what they are cast on; "no doubt" negates nothing behind it."""

OBJECTS = _words(
    "charge charges claim claims claimed allegation allegations alleged accusation accusations accused report"
    " reports reported rumor rumors rumour rumours suggestion suggestions notion idea story stories criticism"
    " criticisms assertion assertions finding findings that any having being"
)
"""What makes a rejection one of a statement: a court rejects an appeal, too."""

PAIRS: tuple[tuple[frozenset[str], frozenset[str]], ...] = (
    (
        _words(
            "rise rises rose risen rising increase increases increased increasing grow grows grew grown more"
            " higher up climb* climbed gain gains surge* doubled jump* jumped record most highest"
        ),
        _words(
            "fall falls fell fallen falling decrease decreases decreased decline declines declined declining"
            " drop drops dropped fewer less lower down shrink shrank lowest halved least reduced plunge*"
            " dwindl* slump*"
        ),
    ),
    (
        _words("forced compelled coerced against unwilling captive locked held detained confined trapped imprisoned"),
        _words("free freely voluntary voluntarily willing willingly choose chose choice consent open released leave"),
    ),
    (
        _words("dead died dies killed death"),
        _words("alive survived survives safe lives living"),
    ),
    (
        _words("unpaid"),
        _words("paid pays wage wages salary stipend"),
    ),
    (
        _words("guilty convicted convict"),
        _words("acquitted innocent cleared"),
    ),
    (
        _words("inadequate insufficient poor low little"),
        _words("adequate sufficient enough good well independence independent decent"),
    ),
    (
        _words("ban bans banned refuse refuses refused closed shut cancel* cancelled"),
        _words("allow allows allowed open opened approve*"),
    ),
)
"""Words that go the other way from one another."""


CONTRARIES: tuple[tuple[str, str], ...] = (
    (
        "rise rises rose risen rising increas* grew grown growing growth higher climb* doubled tripled most more",
        "fall falls fell fallen falling decreas* declin* drop drops dropped fewer less lower halved dwindl* handful",
    ),
    (
        "forced compelled coerced against unwillingly held detained confined locked trapped imprisoned captive",
        "free freely voluntary voluntarily willing willingly consent* accord choice will",
    ),
    ("paid pays wage wages salary salaries salaried stipend* dollar* allowance*", "unpaid unsalaried"),
    ("adequate sufficient decent independence thriving", "inadequate insufficient meagre meager poor"),
    ("dead died killed", "alive survived unharmed"),
    ("guilty convicted", "acquitted innocent exonerated"),
)
"""As PAIRS, but only words that hardly ever say anything else: with one of them a sentence contradicts a claim."""

FORCED = 1
RISING = 0
"""The pair of what rises and falls: a sentence may say it of much else, so it must stand near the claim's words."""


@lru_cache(maxsize=1 << 14)
def contraries_of(word: str) -> tuple[tuple[int, int], ...]:
    """Return (pair, side) for each pair of CONTRARIES in which a word stands."""
    return tuple(
        (number, side)
        for number, sides in enumerate(_CONTRARY_PATTERNS)
        for side in (0, 1)
        if sides[side].fullmatch(word)
    )


@lru_cache(maxsize=1 << 14)
def kinds_of(word: str) -> tuple[str, ...]:
    """Return the kinds of cue that one word in normal form is."""
    return tuple(kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(word))


@lru_cache(maxsize=1 << 14)
def manners_of(word: str) -> tuple[str, ...]:
    """Return the manners of saying of which one word in normal form is a sign."""
    return tuple(manner for manner, pattern in _MANNER_PATTERNS.items() if pattern.fullmatch(word))


@lru_cache(maxsize=1 << 14)
def direction_of(word: str) -> tuple[tuple[int, int], ...]:
    """Return (pair, side) for each pair of opposites in which a word stands."""
    return tuple(
        (number, side) for number, sides in enumerate(_PAIR_PATTERNS) for side in (0, 1) if sides[side].fullmatch(word)
    )


def _pattern(words: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word).replace(r"\*", r"[a-z]*") for word in words))


_PATTERNS = {kind: _pattern(words.split()) for kind, words in KINDS.items()}
_MANNER_PATTERNS = {manner: _pattern(words.split()) for manner, words in MANNERS.items()}
_PAIR_PATTERNS = [(_pattern(sorted(one)), _pattern(sorted(other))) for one, other in PAIRS]
_CONTRARY_PATTERNS = [(_pattern(one.split()), _pattern(other.split())) for one, other in CONTRARIES]
