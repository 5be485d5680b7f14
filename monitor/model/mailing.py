"""Who gets digests, what they are owed, what became of it, and the server that carries it."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

Delivery = Literal["files", "mail"]
MailState = Literal["queued", "sending", "sent", "unknown", "dead", "settled"]
"""Owed; being handed over; accepted; perhaps accepted, nobody can know; refused for good; closed by the operator."""

Paused = Literal["", "operator", "reader"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class SubscriptionSpec:
    """Who gets digests and when: `send_at` is local time ("07:00") in `timezone`.

    `address` is the mailbox of a delivery by mail. `watchlists` names those that are told, none = all. `weekday` counts
    from Monday = 0, None = every day. Hits first seen before `tells_from` aren't told; None tells all. `paused_by` says
    who stopped it, "" = nobody. `wants_alerts`: it is told at once, too, what a claim asks alerts for. `ticket` is the
    random name under which links in mail speak of it; `id` and `ticket` are empty before it is stored.
    """

    name: str
    delivery: Delivery
    send_at: str
    timezone: str
    address: str = ""
    watchlists: tuple[str, ...] = ()
    weekday: int | None = None
    tells_from: datetime | None = None
    paused_by: Paused = ""
    paused_at: datetime | None = None
    created_at: datetime | None = None
    wants_alerts: bool = True
    ticket: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class MadeAlert:
    """An alert that a subscription was made before: the `number`-th of a local date. `is_owed`: it is on its way."""

    on: date
    number: int
    composed_at: datetime
    is_owed: bool


@dataclass(frozen=True, slots=True)
class AlertSlot:
    """The alert that may be made now: the `number`-th of a local date, of hits first seen at `since` or later.

    `is_last`: no other of that date follows.
    """

    on: date
    number: int
    since: datetime
    is_last: bool


@dataclass(frozen=True, slots=True)
class OwedMail:
    """A mail of the outbox that is in hand under a lease. `doubts` counts tries of which nobody knows the end.

    `alert` is an alert's number on its date, 0 for a digest; here and below.
    """

    id: int
    name: str
    delivery: Delivery
    address: str
    message: bytes
    html: str
    attempts: int
    doubts: int
    lease: str
    alert: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the receiving side said, and the files where it is a folder of ours."""

    words: str
    message_path: Path | None = None
    html_path: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a mail after a try. `is_counted`: it uses up one of the mail's attempts."""

    state: MailState
    reason: str = ""
    words: str = ""
    next_attempt_at: datetime | None = None
    is_counted: bool = True
    is_server_down: bool = False


@dataclass(frozen=True, slots=True)
class DeliveredDigest:
    """What one try to deliver a digest or an alert came to; the paths are there where it went to files."""

    name: str
    message_path: Path | None = None
    html_path: Path | None = None
    address: str = ""
    delivery: Delivery = "files"
    state: MailState = "sent"
    reason: str = ""
    words: str = ""
    next_attempt_at: datetime | None = None
    alert: int = 0


@dataclass(frozen=True, slots=True)
class MailRecord:
    """A mail of the outbox as an operator sees it; `hits` counts what it tells."""

    id: int
    name: str
    subscription: str
    delivery: Delivery
    address: str
    digest_on: date
    hits: int
    state: MailState
    attempts: int
    doubts: int
    next_attempt_at: datetime
    sent_at: datetime | None
    reason: str
    words: str
    alert: int = 0


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """The operator's mail server. `security`: TLS from the first byte, STARTTLS before anything is said, or none."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port}, {self.security})"

    @property
    def place(self) -> str:
        """Host and port, as messages name the server."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Stopping:
    """How a reader ends a subscription: a mail to an address, and a page to open where one is served."""

    address: str
    url: str = ""
