"""What data say of themselves, and saved profiles as far as such can be compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from msgspec import structs
from msgspec.structs import replace

from driftcli.config import REPEATED, Configuration, Levels
from driftcli.errors import UsageError
from driftcli.pipeline.inputs import Reading, Side, saved_of, where_of
from driftcli.pipeline.saved import Saved, renamed
from driftcli.pipeline.selection import Choice, Kinds, Selection
from driftcli.profile.column import ColumnProfile, from_array, known_of, unread
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.kinds import Kind, kind_of, type_name
from driftcli.source.footers import Footers, footers_of

_METRIC = "missing"


def of_missing_alone(configuration: Configuration, reading: Reading) -> Configuration:
    """Return the same settings, with the one metric that needs no values.

    Raises
    ------
    UsageError
        When they, or the reading, ask for what needs rows.
    """
    settings = configuration.settings
    if reading.sample:
        raise UsageError("--footers: no rows are read to draw a sample of; leave --sample out")
    asked = {
        ("by",): bool(settings.by),
        ("like",): bool(settings.like),
        ("metrics",): bool(settings.metrics) and _METRIC not in (settings.metrics or ()),
        ("thresholds", REPEATED): settings.thresholds.get(REPEATED, Levels()) != Levels(),
    }
    for key, needs_rows in asked.items():
        if needs_rows:
            raise UsageError(f"{configuration.place(key)}: needs rows; leave it or --footers out")
    return structs.replace(configuration, settings=structs.replace(settings, metrics=(_METRIC,)))


def open_footers(
    data: Any,
    configuration: Configuration,
    side: Side | None = None,
    rename: Mapping[str, str] | None = None,
    *,
    selection: Selection,
) -> Saved:
    """Return a profile whose values were not read; of a saved one, as much.

    Raises
    ------
    InputError
        When data say nothing of themselves, or cannot be opened.
    UsageError
        When `rename` names what is not there, or a filter is none.
    """
    settings = configuration.settings
    given, usual = rename or {}, {} if side == "baseline" else settings.rename
    if (saved := saved_of(data)) is not None:
        return Saved(renamed(_without_values(saved), given, usual))
    where, new = where_of(configuration, side), {**usual, **given}
    found = footers_of(data, where and replace(where, renamed=new))
    called = {new.get(name, name): name for name in found.schema.names}
    forced = Choice(settings, selection).forced(called)
    made = profile_of(found, {called[name]: kind for name, kind in forced.items() if kind})
    return Saved(renamed(replace(made, where=where.text if where else None), given, usual))


def profile_of(found: Footers, forced: Kinds) -> DatasetProfile:
    """Return the profile of a dataset of which nothing was read but what it says of itself."""
    kinds = {field.name: forced.get(field.name) or kind_of(field.type) for field in found.schema}
    return DatasetProfile(
        source=found.name,
        format=found.format,
        rows=found.rows,
        columns={name: _column(name, found, kind) for name, kind in kinds.items() if kind},
        types={field.name: type_name(field.type) for field in found.schema},
        notes=found.notes,
        partial=found.partial,
        path_keys=found.path_keys,
        schema=found.schema,
    )


def _column(name: str, found: Footers, kind: Kind) -> ColumnProfile:
    held, type_ = found.of(name), found.schema.field(name).type
    # The extremes of numbers and times alone are those of all that is profiled of them.
    bounds = held.bounds if kind in ("numeric", "timestamp") else None
    values = pa.array(bounds, type_) if bounds else pa.nulls(0, type_)
    return known_of(from_array(name, values, kind), found.rows, held.missing)


def _without_values(saved: DatasetProfile) -> DatasetProfile:
    """Return a profile as its data's own footers would have it."""
    stored = {
        name: pa.type_for_alias(each.stored) for name, each in saved.written.items() if each.read
    }
    columns = {
        name: _as_stored(name, column, stored[name]) if name in stored else unread(column)
        for name, column in saved.columns.items()
    }
    fields = [pa.field(each.name, stored.get(each.name, each.type)) for each in saved.schema]
    return replace(
        saved,
        columns=columns,
        types={**saved.types, **{name: type_name(kind) for name, kind in stored.items()}},
        schema=pa.schema(fields),
        written={},
        repeated=None,
        kept=None,
    )


def _as_stored(name: str, column: ColumnProfile, type_: pa.DataType) -> ColumnProfile:
    """Return a column that was read as something else, of which files say how it is stored."""
    made = from_array(name, pa.nulls(0, type_), kind_of(type_) or "unsupported")
    return known_of(made, column.rows, None)
