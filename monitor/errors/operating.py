"""What an operator set, typed or wrote that does not go."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from monitor.errors.families import MonitorError, Rejected


class WatchlistConflict(Rejected):
    """A file was edited from a version that is no longer live; the live one stays until somebody decides."""

    reason = "watchlist_conflict"


class ConfigurationError(MonitorError):
    """A setting is wrong."""

    reason = "bad_settings"
    exit_code: ClassVar[int] = 3


class UsageError(MonitorError):
    """The command can't do that with what it was given."""

    reason = "usage"
    exit_code: ClassVar[int] = 2


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong in an operator's document. `line` and `column` count from 1; 0 = unknown."""

    message: str
    line: int = 0
    column: int = 0


class WatchlistError(MonitorError):
    """A watchlist can't be used; `faults` names each place."""

    reason = "bad_watchlist"
    exit_code: ClassVar[int] = 3

    def __init__(self, file: str | Path, faults: tuple[Fault, ...]) -> None:
        self.file = str(file)
        self.faults = faults
        places = (
            f"{self.file}:{f.line}:{f.column}: {f.message}" if f.line else f"{self.file}: {f.message}" for f in faults
        )
        super().__init__("\n".join(places))
