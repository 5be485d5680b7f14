"""What keeps the archive's database from being used."""

from monitor.errors.families import MonitorError, Retryable


class StoreBusy(Retryable):
    """Another process holds the archive."""

    reason = "store_busy"


class TransactionLost(StoreBusy):
    """The database gave a transaction up, or the connection broke; nothing of it was kept."""


class StoreBroken(MonitorError):
    """The archive's database can't be used as it stands."""

    reason = "store_broken"
