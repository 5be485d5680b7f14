"""Say what a status or a broken exchange means for whoever reads it.

In: a status with its headers, or what the HTTP library raised. Out: the failure to raise, naming host and remedy.
Never: decides when to come back; it only passes on when the server asked us to.
"""

import re
import ssl
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore
from socksio import SOCKSError

from monitor.errors import BadResponse, BadUrl, ConnectionLost, HttpStatus, MonitorError, ServerBusy, Timeout, TlsError

_PHRASES = {status.value: status.phrase for status in HTTPStatus}

_DAY_SECONDS = 86_400.0
_BUSY = frozenset({408, 425, 429})
_REMEDIES = {
    401: "it asks for a login, which Monitor never gives",
    403: "it refuses us; ask its operator, or take the source off the list",
    404: "there is nothing at this address; has the source moved?",
    410: "it is gone for good; take the source off the list",
    451: "it is withheld for legal reasons",
}
TRANSPORT_ERRORS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
    SOCKSError,
    OSError,
)
_PROXY_ERRORS = (httpcore.ProxyError, SOCKSError)


# httpcore tells a connection that ended from bad HTTP by these words alone.
_ENDED = re.compile("disconnected|peer closed connection")
_MEANINGS: tuple[tuple[tuple[type[Exception], ...], type[MonitorError], str], ...] = (
    ((TimeoutError,), Timeout, "{host} took longer than {seconds:g} s in all and was given up for now"),
    ((httpcore.TimeoutException,), Timeout, "{host} kept silent too long and was given up for now"),
    (_PROXY_ERRORS, ConnectionLost, "The proxy did not connect to {host} ({text})"),
    ((httpcore.UnsupportedProtocol,), BadUrl, "The address at {host} can't be asked for ({text})"),
    ((httpcore.ProtocolError,), BadResponse, "{host} does not answer in proper HTTP ({text})"),
)


def refuse_status(status: int, retry_after: str | None, *, host: str, now: datetime) -> MonitorError:
    """Return the failure that a status without content stands for."""
    name = f"{status} {_PHRASES.get(status, '')}".strip()
    if status in _BUSY or 500 <= status <= 599:
        seconds = parse_retry_after(retry_after, now=now)
        when = "later" if seconds is None else f"in {seconds:.0f} s, as it asks"
        return ServerBusy(
            f"{host} answers {name}: it can't serve us now and is asked again {when}",
            status=status,
            retry_after_seconds=seconds,
        )
    remedy = _REMEDIES.get(status, "it gives no content; look at the address in a browser")
    return HttpStatus(f"{host} answers {name}: {remedy}", status=status)


def parse_retry_after(raw: str | None, *, now: datetime) -> float | None:
    """Return the seconds that Retry-After asks for (RFC 9110 §10.2.3), within a day; None where it says nothing."""
    if raw is None:
        return None
    text = raw.strip()[:64]
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        seconds = float(text)
    else:
        try:
            until = parsedate_to_datetime(text)
            seconds = (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds()
        except (ValueError, OverflowError, TypeError):
            return None
    return min(max(seconds, 0.0), _DAY_SECONDS)


def describe_error(error: Exception, *, host: str, deadline_seconds: float) -> MonitorError:
    """Return our failure for what the HTTP library, TLS or the socket raised."""
    if isinstance(error, ssl.SSLError):
        return TlsError(describe_tls(error, host))
    if isinstance(error, httpcore.ProtocolError) and _ENDED.search(str(error)):
        return ConnectionLost(f"{host} closed the connection before its answer was complete")
    # The text may quote the server, and whoever reads it may be at a terminal.
    text = "".join(character if character.isprintable() else "?" for character in str(error)[:200])
    for kinds, failure, message in _MEANINGS:
        if isinstance(error, kinds):
            return failure(message.format(host=host, text=text, seconds=deadline_seconds))
    return ConnectionLost(f"The connection to {host} broke; is the server up?")


def describe_tls(error: ssl.SSLError, host: str) -> str:
    """Say what is wrong with a host's TLS."""
    # Only what OpenSSL itself raised carries these two.
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The certificate of {host} can't be trusted: {getattr(error, 'verify_message', 'it does not verify')}"
    why = str(getattr(error, "reason", None) or "unknown failure").replace("_", " ").lower()
    return f"No secure connection to {host} could be made ({why}); does it speak https on this port?"
