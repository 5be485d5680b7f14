import ssl
from datetime import UTC, datetime

import httpcore
import pytest

from monitor.errors import (
    BadResponse,
    BadUrl,
    ConnectionLost,
    HttpStatus,
    MonitorError,
    ServerBusy,
    Timeout,
    TlsError,
)
from monitor.fetch.refusals import describe_error, parse_retry_after, refuse_status

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "seconds"),
    [
        (None, None),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("0", 0.0),
        ("-5", 0.0),
        ("1000000000000", 86_400.0),
        ("9" * 5_000, 86_400.0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 12:01:00 -0000", 60.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2099 12:00:00 GMT", 86_400.0),
        ("soon", None),
        ("", None),
        ("1e12", None),
        ("nan", None),
        ("inf", None),
        ("٣", None),
        ("Sun, 99 Nov 2026 12:00:00 GMT", None),
        ("Sun, 22 Nov 99999999999 12:00:00 GMT", None),
    ],
)
def test_threat_60_retry_after_is_read_within_a_day(raw: str | None, seconds: float | None) -> None:
    assert parse_retry_after(raw, now=NOW) == seconds


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 520, 599])
def test_a_busy_server_is_asked_again_later(status: int) -> None:
    failure = refuse_status(status, "90", host="a.example", now=NOW)
    assert isinstance(failure, ServerBusy)
    assert (failure.status, failure.retry_after_seconds) == (status, 90.0)
    assert "a.example" in str(failure)


@pytest.mark.parametrize("status", [201, 204, 206, 300, 305, 400, 401, 402, 403, 404, 410, 418, 451, 600, 999])
def test_any_other_status_has_its_own_reason(status: int) -> None:
    failure = refuse_status(status, "90", host="a.example", now=NOW)
    assert isinstance(failure, HttpStatus)
    assert failure.reason == f"http_{status}"
    assert str(failure).startswith(f"a.example answers {status}")


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (TimeoutError(), Timeout),
        (httpcore.ReadTimeout(), Timeout),
        (ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]"), TlsError),
        (ConnectionResetError(104, "reset"), ConnectionLost),
        (httpcore.ReadError(), ConnectionLost),
        (httpcore.ProxyError("407 Proxy\x1b[31m"), ConnectionLost),
        (httpcore.RemoteProtocolError("Server disconnected without sending a response."), ConnectionLost),
        (httpcore.RemoteProtocolError("peer closed connection without sending complete message body"), ConnectionLost),
        (httpcore.RemoteProtocolError("illegal status line"), BadResponse),
        (httpcore.LocalProtocolError("x"), BadResponse),
        (httpcore.UnsupportedProtocol("x"), BadUrl),
    ],
)
def test_whatever_breaks_becomes_a_failure_that_names_the_host(error: Exception, failure: type[MonitorError]) -> None:
    described = describe_error(error, host="a.example", deadline_seconds=30.0)
    assert type(described) is failure
    assert "a.example" in str(described)
    assert str(described).isprintable()
