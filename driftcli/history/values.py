"""The types of the store's columns. What is read is looked at: anybody may have changed a store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Double,
    Integer,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
)

from driftcli.errors import LostStoreError
from driftcli.text import without_surrogates

#: What to do about a store that is damaged.
RESTORE = "restore a copy, or name another file"


class _Checked(TypeDecorator[Any]):
    """A type that refuses, when it is read, a value that nothing of ours can have written."""

    accepts: ClassVar[type | tuple[type, ...]]
    #: What databases hold, where the conversion takes anything.
    held: ClassVar[type] = object

    def __init_subclass__(cls) -> None:
        """Say of each type that it may be part of a key, which SQLAlchemy does not inherit."""
        super().__init_subclass__()
        cls.cache_ok = True

    def __init__(self, *, optional: bool = False) -> None:
        super().__init__()
        self.optional = optional

    def is_valid(self, value: Any) -> bool:
        """Return whether a value that is there may be."""
        return isinstance(value, self.accepts)

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Return what reads a value."""
        read = super().result_processor(dialect, coltype)

        def checked(held: Any) -> Any:
            try:
                value = read(held) if read else held
                found = isinstance(held, self.held) and self.is_valid(value)
                valid = self.optional if value is None else found
            except (ValueError, TypeError, OverflowError):  # not even what the database says
                valid = False
            if not valid:
                raise damaged(f"{self.what} that is none")
            return value

        return checked

    @property
    def what(self) -> str:
        """What messages call such a value."""
        return (type(self).__doc__ or "").partition("\n")[0].partition(",")[0].rstrip(".").lower()


class StoredText(_Checked):
    """A text, which may come from data: what a database cannot hold is written as an escape."""

    impl = Text
    accepts = str

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Escape NUL, which PostgreSQL refuses, and lone surrogates, which UTF-8 cannot hold."""
        del dialect
        return None if value is None else storable(value)


class StoredInstant(_Checked):
    """A time, aware of its zone here and in UTC in the database."""

    impl = DateTime
    accepts = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn a time into UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        del dialect
        return None if value is None else value.replace(tzinfo=UTC)


class StoredDay(_Checked):
    """A day."""

    impl = Date
    accepts = date


class StoredFlag(_Checked):
    """A truth value."""

    impl = Boolean
    accepts = bool
    held = int


class StoredNumber(_Checked):
    """A number, which may be infinite."""

    impl = Double
    accepts = (int, float)


class StoredWhole(_Checked):
    """A whole number, of which none is negative."""

    impl = Integer
    accepts = int

    def is_valid(self, value: Any) -> bool:
        """Return whether a value that is there may be."""
        return super().is_valid(value) and value >= 0


class StoredRows(StoredWhole):
    """A number of rows."""

    impl = BigInteger


class StoredProfile(_Checked):
    """A profile, as the bytes of its file."""

    impl = LargeBinary
    accepts = bytes


class StoredWord(_Checked):
    """A word, of those that are known, or any where those are not named."""

    impl = String
    accepts = str

    def __init__(self, length: int, known: tuple[str, ...] = (), *, optional: bool = False) -> None:
        TypeDecorator.__init__(self, length)
        self.length = length
        self.known = known
        self.optional = optional

    def is_valid(self, value: Any) -> bool:
        """Return whether a value that is there may be."""
        return super().is_valid(value) and (not self.known or value in self.known)


def damaged(how: str) -> LostStoreError:
    """Return the error for a store that holds what cannot be."""
    return LostStoreError(f"the store is damaged: it holds {how}; {RESTORE}")


def storable(text: str) -> str:
    """Return text as every database can hold it."""
    return without_surrogates(text.replace("\0", "\\x00"))
