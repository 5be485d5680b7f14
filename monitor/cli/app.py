"""The `monitor` command: its groups and their order."""

from pathlib import Path
from typing import Annotated

import typer

from monitor import __version__
from monitor.cli import adding as _adding  # noqa: F401 (adds its commands to those of sources)
from monitor.cli import archive, config, db, digests, judging, run, sample, search, sources, subscriptions, watchlists
from monitor.cli import backtests as _backtests  # noqa: F401 (adds its command to those of watchlists)
from monitor.cli import histories as _histories  # noqa: F401 (adds its commands to those of watchlists)
from monitor.cli.output import out
from monitor.cli.state import State, guarded

app = typer.Typer(
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


app.command()(run.run)
app.command()(run.poll)
app.add_typer(sources.app, name="sources")
app.add_typer(watchlists.app, name="watchlists")
app.add_typer(archive.articles, name="articles")
app.add_typer(archive.hits, name="hits")
app.add_typer(judging.app, name="claims")
app.add_typer(subscriptions.app, name="subscriptions")
app.command()(search.search)
app.add_typer(digests.app, name="digests")
app.add_typer(config.app, name="config")
app.add_typer(db.app, name="db")
app.command()(config.doctor)
app.add_typer(sample.app, name="sample")


def main() -> None:
    """Run the command line."""
    guarded(app)
