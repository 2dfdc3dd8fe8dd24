"""The whole comparison, from what the user named to the report: the data's one way through."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any

import pyarrow as pa

from driftcli.comparison import compare_profiles
from driftcli.comparison.gates import is_identifier
from driftcli.comparison.reasons import percent
from driftcli.config import (
    Loaded,
    Settings,
    StarterColumn,
    check_columns,
    resolve,
    starter,
)
from driftcli.engine import Progress, Sample, profile_source
from driftcli.errors import UsageError, nearest
from driftcli.profile.column import Kind
from driftcli.profile.dataset import DatasetProfile
from driftcli.report import Report
from driftcli.source import Source, open_source

_READ_AS = {"numeric": pa.float64(), "categorical": pa.string(), "timestamp": pa.timestamp("ns")}
_TEXT_FORMATS = ("csv", "jsonl")


@dataclass(frozen=True)
class Selection:
    """Which columns and rows of the datasets are compared.

    `columns` and `exclude` are globs (no `columns` is all), `column` is the name of the only one;
    `rename` maps names of the current data to names of the baseline; `sample` rows are drawn with
    `seed` when it is set.
    """

    column: str | None = None
    columns: Sequence[str] = ()
    exclude: Sequence[str] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    sample: int | None = None
    seed: int = 0


def run(  # noqa: PLR0913 - each is one thing that a run can be told
    baseline: Any,
    current: Any,
    loaded: Loaded,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    details: bool = False,
) -> Report:
    """Read both datasets, compare them and return the report, with `details` if asked.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    read = loaded.settings.read
    p_source = open_source(baseline, read)
    # Files are opened before any work is done; the stream of an object only when its turn comes,
    # since it may hold what the other needs (a database connection runs one query at a time).
    q_source = open_source(current, read, rename=selection.rename) if _is_path(current) else None
    if q_source:
        _check(p_source, q_source, loaded, selection)
    kinds = _forced_kinds(p_source.schema.names, loaded.settings, selection)
    sample = Sample(selection.sample, selection.seed) if selection.sample else None
    if progress:
        sizes = (p_source.size, q_source.size if q_source else None)
        progress.expect(None if None in sizes else sum(size or 0 for size in sizes))
    p_source = _typed(p_source, _types(kinds))
    p = profile_source(p_source, kinds, sample=sample, threads=threads, progress=progress)
    if q_source is None:
        q_source = open_source(current, read, rename=selection.rename)
        _check(p_source, q_source, loaded, selection)
    kinds = _forced_kinds([*p.types, *q_source.schema.names], loaded.settings, selection)
    expected = {field.name: field.type for field in p_source.schema} | _types(kinds)
    q_source = _typed(q_source, expected)
    q = profile_source(q_source, kinds, sample=sample, threads=threads, progress=progress)
    # Keys of JSON Lines may have come up while reading: what is left out is decided again.
    kinds = _forced_kinds([*p.types, *q.types], loaded.settings, selection)
    return compare_profiles(_read(p, kinds), _read(q, kinds), loaded.settings, details=details)


def _is_path(data: Any) -> bool:
    return isinstance(data, str | os.PathLike)


def _check(p_source: Source, q_source: Source, loaded: Loaded, selection: Selection) -> None:
    """Check that all columns that were named exist, and that there is one to compare."""
    names = list(dict.fromkeys([*p_source.schema.names, *q_source.schema.names]))
    check_columns(loaded, names)
    if loaded.settings.like:
        from driftcli.comparison.like import check_like

        check_like(loaded)
    _check_selection(selection, names)
    _check_column(selection.column, p_source.schema.names, q_source.schema.names)
    kinds = _forced_kinds(names, loaded.settings, selection)
    if all(kinds.get(name, "numeric") is None for name in names):
        raise UsageError("nothing to compare: every column is ignored or excluded")


def _forced_kinds(
    names: Iterable[str], settings: Settings, selection: Selection
) -> dict[str, Kind | None]:
    """Return the kinds that settings force, and None for columns that are not to be read."""
    rules = resolve(settings, names)
    return {
        name: None if rule.ignore or not _is_selected(name, selection) else rule.kind
        for name, rule in rules.items()
        if rule.kind or rule.ignore or not _is_selected(name, selection)
    }


