"""What the user named, data or a saved profile, as a profile: the one seam between the two."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from driftcli.config import REPEATED, Levels, ReadSettings, Settings
from driftcli.engine import Progress, Sample, profile_source
from driftcli.engine.repeats import check_repeatable, repeated_rows
from driftcli.errors import InputError, UsageError, nearest
from driftcli.pipeline.selection import Kinds, Selection, chosen
from driftcli.profile.column import kind_of, type_name
from driftcli.profile.dataset import DatasetProfile, Written
from driftcli.profile.saved import KEY, SUFFIX, decoded
from driftcli.source import Source, open_source
from driftcli.source.dressed import DressedSource
from driftcli.source.files import File, locate
from driftcli.source.looks import decoded as decoded_look
from driftcli.source.looks import encoded
from driftcli.source.looks import kind_of as kind_of_look
from driftcli.source.number_looks import NumberLook
from driftcli.source.recognising import Like, dressed, read_like

#: Data that was opened, or a profile.
Side = DressedSource | DatasetProfile

_READ_AS = {"numeric": pa.float64(), "categorical": pa.string(), "timestamp": pa.timestamp("ns")}


@dataclass(frozen=True)
class Reading:
    """How data is read: which rows of it, on how many threads, and who is told how it goes.

    `profiler` makes the profile of data, taking what `profile_source` takes. `rows_for` is the
    option for which both sides must have rows, and be no profiles. `repeated` asks for the number
    of rows that repeat an earlier one, for which data is read twice.
    Columns in `as_stored` are not read by a look.
    """

    sample: Sample | None = None
    threads: int | None = None
    progress: Progress | None = None
    profiler: Callable[..., DatasetProfile] = profile_source
    rows_for: str | None = None
    repeated: bool = False
    as_stored: Sequence[str] = ()


def reading(
    selection: Selection,
    threads: int | None = None,
    progress: Progress | None = None,
    *,
    repeated: bool = False,
) -> Reading:
    """Return how data is read."""
    sample = Sample(selection.sample, selection.seed) if selection.sample else None
    return Reading(sample, threads, progress, repeated=repeated)


def asks_for_repeats(settings: Settings) -> bool:
    """Return whether rows that repeat an earlier one are to be counted."""
    return settings.thresholds.get(REPEATED, Levels()) != Levels()


def is_path(data: Any) -> bool:
    """Return whether data is named rather than given."""
    return isinstance(data, str | os.PathLike)


def open_side(
    data: Any,
    read: ReadSettings,
    rename: Mapping[str, str] | None = None,
    usual: Mapping[str, str] | None = None,
) -> Side:
    """Open what the user named: a file that holds a profile is loaded, other data is opened.

    Columns go by the names that `rename` gives them, and `usual` where they are there.

    Raises
    ------
    InputError
        When it cannot be read.
    UsageError
        When `rename` names what is not there.
    """
    if isinstance(data, DatasetProfile):
        return _renamed(data, rename or {}, usual or {})
    if is_path(data):
        name = os.fsdecode(os.fspath(data))
        if name.endswith(SUFFIX):
            return _renamed(_loaded(locate(name)), rename or {}, usual or {})
    source = open_source(data, read)
    if files := _profiles(source):
        return _renamed(_loaded(files), rename or {}, usual or {})
    if new := _new_names(source.schema.names, rename or {}, usual or {}):
        from driftcli.source.renamed import RenamedSource

        source = RenamedSource(source, new)
    return dressed(source, read)


def _new_names(
    names: Iterable[str], rename: Mapping[str, str], usual: Mapping[str, str]
) -> dict[str, str]:
    return {**{old: usual[old] for old in names if old in usual}, **rename}


def names_of(side: Side) -> list[str]:
    """Return the names of the columns."""
    return list(side.types) if isinstance(side, DatasetProfile) else side.schema.names


def size_of(side: Side | None) -> int | None:
    """Return the bytes that are to be read, when they are known."""
    if side is None:
        return None
    return 0 if isinstance(side, DatasetProfile) else side.size


def profile_side(
    side: Side, kinds: Kinds, how: Reading, like: DatasetProfile | None = None
) -> DatasetProfile:
    """Return the profile of a side.

    Parameters
    ----------
    kinds
        The kinds to read columns as, where they are forced. Columns mapped to None are not read.
    like
        The baseline, as whose columns those of the data are read.

    Raises
    ------
    InputError
        When the data cannot be read.
    UsageError
        When a saved profile was made otherwise than is asked for.
    """
    if isinstance(side, DatasetProfile):
        return _as_asked(side, kinds, how)
    source = typed(side, kinds, like, how.as_stored)
    if how.repeated:
        check_repeatable(source)
    made = how.profiler(
        source, kinds, sample=how.sample, threads=how.threads, progress=how.progress
    )
    if how.repeated:
        made = replace(made, repeated=repeated_rows(source, kinds, how.threads))
    return replace(made, schema=source.schema, written=_written(source, like))


def typed(
    source: DressedSource,
    kinds: Kinds,
    like: DatasetProfile | None = None,
    as_stored: Iterable[str] = (),
) -> DressedSource:
    """Have data read as a baseline was, and as forced kinds; types of their own are kept."""
    types = types_of(like) if like else {}
    types |= {name: _READ_AS[kind] for name, kind in kinds.items() if kind}
    types |= dict.fromkeys(set(as_stored) & set(source.looks), pa.string())
    written = like.written if like else {}
    looks = {name: look for name, each in written.items() if (look := decoded_look(each.look))}
    return (
        read_like(source, Like(types, looks, typed=bool(like and like.typed))) if types else source
    )


def _written(source: DressedSource, like: DatasetProfile | None) -> dict[str, Written]:
    """Return how the texts of columns are written that were read by a look, or could have been."""
    passed_over = source.passed_over if like and like.made_of else {}
    columns = [(n, look, True) for n, look in source.looks.items()]
    columns += [(n, look, False) for n, look in passed_over.items()]
    return {
        name: Written(
            kind=kind_of_look(look),
            example=look.example,
            look=encoded(look),
            stored=type_name(source.inner.schema.field(name).type),
            unit=look.unit if isinstance(look, NumberLook) else "",
            read=read,
        )
        for name, look, read in columns
    }


def types_of(profile: DatasetProfile) -> dict[str, pa.DataType]:
    """Return the Arrow types by which a text file is read as a profile's data was."""
    return {field.name: field.type for field in profile.schema or ()}


