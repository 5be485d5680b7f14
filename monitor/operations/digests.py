"""Digests: made by hand without using the day's up, those that are owed, and what the operator does about them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor.digest.deliver import deliver_to_files
from monitor.digest.schedule import next_digest_at
from monitor.errors import UsageError
from monitor.model.digesting import Digest
from monitor.model.mailing import DeliveredDigest, MailRecord, MailState, OwedMail, SubscriptionSpec
from monitor.operations.opening import Monitor
from monitor.operations.subscriptions import check, find_subscription
from monitor.pipeline.mail import make_by_hand, rhythm_of
from monitor.store.digests import last_digest
from monitor.store.outbox import close_mail, list_mail, requeue_mail
from monitor.store.subscriptions import list_subscriptions

BY_HAND = "-by-hand"
NEEDING_CARE: tuple[MailState, ...] = ("dead", "unknown")


@dataclass(frozen=True, slots=True)
class NextDigest:
    """When a subscription's next digest falls due."""

    subscription: str
    at: datetime


def preview(monitor: Monitor, name: str) -> Digest:
    """Make a subscription's digest of what is untold now; nothing is told by it."""
    return _make(monitor, find_subscription(monitor, name))[0]


def _make(monitor: Monitor, subscription: SubscriptionSpec) -> tuple[Digest, str]:
    """Make a digest by hand; return it and the name under which it is kept."""
    at = monitor.now()
    today = at.astimezone(ZoneInfo(subscription.timezone)).date()
    digest = make_by_hand(monitor.archive, subscription, at, today, monitor.letterhead)
    return digest, f"{subscription.name}-{today.isoformat()}{BY_HAND}"


def write_by_hand(monitor: Monitor, name: str) -> tuple[Digest, DeliveredDigest]:
    """Write such a digest to the outbox folder, over the one made by hand earlier that day."""
    digest, file = _make(monitor, find_subscription(monitor, name))
    return digest, DeliveredDigest(file, *deliver_to_files(digest.message, digest.html, monitor.outbox, file))


async def send_by_hand(monitor: Monitor, name: str, to: str = "") -> tuple[Digest, DeliveredDigest]:
    """Send such a digest to a subscription's address, or to another; without an address it is written to files.

    Raises MailServerDown, MailPutOff, MailRefused or MailUnknown; it isn't tried again by itself.
    """
    subscription = find_subscription(monitor, name)
    if to:
        subscription = replace(subscription, delivery="mail", address=to)
        check(monitor, subscription)
    if subscription.delivery == "files":
        return write_by_hand(monitor, name)
    courier = monitor.smtp()
    digest, file = _make(monitor, subscription)

    async def hand_over() -> None:
        """Nothing is kept of a mail by hand."""

    mail = OwedMail(0, file, "mail", subscription.address, digest.message, digest.html, 1, 0, "")
    try:
        receipt = await courier.deliver(mail, hand_over)
    finally:
        await courier.close()
    return digest, DeliveredDigest(file, address=subscription.address, delivery="mail", words=receipt.words)


def outbox(monitor: Monitor, *, limit: int = 50, only_open: bool = False) -> list[MailRecord]:
    """Return the mails of the outbox, the newest first: all, or those that are not at their end."""
    states: tuple[MailState, ...] = ("queued", "sending", *NEEDING_CARE) if only_open else ()
    return list_mail(monitor.archive, limit=limit, in_states=states)


def mails_needing_care(monitor: Monitor) -> list[MailRecord]:
    """Return the mails that nobody sends any more by itself: refused for good, or unknown and sent again already."""
    return [
        mail
        for mail in list_mail(monitor.archive, limit=1000, in_states=NEEDING_CARE)
        if mail.state == "dead" or mail.doubts > 1 or not monitor.settings.resend_unknown
    ]


def resend(monitor: Monitor, ids: Sequence[int]) -> int:
    """Owe mails again that are dead or unknown: the same bytes, to the address as it is now. Raises UsageError."""
    _check_known(monitor, ids, NEEDING_CARE)
    return requeue_mail(monitor.archive, ids, monitor.now())


def settle(monitor: Monitor, ids: Sequence[int]) -> int:
    """Close mails that are dead, unknown or waiting: nobody sends them any more. Raises UsageError."""
    _check_known(monitor, ids, (*NEEDING_CARE, "queued"))
    return close_mail(monitor.archive, ids)


def _check_known(monitor: Monitor, ids: Sequence[int], states: Sequence[MailState]) -> None:
    mails = {mail.id: mail for mail in list_mail(monitor.archive, limit=100_000)}
    for mail_id in ids:
        if mail_id not in mails:
            raise UsageError(f"no mail {mail_id}; `monitor digests list` shows them")
        if mails[mail_id].state not in states:
            raise UsageError(f"mail {mail_id} is {mails[mail_id].state}: there is nothing to do about it")


def next_digests(monitor: Monitor) -> list[NextDigest]:
    """Return when each subscription's next digest falls due; one that is paused has none."""
    now = monitor.now()
    return [
        NextDigest(
            subscription.name,
            next_digest_at(now, rhythm_of(subscription), last_digest(monitor.archive, subscription.id, now)),
        )
        for subscription in list_subscriptions(monitor.archive)
        if not subscription.paused_by
    ]


def by_hand_files(outbox: Path) -> list[Path]:
    """Return the files of digests made by hand."""
    # Whole endings: a subscription may be called a-by-hand.b, and its own digests are none of these.
    return sorted(path for end in (".eml", ".html") for path in outbox.glob(f"*{BY_HAND}{end}"))
