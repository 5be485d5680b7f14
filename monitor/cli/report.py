"""How a round shows: one table of the sources, then the hits with their sentences and whose claim it is."""

import shlex

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from monitor.cli.found import hit_record, show_hit
from monitor.cli.output import emit, out, plain, say, show
from monitor.errors import WatchlistConflict
from monitor.model.archiving import Polled
from monitor.operations.hits import known_articles, known_hits
from monitor.operations.opening import Monitor
from monitor.operations.rounds import Prepared, Round
from monitor.operations.sources import health_in_words, reason_in_words, source_standing
from monitor.text.counting import counted

MAX_HITS_SHOWN = 20


def show_prepared(monitor: Monitor, prepared: Prepared) -> None:
    """Say what the start did, and what it could not do."""
    for applied in prepared.watchlists:
        if isinstance(applied.error, WatchlistConflict):
            first, *_both_sides = str(applied.error).splitlines()
            say(first, style="red")
            say(f"Both sides, and what to type: monitor watchlists apply {shlex.quote(applied.file)}", style="yellow")
        elif applied.error:
            say(f"{applied.error}", style="red")
            say(f"{applied.file} is not applied; its last good version stays live", style="yellow")
        elif applied.is_new:
            say(f"Watchlist {applied.name}: version {applied.number}, {counted(applied.claims, 'claim')}")
            for note in applied.notes:
                say(f"  look again: {note}", style="yellow")
    for words in prepared.unreadable:
        say(words, style="red")
    if prepared.new_sources:
        say(f"Sources: {prepared.new_sources} loaded into the empty archive under {monitor.settings.data_dir}/")
    if prepared.has_sample:
        say("Sample newsroom: loaded so that there is something to see. `monitor sample remove` takes it out again.")
    if not monitor.settings.contact:
        say("No contact is set, so the sites we visit can't reach you: MONITOR_CONTACT=you@example.org", style="yellow")


def show_round(monitor: Monitor, done: Round) -> None:
    """Show what each source gave, then how many articles were read."""
    if done.polled:
        _show_sources(done)
        show(_summary(done))
    else:
        show("No source is due. `monitor poll --all` visits them all now; `monitor sources list` shows when each is.")
        if done.read.total:
            show(_summary(done))
    _show_standing(monitor, done)


def _show_standing(monitor: Monitor, done: Round) -> None:
    """Say it where sources can't be read, also when none was due: their silence is no news of nothing."""
    standing = source_standing(monitor)
    if not standing.failing:
        return
    again = f"The next is tried at {standing.next_at:%H:%M} UTC." if standing.next_at else "None is tried again."
    if standing.failing == standing.enabled > 1:
        words = f"None of {standing.enabled} sources could be read at its last visit: is there a network?"
    elif not done.polled:
        words = f"{standing.failing} of {counted(standing.enabled, 'source')} could not be read when last visited."
    else:
        return
    show(f"{words} {again}", "yellow")


def _show_sources(done: Round) -> None:
    """Show one line a source, however long the reason: a terminal cuts it, a file has it whole."""
    width = min(34, max(cell_len(polled.source.spec.title) for polled in done.polled))

    def row(title: str, new: str, unchanged: str, outcome: Text, style: str = "") -> None:
        columns = f"{set_cell_size(title, width)} {new:>5} {unchanged:>9}  "
        line = Text.assemble(columns, outcome, style=style)
        out.print(line, no_wrap=True, overflow="ellipsis", crop=True, soft_wrap=False)

    row("Source", "New", "Unchanged", Text("Outcome"), "bold")
    for polled in done.polled:
        unchanged = str(len(polled.entries) - polled.new) if polled.entries else ""
        row(polled.source.spec.title, str(polled.new) if polled.is_good else "", unchanged, _outcome(polled))
    _show_health(done)


def _show_health(done: Round) -> None:
    """Say it once where something is newly wrong with a source, and once where it is over."""
    for polled in done.polled:
        before, health = polled.source.health, polled.after.health
        if health != before:
            words = health_in_words(health) or "well again"
            show(f"{polled.source.spec.title}: {words}. More: monitor sources health {polled.source.id}", "yellow")