def kinds_of(side: Side) -> Kinds:
    """Return the kinds that a saved profile's columns were forced to have."""
    if not isinstance(side, DatasetProfile):
        return {}
    types = types_of(side)
    return {
        name: column.kind
        for name, column in side.columns.items()
        if name in types and column.kind != kind_of(types[name])
    }


def left_out(*sides: Side | None) -> Kinds:
    """Return the columns that were left out of saved profiles: they are not compared."""
    saved = [side for side in sides if isinstance(side, DatasetProfile)]
    return {name: None for side in saved for name in side.left_out}


def _profiles(source: Source) -> list[File]:
    """Return the files of a source that are profiles: a profile is no data."""
    if source.format != "parquet":
        return []
    from driftcli.source.typed import TypedSource

    return source.files_with(KEY) if isinstance(source, TypedSource) else []


def _loaded(files: Sequence[File]) -> DatasetProfile:
    first, *others = files
    if others:
        raise UsageError(
            f"{first.shown} and {len(others)} more: several profiles; "
            "`drift merge` makes one of them"
        )
    return decoded(first.read(), first.shown)


def _as_asked(side: DatasetProfile, kinds: Kinds, how: Reading) -> DatasetProfile:
    if how.rows_for:
        raise UsageError(
            f"{side.source}: a profile has no rows to tell apart by {how.rows_for}; give data"
        )
    if how.sample:
        raise UsageError(
            f"{side.source}: a profile has no rows to draw a sample of; leave --sample out, or "
            "draw it from the data"
        )
    for name, kind in kinds.items():
        held = side.columns.get(name)
        if kind is None or name not in side.types or (held and held.type == "null"):
            continue
        if held is None or held.kind != kind:
            was = held.kind if held else f"{side.types[name]}, which is not compared"
            raise UsageError(
                f"{side.source}: column {name!r} was profiled as {was}, and its kind is set to be "
                f"{kind}; profile the data again with this setting"
            )
    # Rows that differ in what is now left out may agree in the rest.
    narrower = any(kind is None and name in side.types for name, kind in kinds.items())
    return chosen(replace(side, repeated=None) if narrower else side, kinds)


def _renamed(
    side: DatasetProfile, given: Mapping[str, str], usual: Mapping[str, str]
) -> DatasetProfile:
    rename = _new_names(side.types, given, usual)
    if not rename:
        return side
    for old in rename:
        if old not in side.types:
            hint = nearest(old, side.types)
            raise UsageError(f"{side.source}: no column {old!r} to rename; {hint}")
    names = [rename.get(name, name) for name in side.types]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise InputError(
            f"{side.source}: two columns would be named {twice[0]!r}; rename one to another name"
        )
    return replace(
        side,
        columns={rename.get(name, name): column for name, column in side.columns.items()},
        types={rename.get(name, name): type_ for name, type_ in side.types.items()},
        partial={rename.get(name, name): found for name, found in side.partial.items()},
        path_keys={rename.get(name, name): named for name, named in side.path_keys.items()},
        left_out=[rename.get(name, name) for name in side.left_out],
        schema=pa.schema([(rename.get(f.name, f.name), f.type) for f in side.schema]),
        written={rename.get(name, name): each for name, each in side.written.items()},
    )
