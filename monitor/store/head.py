"""Whether the archive's tables are what this version needs: every command asks, and Alembic is slow to load."""

from pathlib import Path

from sqlalchemy import inspect, text

from monitor.store.engine import Archive
from monitor.store.faults import retried


@retried
def is_at_head(archive: Archive, scripts: Path) -> bool:
    """Say whether the archive is of the newest migration script; where it isn't, `migrate` says what to do."""
    newest = max(script.name for script in (scripts / "versions").glob("[0-9]*.py")).partition("_")[0]
    with archive.reading() as connection:
        if not inspect(connection).has_table("alembic_version"):
            return False
        return list(connection.scalars(text("SELECT version_num FROM alembic_version"))) == [newest]


def migrate_if_behind(archive: Archive, scripts: Path) -> bool:
    """Do what `migrate` does, and load it only where there is something to do; say whether anything changed."""
    if is_at_head(archive, scripts):
        return False
    from monitor.store.migrate import migrate  # noqa: PLC0415 (loads Alembic)

    return migrate(archive, scripts)
