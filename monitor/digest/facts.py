"""What is said beside a hit's headline: its outlet and day, how it came, and what is not known of it."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from monitor.digest.plain import MAX_NAME_CHARS, plain_text
from monitor.digest.wording import say_arrival, say_language, say_moment, say_published
from monitor.model.digesting import HitLine


def say_notes(hit: HitLine, zone: ZoneInfo) -> Iterator[str]:
    """Say how a hit came, and what is not known of it; nothing of a plain report of the day."""
    arrival = "Set under this claim by hand" if hit.is_by_hand else say_arrival(hit.arrival)
    if arrival:
        yield f"{arrival}."
    if hit.is_lead:
        yield say_lead(hit)
    if hit.is_meaning_pending:
        yield "Found by its words; its meaning was not compared yet."
    if hit.alerted_at:
        yield f"Told before, in the alert of {say_moment(hit.alerted_at, zone)}."


def say_lead(hit: HitLine) -> str:
    """Say what is known of an article whose text could not be had."""
    if hit.is_teaser:
        return "Lead: only the beginning could be read; the rest is for subscribers."
    return "Lead: the text could not be had; only what its source announced is known."


def say_facts(hit: HitLine, zone: ZoneInfo) -> Iterator[str]:
    """Say where, when and in what language an article was published."""
    if outlet := plain_text(hit.outlet, MAX_NAME_CHARS):
        yield outlet
    if hit.published_at:
        yield say_published(hit.published_at, zone)
    else:
        yield f"no date given, first seen {say_moment(hit.first_seen_at, zone)}"
    if language := plain_text(say_language(hit.language), 20):
        yield language
