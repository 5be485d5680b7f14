"""`monitor search`: articles that hold what one types, newest or best first."""

from datetime import date
from typing import Annotated

import typer
from rich.text import Text

from monitor.cli.days import read_day
from monitor.cli.found import article_record
from monitor.cli.output import Json, emit, plain, progress_bar, say, show
from monitor.cli.state import opened
from monitor.model.archiving import PAYWALL, TEXT, StoredArticle
from monitor.model.searching import MarkedPassage
from monitor.operations.indexing import complete_index
from monitor.operations.search import Found, SearchResult, search_archive
from monitor.text.counting import counted

_MARK = "bold yellow"


def search(
    context: typer.Context,
    query: Annotated[
        list[str] | None,
        typer.Argument(
            help='Words, or a query: AND OR NOT ( ) "a phrase" prefix* NEAR/n title: site: lang: @name',
            show_default=False,
        ),
    ] = None,
    is_best: Annotated[bool, typer.Option("--best/--newest", help="Which come first.")] = False,
    since: Annotated[
        date | None,
        typer.Option("--since", parser=read_day, metavar="DAY", help="From this day on."),
    ] = None,
    until: Annotated[date | None, typer.Option("--until", parser=read_day, metavar="DAY", help="To this day.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="How many at the most.")] = 20,
    as_json: Json = False,
) -> None:
    """Search titles, texts, outlets and bylines. Example: `monitor search 'garment NEAR/10 raid AND lang:en'`

    Words in quotes are found as they are, others in all their English inflections. What doesn't read as a query is
    looked for as plain words.
    """
    monitor = opened(context)
    with progress_bar() as bar:
        taken_in = complete_index(monitor.archive, bar)
    if taken_in:
        say(f"Put {counted(taken_in, 'article')} into the search index.")
    result = search_archive(
        monitor,
        " ".join(query or ()),
        is_best=is_best,
        since=since,
        until=until,
        limit=limit,
    )
    if as_json:
        for found in result.found:
            passages = [_record(marked) for marked in found.passages]
            emit(article_record(found.article) | {"passages": passages, "claims": found.claims})
    else:
        for found in result.found:
            _show(found)
    _say_how_it_went(result, is_best=is_best)


def _say_how_it_went(result: SearchResult, *, is_best: bool) -> None:
    for note in result.notes:
        say(note, style="yellow")
    if not result.found:
        return
    order = "best" if is_best else "newest"
    if result.is_more:
        say(f"The {order} {counted(len(result.found), 'article')}; there are more: --limit {len(result.found) * 5}.")
    else:
        say(f"{counted(len(result.found), 'article')}, the {order} first. One whole: monitor articles show NUMBER")


def _show(found: Found) -> None:
    article = found.article
    headlines = (_marked(marked) for marked in found.passages if marked.passage.where == "title")
    headline = next(headlines, plain(article.title or article.canonical_url))
    show(Text.assemble(f"{article.id}  ", headline, style="bold"))
    kind = "" if article.extraction == TEXT else "teaser" if article.extraction == PAYWALL else "lead, without its text"
    parts = (article.outlet, article.byline, _date(article), article.language, kind, "sample" * article.is_sample)
    show("    " + " · ".join(part for part in parts if part))
    for marked in found.passages:
        if marked.passage.where == "text":
            show(Text("    ") + _marked(marked))
    for claim in found.claims:
        show(f"    bears on {claim}: monitor hits list --claim {claim}", style="green")
    show()


def _marked(marked: MarkedPassage) -> Text:
    """Return a passage on one line, with what was looked for marked."""
    line, at = Text(), 0
    text = marked.passage.text
    for start, end in marked.marks:
        line += plain(_on_one_line(text[at:start]))
        line += Text(plain(_on_one_line(text[start:end])).plain, style=_MARK)
        at = end
    return line + plain(_on_one_line(text[at:]))


def _on_one_line(text: str) -> str:
    return text.replace("\n", " ")


def _date(article: StoredArticle) -> str:
    if article.published_at:
        return f"{article.published_at:%Y-%m-%d}"
    return f"seen {article.first_seen_at:%Y-%m-%d}"


def _record(marked: MarkedPassage) -> dict[str, object]:
    return {"text": marked.passage.text, "where": marked.passage.where, "marks": marked.marks}
