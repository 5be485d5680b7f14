"""Every command explains itself, with an example to type."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from monitor.cli.app import COMMANDS as KNOWN
from monitor.cli.app import app


def commands(group: TyperGroup, path: tuple[str, ...] = ()) -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    for name, command in group.commands.items():
        assert isinstance(command, TyperCommand | TyperGroup)
        yield " ".join((*path, name)), command
        if isinstance(command, TyperGroup):
            yield from commands(command, (*path, name))


ROOT = get_command(app)
assert isinstance(ROOT, TyperGroup)
COMMANDS = dict(commands(ROOT))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_a_command_shows_an_example_that_names_it(name: str) -> None:
    command = COMMANDS[name]
    assert f"Example: `monitor {name}" in " ".join((command.help or "").split())


def test_the_commands_that_are_promised_are_there() -> None:
    groups = {
        "sources": {"list", "add", "check", "remove"},
        "watchlists": {"check", "apply", "list", "try"},
        "articles": {"list", "show"},
        "hits": {"list", "show"},
        "digests": {"preview"},
        "config": {"show", "check"},
        "sample": {"remove"},
    }
    promised = {f"{group} {name}" for group, names in groups.items() for name in names} | {"run", "poll", "doctor"}
    assert promised <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_the_list_of_commands_says_of_each_what_it_says_itself(name: str) -> None:
    first, *_rest = (COMMANDS[name].help or "").split("\n\n")
    assert " ".join(first.split()) == KNOWN[name].help


def test_the_list_of_commands_and_a_mistyped_one_load_no_database() -> None:
    for typed in (["--help"], ["hitz"]):
        program = (
            f"import sys; from monitor.cli.app import app; sys.argv[1:] = {typed}; import atexit; atexit.register("
        )
        program += "lambda: print('sqlalchemy' in sys.modules, 'numpy' in sys.modules)); app()"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert done.stdout.splitlines()[-1] == "False False"


def test_a_list_of_hits_loads_neither_matching_nor_fetching_nor_migrations(tmp_path: Path) -> None:
    heavy = ["numpy", "alembic", "httpx", "jinja2", "lark", "monitor.match", "monitor.fetch", "monitor.pipeline"]
    program = (
        "import sys, atexit; from monitor.cli.app import app; "
        f"atexit.register(lambda: print([name for name in {heavy} if name in sys.modules])); app()"
    )
    environ = os.environ | {"MONITOR_DATA_DIR": str(tmp_path / "var")}
    for typed in (["hits", "list"], ["hits", "list"]):  # the first one makes the tables
        command = [sys.executable, "-c", program, *typed]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_mistyped_command_is_told_with_the_nearest_one() -> None:
    done = subprocess.run([sys.executable, "-m", "monitor", "hitz"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "No such command 'hitz'. Did you mean 'hits'?" in done.stderr
