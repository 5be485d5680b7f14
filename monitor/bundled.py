"""Where the files that ship with Monitor stand: in a checkout at its top level, in an installed package beside it."""

from pathlib import Path


def bundled_path(name: str) -> Path:
    """Return the folder or file of that name: `alembic`, `schemas`, `seeds` or `watchlists`."""
    packaged = Path(__file__).parent / "_bundled" / name
    return packaged if packaged.exists() else Path(__file__).parent.parent / name
