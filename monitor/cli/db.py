"""`monitor db`: the archive's database as a whole."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from monitor.cli.output import Json, emit, out, plain, progress_bar, say, show
from monitor.cli.state import FAILURE, opened, settings_of
from monitor.operations.databases import Moved, back_up, check, copy, restore, upgrade
from monitor.operations.indexing import make_index_anew
from monitor.text.counting import counted

app = typer.Typer()


@app.command("upgrade")
def upgrade_database(context: typer.Context, as_json: Json = False) -> None:
    """Bring the tables up to date, as every start does, and the search index. Example: `monitor db upgrade`

    Ends 1 while tables must change and another Monitor works on the archive: stop it first.
    """
    with progress_bar() as progress:
        before, after, indexed = upgrade(settings_of(context)[0], progress)
    if as_json:
        emit({"before": before, "after": after, "indexed": indexed})
        return
    if indexed:
        say(f"Put {counted(indexed, 'article')} into the search index.")
    if before == after:
        show(f"The archive is up to date: revision {after}.")
    else:
        show(f"The archive is at revision {after} now{f', before at {before}' if before else ': it is new'}.")


@app.command("check")
def check_database(context: typer.Context, as_json: Json = False) -> None:
    """Examine the database, every row and every piece of evidence. Example: `monitor db check`

    A service may go on meanwhile. Ends 1 where something is damaged, missing or altered.
    """
    monitor = opened(context)
    with progress_bar() as progress:
        findings, sums = check(monitor, progress)
    if as_json:
        for table in sums:
            emit(table)
        for finding in findings:
            emit(finding)
    else:
        for finding in findings:
            style = {"ok": "green", "warning": "yellow", "fault": "red"}[finding.level]
            show(f"{finding.level:<8} {finding.what}: {finding.words}", style=style)
    if any(finding.level == "fault" for finding in findings):
        raise typer.Exit(FAILURE)


@app.command("reindex")
def reindex(context: typer.Context, as_json: Json = False) -> None:
    """Make the search index anew from the articles. Example: `monitor db reindex`

    A service may go on meanwhile, and searches find what they found before. Stopped in between, type it again: it goes
    on where it was, as a running service does.
    """
    monitor = opened(context)
    with progress_bar() as progress:
        indexed = make_index_anew(monitor.archive, progress)
    if as_json:
        emit({"indexed": indexed})
    else:
        show(f"The search index is made anew: {counted(indexed, 'article')}.")


@app.command("backup")
def back_up_database(
    context: typer.Context,
    destination: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder; nothing is overwritten.")],
    as_json: Json = False,
) -> None:
    """Write the archive with its evidence into a new folder. Example: `monitor db backup /mnt/backups/monday`

    A service may go on meanwhile: the backup is the archive as it stood at one moment. Ends 1 where a piece of
    evidence is missing or altered; the backup is made all the same.
    """
    monitor = opened(context)
    with progress_bar() as progress:
        made = back_up(monitor, destination, progress)
    _tell(made, f"Backed up to {made.place}", as_json=as_json)
    if not as_json:
        say(f"To put it back into an empty archive: monitor db restore {made.place}")


@app.command("restore")
def restore_database(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `monitor db backup` made.")],
    as_json: Json = False,
) -> None:
    """Put a backup into an empty archive, SQLite or PostgreSQL. Example: `monitor db restore /mnt/backups/monday`

    The archive is the settings' own (MONITOR_DATA_DIR, MONITOR_DATABASE_URL). Killed in between, type it again.
    """
    with progress_bar() as progress:
        done = restore(settings_of(context)[0], folder, progress)
    _tell(done, f"Restored into {done.place}", as_json=as_json)


@app.command("copy")
def copy_database(
    context: typer.Context,
    to: Annotated[str, typer.Option("--to", metavar="URL", help="An empty database: postgresql://… or sqlite:///…")],
    as_json: Json = False,
) -> None:
    """Copy the archive to another database. Example: `monitor db copy --to postgresql://monitor@db.example/monitor`

    Stop the service first. Killed in between, type the same again: what is there already is not sent twice. The
    password may stand in PGPASSWORD or ~/.pgpass, where nobody else on this machine sees it.
    """
    monitor = opened(context)
    with progress_bar() as progress:
        done = copy(monitor, to, progress)
    _tell(done, f"Copied to {done.place}; nothing was changed here", as_json=as_json)
    if not as_json:
        say("To work with it from now on, set MONITOR_DATABASE_URL to that address. The evidence stays in data_dir.")


def _tell(done: Moved, words: str, *, as_json: bool) -> None:
    if as_json:
        for table in done.tables:
            emit(table)
        emit({"place": done.place, "rows": done.rows, "evidence": done.evidence, "evidence_faults": done.faults})
    else:
        shown = Table(box=None, pad_edge=False, header_style="bold")
        for name in ("Table", "Rows", "SHA-256, the same on both sides"):
            shown.add_column(name)
        for found in done.tables:
            shown.add_row(found.name, f"{found.rows:,}", found.sha256)
        out.print(shown)
        pieces = f", {counted(done.evidence, 'piece')} of evidence" if done.evidence else ""
        show(f"{words}: {counted(done.rows, 'row')}{pieces}.")
        for key, fault in done.faults[:20]:
            say(f"Evidence {fault}: {key}", style="red")
    if done.faults:
        if not as_json:
            say(plain(f"{counted(len(done.faults), 'piece')} of evidence {'are' if len(done.faults) > 1 else 'is'} not "
                      "as received; see `monitor db check`").plain, style="red")  # fmt: skip
        raise typer.Exit(FAILURE)