def _outcome(polled: Polled) -> Text:
    if not polled.is_good:
        detail = "" if out.is_terminal else f": {' '.join(polled.detail.split())}"
        reason = plain(f"failed, {reason_in_words(polled.reason)} ({polled.reason}){detail}")
        reason.stylize("red")
        return reason
    dropped = f", {counted(polled.rejected, 'entry')} without a usable link" if polled.rejected else ""
    older = f", {counted(polled.older, 'entry')} older than two weeks left out" if polled.older else ""
    backlog = " (its backlog)" if polled.new and polled.source.is_first else ""
    moved = f", moved to {polled.after.spec.url}" if polled.after.spec.url != polled.source.spec.url else ""
    return plain(("ok" if polled.new else "nothing new") + backlog + dropped + older + moved)


def _summary(done: Round) -> str:
    read = done.read
    parts = [f"{counted(len(done.polled) - len(done.failed), 'source')} read"]
    if done.failed:
        parts.append(f"{len(done.failed)} failed")
    parts.append(f"{counted(read.read, 'article')} read")
    if read.leads:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(read.leads.items()))
        parts.append(f"{counted(read.leads.total(), 'lead')} (no text to be had: {reasons})")
    if read.filtered:
        parts.append(f"{counted(read.filtered, 'entry')} outside the source's `only`")
    if read.failed:
        reasons = ", ".join(f"{reason} {count}" for reason, count in sorted(read.failed.items()))
        parts.append(f"{counted(sum(read.failed.values()), 'article')} put off ({reasons})")
    meaning = done.meaning
    if meaning.compared:
        parts.append(f"{counted(meaning.compared, 'article')} compared in meaning")
    if meaning.left:
        failure = f" ({meaning.failure})" if meaning.failure else ""
        parts.append(f"{counted(meaning.left, 'article')} matched on terms, meaning pending{failure}")
    parts.append(counted(len(done.hits), "new hit"))
    if done.replayed.new_hit_ids:
        parts.append(f"{counted(len(done.replayed.new_hit_ids), 'hit')} also in the archive")
    return "; ".join(parts)


def show_hits(monitor: Monitor, done: Round) -> None:
    """Show the new hits with their sentences; say why there is none where there is none."""
    if not done.hits:
        known, read = known_hits(monitor), known_articles(monitor)
        if known:
            show(f"No new hits; {counted(known, 'hit')} in the archive: `monitor hits list` shows them.")
        elif read:
            show(f"No hits: none of the {counted(read, 'article')} read so far bears on a watched claim.")
        else:
            show("No hits: no article has been read yet, so that says nothing.")
        return
    for hit in done.hits[:MAX_HITS_SHOWN]:
        show_hit(hit)
    if len(done.hits) > MAX_HITS_SHOWN:
        show(f"\n… and {len(done.hits) - MAX_HITS_SHOWN} more: monitor hits list --limit {len(done.hits)}")


def emit_round(done: Round) -> None:
    """Print a round as JSON Lines: a line a source, a line a hit, then the counts."""
    for polled in done.polled:
        emit(
            {
                "source": polled.source.spec.url,
                "title": polled.source.spec.title,
                "outcome": polled.outcome,
                "new": polled.new,
                "unchanged": len(polled.entries) - polled.new,
                "rejected": polled.rejected,
                "older": polled.older,
                "is_backlog": polled.source.is_first,
                "health": polled.after.health,
                "reason": polled.reason,
                "detail": polled.detail,
                "next_poll_at": polled.after.next_poll_at,
            }
        )
    for hit in done.hits:
        emit(hit_record(hit))
    read = done.read
    emit(
        {
            "sources": len(done.polled),
            "failed": len(done.failed),
            "articles": read.read,
            "leads": read.leads,
            "filtered": read.filtered,
            "put_off": read.failed,
            "compared": done.meaning.compared,
            "meaning_pending": done.meaning.left,
            "meaning_failure": done.meaning.failure,
            "new_hits": len(done.hits),
            "also_in_archive": len(done.replayed.new_hit_ids),
        }
    )
