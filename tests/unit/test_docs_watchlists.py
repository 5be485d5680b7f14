"""docs/watchlists.md is typed as it stands, and says what Monitor says."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest
from typer.main import get_command

from monitor.cli.app import app
from monitor.cli.output import say
from monitor.errors import MonitorError
from monitor.watchlist.document import read_watchlist

PAGE = (Path(__file__).parents[2] / "docs" / "watchlists.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _steps(block: str) -> list[tuple[str, list[str]]]:
    """Return each command of a console block with the lines that are shown below it."""
    return [
        (step.splitlines()[0], step.splitlines()[1:]) for step in re.split(r"^\$ ", block, flags=re.MULTILINE) if step
    ]


def _type(command: str) -> None:
    """Type a command: Monitor's in this process, another's in the shell of its reader."""
    program, *arguments = shlex.split(command)
    if program != "monitor":
        subprocess.run([program, *arguments], check=True)
        return
    try:
        get_command(app).main(arguments, prog_name="monitor", standalone_mode=False)
    except MonitorError as error:
        say(f"monitor: {error}")


def _is_shown(expected: str, lines: list[str]) -> bool:
    """Say whether a line was printed; "…" in the page stands for what differs each time."""
    pattern = ".*".join(map(re.escape, expected.split("…")))
    return any(re.fullmatch(pattern, line) for line in lines)


def test_every_command_of_the_page_says_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LOGNAME", "anna")
    monkeypatch.setenv("MONITOR_DATA_DIR", str(tmp_path / "var"))
    (tmp_path / "harbour.yaml").touch()
    typed = 0
    for kind, name, block in BLOCK.findall(PAGE):
        if kind != "console":
            (tmp_path / name).write_text(block, encoding="utf-8")
            continue
        for command, shown in _steps(block):
            _type(command)
            typed += 1
            captured = capsys.readouterr()
            lines = (captured.out + captured.err).splitlines()
            assert [line for line in shown if not _is_shown(line, lines)] == [], f"{command}\n{captured}"
    assert typed > 15


def test_every_watchlist_of_the_page_is_good() -> None:
    documents = [block for kind, _name, block in BLOCK.findall(PAGE) if kind == "yaml"]
    assert [read_watchlist(document, "docs/watchlists.md").name for document in documents] == ["harbour", "harbour"]
