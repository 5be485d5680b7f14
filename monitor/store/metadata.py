"""What all tables of the archive have in common: how they name their constraints, and keep an instant and a text."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Dialect, Integer, MetaData, String, Text, TypeDecorator
from sqlalchemy.dialects.sqlite import DATETIME
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeEngine

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class _SqliteInstant(DATETIME):
    """What SQLAlchemy's own type writes and reads, written in less than half its time: a poll writes thousands."""

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], str | None]:
        """Return how an instant is written: as text that sorts as the instants do."""
        del dialect
        return lambda value: None if value is None else value.isoformat(" ", "microseconds")


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware in Python, UTC in the database. A naive one is refused rather than guessed at."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[datetime]:
        """Return the column's type in that database."""
        is_sqlite = dialect.name == "sqlite"
        return dialect.type_descriptor(_SqliteInstant() if is_sqlite else self.impl_instance)  # type: ignore[no-untyped-call]

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into what the driver stores."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("an instant must be aware")
        if value.tzinfo is not UTC:
            value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

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

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop what no database takes."""
        del dialect
        return None if value is None else clean(value)


class ShortText(CleanText):
    """The same of so many characters at the most; SQLite would keep more, and PostgreSQL refuse the row."""

    impl = String
    cache_ok = True

    def __init__(self, length: int) -> None:
        super().__init__(length)
        self.length = length

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop what no database takes, and what is beyond the length."""
        kept = super().process_bind_param(value, dialect)
        return None if kept is None else kept[: self.length]


BigId = BigInteger().with_variant(Integer, "sqlite")
"""A number of rows beyond 2³¹: PostgreSQL uses one up for each repeat of an insert too."""


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, date: Date, bool: Boolean, str: CleanText}  # noqa: RUF012 (SQLAlchemy's own form)
