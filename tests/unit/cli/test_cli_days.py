"""Days as they are typed."""

from datetime import date

import pytest
import typer

from monitor.cli.days import read_day


def test_a_day_is_read() -> None:
    assert read_day("2014-07-05") == date(2014, 7, 5)


@pytest.mark.parametrize("typed", ["yesterday", "2026-13-01", "05.07.2014", ""])
def test_what_is_no_day_is_told_how_to_write_one(typed: str) -> None:
    with pytest.raises(typer.BadParameter, match="is no day of the calendar; write it as 2026-11-27"):
        read_day(typed)