def _is_selected(name: str, selection: Selection) -> bool:
    if selection.column is not None:
        return name == selection.column
    wanted = not selection.columns or _matches(name, selection.columns)
    return wanted and not _matches(name, selection.exclude)


def _matches(name: str, globs: Iterable[str]) -> bool:
    return any(name == glob or fnmatchcase(name, glob) for glob in globs)


def _check_selection(selection: Selection, names: Sequence[str]) -> None:
    for option, globs in (("--columns", selection.columns), ("--exclude", selection.exclude)):
        for glob in globs:
            if not any(_matches(name, (glob,)) for name in names):
                raise UsageError(f"{option} {glob!r} matches no column; {nearest(glob, names)}")


def _check_column(name: str | None, p_names: Sequence[str], q_names: Sequence[str]) -> None:
    if name is None or (name in p_names and name in q_names):
        return
    for side, names in (("baseline", p_names), ("current data", q_names)):
        if name in names:
            raise UsageError(
                f"column {name!r} is in the {side} only; --rename OLD=NEW matches names"
            )
    both = [each for each in p_names if each in q_names]
    raise UsageError(f"no column {name!r}; {nearest(name, both)}")


def _read(profile: DatasetProfile, kinds: Mapping[str, Kind | None]) -> DatasetProfile:
    """Leave out the columns that were not to be read."""
    types = {
        name: type_ for name, type_ in profile.types.items() if kinds.get(name, "") is not None
    }
    return replace(profile, types=types)


def _types(kinds: Mapping[str, Kind | None]) -> dict[str, pa.DataType]:
    return {name: _READ_AS[kind] for name, kind in kinds.items() if kind}


def _typed(source: Source, types: Mapping[str, pa.DataType]) -> Source:
    """Have a text file read as known types; other formats carry their own."""
    return source.expecting(types) if types and source.format in _TEXT_FORMATS else source


def profiled(
    data: Any,
    loaded: Loaded,
    selection: Selection,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> DatasetProfile:
    """Return the profile of one dataset, with the columns that are selected.

    Raises
    ------
    DriftError
        When data cannot be read or a setting names what does not exist.
    """
    source = open_source(data, loaded.settings.read, rename=selection.rename or None)
    check_columns(loaded, source.schema.names)
    _check_selection(selection, source.schema.names)
    kinds = _forced_kinds(source.schema.names, loaded.settings, selection)
    sample = Sample(selection.sample, selection.seed) if selection.sample else None
    source = _typed(source, _types(kinds))
    made = profile_source(source, kinds, sample=sample, threads=threads, progress=progress)
    return _read(made, _forced_kinds(made.types, loaded.settings, selection))


def references(
    datasets: Sequence[Any], loaded: Loaded, selection: Selection
) -> Iterator[tuple[Source, dict[str, Kind | None]]]:
    """Yield the sources of past datasets, and the kinds that settings force on their columns.

    Each is to be read before the next is asked for: text is then read with the first one's types.

    Raises
    ------
    DriftError
        When data cannot be opened or a setting names what does not exist.
    """
    first: Source | None = None
    for data in datasets:
        source = open_source(data, loaded.settings.read)
        names = source.schema.names
        if first is None:
            check_columns(loaded, names)
            _check_selection(selection, names)
        kinds = _forced_kinds(names, loaded.settings, selection)
        known = {field.name: field.type for field in first.schema} if first else {}
        source = _typed(source, known | _types(kinds))
        first = first or source
        yield source, kinds


def starter_for(data: Any, loaded: Loaded) -> str:
    """Return the text of a starter drift.toml for a dataset.

    Raises
    ------
    InputError
        When the data cannot be read.
    """
    profile = profile_source(open_source(data, loaded.settings.read), {})
    return starter(profile.source, [_described(profile, name) for name in profile.types])


def _described(profile: DatasetProfile, name: str) -> StarterColumn:
    column = profile.columns.get(name)
    if column is None:
        return StarterColumn(name=name, kind="unsupported", type=profile.types[name])
    missing = column.missing / column.rows if column.rows else 0.0
    return StarterColumn(
        name=name,
        kind=column.kind,
        type=column.type,
        note=f"missing {percent(missing)}" if missing else "",
        identifier=is_identifier(column),
    )
