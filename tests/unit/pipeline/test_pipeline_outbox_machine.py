"""The outbox as a state machine: hits, digests, answers, kills and clocks in any order; nothing lost or told twice."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from monitor.digest.alerting import choose_alert
from monitor.digest.schedule import due_digest_on
from monitor.errors import MailPutOff, MailRefused, MailServerDown, MailUnknown
from monitor.model.archiving import StoredHit
from monitor.model.digesting import Digest
from monitor.model.mailing import OwedMail, Receipt, SubscriptionSpec
from monitor.pipeline.mail import rhythm_of
from monitor.pipeline.outbox import Post, deliver_owed
from monitor.store.archive import record_article
from monitor.store.digests import last_digest, write_alert, write_digest
from monitor.store.engine import open_archive
from monitor.store.entries import claim_entries
from monitor.store.outbox import list_mail, recover_mail, requeue_mail
from monitor.store.subscriptions import add_subscription, list_subscriptions
from monitor.store.watchlists import live_watchlists
from tests.databases import copy_of, migrated_file
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll

ANSWERS = (
    "taken",
    "put off",
    "refused",
    "down",
    "lost before",
    "lost after",
    "killed before",
    "killed after",
    "killed on",
)
MESSAGE_HITS = b","
ROUNDS = int(os.environ.get("CRASH_ROUNDS", "3"))


class Killed(BaseException):
    """The process is no more: nothing that would run after it runs."""


class Server:
    """A mail server that answers as it is told, and remembers what it took."""

    def __init__(self) -> None:
        self.answer = "taken"
        self.taken: list[tuple[str, bytes]] = []
        self.doubtful: set[str] = set()

    async def deliver(self, mail: OwedMail, hand_over: Callable[[], Awaitable[None]]) -> Receipt:
        """Answer one mail."""
        if self.answer == "down":
            raise MailServerDown("down")
        if self.answer == "put off":
            raise MailPutOff("later")
        if self.answer == "refused":
            raise MailRefused("never")
        if self.answer == "killed before":
            raise Killed
        await hand_over()
        if self.answer in ("lost before", "killed on"):
            self.doubtful.add(mail.name)
            raise MailUnknown("?") if self.answer == "lost before" else Killed
        self.taken.append((mail.name, mail.message))
        if self.answer in ("lost after", "killed after"):
            self.doubtful.add(mail.name)
            raise MailUnknown("?") if self.answer == "lost after" else Killed
        return Receipt("250")

    async def close(self) -> None:
        """Nothing is open."""


def compose(hits: list[StoredHit], *_given: object) -> Digest:
    """Write the hits' numbers and nothing else."""
    ids = tuple(hit.line.hit_id for hit in hits)
    return Digest("s", MESSAGE_HITS.join(str(hit_id).encode() for hit_id in ids), "", "", ids)


