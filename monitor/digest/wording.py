"""The digest's own words: dates, counts, and why a source could not be read."""

from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from monitor.model.articles import Arrival
from monitor.model.matching import Stance, StanceCall

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "km": "Khmer",
    "ko": "Korean",
    "lo": "Lao",
    "ms": "Malay",
    "my": "Burmese",
    "nl": "Dutch",
    "pt": "Portuguese",
    "ru": "Russian",
    "th": "Thai",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
_STANCES: dict[Stance, str] = {
    "supports": "The article supports the claim",
    "disputes": "The article disputes the claim",
    "reports": "The article reports the claim, takes no side",
    "unclear": "On which side the article stands is unclear",
}
_MAX_CUES = 3
_ARRIVALS: dict[Arrival, str] = {
    "backlog": "From the backlog: it stood there when its source was first read",
    "older": "Older, newly found: it was published more than two weeks before",
    "by_hand": "Added by hand",
    "archive": "Also in the archive: it was there before the claim was watched for as it is now",
}
_REASONS = {
    "": "Not visited in this period",
    "timeout": "Did not answer in time",
    "connection_lost": "Refused or broke the connection",
    "dns_failed": "Host name could not be found",
    "network_down": "This machine had no network",
    "server_busy": "Asked to come back later",
    "host_struggling": "Had stopped answering just before",
    "robots_unavailable": "Could not show its robots.txt",
    "robots_disallowed": "Asks robots not to read it",
    "store_busy": "The archive was busy",
    "outbox_not_writable": "The folder for mail could not be written",
    "encoder_unavailable": "Meaning could not be looked at",
    "parsers_unavailable": "What it sent could not be read at the time",
    "internal_error": "Monitor itself was at fault",
    "bad_url": "Address is not one that can be fetched",
    "blocked_address": "Address is not public, and not allowed",
    "blocked_port": "Port is not one that is polled",
    "too_many_redirects": "Redirects in a circle or too far",
    "body_too_large": "Sent more than the limit",
    "bad_encoding": "Sent what can't be decoded",
    "bad_response": "Did not speak HTTP as it should",
    "tls_error": "Certificate can't be trusted",
    "not_a_feed": "Sent something that is not a feed",
    "bad_feed": "Sent a feed that can't be read",
    "challenged": "A bot check stands before it",
    "login": "Asks for a login",
    "blocked_on_network": "Something on the network answers in its place",
    "search_refused": "The search gave a remark in the place of results",
    "bad_selector": "Its links can't be picked with its selector",
    "browser_failed": "The browser could not show it",
    "mailbox_refused": "The mail server refused us",
    "paywall": "Shows the beginning only, the rest is for subscribers",
    "empty": "Sent a page with no article text",
    "parser_timeout": "What it sent took too long to read",
    "parser_killed": "What it sent crashed the reader",
    "mail_server_down": "The mail server could not be used",
    "mail_put_off": "The mail server put a mail off",
    "mail_refused": "The mail server refused a mail",
    "mail_unknown": "Nobody knows whether a mail arrived",
    "watchlist_conflict": "A watchlist was edited in two places",
    "mail_not_built": "A mail could not be built",
    "bad_file_name": "A mail could not be named",
    "http_401": "Asks for a login (HTTP 401)",
    "http_402": "Asks for payment (HTTP 402)",
    "http_403": "Refused access (HTTP 403)",
    "http_404": "Not found at its address (HTTP 404)",
    "http_410": "Gone for good (HTTP 410)",
    "http_451": "Blocked for legal reasons (HTTP 451)",
}


def say_date(day: date) -> str:
    """Write a date so that no reader anywhere takes the month for the day."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_weekday(day: date) -> str:
    """Write a date with its day of the week."""
    return f"{_DAYS[day.weekday()]}, {say_date(day)}"


def say_moment(at: datetime, zone: ZoneInfo) -> str:
    """Write an instant in the reader's own time."""
    local = at.astimezone(zone)
    return f"{say_date(local.date())}, {local:%H:%M}"


def say_published(at: datetime, zone: ZoneInfo) -> str:
    """Write when an article was published; midnight UTC sharp is how a page that gives only the day is stored."""
    return say_date(at.date()) if at.timetz().replace(tzinfo=None) == time.min else say_moment(at, zone)


def say_all(items: Sequence[str]) -> str:
    """Join as a sentence does: A, B and C."""
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def say_stance(stance: Stance, call: StanceCall | None = None) -> str:
    """Say on which side an article stands, with the words that tell; nothing where nobody has judged it.

    It is the article that takes the side, or somebody in it; never Monitor.
    """
    if stance == "unclear" and call is None:
        return ""
    words = _STANCES[stance]
    if call is not None and call.judge:
        return f"{words}, by the judge {call.judge}: “{call.cues[0]}”"
    if call is None or not call.cues or (stance != "supports" and not call.denials):
        return words
    cues = say_all([f"“{cue}”" for cue in call.cues[:_MAX_CUES]])
    if stance == "disputes" or not call.denials:
        return f"{words}: {cues}"
    return f"{words}; but a sentence in it denies the claim: {cues}"


def say_arrival(arrival: Arrival) -> str:
    """Say of an article that is no news of the day how it came, or nothing."""
    return _ARRIVALS.get(arrival, "")


def say_alert(*, is_last: bool) -> str:
    """Say what an alert leaves out, and what comes after it."""
    words = "Only what reaches its claim’s line for alerts is told at once; the digest tells everything, this too."
    return f"{words} This is the day’s last alert: what else comes is in the digest." if is_last else words


def say_group(*, is_news: bool, is_lead: bool) -> str:
    """Head those hits that are no reports of the day, or nothing."""
    if is_news:
        return "Leads: headlines whose text could not be had" if is_lead else ""
    return "Leads from before: headlines whose text could not be had" if is_lead else "From before: no news of the day"


def say_language(language: str) -> str:
    """Name a language that is not the digest's own; an unknown code is shown as it is."""
    code = language.lower().split("-")[0]
    return "" if code in ("", "en") else _LANGUAGES.get(code, language)


def say_reason(reason: str) -> str:
    """Say in words why a source could not be read; an unknown slug is shown as it is."""
    status = reason.removeprefix("http_")
    fallback = f"Answered HTTP {status}" if status != reason and status.isdigit() else reason
    return _REASONS.get(reason, fallback)
