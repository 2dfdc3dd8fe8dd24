"""Profiles of the same columns as one: what profiling all of their data at once would give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
from msgspec.structs import replace

from driftcli.engine.tree import Carry
from driftcli.errors import UsageError
from driftcli.pipeline.filters import check_alike
from driftcli.pipeline.saved import types_of
from driftcli.profile.dataset import DatasetProfile, merge
from driftcli.profile.pair_tables import Gathering
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS
from driftcli.source.columns import common_type

_NAMED = 2


def merge_all(profiles: Iterable[DatasetProfile]) -> DatasetProfile:
    """Return the profile of the rows of all `profiles`, at least one, in their order.

    They are merged a few at a time, so that few need to be held. Types widen as those of the
    files of one dataset do: integers and doubles are doubles.

    Raises
    ------
    UsageError
        When their columns differ, or their types or the ways they were made do not go together.
    """
    carry: Carry[DatasetProfile] = Carry(_merged)
    pairs = Gathering()
    first: DatasetProfile | None = None
    sources: list[str] = []
    for profile in profiles:
        sources.append(profile.source)
        if first is None:
            first = profile
        else:
            _check(first, profile)
            first = replace(first, schema=_common_schema(first, profile))
        if profile.rows:
            pairs.add(profile.pairs)
        carry.add(replace(profile, pairs=None))
    if first is not None and len(sources) == 1:
        return first
    named = ", ".join(sources[:_NAMED]) + (", …" if len(sources) > _NAMED else "")
    made, tables = carry.finish(), pairs.finish()
    return replace(
        made, source=named, made_of=None, pairs=tables and tables.of(made.columns.keys())
    )


def _merged(some: Sequence[DatasetProfile], *, last: bool) -> DatasetProfile:
    """Return the profile of the rows of neighbours, whose columns were found to go together."""
    first, *others = some
    for other in others:
        if other.schema != first.schema:
            first = replace(first, schema=_common_schema(first, other))
    return merge([first, *others], MAX_POINTS if last else BUILD_POINTS)


def _check(first: DatasetProfile, other: DatasetProfile) -> None:
    for side in (first, other):
        if side.sampled_rows is not None:
            raise UsageError(
                f"{side.source}: a profile of a sample, which stands for more rows than it has; "
                "merge profiles of all rows"
            )
    check_alike(first, other)
    _check_blocks(first, other)
    if first.redacted != other.redacted:
        raise UsageError(
            f"{other.source}: not redacted as {first.source} is: their categories cannot be "
            "merged; redact both with one DRIFT_SALT, or neither"
        )
    for side, lacking in ((other, first), (first, other)):
        if alone := [name for name in side.types if name not in lacking.types]:
            raise UsageError(
                f"{lacking.source}: no column {alone[0]!r}, which {side.source} has; merge the "
                f"same columns: --exclude {alone[0]} leaves it out"
            )


def _check_blocks(first: DatasetProfile, other: DatasetProfile) -> None:
    """Refuse entities beside blocks of another kind: they are no parts of the same sort."""
    p, q = first.kept, other.kept
    if p and q and p.unit != q.unit and any(each.column and not each.every for each in (p, q)):
        raise UsageError(
            f"{other.source}: its rows are in blocks by {q.called}, and those of"
            f" {first.source} by {p.called}; make both with one --block"
        )


def _common_schema(first: DatasetProfile, other: DatasetProfile) -> pa.Schema:
    """Return the columns with types that hold those of both."""
    kinds_differ = any(_kinds_differ(first, other, name) for name in first.types)
    if first.schema == other.schema and not kinds_differ:
        return first.schema
    types, others = types_of(first), types_of(other)
    for name, type_ in types.items():
        common = common_type(type_, others[name])
        if common is None or _kinds_differ(first, other, name):
            raise UsageError(
                f"{other.source}: column {name!r} is {_described(other, name)}, but "
                f"{_described(first, name)} in {first.source}; --exclude {name} leaves it out"
            )
        types[name] = common
    return pa.schema(list(types.items()))


def _kinds_differ(first: DatasetProfile, other: DatasetProfile, name: str) -> bool:
    p, q = first.columns.get(name), other.columns.get(name)
    if p is None or q is None or "null" in (p.type, q.type):
        return False
    return p.kind != q.kind


def _described(side: DatasetProfile, name: str) -> str:
    held = side.columns.get(name)
    return f"{side.types[name]} ({held.kind})" if held else side.types[name]
