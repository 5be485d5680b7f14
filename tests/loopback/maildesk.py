"""A Monitor with subscribers and hits but without polling, for tests of its mail: hits are put into the archive."""

import email
import email.policy
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

from monitor.model.archiving import LiveClaim, Polled, ReadArticle, SourceSpec
from monitor.model.articles import Article
from monitor.model.entries import Entry
from monitor.model.mailing import MailRecord, SubscriptionSpec
from monitor.model.matching import Assessment, Passage
from monitor.operations.digests import outbox
from monitor.operations.opening import Monitor, open_monitor
from monitor.operations.rounds import prepare
from monitor.operations.subscriptions import add
from monitor.sources.identity import key_entries
from monitor.store.archive import record_article
from monitor.store.catalogue import add_sources, list_sources
from monitor.store.entries import claim_entries
from monitor.store.polls import record_polls
from monitor.store.watchlists import live_watchlists
from tests.loopback.newsroom import LOCKED, WATCHLIST, Clock, settings_for
from tests.unit.store.archives import settled

SENDER = "Monitor of the desk <monitor@desk.example>"


def mail_settings(port: int) -> dict[str, str]:
    """Return the variables that send mail to a sink without TLS."""
    return {"MONITOR_SMTP_URL": f"smtp://127.0.0.1:{port}", "MONITOR_MAIL_FROM": SENDER}


def mail_monitor(folder: Path, clock: Clock, **more: str) -> Monitor:
    """Return a prepared Monitor whose mail goes by these settings."""
    monitor = open_monitor(settings_for(folder, (), **more), now=clock)
    prepare(monitor)
    return monitor


def ask_for_alerts(folder: Path) -> None:
    """Write the watchlist so that its first claim asks for alerts; before a Monitor is made in that folder."""
    (folder / "watchlists").mkdir(parents=True, exist_ok=True)
    asking = WATCHLIST.replace("    terms: {en: 'pier AND", "    notify: alert\n    terms: {en: 'pier AND")
    (folder / "watchlists" / "harbour.yaml").write_text(asking, encoding="utf-8")


def subscribe(monitor: Monitor, count: int, **changes: object) -> list[SubscriptionSpec]:
    """Add so many subscribers, due at seven o'clock UTC."""
    spec = {"delivery": "mail", "send_at": "07:00", "timezone": "UTC"} | changes
    return [
        add(monitor, SubscriptionSpec(name=f"r{n}", address=f"r{n}@paper.example", **spec))  # type: ignore[arg-type]
        for n in range(count)
    ]


def bring_hits(monitor: Monitor, *numbers: int) -> None:
    """Put one hit into the archive for each number."""
    archive, now = monitor.archive, monitor.now()
    url = "https://paper.example/feed.xml"
    add_sources(archive, [SourceSpec(url, "The Gazette", language="en")], now)
    source = next(source for source in list_sources(archive) if source.spec.url == url)
    entries = [Entry(f"g{number}", f"https://paper.example/{number}", f"Night {number}", "") for number in numbers]
    visit = Polled(source, now, "new", source, key_entries(entries))
    record_polls(archive, [(visit, settled)])
    claims: Mapping[str, LiveClaim] = {c.identifier: c for live in live_watchlists(archive) for c in live.claims}
    for entry in claim_entries(archive, now):
        number = entry.entry.url.rsplit("/", 1)[1]
        text = f"{LOCKED} It was night number {number}."
        read = ReadArticle(
            entry_id=entry.id,
            url_key=f"paper.example/{number}",
            article=Article(entry.entry.url, f"Night {number}", text, outlet="The Gazette", language="en"),
            extraction="text",
            at=now,
            assessments=(Assessment("harbour/locked-in", 0.8, True, passages=(Passage(text, 0, len(text)),)),),
        )
        record_article(archive, read, claims)


def mails_of(monitor: Monitor) -> dict[str, MailRecord]:
    """Return what became of each mail, by its name."""
    return {mail.name: mail for mail in outbox(monitor, limit=1000)}


def parsed(message: bytes) -> EmailMessage:
    """Read a mail as a mail program does."""
    return email.message_from_bytes(message, policy=email.policy.default)


def text_of(message: bytes) -> str:
    """Return a mail's plain text on one line."""
    body = parsed(message).get_body(("plain",))
    return " ".join(body.get_content().split()) if body else ""


__all__ = ["SENDER", "Clock", "bring_hits", "mail_monitor", "mail_settings", "mails_of", "parsed", "subscribe"]
