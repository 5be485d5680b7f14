"""Whether a sentence may stand as evidence, and why not. Pure.

In: a sentence. Out: "" or the reason. Never: a denial lost; "rejects", "denies" and "not true" are what is looked for,
and are no reason.
"""

import re
from typing import Literal

from monitor.text.normalise import fold

NoEvidence = Literal["", "boilerplate", "supposed", "hypothetical", "question"]
NO_REPORT: frozenset[NoEvidence] = frozenset(("boilerplate", "supposed"))
"""What is so makes no hit."""

_BOILERPLATE = re.compile(
    r"\b(subscribe (to|now|today|for)|sign up (for|to)|newsletter|cookies?\b.*\b(policy|consent|accept|use|settings)"
    r"|(accept|use|uses|using) (all )?cookies|privacy policy|terms (of use|of service|and conditions)"
    r"|all rights reserved|copyright|©|\(c\) ?(19|20)\d\d"
    r"|related (articles?|stories|news|posts|topics|links|reading)|read (more|next|also)\b"
    r"|more (from|on this|stories)\b"
    r"|recommended (for you|stories|articles)|you (may|might) also like|most (read|popular|viewed)|trending now"
    r"|share (this|on|via)|follow us|like us on|click here|log ?in to|already a subscriber|support our journalism"
    r"|advertisement|sponsored content|please enable javascript|download (our|the) app|leave a (comment|reply)"
    r"|comments (are closed|policy)|(photo|image|picture)( credit| by|:)|file photo|getty images"
    r"|is a (staff )?(writer|reporter|freelance \w+|journalist|correspondent|columnist|contributor) (at|for|with|based)"
    r"|can be reached at|follow (him|her|them) on|reporting by .*\bediting by|(additional )?reporting by \w+ \w+;?"
    r"|this (article|story) (was|has been) (first|originally) (published|posted)|sample article: invented"
    r"|abonnez-vous|lire aussi|tous droits reserves|dang ky|suscribete|derechos reservados|alle rechte vorbehalten"
    r"|newsletter abonnieren)"
)
MAX_CHARACTERS = 2_000
"""Of what a page calls a sentence or a headline so much is read: no reporter writes a longer one."""

_MAX_BOILERPLATE_WORDS = 40
"""What is longer tells something, whatever else stands in it."""

_TELLING = re.compile(
    r"\b(said|says|told|denie[sd]|den(y|ying)|rejects?|rejected|arrested|according to|untrue|not true)\b"
)
_BEGINS_BOILERPLATE = ("read more", "related", "read also", "photo", "(c)", "subscribe to", "sign up for", "sign up to")
_BEGINS_HYPOTHETICAL = re.compile(
    r"(if|suppose|imagine|what if|should (they|he|she|it|the|we|you)|were (they|he|she|it|the|we|you))\b"
)
_HYPOTHETICAL = re.compile(
    r"\b(would|could|might) (have )?(be|been|mean|make|become|lead|happen|face|end|force|find|go|lose|see)\b"
    r"|\bin (the )?(event|case) (that|of)\b|\bhypothetical|\bas if\b|\bwere to\b"
)
_HYPOTHETICAL_HEADS = ("would ", "could ", "might ", "event ", "case ", "hypothetical", "as if", "were to")
"""One of these stands wherever the pattern holds: to look for them takes a tenth of its time."""

_SUPPOSES = re.compile(r"(suppose|imagine|what if)\b")

_QUESTION = re.compile(r"[?？]['\"»”)\]]*\s*$")


_MAX_DATELINE_WORDS = 5


def is_dateline(sentence: str) -> bool:
    """Say whether a sentence is but the place before a report ("BATTAMBANG, Cambodia."), which tells nothing."""
    words = sentence.split(maxsplit=_MAX_DATELINE_WORDS)
    return "," in sentence and len(words) <= _MAX_DATELINE_WORDS and all(word[0].isupper() for word in words)


def why_no_evidence(sentence: str) -> NoEvidence:
    """Return why a sentence may not stand as evidence, "" where it may.

    `boilerplate` is never shown; what is `hypothetical`, `supposed` ("if they were forced, that would be illegal") or a
    `question` is shown only where nothing says it outright. A plan ("they would be sent to sew, police said") and a
    rule ("if they refuse, they are beaten") are hypothetical and no more: they may make a hit.
    """
    folded = fold(sentence[:MAX_CHARACTERS])
    if is_boilerplate(folded):
        return "boilerplate"
    if _QUESTION.search(folded):
        return "question"
    begins, goes_on = _BEGINS_HYPOTHETICAL.match(folded), _goes_on_hypothetical(folded)
    if begins and (goes_on or _SUPPOSES.match(folded)):
        return "supposed"
    return "hypothetical" if begins or goes_on else ""


def _goes_on_hypothetical(folded: str) -> bool:
    return any(head in folded for head in _HYPOTHETICAL_HEADS) and _HYPOTHETICAL.search(folded) is not None


def is_boilerplate(folded: str) -> bool:
    """Say whether a sentence in normal form belongs to the page and not to the report."""
    # The length first: of a page that says "cookies" without end, the pattern would take for ever.
    if len(folded.split(maxsplit=_MAX_BOILERPLATE_WORDS)) > _MAX_BOILERPLATE_WORDS or not _BOILERPLATE.search(folded):
        return False
    # "…said all rights reserved to her were denied" is a report in which such words happen to stand.
    return _TELLING.search(folded) is None or folded.startswith(_BEGINS_BOILERPLATE)
