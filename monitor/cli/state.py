"""What every command starts from: the settings, the opened Monitor, and how a failure ends."""

import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from monitor.cli.output import say, speak_safely
from monitor.errors import MonitorError
from monitor.settings import Settings, load_settings

if TYPE_CHECKING:
    from monitor.operations.opening import Monitor

OK, FAILURE, USAGE, BAD_CONFIGURATION, SOME_FAILED = range(5)
INTERRUPTED = 130


@dataclass(frozen=True)
class State:
    """What was typed before the command."""

    config: Path | None = None


def settings_of(context: typer.Context) -> tuple[Settings, dict[str, str]]:
    """Return the settings and where each was set. Raises ConfigurationError."""
    state = context.obj if isinstance(context.obj, State) else State()
    return load_settings(os.environ, state.config)


def opened(context: typer.Context) -> "Monitor":
    """Open Monitor on the settings' archive."""
    from monitor.operations.opening import open_monitor  # noqa: PLC0415 (loads what --help and mistypings don't need)

    return open_monitor(settings_of(context)[0])


def guarded(main: Callable[[], None]) -> None:
    """Run the command line; whatever fails ends in one message and an exit code, never in a traceback."""
    speak_safely()
    try:
        main()
    except MonitorError as error:
        say(f"monitor: {error}", style="red")
        sys.exit(getattr(error, "exit_code", FAILURE))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except OSError as error:
        where = error.filename or _place(error)
        say(f"monitor: {error.strerror or error}: {where}", style="red")
        sys.exit(FAILURE)
    except Exception as error:  # noqa: BLE001 (the last boundary: a user gets a line, the maintainer its place)
        say(f"monitor: a fault in Monitor itself: {type(error).__name__}: {error}", style="red")
        say(f"  at {_place(error)}; please report it with what you typed")
        sys.exit(FAILURE)


def _place(error: BaseException) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno}"
