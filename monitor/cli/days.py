"""Days as an operator types them."""

from datetime import date

import typer


def read_day(text: str) -> date:
    """Return a day of the calendar. Raises typer.BadParameter, which says how to write one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day of the calendar; write it as 2026-11-27") from None
