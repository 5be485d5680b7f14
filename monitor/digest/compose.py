"""Compose a digest. In: DigestInput. Out: Digest. Never: puts a feed's words into a header, leaves a hit uncounted.

Every hit that is given is told: in full, or where the mail would grow too long, counted beside the command that shows
it. So `hit_ids` names them all.
"""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitor.digest.headers import Letter, build_message, header_text
from monitor.digest.page import Limits, view_page
from monitor.digest.render import render_html, render_text
from monitor.digest.tally import count_hits
from monitor.digest.wording import say_date, say_moment
from monitor.errors import ConfigurationError
from monitor.model.digesting import Digest, DigestInput

# Gmail cuts a mail's HTML at 102 KB, and with it the coverage line at its end.
MAX_HTML_BYTES = 90_000
MAX_MESSAGE_BYTES = 100_000

# From generous to scant: first each claim tells fewer hits, then later claims none, then later claims aren't named.
_LIMITS = (
    *(Limits(hits_per_claim=most, hits=1000, quotes_per_hit=3, claims=120) for most in (20, 12, 8, 5)),
    *(Limits(hits_per_claim=most, hits=1000, quotes_per_hit=1, claims=120) for most in (5, 3, 2, 1)),
    *(Limits(hits_per_claim=1, hits=most, quotes_per_hit=1, claims=120) for most in (24, 16, 8, 0)),
    *(Limits(hits_per_claim=0, hits=0, quotes_per_hit=0, claims=most) for most in (40, 5)),
)


def compose_digest(given: DigestInput) -> Digest:
    """Write the mail of a period: the same input gives the same bytes. Raises ConfigurationError on an unknown zone."""
    zone = _zone(given.timezone)
    subject = _subject(given)
    for limits in _LIMITS:
        digest = _write(given, subject, zone, limits)
        if len(digest.html.encode()) <= MAX_HTML_BYTES and len(digest.message) <= MAX_MESSAGE_BYTES:
            break
    return digest


def _write(given: DigestInput, subject: str, zone: ZoneInfo, limits: Limits) -> Digest:
    page = view_page(given, subject, zone, limits)
    text, html = render_text(page), render_html(page)
    letter = Letter(
        sender=given.sender,
        recipient=given.recipient,
        subject=subject,
        written_at=given.composed_at,
        message_id=given.message_id,
        list_name=given.subscription,
        is_alert=given.kind == "alert",
        text=text,
        html=html,
        stopping=given.stopping,
    )
    return Digest(subject, build_message(letter), html, text, _hit_ids(given))


def _hit_ids(given: DigestInput) -> tuple[int, ...]:
    hits = (hit for section in given.watchlists for claim in section.claims for hit in claim.hits)
    return tuple(dict.fromkeys(hit.hit_id for hit in hits))


def _subject(given: DigestInput) -> str:
    """Say the whole digest in a phone's one line; a single watchlist's title follows, since it is the operator's."""
    tally = count_hits(given.watchlists)
    when = say_date(given.digest_on)
    if given.kind == "alert":
        what, when = f"Monitor alert: {tally.summary}", say_moment(given.composed_at, _zone(given.timezone))
        return header_text(f"{what}, {when}{_single_list(given)}")
    is_blind = not any(source.is_read for source in given.coverage.sources if not source.is_sample)
    blindness = ", no source could be read" if is_blind and not tally.claims else ""
    return header_text(f"Monitor: {tally.summary}{blindness}, {when}{_single_list(given)}")


def _single_list(given: DigestInput) -> str:
    return f" ({header_text(given.watchlists[0].title, max_chars=80)})" if len(given.watchlists) == 1 else ""


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigurationError(f"No time zone is called {name!r}: write one such as Asia/Phnom_Penh.") from error