class Outbox(RuleBasedStateMachine):
    """A desk with two readers."""

    _room: TemporaryDirectory[str]
    _template: Path | None = None

    @initialize()
    def begin(self) -> None:
        """Open an empty archive."""
        self.folder = TemporaryDirectory()
        if Outbox._template is None:
            Outbox._room = TemporaryDirectory()
            Outbox._template = migrated_file(Path(Outbox._room.name))
        self.archive = open_archive(copy_of(Outbox._template, Path(self.folder.name)))
        apply(self.archive)
        self.source = add_source(self.archive)
        for name in ("a", "b"):
            spec = SubscriptionSpec(name, "mail", "07:00", "UTC", f"{name}@paper.example")
            add_subscription(self.archive, spec, NOW)
        self.now: datetime = NOW
        self.server = Server()
        self.hits = 0

    @rule(count=st.integers(1, 3))
    def hits_come(self, count: int) -> None:
        """New hits enter the archive, whenever that is."""
        numbers = range(self.hits, self.hits + count)
        self.hits += count
        poll(self.archive, self.source, *(an_entry(number) for number in numbers))
        claims = claims_of(self.archive)
        for entry in claim_entries(self.archive, NOW):
            number = int(entry.entry.url.rsplit("/", 1)[1])
            record_article(self.archive, a_read(entry.id, number), claims)  # type: ignore[arg-type]

    @rule(hours=st.sampled_from([0.01, 0.2, 1, 5, 24, 80, -1, -30]))
    def time_passes(self, hours: float) -> None:
        """The clock goes on, or is set back."""
        self.now += timedelta(hours=hours)

    @rule()
    def digests_are_made(self) -> None:
        """Make what is due."""
        for one in list_subscriptions(self.archive):
            due_on = due_digest_on(self.now, rhythm_of(one), last_digest(self.archive, one.id, self.now))
            if due_on:
                write_digest(self.archive, one, due_on, self.now, f"{one.name}-{due_on}", compose)

    @rule()
    def alerts_are_made(self) -> None:
        """Make what is due; every claim asks for them."""
        lines = {claim.claim_id: 0.5 for live in live_watchlists(self.archive) for claim in live.claims}
        for one in list_subscriptions(self.archive):
            choose = partial(choose_alert, self.now, "UTC")
            write_alert(self.archive, one, self.now, lines, choose, lambda hits, _slot: compose(hits))

    @rule(answer=st.sampled_from(ANSWERS))
    def mail_is_delivered(self, answer: str) -> None:
        """Look after the outbox once; a service that is killed starts again."""
        self.server.answer = answer
        post = Post(self.archive, {"mail": self.server}, lambda: self.now, lambda: 0.5)
        try:
            asyncio.run(deliver_owed(post))
        except Killed:
            recover_mail(self.archive, self.now, is_alone=True)

    @rule()
    def the_operator_sends_again(self) -> None:
        """What is dead, or unknown for the second time, is sent again."""
        mails = list_mail(self.archive, limit=1000, in_states=("dead", "unknown"))
        requeue_mail(self.archive, [mail.id for mail in mails], self.now)

    @invariant()
    def no_hit_is_told_twice_and_no_date_has_two_digests(self) -> None:
        """By what the archive holds."""
        if not hasattr(self, "archive"):
            return
        with self.archive.reading() as connection:
            told = connection.exec_driver_sql("SELECT subscription_id, hit_id, event FROM told").fetchall()
            dates = connection.exec_driver_sql("SELECT subscription_id, digest_on, alert FROM digests").fetchall()
            digests_of = "SELECT alert > 0, event FROM told JOIN digests ON digests.id = told.digest_id GROUP BY 1, 2"
            kinds = connection.exec_driver_sql(digests_of).fetchall()
        assert {tuple(kind) for kind in kinds} <= {(0, "new"), (1, "alert")}
        assert max(Counter(map(tuple, told)).values(), default=0) <= 1
        assert max(Counter(map(tuple, dates)).values(), default=0) <= 1

    @invariant()
    def no_mail_comes_twice_but_where_its_arrival_was_unknown(self) -> None:
        """And then it is the same mail, flagged."""
        if not hasattr(self, "archive"):
            return
        mails = {mail.name: mail for mail in list_mail(self.archive, limit=1000)}
        for name, count in Counter(name for name, _message in self.server.taken).items():
            assert count == 1 or (name in self.server.doubtful and mails[name].doubts)
            assert len({message for taken, message in self.server.taken if taken == name}) == 1

    def teardown(self) -> None:
        """In the end, with a server that takes everything, every reader has had every hit in exactly one mail."""
        if not hasattr(self, "archive"):
            return
        self.now += timedelta(days=400)
        self.digests_are_made()
        self.the_operator_sends_again()
        for _ in range(3):
            self.now += timedelta(hours=1)
            self.mail_is_delivered("taken")
        assert {mail.state for mail in list_mail(self.archive, limit=1000)} <= {"sent"}
        for reader in ("a", "b"):
            of_reader = {name: message for name, message in self.server.taken if name.startswith(f"{reader}-")}
            mails = {name: message for name, message in of_reader.items() if "-alert-" not in name}
            told = [int(part) for message in mails.values() for part in message.split(MESSAGE_HITS) if part]
            assert sorted(told) == list(range(1, self.hits + 1))
            alerted = [part for name in of_reader.keys() - mails for part in of_reader[name].split(MESSAGE_HITS)]
            assert len(alerted) == len(set(alerted)), "no hit is alerted twice"
        self.archive.close()
        self.folder.cleanup()


_QUIET = list(HealthCheck)
TestOutbox = Outbox.TestCase
TestOutbox.settings = settings(max_examples=6, stateful_step_count=25, suppress_health_check=_QUIET)


class LongOutbox(Outbox):
    """The same, longer."""


TestLongOutbox = pytest.mark.slow(LongOutbox.TestCase)
TestLongOutbox.settings = settings(max_examples=5 * ROUNDS, stateful_step_count=50, suppress_health_check=_QUIET)
