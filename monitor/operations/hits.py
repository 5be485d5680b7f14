"""Look at hits and articles."""

from monitor.digest.wording import say_stance
from monitor.errors import UsageError
from monitor.model.archiving import StoredArticle, StoredHit
from monitor.operations.opening import Monitor
from monitor.store.articles import count_articles, find_article, list_articles
from monitor.store.hits import claim_exists, count_hits, list_hits

MAX_ID = 2**63 - 1
"""The largest number that a database holds."""


def known_hits(monitor: Monitor) -> int:
    """Return how many hits the archive holds."""
    return count_hits(monitor.archive)


def known_articles(monitor: Monitor) -> int:
    """Return how many articles the archive holds."""
    return count_articles(monitor.archive)


def find_hits(monitor: Monitor, *, claim: str, limit: int) -> list[StoredHit]:
    """Return hits, the newest first, of all claims or of one. Raises UsageError for a claim that is unknown."""
    # Names are short ASCII words; what can't be printed can't be asked for in SQL either.
    if claim and not (claim.isprintable() and claim_exists(monitor.archive, claim)):
        raise UsageError(f"no claim {claim!r}; `monitor watchlists list` shows the claims")
    return list_hits(monitor.archive, claim=claim, limit=limit)


def find_hit(monitor: Monitor, hit_id: int) -> StoredHit:
    """Return one hit. Raises UsageError."""
    found = list_hits(monitor.archive, ids=[hit_id], limit=1) if abs(hit_id) <= MAX_ID else []
    if not found:
        raise UsageError(f"no hit {hit_id}; `monitor hits list` shows their numbers")
    return found[0]


def stance_in_words(hit: StoredHit) -> str:
    """Say on which side a hit's article stands and by which words; "" where nobody has judged it."""
    return say_stance(hit.line.stance, hit.line.call)


def recent_articles(monitor: Monitor, *, limit: int) -> list[StoredArticle]:
    """Return the articles last seen first, without their texts."""
    return list_articles(monitor.archive, limit=limit)


def read_article(monitor: Monitor, article_id: int) -> StoredArticle:
    """Return one article with its text. Raises UsageError."""
    found = find_article(monitor.archive, article_id) if abs(article_id) <= MAX_ID else None
    if found is None:
        raise UsageError(f"no article {article_id}; `monitor articles list` shows their numbers")
    return found


def explained(hit: StoredHit) -> tuple[str, ...]:
    """Return why a hit was judged so, in words."""
    from monitor.match.inwords import in_words  # noqa: PLC0415 (loads all of matching, which a list of hits is without)

    return in_words(hit.line.score, hit.why)


def judgements_in_words(hit: StoredHit) -> tuple[str, ...]:
    """Say who holds a hit for what: each person's latest word."""
    latest = {judgement.by: judgement for judgement in hit.judgements}
    return tuple(
        f"judged {'relevant' if one.verdict == 'relevant' else 'not relevant'} by {one.by}, {one.at:%Y-%m-%d}"
        + (f": {one.note}" if one.note else "")
        for one in latest.values()
        if one.verdict != "undone"
    )
