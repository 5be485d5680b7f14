"""How long an answer says it stays as it is (RFC 9111)."""

from datetime import UTC, datetime

import pytest

from monitor.fetch.caching import fresh_seconds
from tests.growth import assert_in_proportion

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DATE = ("Date", "Sun, 22 Nov 2026 12:00:00 GMT")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((), 0),
        ((("Cache-Control", "max-age=600"),), 600),
        ((("cache-control", "public, MAX-AGE=600 , must-revalidate"),), 600),
        ((("Cache-Control", 'max-age="600"'),), 600),
        ((("Cache-Control", "max-age=600"), ("Age", "200")), 400),
        ((("Cache-Control", "max-age=600"), ("Age", "900")), 0),
        ((("Cache-Control", "max-age=600"), ("Age", "soon")), 600),
        ((("Cache-Control", "public"), ("Cache-Control", "max-age=600")), 600),
        ((("Cache-Control", "max-age=600, max-age=600"),), 600),
        ((("Cache-Control", "max-age=600, max-age=60"),), 0),
        ((("Cache-Control", "max-age=99999999999"),), 86_400),
        ((("Cache-Control", "max-age=" + "9" * 60_000),), 0),
        ((("Cache-Control", "max-age=-5"),), 0),
        ((("Cache-Control", "max-age=1e9"),), 0),
        ((("Cache-Control", "max-age=٣"),), 0),
        ((("Cache-Control", "max-age"),), 0),
        ((("Cache-Control", "s-maxage=600"),), 0),
        ((("Cache-Control", "no-cache, max-age=600"),), 0),
        ((("Cache-Control", 'max-age=600, no-cache="Set-Cookie, X"'),), 0),
        ((("Cache-Control", "max-age=600, No-Store"),), 0),
        ((("Cache-Control", 'x="no-store", max-age=600'),), 600),
        ((("Cache-Control", 'x="never closed, max-age=600'),), 0),
        ((("Expires", "Sun, 22 Nov 2026 13:00:00 GMT"),), 3_600),
        ((("Expires", "Sun, 22 Nov 2026 13:00:00 GMT"), ("Date", "Sun, 22 Nov 2026 12:30:00 GMT")), 1_800),
        ((("Expires", "Sun, 22 Nov 2026 13:00:00 GMT"), ("Date", "garbage")), 3_600),
        ((("Expires", "Sun, 22 Nov 2026 13:00:00 GMT"), DATE, ("Cache-Control", "max-age=60")), 60),
        ((("Expires", "Sun, 22 Nov 2026 11:00:00 GMT"), DATE), 0),
        ((("Expires", "Sun, 22 Nov 2099 11:00:00 GMT"), DATE), 86_400),
        ((("Expires", "Sun, 22 Nov 2026 13:00:00 GMT"),) * 2, 0),
        ((("Expires", "0"),), 0),
        ((("Expires", "-1"),), 0),
        ((("Expires", "Sun, 99 Nov 99999999999 13:00:00 GMT"),), 0),
    ],
    ids=lambda value: ascii(value)[:60],
)
def test_an_answer_is_fresh_for_as_long_as_it_says_within_a_day(
    headers: tuple[tuple[str, str], ...], seconds: float
) -> None:
    assert fresh_seconds(headers, now=NOW) == seconds


@pytest.mark.parametrize("piece", [" ", ",", '"', '=",', "a=\t", "\\"])
def test_a_header_as_long_as_is_let_through_is_read_in_proportion(piece: str) -> None:
    def read(value: str) -> None:
        assert fresh_seconds((("Cache-Control", value),), now=NOW) == 0

    assert_in_proportion(read, lambda size: piece * (size // len(piece)) + "x", 65_000)
