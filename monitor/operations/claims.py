"""Claims with what was found and said of them, and their thresholds."""

import math
from collections.abc import Sequence

from monitor.errors import UsageError
from monitor.match.learning import fit_intercept, logit_of, wilson
from monitor.model.archiving import LiveClaim
from monitor.model.judging import ClaimStanding, JudgedArticle
from monitor.model.matching import BY_HAND
from monitor.operations.opening import Monitor
from monitor.operations.watchlists import live
from monitor.store.hits import count_hits_by_claim
from monitor.store.judgements import StoredTuning, claim_tunings, judged_articles, record_thresholds
from monitor.store.watchlists import live_watchlists


def find_claim(monitor: Monitor, claim: str) -> LiveClaim:
    """Return the live claim that is named as CLAIM or LIST/CLAIM. Raises UsageError."""
    known = [one for watchlist in live_watchlists(monitor.archive) for one in watchlist.claims]
    found = [one for one in known if claim in (one.identifier, one.identifier.partition("/")[2])]
    if not found:
        raise UsageError(f"no claim {claim!r}; `monitor watchlists list` shows the claims")
    if len(found) > 1:
        names = ", ".join(one.identifier for one in found)
        raise UsageError(f"{claim!r} stands in several watchlists; write one of: {names}")
    return found[0]


def refit(judged: Sequence[JudgedArticle]) -> tuple[float, int]:
    """Return a claim's intercept and how many judged articles it was learnt from.

    A hit counts as it is scored now, anything else as it was scored when it was judged; what was set by hand has no
    score to learn from.
    """
    pairs = [(logit, one.is_relevant) for one in judged if (logit := _logit(one)) is not None]
    return fit_intercept([logit for logit, _ in pairs], [yes for _, yes in pairs]), len(pairs)


def _logit(judged: JudgedArticle) -> float | None:
    if judged.why is not None and judged.score is not None:
        return logit_of(judged.score, judged.why)
    return judged.logit


def claim_standings(monitor: Monitor) -> list[ClaimStanding]:
    """Return all live claims with their hits, precision and tuning."""
    hits, tunings = count_hits_by_claim(monitor.archive), claim_tunings(monitor.archive)
    standings = []
    for stored, watchlist in live(monitor):
        by_key = {claim.key: claim for claim in watchlist.claims}
        for one in stored.claims:
            claim = by_key[one.identifier.partition("/")[2]]
            tuning = tunings.get(one.identifier, StoredTuning())
            told = [judged for judged in judged_articles(monitor.archive, one.claim_id) if _is_found(judged)]
            relevant = sum(judged.is_relevant for judged in told)
            standings.append(
                ClaimStanding(
                    identifier=one.identifier,
                    text=claim.text,
                    said_by=claim.said_by,
                    hits=hits.get(one.claim_id, 0),
                    relevant=relevant,
                    not_relevant=len(told) - relevant,
                    precision=wilson(relevant, len(told)) if told else None,
                    tuning=tuning.tuning,
                    fitted_on=tuning.fitted_on,
                    is_set=_set_names(tuning),
                    is_alerted=claim.is_alerted,
                )
            )
    return standings


def _is_found(judged: JudgedArticle) -> bool:
    """Say whether an article tells how precise a claim is: it was found by the claim, and not offered as doubtful."""
    return judged.why is not None and judged.why.matcher != BY_HAND and judged.offered == ""


def _set_names(tuning: StoredTuning) -> tuple[str, ...]:
    named = (("digest_from", tuning.digest_from), ("alert_from", tuning.alert_from))
    return tuple(name for name, value in named if value is not None)


def tune_claim(
    monitor: Monitor, claim: str, *, digest_from: float | None = None, alert_from: float | None = None
) -> ClaimStanding:
    """Set from which probability a claim's hits are told in a digest, and alerted; None leaves it as it is.

    Raises UsageError for a probability outside 0..1 and for an alert below the digest.
    """
    found = find_claim(monitor, claim)
    for name, value in (("--digest-from", digest_from), ("--alert-from", alert_from)):
        if value is not None and not (math.isfinite(value) and 0 <= value <= 1):
            raise UsageError(f"{name} {value}: a probability lies between 0 and 1, as 0.6")
    given = {"digest_from": digest_from, "alert_from": alert_from}
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise UsageError("nothing to set: give --digest-from, --alert-from, or --as-shipped")
    before = claim_tunings(monitor.archive).get(found.identifier, StoredTuning()).tuning
    lines = {"digest_from": before.digest_from, "alert_from": before.alert_from} | wanted
    if lines["alert_from"] < lines["digest_from"]:
        raise UsageError(
            f"{found.identifier}: alerts from {lines['alert_from']:g} would tell what the digest, from "
            f"{lines['digest_from']:g}, does not: give both"
        )
    return _set(monitor, found, dict(wanted))


def untune_claim(monitor: Monitor, claim: str) -> ClaimStanding:
    """Take back the thresholds that were set; what judgements taught stays. Raises UsageError."""
    return _set(monitor, find_claim(monitor, claim), {"digest_from": None, "alert_from": None})


def _set(monitor: Monitor, claim: LiveClaim, thresholds: dict[str, float | None]) -> ClaimStanding:
    record_thresholds(monitor.archive, claim.claim_id, thresholds, monitor.now())
    return next(one for one in claim_standings(monitor) if one.identifier == claim.identifier)
