"""The `monitor` command: its groups and their order."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli.lazily import Lazy, LazyGroup
from monitor.cli.output import out
from monitor.cli.state import State, guarded

COMMANDS = {
    "run": Lazy(
        ("monitor.cli.run",),
        "run",
        "Poll what is due, match it, write the digest, and stay up. Example: `monitor run --once`",
    ),
    "poll": Lazy(
        ("monitor.cli.run",),
        "poll",
        "Visit sources now and read what they bring; no digest. Example: `monitor poll --all`",
    ),
    "sources": Lazy(
        ("monitor.cli.sources", "monitor.cli.adding"), "app", "What is polled. Example: `monitor sources list`"
    ),
    "watchlists": Lazy(
        ("monitor.cli.watchlists", "monitor.cli.backtests", "monitor.cli.histories"),
        "app",
        "What is watched for. Example: `monitor watchlists list`",
    ),
    "articles": Lazy(
        ("monitor.cli.archive",), "articles", "The articles that were read. Example: `monitor articles list`"
    ),
    "hits": Lazy(
        ("monitor.cli.archive", "monitor.cli.judging"),
        "hits",
        "The articles that bear on a claim. Example: `monitor hits list`",
    ),
    "claims": Lazy(
        ("monitor.cli.claims",), "app", "The watched claims and what they have learnt. Example: `monitor claims list`"
    ),
    "subscriptions": Lazy(
        ("monitor.cli.subscriptions",), "app", "Who gets digests, and when. Example: `monitor subscriptions list`"
    ),
    "search": Lazy(
        ("monitor.cli.search",),
        "search",
        "Search titles, texts, outlets and bylines. Example: `monitor search 'garment NEAR/10 raid AND lang:en'`",
    ),
    "digests": Lazy(("monitor.cli.digests",), "app", "What readers are told. Example: `monitor digests preview`"),
    "config": Lazy(("monitor.cli.config",), "app", "The settings. Example: `monitor config show`"),
    "db": Lazy(
        ("monitor.cli.db",),
        "app",
        "The archive's database: examined, backed up, moved. Example: `monitor db backup /mnt/backups/monday`",
    ),
    "doctor": Lazy(
        ("monitor.cli.config",),
        "doctor",
        "Examine this installation and say what to mend; ends 1 where something must be. Example: `monitor doctor`",
    ),
    "sample": Lazy(
        ("monitor.cli.sample",), "app", "The invented newsroom of a first run. Example: `monitor sample remove`"
    ),
}


class _Monitor(LazyGroup):
    known = COMMANDS


app = typer.Typer(
    cls=_Monitor,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Watch the news for what bears on a published story's claims. Example: `monitor run --once`",
)


def _show_version(is_wanted: bool) -> None:
    if is_wanted:
        out.print(f"monitor {__version__}")
        raise typer.Exit


@app.callback()
def start(
    context: typer.Context,
    config_file: Annotated[
        Path | None, typer.Option("--config", metavar="FILE", help="Settings file; default: monitor.toml.")
    ] = None,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Read what stands before the command."""
    context.obj = State(config_file)


def main() -> None:
    """Run the command line."""
    guarded(app)
