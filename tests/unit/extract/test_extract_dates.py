from datetime import UTC, datetime
from time import struct_time

import pytest

from monitor.extract.entries.dates import clamp_published

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw_date", "published_at"),
    [
        ("2026-11-20", datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20T10:00:00+07:00", datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ("2026-11-20T10:00:00 Z", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026-11-20T10:00:00.1234567Z", datetime(2026, 11, 20, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-20 10:00:00 +0700", datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:00:00 GMT", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:00:00 -0000", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("Fri, 20 Nov 2026 10:00:00 ICT", datetime(2026, 11, 20, 3, tzinfo=UTC)),
        ("20 Nov 26 10:00 EST", datetime(2026, 11, 20, 15, tzinfo=UTC)),
        ("2026-11-23T12:00:00Z", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("2026-11-23T12:00:01Z", None),
        ("1990-01-01", datetime(1990, 1, 1, tzinfo=UTC)),
        ("1989-12-31T23:59:59Z", None),
        ("0000-00-00", None),
        ("1800000000", None),
        ("2026-02-30", None),
        ("10000-01-01", None),
        ("2026-11-20T10:00:00+99:99", None),
        ("Fri, 20 Nov 2026 10:00:00 +9999", None),
        ("2016-12-31T23:59:60Z", None),
        ("٢٠٢٦-١١-٢٠", None),
        ("last Tuesday", None),
        ("2026-11-20" + " " * 200 + "x", None),
        ("", None),
        (None, None),
        (struct_time((2026, 11, 20, 10, 0, 0, 4, 324, 0)), datetime(2026, 11, 20, 10, tzinfo=UTC)),
        (struct_time((2016, 12, 31, 23, 59, 60, 5, 366, 0)), datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (struct_time((-1, 11, 30, 0, 0, 0, 1, 334, 0)), None),
        (datetime(2026, 11, 20, 10), datetime(2026, 11, 20, 10, tzinfo=UTC)),  # noqa: DTZ001 - as a page may write it
    ],
)
def test_a_date_is_an_instant_of_news_or_none(
    raw_date: str | struct_time | datetime | None, published_at: datetime | None
) -> None:
    assert clamp_published(raw_date, NOW) == published_at


def test_what_comes_back_is_in_utc() -> None:
    published_at = clamp_published("2026-11-20T10:00:00+07:00", NOW)
    assert published_at is not None
    assert published_at.tzinfo is UTC
