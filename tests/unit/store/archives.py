"""A migrated archive in a temporary folder, and short ways to fill it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from monitor.bundled import bundled_path
from monitor.model.archiving import Polled, ReadArticle, SourceSpec, StoredSource
from monitor.model.articles import Article
from monitor.model.entries import Entry
from monitor.model.matching import Assessment, Passage
from monitor.model.query import Word
from monitor.model.watching import Claim, StoryRef, Watchlist
from monitor.sources.identity import key_entries
from monitor.store.catalogue import add_sources, list_sources
from monitor.store.engine import Archive, open_archive
from monitor.store.polls import record_polls
from monitor.store.watchlists import apply_watchlist, live_watchlists
from tests.databases import migrate_at_once

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
FEED = "https://paper.example/feed.xml"


def new_archive(folder: Path) -> Archive:
    archive = open_archive(f"sqlite:///{folder}/monitor.db")
    migrate_at_once(archive, bundled_path("alembic"))
    return archive


def add_source(archive: Archive, url: str = FEED, *, is_sample: bool = False) -> StoredSource:
    add_sources(archive, [SourceSpec(url, "The Paper", is_sample=is_sample)], NOW)
    return next(source for source in list_sources(archive) if source.spec.url == url)


def an_entry(number: int, *, guid: str | None = None, url: str = "") -> Entry:
    link = url or f"https://paper.example/{number}"
    return Entry(guid=link if guid is None else guid, url=link, title=f"Title {number}", summary=f"Summary {number}")


def poll(archive: Archive, source: StoredSource, *entries: Entry, at: datetime = NOW) -> Polled:
    source = next((stored for stored in list_sources(archive) if stored.id == source.id), source)
    visit = Polled(source, at, "new", source, key_entries(entries))
    return record_polls(archive, [(visit, settled)])[0]


def settled(polled: Polled) -> StoredSource:
    """Return the source as it stands after a visit, due again in half an hour."""
    source, is_good = polled.source, polled.is_good
    return replace(
        source,
        next_poll_at=polled.at + timedelta(minutes=30),
        failures=0 if is_good else source.failures + 1,
        last_polled_at=polled.at,
        last_good_at=polled.at if is_good else source.last_good_at,
        last_reason=polled.reason,
        last_detail=polled.detail,
    )


def a_claim(key: str = "locked", text: str = "Women are locked in.", fingerprint: str = "f1") -> Claim:
    return Claim(key, text, "A reporter", Word("locked"), None, fingerprint)


def apply(archive: Archive, *claims: Claim, document: str = "one") -> None:
    watchlist = Watchlist("list", "The list", "", StoryRef(), claims or (a_claim(),))
    apply_watchlist(archive, watchlist, document, now=NOW, by="tester", origin="list.yaml")


def claims_of(archive: Archive) -> dict[str, object]:
    return {claim.identifier: claim for live in live_watchlists(archive) for claim in live.claims}


def a_read(entry_id: int, number: int, *, text: str = "They were locked in.", is_hit: bool = True) -> ReadArticle:
    url = f"https://paper.example/{number}"
    passage = Passage(text, 0, len(text))
    return ReadArticle(
        entry_id=entry_id,
        url_key=f"paper.example/{number}",
        article=Article(url, f"Title {number}", text, outlet="The Paper", language="en"),
        extraction="text",
        at=NOW,
        assessments=(Assessment("list/locked", 0.8, is_hit, passages=(passage,)),),
    )


def as_lead(read: ReadArticle) -> ReadArticle:
    return replace(read, extraction="empty", article=replace(read.article, text="Summary"))
