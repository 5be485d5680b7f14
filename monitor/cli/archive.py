"""`monitor articles` and `monitor hits`: what the archive holds."""

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from monitor.cli.found import article_record, hit_record, show_hit
from monitor.cli.output import Json, emit, out, plain, say, show
from monitor.cli.state import FAILURE, opened
from monitor.model.archiving import TEXT, StoredArticle
from monitor.operations.hits import (
    explained,
    find_hit,
    find_hits,
    known_articles,
    known_hits,
    read_article,
    recent_articles,
)
from monitor.operations.opening import Monitor
from monitor.text.counting import counted

articles = typer.Typer()
hits = typer.Typer()

Limit = Annotated[int, typer.Option("--limit", min=1, max=100_000, help="How many at the most, the newest first.")]


@articles.command("list")
def list_articles(context: typer.Context, limit: Limit = 50, as_json: Json = False) -> None:
    """List the articles last seen first. Example: `monitor articles list --limit 10`"""
    monitor = opened(context)
    found = recent_articles(monitor, limit=limit)
    if as_json:
        for article in found:
            emit(article_record(article))
        return
    if not found:
        show("No articles yet; `monitor poll` visits the sources that are due.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("No.", "Seen", "Outlet", "Title"):
        table.add_column(name, overflow="fold")
    for article in found:
        title = article.title if article.extraction == TEXT else f"[lead: {article.extraction}] {article.title}"
        table.add_row(str(article.id), f"{article.first_seen_at:%Y-%m-%d %H:%M}", plain(article.outlet), plain(title))
    out.print(table)
    show(f"{len(found)} of {counted(known_articles(monitor), 'article')}; one whole: monitor articles show NUMBER")


@articles.command("add")
def add_article(
    context: typer.Context,
    url: Annotated[str, typer.Argument(help="The page's address.")],
    claims: Annotated[
        list[str] | None, typer.Option("--claim", metavar="CLAIM", help="A claim that it bears on, as you judge.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Capture one page now, with its evidence. Example: `monitor articles add https://example.org/report.pdf`

    Ends 1 where the page could not be had; what is tried again later is said so.
    """
    from monitor.operations.capture import capture  # noqa: PLC0415 (loads all that a round needs, for this one command)
    from monitor.operations.sources import reason_in_words  # noqa: PLC0415 (the same)

    monitor = opened(context)
    captured = asyncio.run(capture(monitor, url, claims or ()))
    article = captured.article
    if as_json:
        emit(
            {
                "article": article_record(article) if article else None,
                "reason": captured.reason,
                "new_hits": [hit_record(hit) for hit in captured.new_hits],
            }
        )
    elif article is None:
        words = reason_in_words(captured.reason)
        again = f"{captured.next_read_at:%H:%M} UTC"
        say(f"Not captured yet: {words} ({captured.reason}). Is the address right?", style="yellow")
        say(f"It is tried again after {again}, by a running service or the next `monitor poll`.")
        if claims:
            say("The claim that you named is not kept until then: type this again once the page can be read.")
    else:
        _show_captured(article, reason_in_words(article.extraction))
        for hit in captured.new_hits:
            show_hit(hit)
        if not captured.new_hits:
            named = "It stands under the claim already." if claims else "--claim LIST/CLAIM sets it under one."
            say(f"No new hit: {_why_no_hit(monitor)}. {named}")
    if article is None or article.extraction != TEXT:
        raise typer.Exit(FAILURE)


def _why_no_hit(monitor: Monitor) -> str:
    from monitor.operations.encoders import has_encoder  # noqa: PLC0415 (loads what encodes, for this one line)
    from monitor.operations.watchlists import live  # noqa: PLC0415 (loads what reads queries, for the same)

    if not live(monitor):
        return "no watchlist is live (`monitor watchlists apply FILE` makes one)"
    if has_encoder(monitor.settings):
        return "no claim's terms find it (what meaning finds, the next round tells), or its hits are known"
    return "it bears on no watched claim, or its hits are known"


def _show_captured(article: StoredArticle, reason: str) -> None:
    why = f"{article.extraction}: {reason}"
    what = "Captured" if article.extraction == TEXT else f"Captured as a lead ({why})"
    show(f"{what}: article {article.id}, {article.title}", style="bold")
    if article.snapshot:
        show(f"Evidence: body SHA-256 {article.snapshot.body_sha256}. All of it: monitor articles show {article.id}")


@articles.command("show")
def show_article(context: typer.Context, article_id: int, as_json: Json = False) -> None:
    """Show one article's text and where its evidence stands. Example: `monitor articles show 12`"""
    monitor = opened(context)
    article = read_article(monitor, article_id)
    if as_json:
        emit(article_record(article) | {"text": article.text})
        return
    show(article.title, style="bold")
    published = f"{article.published_at:%Y-%m-%d %H:%M} UTC" if article.published_at else "date unknown"
    show(" · ".join(part for part in (article.outlet, article.byline, published, article.language) if part))
    show(article.canonical_url)
    if article.is_sample:
        show("Sample article: invented for a first run of Monitor.", style="yellow")
    if article.extraction != TEXT:
        show(f"A lead: the whole text could not be had ({article.extraction}); this is all of it that is here.")
    if article.snapshot:
        snapshot = article.snapshot
        show(f"Evidence: {monitor.snapshots.folder / snapshot.blob_key}")
        show(f"          body SHA-256 {snapshot.body_sha256}, fetched {snapshot.fetched_at:%Y-%m-%d %H:%M:%S} UTC")
    show()
    show(article.text)


@hits.command("list")
def list_hits(
    context: typer.Context,
    claim: Annotated[
        str, typer.Option("--claim", metavar="CLAIM", help="Only of one claim, as CLAIM or LIST/CLAIM.")
    ] = "",
    limit: Limit = 50,
    as_json: Json = False,
) -> None:
    """List hits with their sentences, the newest first. Example: `monitor hits list --claim shelter-detention`"""
    monitor = opened(context)
    found = find_hits(monitor, claim=claim, limit=limit)
    if as_json:
        for hit in found:
            emit(hit_record(hit))
        return
    for hit in found:
        show_hit(hit)
    known = known_hits(monitor)
    if found:
        say(f"\n{len(found)} of {counted(known, 'hit')}; why one matched: monitor hits explain NUMBER")
    elif known:
        show(f"No hits on {claim}; {counted(known, 'hit')} on other claims.")
    else:
        articles_read = counted(known_articles(monitor), "article")
        show(f"No hits yet: of {articles_read} read, none bears on a watched claim. `monitor poll` looks for more.")


@hits.command("show")
def show_one_hit(context: typer.Context, hit_id: int, as_json: Json = False) -> None:
    """Show one hit, in short. Example: `monitor hits show 3`

    `monitor hits explain` says why it is one.
    """
    hit = find_hit(opened(context), hit_id)
    if as_json:
        emit(hit_record(hit))
        return
    show_hit(hit)
    show(f"  {explained(hit)[0]}")
    show()
    show(f"  Why, part by part: monitor hits explain {hit_id}")
    show(f"  The whole article: monitor articles show {hit.article_id}")
