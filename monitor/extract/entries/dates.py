"""When something says it was published; pure.

In: a date as a feed or page writes it, and the present. Out: an aware UTC instant, or None. Never: "now" for a date
that is missing, and no date outside what news can have: parsers make year −1, 1799 and 2085 of honest slips.
"""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import struct_time

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST_AHEAD = timedelta(hours=24)

_MAX_DATE_CHARS = 80
_INDOCHINA_TIME = re.compile(r"\bICT$")
_ISO_FRACTION = re.compile(r"([.,]\d{1,6})\d*")


def clamp_published(raw: struct_time | datetime | str | None, now: datetime) -> datetime | None:
    """Return the date as an aware UTC instant if it can be one of news: from 1990 to 24 hours from now; else None.

    A `struct_time` is taken as UTC (feedparser's), and so is text that names no zone.
    """
    try:
        published_at = _read(raw)
        if published_at is None:
            return None
        if published_at.tzinfo is None:
            published_at = published_at.replace(tzinfo=UTC)
        published_at = published_at.astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
    return published_at if EARLIEST <= published_at <= now + LATEST_AHEAD else None


def _read(raw: struct_time | datetime | str | None) -> datetime | None:
    if raw is None or isinstance(raw, datetime):
        return raw
    if isinstance(raw, struct_time):
        # A leap second has no place in datetime.
        return datetime(*raw[:5], min(raw.tm_sec, 59), tzinfo=UTC)
    # The only zone name that Cambodian sites use, and email.utils knows none but those of North America.
    text = _INDOCHINA_TIME.sub("+0700", raw.strip())
    if not text or len(text) > _MAX_DATE_CHARS or not text.isascii():
        return None
    try:
        return datetime.fromisoformat(_ISO_FRACTION.sub(r"\1", text).replace(" Z", "Z"))
    except ValueError:
        return parsedate_to_datetime(text)
