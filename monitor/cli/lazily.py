"""Commands that are loaded when they are typed: none waits for what only another one needs."""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group


@dataclass(frozen=True, slots=True)
class Lazy:
    """Where a command or a group of commands is found: a name in the first of its modules; and what it is for.

    The other modules add their commands to the group when they are imported.
    """

    modules: tuple[str, ...]
    name: str
    help: str

    def load(self, typed: str) -> TyperCommand | TyperGroup:
        """Return what is typed as `typed`."""
        first, *_others = [import_module(module) for module in self.modules]
        target, holder = getattr(first, self.name), typer.Typer(rich_markup_mode="markdown")
        holder.callback()(lambda: None)  # or a single command would be the whole program
        if isinstance(target, typer.Typer):
            holder.add_typer(target, name=typed, help=self.help, no_args_is_help=True)
        else:
            holder.command(typed)(target)
        loaded = get_group(holder).commands[typed]
        assert isinstance(loaded, TyperCommand | TyperGroup)  # noqa: S101 (what Typer makes)
        return loaded


class Commands(Mapping[str, TyperCommand | TyperGroup]):
    """Commands by the words that are typed, each loaded at its first use."""

    def __init__(self, known: Mapping[str, Lazy]) -> None:
        self._known = known
        self._loaded: dict[str, TyperCommand | TyperGroup] = {}

    def __getitem__(self, typed: str) -> TyperCommand | TyperGroup:
        if typed not in self._loaded:
            self._loaded[typed] = self._known[typed].load(typed)
        return self._loaded[typed]

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def names(self) -> dict[str, TyperCommand]:
        """Return each with its help alone: enough for a list of them."""
        return {typed: TyperCommand(typed, help=lazy.help) for typed, lazy in self._known.items()}


class LazyGroup(TyperGroup):
    """A group that loads the one command that is typed; a subclass names the `known` ones."""

    known: Mapping[str, Lazy]

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401 (Typer passes them)
        super().__init__(**attributes)
        self.commands = Commands(self.known)  # type: ignore[assignment]

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401, ARG002 (Typer's signature)
        """Return their names, in their order."""
        return list(self.commands)

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 (Typer's signature)
        """List the commands without loading them."""
        listed = copy.copy(self)
        listed.commands = self.commands.names()  # type: ignore[attr-defined]
        super(LazyGroup, listed).format_help(ctx, formatter)
