"""A bulk insert keeps what SQLAlchemy's own way would have kept."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from monitor.store.bulk import BulkInsert
from monitor.store.engine import Archive, insert_new
from monitor.store.schema import ArticleRow, Revision, Source
from tests.unit.store.archives import NOW, add_source

ELSEWHERE = datetime(2026, 11, 22, 13, 0, 0, 123456, tzinfo=timezone(timedelta(hours=7)))


def an_article(number: int, **more: Any) -> dict[str, Any]:
    row = {
        "url_key": f"paper.example/{number}",
        "canonical_url": f"https://paper.example/{number}",
        "outlet": "កាសែត",
        "byline": "",
        "language": "km",
        "published_at": None,
        "first_seen_at": NOW + timedelta(microseconds=number),
        "arrival": "news",
        "title_key": "",
        "replaced_by_id": None,
        "is_sample": bool(number % 2),
    }
    return row | more


ODD = [
    an_article(1),
    an_article(2, published_at=ELSEWHERE, outlet="half a pair \ud83d and a NUL \0"),
    an_article(3, published_at=NOW, language="a language tag that is far too long for its column"),
    an_article(4, byline="\0", published_at=datetime(1990, 1, 1, tzinfo=UTC)),
]


def test_a_bulk_insert_keeps_what_one_by_one_would_have_been_kept(archive: Archive) -> None:
    kept = []
    query = select(ArticleRow.__table__).order_by(ArticleRow.url_key)
    for way in ("bulk", "core"):
        with archive.writing() as connection:
            if way == "bulk":
                BulkInsert(insert_new(ArticleRow)).execute(connection, ODD)
            else:
                connection.execute(insert(ArticleRow), ODD)
            kept.append([tuple(row)[1:] for row in connection.execute(query)])
            connection.execute(delete(ArticleRow))
    assert kept[0] == kept[1]


def test_what_is_there_already_is_left_alone(archive: Archive) -> None:
    several = BulkInsert(insert_new(ArticleRow))
    with archive.writing() as connection:
        several.execute(connection, ODD[:2])
        several.execute(connection, [an_article(number, byline="another") for number in range(1, 6)])
        bylines = list(connection.scalars(select(ArticleRow.byline).order_by(ArticleRow.url_key)))
    assert bylines == ["", "", "another", "another", "another"]


def test_values_of_other_types_are_bound_as_their_types_say(archive: Archive) -> None:
    row = {"number": 1, "title": "T", "text": "", "text_sha256": "0" * 64, "extraction": "text", "made_at": NOW}
    with archive.writing() as connection:
        BulkInsert(insert_new(ArticleRow)).execute(connection, ODD[:1])
        article_id = connection.scalar(select(ArticleRow.id))
        more = {"article_id": article_id, "page_starts": [0, 7], "snapshot_id": None}
        BulkInsert(insert_new(Revision)).execute(connection, [row | more])
        assert connection.scalar(select(Revision.page_starts)) == [0, 7]


def test_an_instant_without_its_zone_is_refused(archive: Archive) -> None:
    naive = an_article(1, published_at=NOW.replace(tzinfo=None))
    with pytest.raises(TypeError, match="aware"), archive.writing() as connection:
        BulkInsert(insert_new(ArticleRow)).execute(connection, [naive])


def test_nothing_to_insert_is_no_fault(archive: Archive) -> None:
    add_source(archive)
    with archive.writing() as connection:
        BulkInsert(insert_new(Source)).execute(connection, [])
