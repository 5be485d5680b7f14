"""Make the alerts that are due: the best hits of claims that ask for it, told before the digest.

In: the archive, the present instant, what is watched for. Out: alerts whose bytes are owed. Never: alerts what is no
news, or what a reader was told already.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from monitor.digest.alerting import FRESH, choose_alert
from monitor.digest.compose import compose_digest
from monitor.model.archiving import StoredHit
from monitor.model.digesting import Coverage, Digest, DigestInput
from monitor.model.mailing import AlertSlot, MadeAlert, SubscriptionSpec
from monitor.model.matching import ClaimTuning
from monitor.model.ports import Clock
from monitor.pipeline.mail import Letterhead, address, for_each_reader, group_hits
from monitor.pipeline.patience import Patience
from monitor.pipeline.stages import Watching
from monitor.store.digests import waiting_hits, write_alert
from monitor.store.engine import Archive
from monitor.store.judgements import live_tunings
from monitor.store.subscriptions import list_subscriptions


def write_due_alerts(
    archive: Archive, now: Clock, letterhead: Letterhead | None, watching: Watching, patience: Patience | None = None
) -> int:
    """Make an alert for each subscription that is to be told of something at once. Return how many were made.

    Raises as `for_each_reader` does.
    """
    lines = alert_lines(archive, watching)

    def make(subscription: SubscriptionSpec, at: datetime) -> bool:
        def choose(made: Sequence[MadeAlert]) -> AlertSlot | None:
            return choose_alert(at, subscription.timezone, made)

        compose = partial(_compose, subscription, at, letterhead)
        return write_alert(archive, subscription, at, lines, choose, compose)

    readers = list_subscriptions(archive) if lines else []
    readers = [one for one in readers if one.wants_alerts and (letterhead or one.delivery != "mail")]
    return for_each_reader(readers, make, now, patience or Patience())


def alert_lines(archive: Archive, watching: Watching) -> dict[int, float]:
    """Return the claims that ask for alerts, by id, each with the score from which on."""
    if not watching.alerted:
        return {}
    tunings, shipped = live_tunings(archive), ClaimTuning()
    asking = (watching.claims[key] for key in watching.alerted if key in watching.claims)
    return {claim.claim_id: tunings.get(claim.identifier, shipped).alert_from for claim in asking}


def waiting_alert(
    archive: Archive,
    subscription: SubscriptionSpec,
    at: datetime,
    letterhead: Letterhead | None,
    lines: Mapping[int, float],
) -> Digest | None:
    """Make an alert of what waits to be told at once, and keep nothing of it; None where nothing waits.

    It is numbered 0, as none that is sent.
    """
    hits = waiting_hits(archive, subscription, lines, at - FRESH)
    on = at.astimezone(ZoneInfo(subscription.timezone)).date()
    return _compose(subscription, at, letterhead, hits, AlertSlot(on, 0, at, is_last=False)) if hits else None


def _compose(
    subscription: SubscriptionSpec,
    at: datetime,
    letterhead: Letterhead | None,
    hits: list[StoredHit],
    slot: AlertSlot,
) -> Digest:
    given = DigestInput(
        subscription=subscription.name,
        kind="alert",
        digest_on=slot.on,
        timezone=subscription.timezone,
        composed_at=at,
        since=None,
        watchlists=group_hits(hits, []),
        coverage=Coverage((), 0, 0),
        is_last_alert=slot.is_last,
        **address(subscription, letterhead, "alert" if slot.number else "by_hand"),
    )
    return compose_digest(given)
