"""Blocks of rows counted in cells of every column, as a file keeps them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftcli.arrays import filled, from_numpy, from_texts, to_numpy
from driftcli.profile import categories
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.categories import Categories
from driftcli.profile.cells import Cells, Counts, NameCells, NumberCells, Values, cuts, lone
from driftcli.profile.column import ColumnProfile
from driftcli.profile.kept import Form, KeptBlocks, KeptColumn
from driftcli.profile.kept_room import LEAST_PART, MOST_CELLS, MOST_NAMES, capped
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.profile.shape import is_wordy

#: Cells of all blocks and columns that are held at once, counted or not.
_MOST_HELD = 1 << 22
#: Where so many rows repeat no other's value, words are kept by their lengths.
_TEXT_REPEATS, _TEXT_ROWS = 0.5, 20


def of_rows(
    blocks: Blocks, wholes: Mapping[str, ColumnProfile], like: KeptBlocks | None = None
) -> KeptBlocks:
    """Return blocks of rows, whose columns as wholes are `wholes`, as a file keeps them.

    Where they are to be compared with others, they are counted in the cells that those have.
    """
    known = like.columns if like else {}
    held = max(1, _MOST_HELD // (len(blocks.each) * max(1, len(wholes))))
    made = KeptBlocks(
        numbers=np.array([each.number for each in blocks.each], np.int64),
        rows=np.array([each.rows for each in blocks.each], np.int64),
        columns={
            name: _column(
                whole, [each.columns[name] for each in blocks.each], known.get(name), held
            )
            for name, whole in wholes.items()
            if all(name in each.columns for each in blocks.each)
        },
        column=blocks.column,
        every=blocks.every,
        labels=[each.label for each in blocks.each] if blocks.column is None else (),
        share=blocks.share,
        automatic=blocks.automatic,
        entities=blocks.entities,
    )
    return made if like else capped(made)


def as_one(
    label: str, rows: int, columns: Mapping[str, ColumnProfile], like: KeptBlocks | None = None
) -> KeptBlocks:
    """Return a dataset as one block: a part of what it is merged into or compared with."""
    if like:
        one = Blocks("part", (RowBlock(label, rows, columns),), automatic=True)
        return of_rows(one, columns, like)
    made = KeptBlocks(
        numbers=np.zeros(1, np.int64),
        rows=np.array([rows], np.int64),
        columns=_alone(columns),
        labels=(label,),
        automatic=True,
    )
    return capped(made)


def _alone(columns: Mapping[str, ColumnProfile]) -> dict[str, KeptColumn]:
    """Return columns of which all rows are one block."""
    forms = {name: _form(whole) for name, whole in columns.items()}
    counted = [name for name, form in forms.items() if form != "names"]
    most = min(max(_MOST_HELD // max(1, len(columns)), LEAST_PART), MOST_CELLS)
    cells = lone([_points(columns[name]) for name in counted], most) if counted else ()
    cells_of = dict(zip(counted, cells, strict=True))
    return {
        name: _kept([whole], forms[name], cells_of[name])
        if name in cells_of
        else _column(whole, [whole], None, _MOST_HELD // len(columns))
        for name, whole in columns.items()
    }


def _column(
    whole: ColumnProfile, parts: Sequence[ColumnProfile], like: KeptColumn | None, held: int
) -> KeptColumn:
    form = _form(whole)
    named = [each.values for each in parts if isinstance(each.values, Categories)]
    if like and form != "numbers" != like.form:
        form = like.form
    cells: Cells
    if form == "names":
        alike = like.cells.names if like and isinstance(like.cells, NameCells) else None
        cells = _by_name(named, alike or _commonest(named, min(held, MOST_NAMES)))
    elif like and isinstance(like.cells, NumberCells):
        cells = NumberCells.of([_points(each) for each in parts], like.cells.between)
    else:
        between = cuts(*_points(whole), min(max(held, LEAST_PART), MOST_CELLS))
        cells = NumberCells.of([_points(each) for each in parts], between)
    return _kept(parts, form, cells)


def _kept(parts: Sequence[ColumnProfile], form: Form, cells: Cells) -> KeptColumn:
    numbers = [each.values for each in parts if isinstance(each.values, Numbers)]
    return KeptColumn(
        form,
        cells,
        missing=np.array([each.missing for each in parts], np.int64),
        nonfinite=np.array(
            [each.nan + each.positive_infinity + each.negative_infinity for each in numbers]
            or [0] * len(parts),
            np.int64,
        ),
    )


def _form(whole: ColumnProfile) -> Form:
    values = whole.values
    if isinstance(values, Numbers):
        return "numbers"
    if values.total < _TEXT_ROWS or values.repeats > _TEXT_REPEATS * values.total:
        return "names"
    shape = categories.shape_of(values)
    return "lengths" if shape and is_wordy(shape) else "names"


def _commonest(parts: Sequence[Categories], most: int) -> Sequence[str]:
    """Return the names of the most rows, in the order of the alphabet."""
    encoded = pc.dictionary_encode(pa.concat_arrays([from_texts([]), *(p.names for p in parts)]))
    counts = np.concatenate([np.empty(0, np.int64), *(part.counts for part in parts)])
    rows = np.bincount(to_numpy(encoded.indices), counts, len(encoded.dictionary))
    kept = np.argsort(-rows, kind="stable")[:most]
    return sorted(encoded.dictionary.take(from_numpy(kept)).to_pylist())


def _by_name(parts: Sequence[Categories], names: Sequence[str]) -> NameCells:
    held, size = from_texts(list(names)), len(names) + 1
    counts = np.zeros((len(parts), size), np.int64)
    for own, part in enumerate(parts):
        at = filled(pc.index_in(part.names, value_set=held), size - 1)
        counts[own] = np.bincount(at, part.counts, size)
        counts[own, -1] += part.buckets.sum()
    return NameCells(tuple(names), counts)


def _points(side: ColumnProfile) -> tuple[Values, Counts]:
    """Return numbers, times in seconds, or the lengths of texts, and their rows."""
    if isinstance(side.values, Categories):
        shape = categories.shape_of(side.values)
        held = shape.lengths if shape else Points(np.empty(0), np.empty(0, np.int64))
    else:
        held = side.values.points
    if held.values.dtype.kind == "f" and side.per_second == 1:
        return held.values, held.counts
    values = held.values.astype(np.float64) / side.per_second
    apart = np.flatnonzero(np.concatenate([[True], values[1:] > values[:-1]])[: values.size])
    if apart.size == values.size:
        return values, held.counts
    return values[apart], np.add.reduceat(held.counts, apart)
