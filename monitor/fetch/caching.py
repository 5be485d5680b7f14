"""Say how long an answer stays as it is, by its own word (RFC 9111 §4.2).

In: headers and the present instant. Out: seconds, within a day. Never: more than the server says; what can't be read
counts as nothing.
"""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from monitor.model.fetching import Headers

MAX_FRESH_SECONDS = 86_400.0
_LIST_ITEM = re.compile(r"(?:[^,\"]|\"[^\"]*\"?)+")
_SECONDS = re.compile(r"[0-9]{1,18}")


def fresh_seconds(headers: Headers, *, now: datetime) -> float:
    """Return how long the answer stays fresh for a cache of one's own: max-age, else Expires less Date, less Age."""
    directives = _directives(",".join(_values(headers, "cache-control")))
    if directives is None or "no-cache" in directives or "no-store" in directives:
        return 0.0
    if "max-age" in directives:
        seconds = _seconds(directives["max-age"])
    else:
        seconds = _expires_in(_values(headers, "expires"), _values(headers, "date"), now)
    age = max((_seconds(value) for value in _values(headers, "age")), default=0.0)
    return min(max(seconds - age, 0.0), MAX_FRESH_SECONDS)


def _values(headers: Headers, name: str) -> list[str]:
    return [value for key, value in headers if key.lower() == name]


def _directives(raw: str) -> dict[str, str] | None:
    """Read Cache-Control; None where it says one thing twice and differently (RFC 9111 §4.2.1)."""
    found: dict[str, str] = {}
    for part in _LIST_ITEM.findall(raw):
        name, _, value = part.strip().partition("=")
        if found.setdefault(name.strip().lower(), value.strip().strip('"')) != value.strip().strip('"'):
            return None
    return found


def _seconds(raw: str) -> float:
    text = raw.strip()
    return float(text) if _SECONDS.fullmatch(text) else 0.0


def _expires_in(dated: list[str], sent: list[str], now: datetime) -> float:
    until = _instant(dated[0]) if len(dated) == 1 else None
    if until is None:
        return 0.0
    since = (_instant(sent[0]) if sent else None) or now
    return (until - since).total_seconds()


def _instant(raw: str) -> datetime | None:
    try:
        instant = parsedate_to_datetime(raw[:64])
    except (ValueError, OverflowError, TypeError):
        return None
    return instant.replace(tzinfo=instant.tzinfo or UTC)
