"""What an entry and what was read of it make together. Pure.

In: an entry with its source, and an article, if there is one. Out: the article that is kept, and how it came.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from monitor.model.archiving import BY_HAND_URL, PendingEntry
from monitor.model.articles import Arrival, Article
from monitor.model.entries import Entry
from monitor.model.matching import BY_HAND, Assessment, MatchInput, Passage, Why
from monitor.text.language import detect_language
from monitor.text.urls import is_same_site

OLDER_THAN = timedelta(days=14)
"""An article published so long before it was found is no news of the day."""


def complete(article: Article, pending: PendingEntry) -> Article:
    """Fill in from the listing what the page leaves open; its instant has an hour, the page's often only a day."""
    entry, source = pending.entry, pending.source
    return replace(
        article,
        title=article.title or entry.title,
        byline=article.byline or entry.author,
        outlet=source.title if source.is_sample else _own_outlet(article, pending),
        language=article.language or detect_language(article.text, entry.language or source.language),
        published_at=_published_at(article, entry),
    )


def _published_at(article: Article, entry: Entry) -> datetime | None:
    dates = (entry.published_at, article.published_at)
    first, second = reversed(dates) if entry.is_dated_by_change else dates
    return first or second


def as_lead(pending: PendingEntry) -> Article:
    """Return what the listing said of an article whose text could not be had."""
    return _from_entry(pending, pending.entry.summary)


def as_carried(pending: PendingEntry) -> Article:
    """Return the article as the listing carried it, whole."""
    return _from_entry(pending, pending.entry.text)


def _from_entry(pending: PendingEntry, text: str) -> Article:
    entry, source = pending.entry, pending.source
    return Article(
        canonical_url=entry.url,
        title=entry.title,
        text=text,
        byline=entry.author,
        outlet=_outlet(pending),
        language=detect_language(f"{entry.title}\n{text}", entry.language or source.language),
        published_at=entry.published_at,
    )


def _own_outlet(article: Article, pending: PendingEntry) -> str:
    """Name who publishes a page: itself; where it gives but its host, the listing, or its own site's source."""
    host = (urlsplit(article.canonical_url).hostname or "").removeprefix("www.")
    if article.outlet not in ("", host):
        return article.outlet
    is_of_source = is_same_site(pending.source.url, article.canonical_url)
    return pending.entry.outlet or (is_of_source and pending.source.title) or host


def _outlet(pending: PendingEntry) -> str:
    return pending.entry.outlet or pending.source.title or urlsplit(pending.entry.url).hostname or ""


def arrival_of(article: Article, pending: PendingEntry) -> Arrival:
    """Say how an article came: by hand, as news, in a backlog, or long after it was published."""
    if pending.source.url == BY_HAND_URL:
        return "by_hand"
    if pending.is_backlog:
        return "backlog"
    if pending.source.is_sample or pending.source.kind == "watch":
        return "news"  # the sample shows how news looks; a watched page's new text is news, whenever the page was made
    published_at = article.published_at
    is_old = published_at is not None and pending.first_seen_at - published_at > OLDER_THAN
    return "older" if is_old else "news"


def with_claims_by_hand(
    assessments: tuple[Assessment, ...], claims: Sequence[str], article: Article
) -> tuple[Assessment, ...]:
    """Make a hit of an article on the claims that an operator names, whatever the matcher says of it."""
    matched = {assessment.claim_key: assessment for assessment in assessments}
    headline = Passage(article.title, 0, len(article.title), "title")
    for claim in claims:
        judged = matched.get(claim)
        if judged is None or not judged.is_hit:
            passages = (judged and judged.passages) or (headline,)
            matched[claim] = Assessment(claim, 1.0, is_hit=True, passages=passages, why=Why(matcher=BY_HAND))
    return tuple(matched.values())


def with_pages(assessments: tuple[Assessment, ...], article: Article) -> tuple[Assessment, ...]:
    """Say for each passage of a paged document on which page it begins, from 1."""
    return with_pages_from(assessments, article.page_starts)


def with_pages_from(assessments: tuple[Assessment, ...], starts: Sequence[int]) -> tuple[Assessment, ...]:
    """Say the same by where the pages start."""
    if not starts:
        return assessments
    return tuple(
        replace(
            assessment,
            passages=tuple(
                replace(passage, page=bisect_right(starts, passage.start)) if passage.where == "text" else passage
                for passage in assessment.passages
            ),
        )
        for assessment in assessments
    )


def lends_passages(article: MatchInput) -> bool:
    """Say whether an article lends passages to the background of meanings: one in sixteen, whatever it is about."""
    content = f"{article.title}\0{article.text}".encode("utf-8", "replace")
    return hashlib.sha256(content).digest()[0] < 16
