"""Does what a service does about mail at one look, and is killed at a point that is asked for.

The points stand here and not in the product: what is run is its own code, with a kill -9 let in between two of
its calls.
"""

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import aiosmtplib.protocol

from monitor.digest.smtp import SmtpCourier
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import make_due_alerts, make_due_digests
from monitor.pipeline import alerts as alerting
from monitor.pipeline import mail as making
from monitor.pipeline import outbox as delivering
from monitor.pipeline.stages import watch
from monitor.store.watchlists import live_watchlists
from tests.loopback.maildesk import mail_settings
from tests.loopback.newsroom import settings_for

POINTS = (
    "before_claim",
    "after_claim",
    "composed",
    "outbox_committed",
    "connected",
    "mid_data",
    "after_250",
    "after_commit",
)
LONGEST_LOOK_SECONDS = 1.5


def die() -> None:
    """End as a power cut would, as far as this process goes."""
    os.kill(os.getpid(), signal.SIGKILL)


class Fuse:
    """Kills us the n-th time that it is passed."""

    def __init__(self, number: int) -> None:
        self.left = number

    def burn(self) -> None:
        if self.left == 0:
            die()
        self.left -= 1


def before(fuse: Fuse, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        fuse.burn()
        return function(*args, **kwargs)

    return wrapped


def after(fuse: Fuse, function: Callable[..., Any]) -> Callable[..., Any]:
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = function(*args, **kwargs)
        if result:
            fuse.burn()
        return result

    return wrapped


def after_awaiting(fuse: Fuse, function: Callable[..., Any]) -> Callable[..., Any]:
    async def wrapped(*args: Any, **kwargs: Any) -> Any:
        result = await function(*args, **kwargs)
        fuse.burn()
        return result

    return wrapped


def half_a_text(fuse: Fuse, write: Callable[..., Any]) -> Callable[..., Any]:
    """Send the first half of a text and die; a text is what ends in a line with a dot."""

    def wrapped(protocol: Any, data: bytes) -> None:
        if data.endswith(b"\r\n.\r\n") and fuse.left == 0:
            write(protocol, data[: len(data) // 2])
            # The bytes must leave before we do: the transport writes at once what the socket takes.
            die()
        fuse.left -= data.endswith(b"\r\n.\r\n")
        write(protocol, data)

    return wrapped


def set_point(point: str, number: int) -> None:
    """Let the kill in at a point."""
    fuse = Fuse(number)
    protocol = aiosmtplib.protocol.SMTPProtocol
    replacements: dict[str, tuple[list[tuple[Any, str]], Callable[..., Any]]] = {
        "before_claim": ([(delivering, "claim_mail")], before),
        "after_claim": ([(delivering, "claim_mail")], after),
        "composed": ([(making, "compose_digest"), (alerting, "compose_digest")], after),
        "outbox_committed": ([(making, "write_digest"), (alerting, "write_alert")], after),
        "connected": ([(SmtpCourier, "_announce")], after_awaiting),
        "mid_data": ([(protocol, "write")], half_a_text),
        "after_250": ([(protocol, "execute_data_command")], after_awaiting),
        "after_commit": ([(delivering, "settle_mail")], after),
    }
    places, wrap = replacements[point]
    for owner, name in places:
        setattr(owner, name, wrap(fuse, getattr(owner, name)))


def die_at_random(seed: int) -> None:
    """Die at some moment of the look."""
    pause = random.Random(seed).uniform(0, LONGEST_LOOK_SECONDS)

    def wait_and_die() -> None:
        time.sleep(pause)
        die()

    threading.Thread(target=wait_and_die, daemon=True).start()


def look(folder: str, port: int, database_url: str, at: datetime, point: str = "", number: int = 0) -> None:
    """Look after the mail once, at the instant `at`; die at a point the `number`-th time that it is passed.

    The point `random` is some moment of the look, with `number` as its seed.
    """
    settings = settings_for(Path(folder), (), MONITOR_DATABASE_URL=database_url, **mail_settings(port))
    monitor = open_monitor(settings, now=lambda: at)
    if point == "random":
        die_at_random(number)
    elif point:
        set_point(point, number)
    with monitor.alone("service") as lock:
        assert lock is not None
        asyncio.run(look_after(monitor))


async def look_after(monitor: Monitor) -> None:
    """Do what a service does at a tick."""
    await make_due_digests(monitor)
    await make_due_alerts(monitor, watch(live_watchlists(monitor.archive)))
