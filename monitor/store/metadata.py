"""What all tables of the archive have in common: how they name their constraints, and keep an instant and a text."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.orm import DeclarativeBase

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise TypeError("an instant must be aware")
    return value if value.tzinfo is UTC else value.astimezone(UTC)


_TEXT = "%04d-%02d-%02d %02d:%02d:%02d.%06d"


def _write(value: datetime | None) -> str | None:
    if value is None:
        return None
    utc = _in_utc(value)
    # In two thirds of isoformat's time, and a poll's entries carry three instants each.
    return _TEXT % (utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second, utc.microsecond)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive one is refused rather than guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """Return what turns an aware instant into what the driver stores.

        For SQLite the text that SQLAlchemy would write, in a fraction of its time.
        """
        return _write if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into one in UTC, as SQLite has it without its zone."""
        if value is None:
            return None
        return _in_utc(value).replace(tzinfo=None) if dialect.name == "sqlite" else _in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn what the driver gives into an aware instant."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def clean(text: str) -> str:
    """Drop what a database refuses in text: NUL (PostgreSQL) and lone surrogates (every UTF-8 driver)."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


class CleanText(TypeDecorator[str]):
    """A text that every database takes, whoever wrote it; looked for as it is kept."""

    impl: type[Text] | type[String] = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Return what drops what no database takes: neither driver asks for more, and SQLAlchemy's own way is long."""
        del dialect
        return lambda value: None if value is None else clean(value)

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop what no database takes."""
        return self.bind_processor(dialect)(value)


class ShortText(CleanText):
    """The same of so many characters at the most; SQLite would keep more, and PostgreSQL refuse the row."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Return what drops what no database takes, and what is beyond the length."""
        del dialect
        length = self.length
        return lambda value: None if value is None else clean(value)[:length]


BigId = BigInteger().with_variant(Integer, "sqlite")
"""A number of rows beyond 2³¹: PostgreSQL uses one up for each repeat of an insert too."""


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, date: Date, bool: Boolean, str: CleanText}  # noqa: RUF012 (SQLAlchemy's own form)
