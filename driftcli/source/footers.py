"""What files and tables say of themselves: rows, types, what is missing, and extremes.

Nothing of it is a guess: what a footer, a log or a manifest does not hold exactly is not known.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
from msgspec import Struct, field

from driftcli.errors import InputError
from driftcli.source.lakes import Table
from driftcli.source.locating import located
from driftcli.source.where import Where
from driftcli.text import named


class KnownColumn(Struct, frozen=True):
    """What is known of a column in some rows.

    Attributes
    ----------
    missing : int or None
        KnownRows without a value; None where that is not known.
    bounds : sequence, or None
        The smallest and the largest value; empty where there is none, None where not known.
    """

    missing: int | None = None
    bounds: Sequence[pa.Scalar] | None = None


class KnownRows(Struct, frozen=True):
    """Some rows of a dataset: a file of it, or a row group."""

    rows: int
    columns: Mapping[str, KnownColumn]


class Footers(Struct, frozen=True):
    """What is known of a dataset without reading it. Columns are as sources have them."""

    name: str
    format: str
    schema: pa.Schema
    parts: Sequence[KnownRows]
    notes: tuple[str, ...] = ()
    partial: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path_keys: Mapping[str, bool] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """The rows of the dataset."""
        return sum(part.rows for part in self.parts)

    def of(self, name: str) -> KnownColumn:
        """Return what is known of a column in all rows."""
        return _together(
            (part.columns.get(name, KnownColumn()) for part in self.parts), self._type(name)
        )

    def _type(self, name: str) -> pa.DataType:
        return self.schema.field(name).type


def footers_of(data: Any, where: Where | None = None) -> Footers:
    """Return what is known of a dataset without reading it.

    Raises
    ------
    InputError
        When it has nothing that says so, cannot be opened, or a filter asks for rows in files.
    """
    if not isinstance(data, str | os.PathLike):
        raise InputError("data in memory has no footers. Leave --footers out.")
    path = os.fsdecode(os.fspath(data))
    found, left = _found(path, where)
    if left is not None:
        raise InputError(
            f"{named(path)}: which of its rows meet {where.text if where else ''!r} cannot be told"
            " without reading them. Filter by folders or partitions, or leave --footers out."
        )
    return found


def _found(path: str, where: Where | None) -> tuple[Footers, Where | None]:
    from driftcli.source.opening import CATALOG
    from driftcli.source.sql_addresses import is_database

    if path.startswith(CATALOG):
        from driftcli.source.iceberg_footers import named_footers

        return named_footers(path, where)
    if is_database(path):
        raise lacking(named(path), "a database")
    found = located(path)
    if not isinstance(found, Table):
        from driftcli.source.parquet_footers import of_files

        return of_files(named(path), found, where)
    if found.kind == "Iceberg":
        from driftcli.source.iceberg_footers import footers_in

        return footers_in(found, where)
    from driftcli.source.delta import footers_in as of_delta

    return of_delta(found, where)


def lacking(name: str, what: str) -> InputError:
    """Return the error for data that says nothing of itself."""
    return InputError(
        f"{name}: {what} has no footers, which Parquet files, Delta logs and Iceberg manifests"
        " have. Leave --footers out."
    )


def has_extremes(kind: pa.DataType) -> bool:
    """Return whether values of a type have extremes that are kept whole: texts may be cut."""
    t = pa.types
    return bool(
        t.is_integer(kind) or t.is_floating(kind) or t.is_decimal(kind) or t.is_temporal(kind)
    )


def left_of(held: KnownColumn, rows: int, left: int) -> KnownColumn:
    """Return what is known of a column of which some rows are deleted, nobody says which."""
    if held.missing in (0, rows):
        return KnownColumn(0 if held.missing == 0 else left)
    return KnownColumn()


def constant(value: pa.Scalar, rows: int) -> KnownColumn:
    """Return what is known of a column that has one value in all rows."""
    return KnownColumn(0, [value]) if value.is_valid else KnownColumn(rows, [])


def _together(some: Iterable[KnownColumn], kind: pa.DataType) -> KnownColumn:
    held = list(some)
    counts = [each.missing for each in held]
    missing = None if None in counts else sum(count or 0 for count in counts)
    if any(each.bounds is None for each in held):
        return KnownColumn(missing)
    return KnownColumn(missing, [value.cast(kind) for each in held for value in each.bounds or ()])
