"""Capture one page now, with its evidence: what an operator found elsewhere."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.errors import BadUrl, BlockedPort, UsageError
from monitor.fetch import check_port, check_url
from monitor.model.archiving import KeyedEntry, StoredArticle, StoredHit
from monitor.model.entries import Entry
from monitor.operations.claims import find_claim
from monitor.operations.encoders import has_encoder
from monitor.operations.opening import Monitor
from monitor.pipeline.read import read_by_hand
from monitor.store.articles import find_article
from monitor.store.entries import add_by_hand, outcome_of
from monitor.store.hits import list_hits
from monitor.text.plain import TITLE_CHARS, one_line
from monitor.text.urls import url_key, words_of_path


@dataclass(frozen=True, slots=True)
class Captured:
    """What came of a capture: the article and its new hits, or for what `reason` it is tried at `next_read_at`."""

    article: StoredArticle | None
    reason: str
    next_read_at: datetime
    new_hits: tuple[StoredHit, ...]


async def capture(monitor: Monitor, url: str, claims: Sequence[str] = ()) -> Captured:
    """Fetch, extract and match one page, and keep it with its evidence; `claims` it bears on because you say so.

    A claim is named as CLAIM or LIST/CLAIM. Raises UsageError.
    """
    try:
        check_port(check_url(url).port, monitor.settings.allowed_ports)
        key = url_key(url)
    except (BadUrl, BlockedPort) as error:
        raise UsageError(str(error)) from error
    identifiers = [find_claim(monitor, claim).identifier for claim in claims]
    title = one_line(words_of_path(url), TITLE_CHARS)  # an address may hold an encoded ESC
    keyed = KeyedEntry(Entry(guid="", url=url, title=title), hashlib.sha256(key.encode()).hexdigest(), key)
    pending = add_by_hand(monitor.archive, keyed, monitor.now())
    async with monitor.stages() as stages:
        # An encoder takes seconds to start, and a service may be running one: the next round compares what it can.
        counts = await read_by_hand(replace(stages, leaves_meaning=has_encoder(monitor.settings)), pending, identifiers)
    state, reason, article_id, next_read_at = outcome_of(monitor.archive, pending.id)
    article = find_article(monitor.archive, article_id) if article_id is not None and state != "pending" else None
    hits = list_hits(monitor.archive, ids=counts.new_hit_ids, limit=len(counts.new_hit_ids))
    return Captured(article, reason, next_read_at, tuple(hits))
