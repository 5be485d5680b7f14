"""Every command explains itself, with an example to type."""

from collections.abc import Iterator

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

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
