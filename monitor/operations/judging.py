"""Judge matches: what a person says of a hit is kept, and the claim learns from it at once."""

from monitor.errors import UsageError
from monitor.match.learning import logit_of
from monitor.model.archiving import StoredHit
from monitor.model.judging import Judgement, Verdict
from monitor.operations.claims import refit
from monitor.operations.hits import find_hit
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import one_line_of, who
from monitor.store.hits import claim_id_of
from monitor.store.judgements import record_judgement

VERDICTS: dict[str, Verdict] = {"relevant": "relevant", "not-relevant": "not_relevant", "undo": "undone"}
"""What may be said of a hit, as it is typed."""

MAX_NOTE, MAX_NAME = 2000, 200


def judge_hit(monitor: Monitor, hit_id: int, verdict: str, *, by: str = "", note: str = "") -> tuple[StoredHit, bool]:
    """Keep what somebody says of a hit and let its claim learn from it; return the hit as it then stands.

    Also return whether that was anything new: the same word again changes nothing. Raises UsageError.
    """
    if verdict not in VERDICTS:
        raise UsageError(f"{verdict!r} is no judgement; write one of: {', '.join(VERDICTS)}")
    hit = find_hit(monitor, hit_id)
    judgement = Judgement(
        claim=hit.identifier,
        article_id=hit.article_id,
        verdict=VERDICTS[verdict],
        by=one_line_of(by)[:MAX_NAME] or who(),
        at=monitor.now(),
        note=one_line_of(note)[:MAX_NOTE],
        score=hit.line.score,
        logit=logit_of(hit.line.score, hit.why),
    )
    is_new = record_judgement(monitor.archive, claim_id_of(monitor.archive, hit_id), judgement, refit)
    return find_hit(monitor, hit_id), is_new
