"""How a hit and an article show, on a screen and as JSON."""

from rich.text import Text

from monitor.cli.output import plain, show
from monitor.model.archiving import StoredArticle, StoredHit
from monitor.operations.hits import judgements_in_words, stance_in_words


def show_hit(hit: StoredHit) -> None:
    """Show one hit: headline, whose claim it bears on, and the sentences that show it."""
    line = hit.line
    known = {"news": "", "backlog": "backlog", "older": "older, newly found", "by_hand": "added by hand"}
    known["archive"] = "also in the archive"
    marks = "".join(
        f" [{mark}]"
        for mark, is_set in (("sample", line.is_sample), ("lead", line.is_lead), (known[line.arrival], True))
        if is_set and mark
    )
    show()
    show(Text.assemble((f"Hit {line.hit_id}", "bold"), plain(f"{marks} {line.headline}")))
    day = f", {line.published_at:%Y-%m-%d}" if line.published_at else ""
    show(f"  {line.outlet}{day}  {line.url}")
    show(f"  bears on {hit.watchlist}/{hit.claim_key}, a statement by {hit.said_by}:")
    show(f"  {hit.claim}", style="italic")
    if words := stance_in_words(hit):
        show(f"  {words}", style="yellow" if line.stance == "disputes" else "")
    for passage in line.passages:
        page = f" (page {passage.page})" if passage.page else ""
        show(f"  > {' '.join(passage.text.split())}{page}")
    for words in judgements_in_words(hit):
        show(f"  {words}", style="cyan")


def hit_record(hit: StoredHit) -> dict[str, object]:
    """Return a hit as it is printed with --json."""
    line = hit.line
    return {
        "hit": line.hit_id,
        "watchlist": hit.watchlist,
        "claim": hit.claim_key,
        "claim_text": hit.claim,
        "said_by": hit.said_by,
        "article": hit.article_id,
        "title": line.headline,
        "outlet": line.outlet,
        "url": line.url,
        "language": line.language,
        "published_at": line.published_at,
        "first_seen_at": line.first_seen_at,
        "score": line.score,
        "stance": line.stance,
        "stance_call": line.call,
        "passages": line.passages,
        "arrival": line.arrival,
        "judgements": hit.judgements,
        "is_lead": line.is_lead,
        "is_sample": line.is_sample,
    }


def article_record(article: StoredArticle) -> dict[str, object]:
    """Return an article as JSON has it, without its text."""
    return {
        "article": article.id,
        "title": article.title,
        "outlet": article.outlet,
        "byline": article.byline,
        "url": article.canonical_url,
        "language": article.language,
        "published_at": article.published_at,
        "first_seen_at": article.first_seen_at,
        "extraction": article.extraction,
        "revision": article.revision,
        "arrival": article.arrival,
        "is_sample": article.is_sample,
        "snapshot": article.snapshot,
    }
