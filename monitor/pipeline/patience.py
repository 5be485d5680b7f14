"""Who could not be made a mail, and when that is tried again: later each time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.errors import InternalFault, MonitorError

_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Trouble:
    error: MonitorError
    pause: timedelta
    failed_at: datetime


class Patience:
    """Remembers troubles by name while a service runs; one that starts tries everything at once."""

    def __init__(self) -> None:
        self._troubles: dict[str, _Trouble] = {}

    def waits_for(self, name: str, now: datetime) -> MonitorError | None:
        """Return why it is too early for another try, or None where it is not."""
        trouble = self._troubles.get(name)
        is_early = trouble is not None and timedelta(0) <= now - trouble.failed_at < trouble.pause
        return trouble.error if trouble and is_early else None

    def keep(self, name: str, error: Exception, now: datetime) -> MonitorError:
        """Keep that a try has failed; return why."""
        before = self._troubles.get(name)
        pause = min(before.pause * 2, _LONGEST_PAUSE) if before else _FIRST_PAUSE
        self._troubles[name] = trouble = _Trouble(InternalFault.of(error), pause, now)
        return trouble.error

    def forget(self, name: str) -> None:
        """Keep that a try went well."""
        self._troubles.pop(name, None)
