"""Which text of an article is its latest, whichever of several visits was the slowest."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import permutations
from typing import cast

import pytest
from sqlalchemy import func, insert, select

from monitor.model.archiving import LiveClaim, ReadArticle, SnapshotRecord
from monitor.store.archive import record_article
from monitor.store.articles import find_article
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.explaining import find_assessed
from monitor.store.hits import list_hits
from monitor.store.meaning import pending_meanings, record_meaning
from monitor.store.schema import Revision, Snapshot
from monitor.store.search.reading import Index, Period
from monitor.watchlist.query import parse_query
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, as_lead, claims_of, poll

OLD, NEW, NEWEST = "They were locked in.", "They were let go.", "They were let go, and paid."
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def archive(archive: Archive) -> Archive:
    apply(archive)
    poll(archive, add_source(archive), an_entry(1))
    assert len(claim_entries(archive, NOW)) == 1
    return archive


def live(archive: Archive) -> Mapping[str, LiveClaim]:
    return cast("Mapping[str, LiveClaim]", claims_of(archive))


def visit(text: str, *, minute: int, kept_at: datetime = LATER, is_hit: bool = True) -> ReadArticle:
    """What a visit whose answer began in a minute brought; it is kept when all of them are over."""
    began_at = NOW + timedelta(minutes=minute)
    read = a_read(1, 1, text=text, is_hit=is_hit)
    evidence = SnapshotRecord(read.article.canonical_url, began_at, 200, "0" * 64, len(text), f"{minute}.warc.gz")
    return replace(read, at=kept_at, snapshot=evidence)


def keep(archive: Archive, *reads: ReadArticle) -> list[int]:
    return [hit_id for read in reads for hit_id in record_article(archive, read, live(archive))]


def texts(archive: Archive) -> list[str]:
    """Return the texts of all revisions, the first first; their numbers leave none out."""
    with archive.reading() as connection:
        rows = connection.execute(select(Revision.number, Revision.text).order_by(Revision.number)).all()
    assert [row.number for row in rows] == list(range(1, len(rows) + 1))
    return [row.text for row in rows]


def latest(archive: Archive) -> str:
    article = find_article(archive, 1)
    assert article
    return article.text


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_newest_reading_is_the_latest_whichever_was_kept_last_and_none_is_lost(
    archive: Archive, order: tuple[int, ...]
) -> None:
    visits = [visit(OLD, minute=1), visit(NEW, minute=2), visit(NEWEST, minute=3)]
    keep(archive, *(visits[number] for number in order))
    assert (texts(archive), latest(archive)) == ([OLD, NEW, NEWEST], NEWEST)
    with archive.reading() as connection:
        assert connection.scalar(select(func.count(Snapshot.id))) == 3


def test_what_a_slow_visit_brings_is_not_what_a_search_or_a_hit_shows(archive: Archive) -> None:
    new = keep(archive, visit(NEW, minute=5), visit(OLD, minute=1))
    assert len(new) == 1
    (hit,) = list_hits(archive)
    assert [passage.text for passage in hit.line.passages] == [NEW]
    assert find_assessed(archive, hit.line.hit_id).given.text == NEW
    with archive.reading() as connection:
        index = Index(connection)
        found = {
            word: index.newest(index.asked_of(parse_query(word, {})), Period(), before=None, limit=5)
            for word in ("locked", "let")
        }
    assert found == {"locked": [], "let": [1]}


def test_an_older_text_that_is_compared_in_meaning_last_is_not_what_a_hit_shows(archive: Archive) -> None:
    keep(archive, visit(NEW, minute=5), replace(visit(OLD, minute=1), awaits_meaning="candidate"))
    (pending,) = pending_meanings(archive, 5)
    assert pending.text == OLD
    record_meaning(archive, pending, a_read(1, 1, text=OLD).assessments, live(archive), LATER)
    assert [passage.text for passage in list_hits(archive)[0].line.passages] == [NEW]


def test_an_older_text_that_alone_bears_on_a_claim_is_a_hit(archive: Archive) -> None:
    assert keep(archive, visit(NEW, minute=5, is_hit=False)) == []
    assert len(keep(archive, visit(OLD, minute=1))) == 1
    assert latest(archive) == NEW


@pytest.mark.parametrize("text", [OLD, NEW])
def test_a_slow_visit_that_brings_what_a_neighbour_holds_makes_no_revision(archive: Archive, text: str) -> None:
    keep(archive, visit(OLD, minute=1), visit(NEW, minute=5), visit(text, minute=3))
    assert texts(archive) == [OLD, NEW]


def test_a_slow_visit_that_gave_no_text_changes_nothing(archive: Archive) -> None:
    keep(archive, visit(OLD, minute=1), visit(NEW, minute=5), as_lead(visit("", minute=3)))
    assert texts(archive) == [OLD, NEW]


def test_a_text_that_was_received_while_the_clock_was_wrong_holds_up_no_newer_one(archive: Archive) -> None:
    next_year = NOW + timedelta(days=365)
    ahead = visit(OLD, minute=0)
    assert ahead.snapshot
    keep(archive, replace(ahead, at=next_year, snapshot=replace(ahead.snapshot, fetched_at=next_year)))
    keep(archive, visit(NEW, minute=5))
    assert latest(archive) == NEW


def test_the_text_that_a_listing_carried_is_as_old_as_the_listing(archive: Archive) -> None:
    with archive.writing() as connection:
        listing = {"url": "https://paper.example/feed.xml", "fetched_at": NOW, "status": 200}
        listing |= {"body_sha256": "0" * 64, "body_bytes": 9, "blob_key": "listing.warc.gz"}
        listing_id = connection.execute(insert(Snapshot).values(listing).returning(Snapshot.id)).scalar_one()
    carried = replace(a_read(1, 1, text=OLD), at=LATER, snapshot_id=listing_id)
    keep(archive, visit(NEW, minute=5), carried)
    assert texts(archive) == [OLD, NEW]
