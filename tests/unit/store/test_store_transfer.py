"""A whole archive goes from either database to the other, and may be killed on the way."""

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest
from sqlalchemy import select, text, update

from monitor.bundled import bundled_path
from monitor.errors import UsageError
from monitor.model.archiving import LiveClaim
from monitor.model.digesting import Digest
from monitor.model.mailing import SubscriptionSpec
from monitor.store import contents
from monitor.store.archive import record_article
from monitor.store.contents import sum_tables
from monitor.store.digests import write_digest
from monitor.store.engine import Archive
from monitor.store.entries import claim_entries
from monitor.store.migrate import differences
from monitor.store.schema import ArticleRow
from monitor.store.subscriptions import list_subscriptions, put_subscription
from monitor.store.transfer import copy_rows, is_unfinished
from tests.unit.store.archives import NOW, a_read, add_source, an_entry, apply, claims_of, poll

ORIGIN = "the other one"


def fill(archive: Archive, articles: int = 12) -> None:
    apply(archive)
    source = add_source(archive)
    poll(archive, source, *(an_entry(number) for number in range(articles)))
    claims = cast("dict[str, LiveClaim]", claims_of(archive))
    for number, entry in enumerate(claim_entries(archive, NOW, limit=articles)):
        read = a_read(entry.id, number, text=f"ស្ត្រី ៣០ នាក់ were locked in, {number}. \U0001f512")
        record_article(archive, replace(read, at=NOW + timedelta(microseconds=number)), claims)
    put_subscription(archive, SubscriptionSpec("local", "files", "07:00", "UTC"), NOW)
    with archive.writing() as connection:
        first, last = connection.scalars(select(ArticleRow.id).order_by(ArticleRow.id)).all()[:: articles - 1]
        connection.execute(update(ArticleRow).where(ArticleRow.id == first).values(replaced_by_id=last))
    _digest(archive)


def _digest(archive: Archive) -> int:
    """Make the digest of a day and return how many hits it tells."""
    told = 0

    def compose(hits: list[object], *_: object) -> Digest:
        nonlocal told
        told = len(hits)
        return Digest("A subject", b"The mail\r\n\xff", "<p>", "", tuple(hit.line.hit_id for hit in hits))  # type: ignore[attr-defined]

    subscription = list_subscriptions(archive)[0]
    day = date(2026, 11, 22) + timedelta(days=len(_digests(archive)))
    write_digest(archive, subscription, day, NOW, f"local-{day}", compose)  # type: ignore[arg-type]
    return told


def _digests(archive: Archive) -> list[object]:
    with archive.reading() as connection:
        return list(connection.execute(text("SELECT id FROM digests")))


def quietly(_what: str, _done: int, _total: int) -> None:
    pass


def test_a_copy_holds_the_same_rows_and_tells_nothing_twice(archive: Archive, second_archive: Archive) -> None:
    fill(archive)
    sums = copy_rows(archive, second_archive, ORIGIN, quietly)
    assert sums == sum_tables(archive, quietly) == sum_tables(second_archive, quietly)
    assert {found.name: found.rows for found in sums}["articles"] == 12
    assert _digest(second_archive) == 0
    assert differences(second_archive, bundled_path("alembic")) == []


def test_a_copy_goes_on_numbering_where_the_archive_stood(archive: Archive, second_archive: Archive) -> None:
    fill(archive)
    copy_rows(archive, second_archive, ORIGIN, quietly)
    assert poll(second_archive, add_source(second_archive), *(an_entry(number) for number in range(100, 105))).new == 5


@pytest.mark.parametrize("piece", [2, 5])
def test_a_copy_that_ended_early_is_taken_up_and_noticed_until_then(
    archive: Archive, second_archive: Archive, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(contents, "ROWS_AT_ONCE", piece)
    monkeypatch.setattr("monitor.store.transfer.ROWS_AT_ONCE", piece)
    fill(archive)
    steps = 0

    def stop_at(wanted: int) -> None:
        nonlocal steps
        steps = 0

        def count(what: str, _done: int, _total: int) -> None:
            nonlocal steps
            steps += 1
            if steps == wanted:
                raise KeyboardInterrupt

        copy_rows(archive, second_archive, ORIGIN, count)

    for wanted in (1, 9, 14, 19):
        with pytest.raises(KeyboardInterrupt):
            stop_at(wanted)
        assert is_unfinished(second_archive) == ORIGIN
    assert copy_rows(archive, second_archive, ORIGIN, quietly) == sum_tables(archive, quietly)
    assert is_unfinished(second_archive) == ""


def test_what_changed_between_two_tries_is_brought_over_too(archive: Archive, second_archive: Archive) -> None:
    fill(archive)

    def stop(what: str, _done: int, _total: int) -> None:
        if what.startswith("comparing"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_rows(archive, second_archive, ORIGIN, stop)
    with archive.writing() as connection:
        connection.execute(text("UPDATE articles SET outlet = 'Another'"))
        connection.execute(text("DELETE FROM told"))
    assert copy_rows(archive, second_archive, ORIGIN, quietly) == sum_tables(archive, quietly)


def test_nothing_is_written_over_an_archive_that_holds_something(archive: Archive, second_archive: Archive) -> None:
    fill(archive)
    add_source(second_archive)
    before = sum_tables(second_archive, quietly)
    with pytest.raises(UsageError, match="none is overwritten"):
        copy_rows(archive, second_archive, ORIGIN, quietly)
    assert sum_tables(second_archive, quietly) == before


def test_another_copy_is_not_mistaken_for_the_beginning_of_this_one(archive: Archive, second_archive: Archive) -> None:
    def stop(_what: str, _done: int, _total: int) -> None:
        raise KeyboardInterrupt

    fill(archive)
    with pytest.raises(KeyboardInterrupt):
        copy_rows(archive, second_archive, "elsewhere", stop)
    with pytest.raises(UsageError, match="unfinished copy of elsewhere"):
        copy_rows(archive, second_archive, ORIGIN, quietly)
