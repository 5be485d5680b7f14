"""`monitor sample`: the invented newsroom of a first run."""

import typer

from monitor.cli.output import Json, emit, show
from monitor.cli.state import opened
from monitor.operations.sample import remove_sample_newsroom
from monitor.text.counting import counted

app = typer.Typer()


@app.callback()
def group() -> None:
    """Keep `remove` a command of its own while it is the only one."""


@app.command()
def remove(context: typer.Context, as_json: Json = False) -> None:
    """Take the sample newsroom out with every trace of it. Example: `monitor sample remove`"""
    removed = remove_sample_newsroom(opened(context))
    if as_json:
        emit(removed)
    elif not removed.sources and not removed.articles:
        show("There is no sample in the archive; nothing was removed.")
    else:
        show(
            f"Removed {counted(removed.sources, 'sample source')}, {counted(removed.articles, 'article')}, "
            f"{counted(removed.hits, 'hit')} and {counted(removed.digests, 'digest')} that told them, evidence and "
            "files included. The next digest is made without them."
        )
