"""A dataset, read once, to its profile and those of groups of its rows: the one way to read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa
from msgspec.structs import replace

from driftcli.engine.columns import read_columns
from driftcli.engine.contract import Engine, Progress
from driftcli.engine.groups import GroupBy, read_groups
from driftcli.engine.passes import Forced, Found, Pass, kinds_of, kinds_of_source, passes
from driftcli.engine.sampling import Drawn, RowSample, beside, read_sample
from driftcli.engine.threads import Threads
from driftcli.profile.column import ColumnProfile, from_array
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Group, Profiled
from driftcli.profile.kinds import Kind, type_name
from driftcli.source import Source

_Read = Callable[[Sequence[Pass], Mapping[str, Kind], Engine, Progress | None], Found]
_HERE = Threads()
#: Values from which on child processes gain more than their start costs: some second of work.
_MANY = 1 << 26
#: Rows of arrays up to which Python, and so its lock, takes as long as NumPy or longer.
_SHORT = 1 << 16


def helped(engine: Engine, source: Source) -> Engine:
    """Return an engine that has children help with files of this machine, where that is faster.

    Threads do long arrays as fast, and in less memory.
    """
    if not isinstance(engine, Threads) or source.size is None or source.rows is None:
        return engine
    many = source.rows * len(source.schema) >= _MANY
    return replace(engine, children=many and _is_short(source))


def _is_short(source: Source) -> bool:
    """Return whether the first rows of a source that are read together are few."""
    first = next(iter(source.fragments(source.schema.names)), None)
    return first is not None and first.rows is not None and first.rows <= _SHORT


def profile(
    source: Source,
    forced: Forced,
    groups: GroupBy | None = None,
    *,
    sample: RowSample | None = None,
    engine: Engine = _HERE,
    progress: Progress | None = None,
) -> Profiled:
    """Read a source once and return its profile, and those of groups of its rows if asked for.

    Columns whose assumed type did not hold (in text files) are read once more. Where there are
    `groups`, or a `sample` is drawn, all is: rows are told apart, and drawn, as wholes.

    Parameters
    ----------
    forced
        The kind of a column where it is not the one its type suggests; columns mapped to None
        are not profiled.
    groups
        The groups of rows to profile, of all rows.
    sample
        Profile a sample of the rows instead of all, or draw one beside.
    engine
        Where the reading runs.

    Raises
    ------
    InputError
        When the data cannot be read, or a column that tells rows apart does not hold what it must.
    UsageError
        When rows cannot be told apart as asked, or there are too many groups.
    """
    read = _reader(source, groups, sample)
    instead = sample is not None and not sample.beside
    rows = 0
    columns: dict[str, ColumnProfile] = {}
    by_key: Mapping[object, Group] = {}
    drawn: Drawn | None = None
    for reading in passes(source, anew=groups is not None or instead):
        kinds = kinds_of(reading, forced)
        found = read(reading, kinds, engine, progress)
        rows = max(rows, found.rows)
        columns |= found.columns
        by_key, drawn = found.groups, _renewed(drawn, found.drawn)
    if groups is None or groups.whole:
        columns |= _without_rows(source, kinds_of_source(source, forced), columns)
    kept = None if drawn is None else _in_line(drawn.rows, source)
    whole = _whole(source, rows, columns, sample if instead else None)
    return Profiled(whole, by_key, kept, drawn.keys if drawn else None)


def _in_line(rows: pa.Table, source: Source) -> pa.Table:
    """Return rows with their columns in the order of the source."""
    held = set(rows.schema.names)
    return rows.select([field.name for field in source.schema if field.name in held])


def _renewed(before: Drawn | None, now: Drawn | None) -> Drawn | None:
    """Return rows with the columns that were read again; None where other rows were drawn."""
    if before is None or now is None:
        return now
    if not np.array_equal(before.keys, now.keys):
        return now if before.names <= now.names else None
    again = now.names
    kept = [name for name in before.rows.schema.names if name not in again]
    return beside([replace(before, rows=before.rows.select(kept)), now])


def _reader(source: Source, groups: GroupBy | None, sample: RowSample | None) -> _Read:
    if groups is not None:
        grouping = groups.grouping(source.schema)
        return partial(
            read_groups, groups, grouping, sample=sample if sample and sample.beside else None
        )
    if sample is None or sample.beside:
        return partial(read_columns, sample=sample)
    return partial(read_sample, sample)


def _without_rows(
    source: Source, kinds: Mapping[str, Kind], read: Mapping[str, ColumnProfile]
) -> dict[str, ColumnProfile]:
    """Return the profiles of the columns that were not `read`, as there were no rows."""
    return {
        field.name: from_array(field.name, pa.nulls(0, field.type), kinds[field.name])
        for field in source.schema
        if field.name in kinds and field.name not in read
    }


def _whole(
    source: Source, rows: int, columns: Mapping[str, ColumnProfile], sample: RowSample | None
) -> DatasetProfile:
    types = {field.name: type_name(field.type) for field in source.schema}
    return DatasetProfile(
        source=source.name,
        format=source.format,
        rows=rows,
        columns={name: columns[name] for name in types if name in columns},
        types=types,
        sampled_rows=min(rows, sample.size) if sample else None,
        notes=source.notes,
        partial=dict(source.partial),
        path_keys=dict(source.path_keys),
    )
