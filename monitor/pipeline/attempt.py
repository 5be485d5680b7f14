"""One try at an article: fetch its page, keep the evidence, extract.

In: an entry. Out: the article, or a lead and why there is no more. Never: raises what one article is at fault with.
"""

import asyncio
from dataclasses import dataclass

from monitor.errors import BadResponse, MonitorError, NotAnArticle, StoreBroken, StoreBusy
from monitor.model.archiving import OPAQUE_LINK, PAYWALL, TEXT, PendingEntry, SnapshotRecord
from monitor.model.articles import Article
from monitor.model.fetching import Fetched
from monitor.pipeline.articles import as_carried, as_lead, complete
from monitor.pipeline.stages import Stages
from monitor.pipeline.visit import request_for
from monitor.text.urls import is_same_site, url_key

CARRIED_KINDS = frozenset({"channel"})
"""Kinds whose listing is all there is: a channel's post has no page with more."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one try at an article gave: the article with its extraction state, or a lead with the error.

    The evidence is the response, where there was one, or what the archive has already of the listing.
    """

    article: Article
    extraction: str
    snapshot: SnapshotRecord | None = None
    error: MonitorError | None = None
    snapshot_id: int | None = None


async def attempt_article(stages: Stages, pending: PendingEntry) -> Attempt:
    """Try to have an entry's article. Raises StoreBroken and StoreBusy: the archive's trouble is no article's."""
    if pending.entry.is_lead:
        return Attempt(as_lead(pending), OPAQUE_LINK)
    if pending.source.kind in CARRIED_KINDS:
        return carried(pending) or Attempt(as_lead(pending), NotAnArticle.reason)
    snapshot = None
    try:
        answer = await _fetch_page(stages, pending)
        snapshot = await asyncio.to_thread(stages.snapshots.keep, answer)
        article = complete(await stages.parsers.extract_article(answer), pending)
        url_key(article.canonical_url)
    except (StoreBroken, StoreBusy):
        raise
    except MonitorError as error:
        return Attempt(as_lead(pending), error.reason, snapshot, error)
    if article.is_teaser:
        return carried(pending) or Attempt(article, PAYWALL, snapshot)
    return Attempt(article, TEXT, snapshot)


async def _fetch_page(stages: Stages, pending: PendingEntry) -> Fetched:
    url = pending.entry.url
    answer = await stages.http.fetch(request_for(pending.source, url, "article"))
    if not isinstance(answer, Fetched):
        raise BadResponse(f"{url} says that nothing changed, though it was asked for whole; tell the site's keeper")
    return answer


def carried(pending: PendingEntry) -> Attempt | None:
    """Return the article as the listing carried it, with that document as its evidence; None where it did not."""
    source, entry = pending.source, pending.entry
    # What a feed says under the address of another site isn't that site's text.
    is_its_own = source.kind in CARRIED_KINDS or is_same_site(source.url, entry.url)
    if not (entry.text and is_its_own):
        return None
    return Attempt(as_carried(pending), TEXT, snapshot_id=pending.snapshot_id)
