"""Deliver what is owed.

In: the outbox, and the ways by which mail leaves. Out: what each try came to. Never: speaks to a server while a
transaction is open, sends a mail whose lease another has.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from monitor.digest.retrying import decide_outcome
from monitor.errors import InternalFault, MailPutOff, MailUnknown, MonitorError, StoreBusy
from monitor.model.mailing import DeliveredDigest, Delivery, Outcome, OwedMail, Receipt
from monitor.model.ports import Clock, Courier
from monitor.pipeline.stages import InStore, at_once
from monitor.store.engine import Archive
from monitor.store.outbox import claim_mail, mark_handed_over, recover_mail, settle_mail

SETTLING_TRIES = 5
GRACE_SECONDS = 5.0
"""So long is a mail that is just being handed over seen through when Monitor is ended."""


@dataclass(frozen=True)
class Post:
    """What delivering works with: the archive, a courier for each kind of delivery, and chance in [0, 1)."""

    archive: Archive
    couriers: Mapping[Delivery, Courier]
    now: Clock
    jitter: Callable[[], float]
    resends_unknown: bool = True
    stored: InStore = at_once


async def deliver_owed(post: Post) -> list[DeliveredDigest]:
    """Try every mail that is due, each once; what can't be delivered stays owed. Return what each try came to."""
    tried: list[DeliveredDigest] = []
    open_ways = set(post.couriers)
    await post.stored(recover_mail, post.archive, post.now())
    try:
        while open_ways:
            mail = await post.stored(
                claim_mail, post.archive, post.now(), tuple(open_ways), resends_unknown=post.resends_unknown
            )
            if mail is None:
                break
            delivered, is_way_open = await _see_through(post, mail)
            tried.append(delivered)
            if not is_way_open:
                open_ways.discard(mail.delivery)
    finally:
        for courier in post.couriers.values():
            await courier.close()
    return tried


async def _see_through(post: Post, mail: OwedMail) -> tuple[DeliveredDigest, bool]:
    """Try one mail. If Monitor is ended meanwhile, wait a little for the answer: without it nobody knows."""
    trial = asyncio.ensure_future(_try(post, mail))
    try:
        return await asyncio.shield(trial)
    except asyncio.CancelledError:
        _done, pending = await asyncio.wait({trial}, timeout=GRACE_SECONDS)
        for task in pending:
            task.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        raise


async def _try(post: Post, mail: OwedMail) -> tuple[DeliveredDigest, bool]:
    is_handed_over = False

    async def hand_over() -> None:
        nonlocal is_handed_over
        if not await post.stored(mark_handed_over, post.archive, mail):
            raise MailPutOff("another sender has taken this mail over")
        is_handed_over = True

    receipt = Receipt("")
    try:
        receipt = await post.couriers[mail.delivery].deliver(mail, hand_over)
        outcome = Outcome("sent", words=receipt.words)
    except MonitorError as error:
        outcome = decide_outcome(error, mail, post.now(), post.jitter())
    except Exception as error:  # noqa: BLE001 (a fault of ours in one mail must not hold the others)
        fault = (
            MailUnknown(f"Monitor failed while it was taken: {error!r}") if is_handed_over else InternalFault.of(error)
        )
        outcome = decide_outcome(fault, mail, post.now(), post.jitter())
    await _settle(post, mail, outcome)
    return _told(mail, receipt, outcome), not outcome.is_server_down


async def _settle(post: Post, mail: OwedMail, outcome: Outcome) -> None:
    """Keep what became of a mail, and be patient about it: what isn't kept is sent again."""
    for _ in range(SETTLING_TRIES - 1):
        try:
            await post.stored(settle_mail, post.archive, mail, outcome, post.now())
        except StoreBusy:
            continue
        return
    await post.stored(settle_mail, post.archive, mail, outcome, post.now())


def _told(mail: OwedMail, receipt: Receipt, outcome: Outcome) -> DeliveredDigest:
    return DeliveredDigest(
        name=mail.name,
        message_path=receipt.message_path,
        html_path=receipt.html_path,
        delivery=mail.delivery,
        address=mail.address,
        state=outcome.state,
        reason=outcome.reason,
        words=outcome.words,
        next_attempt_at=outcome.next_attempt_at,
        alert=mail.alert,
    )
