"""Blocks of rows as a file keeps them: the rows of each, counted in cells of every column."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import filled, from_numpy, from_texts, to_numpy
from driftcli.profile import categories
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.calendar import Every
from driftcli.profile.categories import Categories
from driftcli.profile.cells import Cells, Counts, NameCells, NumberCells, Values, cuts, lone
from driftcli.profile.column import ColumnProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import Points
from driftcli.profile.shape import TextShape, is_wordy

#: What the cells of a column are of: its numbers, its names, or the lengths of its texts.
Form = Literal["numbers", "names", "lengths"]

#: Blocks and bytes that a file keeps: beyond them there are fewer cells, and then fewer blocks.
MOST_BLOCKS, MOST_BYTES = 400, 1_000_000
#: Cells of a column of numbers, and names of one of categories. There is never less than a part of
#: them: with eight cells, a tenth of the rows moves.
MOST_CELLS, MOST_NAMES = 64, 2_048
_LEAST_PART = 8
#: Cells of all blocks and columns that are held at once, counted or not.
_MOST_HELD = 1 << 22
#: What a count, a cell and a letter of a name take in a file, at most.
_COUNT_BYTES, _CELL_BYTES = 1.5, 24
#: Entities go by their hashes modulo this, or a half of it, a quarter ….
BUCKETS = 512
#: Where so many rows repeat no other's value, words are kept by their lengths.
_TEXT_REPEATS, _TEXT_ROWS = 0.5, 20


class KeptColumn(Struct, frozen=True):
    """The rows of one column by block: in cells, without a value, and of no finite number."""

    form: Form
    cells: Cells
    missing: Counts
    nonfinite: Counts


class KeptBlocks(Struct, frozen=True):
    """Blocks of a dataset's rows, or of a sample of them.

    Attributes
    ----------
    column : str or None
        What says which block a row is of; None where blocks are the parts that were merged.
    every : Every or None
        The length of time that makes a block; None where values or parts do.
    numbers : shape (blocks,)
        Of periods; or of entities, their hashes modulo `buckets`. They increase.
    labels : sequence of str
        Of parts, what they were called.
    rows : shape (blocks,)
        Rows that were counted.
    share : float
        The share of all rows that were.
    automatic : bool
        Whether nobody asked for these blocks.
    entities : int or None
        How many entities the rows are of, where that is known.
    """

    numbers: Counts
    rows: Counts
    columns: Mapping[str, KeptColumn]
    column: str | None = None
    every: Every | None = None
    buckets: int = BUCKETS
    labels: Sequence[str] = ()
    share: float = 1.0
    automatic: bool = False
    entities: int | None = None

    @property
    def kind(self) -> str:
        """What a block is called."""
        if self.column is None:
            return "part"
        return self.every.word if self.every else "value"

    @property
    def unit(self) -> tuple[str | None, bool]:
        """The column that tells blocks apart, and whether they are periods."""
        return self.column, self.every is not None

    @property
    def called(self) -> str:
        """What a block is: a day of time_hour."""
        return self.kind if self.column in (None, self.kind) else f"{self.kind} of {self.column}"

    def of(self, names: Collection[str]) -> KeptBlocks:
        """Return the blocks of some columns."""
        return replace(self, columns={n: each for n, each in self.columns.items() if n in names})

    def renamed(self, names: Mapping[str, str]) -> KeptBlocks:
        """Return the blocks of columns that go by other names."""
        columns = {names.get(name, name): each for name, each in self.columns.items()}
        return replace(
            self, columns=columns, column=self.column and names.get(self.column, self.column)
        )

    def named(self) -> Sequence[str]:
        """Return what each block is called."""
        if self.column is None:
            return self.labels
        return [self.every.label(n) if self.every else str(n) for n in self.numbers.tolist()]


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
    most = min(max(_MOST_HELD // max(1, len(columns)), _LEAST_PART), MOST_CELLS)
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
        between = cuts(*_points(whole), min(max(held, _LEAST_PART), MOST_CELLS))
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


def capped(kept: KeptBlocks) -> KeptBlocks:
    """Return no more blocks, cells and bytes than a file keeps."""
    while kept.numbers.size > MOST_BLOCKS:
        kept = _coarser(kept)
    part = 1
    made = _thinned(kept, part)
    while _exceeds(made, MOST_BYTES):
        if part < _LEAST_PART:
            part *= 2
        elif kept.numbers.size > 1:
            kept = _coarser(kept)
        else:
            break
        made = _thinned(kept, part)
    return made


def _thinned(kept: KeptBlocks, part: int) -> KeptBlocks:
    columns = {
        name: replace(
            each,
            cells=each.cells.thinned(
                (MOST_NAMES if isinstance(each.cells, NameCells) else MOST_CELLS) // part
            ),
        )
        for name, each in kept.columns.items()
    }
    return replace(kept, columns=columns)


def _exceeds(kept: KeptBlocks, most: int) -> bool:
    """Return whether blocks take more than about so many bytes of a file."""
    columns = kept.columns.values()
    counted = [each for c in columns for each in (c.cells.counts, c.missing, c.nonfinite)]
    cells = sum(_cell_bytes(each.cells) for each in columns)
    # Counts that are 0 take hardly any, and need not be found where all together are few.
    if cells + _COUNT_BYTES * sum(counts.size for counts in counted) <= most:
        return False
    return cells + _COUNT_BYTES * sum(np.count_nonzero(counts) for counts in counted) > most


def _cell_bytes(cells: Cells) -> int:
    """Return about how many bytes of a file tell cells apart."""
    if isinstance(cells, NameCells):
        return sum(len(name.encode()) for name in cells.names)
    return _CELL_BYTES * cells.lows.size


def _coarser(kept: KeptBlocks) -> KeptBlocks:
    """Put two neighbouring periods or parts, or entities of two hashes, together."""
    if kept.every or kept.column is None:
        every = kept.every and replace(kept.every, count=2 * kept.every.count)
        return together(replace(kept, every=every), kept.numbers // 2)
    return in_buckets(kept, kept.buckets // 2)


def in_periods(kept: KeptBlocks, every: Every) -> KeptBlocks | None:
    """Return blocks of longer periods; None where theirs do not make them."""
    numbers = kept.every.in_longer(kept.numbers, every) if kept.every else None
    return None if numbers is None else together(replace(kept, every=every), numbers)


def in_buckets(kept: KeptBlocks, buckets: int) -> KeptBlocks:
    """Return blocks of entities in fewer buckets of hashes."""
    return together(replace(kept, buckets=buckets), kept.numbers % buckets)


def together(kept: KeptBlocks, numbers: Counts) -> KeptBlocks:
    """Put blocks of one number together."""
    own, first, at = np.unique(numbers, return_index=True, return_inverse=True)
    if own.size == numbers.size and (at == np.arange(at.size)).all():
        return replace(kept, numbers=own)

    def summed(counts: Counts) -> Counts:
        made = np.zeros((own.size, *counts.shape[1:]), np.int64)
        np.add.at(made, at, counts)
        return made

    columns = {
        name: KeptColumn(
            each.form,
            replace(each.cells, counts=summed(each.cells.counts)),
            summed(each.missing),
            summed(each.nonfinite),
        )
        for name, each in kept.columns.items()
    }
    labels = [kept.labels[place] for place in first.tolist()] if kept.labels else ()
    return replace(kept, numbers=own, rows=summed(kept.rows), columns=columns, labels=labels)


def blocks_of(kept: KeptBlocks, wholes: Mapping[str, ColumnProfile]) -> Blocks:
    """Return kept blocks as profiles of the columns that are `wholes` as wholes."""
    columns: list[dict[str, ColumnProfile]] = [{} for _ in range(kept.rows.size)]
    for name, column in kept.columns.items():
        whole = wholes.get(name)
        if whole is None or (column.form == "numbers") != isinstance(whole.values, Numbers):
            continue
        for own, made in zip(columns, _profiles(column, whole, kept.rows), strict=True):
            own[name] = made
    each = zip(kept.named(), kept.rows.tolist(), columns, kept.numbers.tolist(), strict=True)
    return Blocks(
        kind=kept.kind,
        each=tuple(RowBlock(*block) for block in each),
        column=kept.column,
        share=kept.share,
        automatic=kept.automatic,
        every=kept.every,
        entities=kept.entities,
    )


def _profiles(column: KeptColumn, whole: ColumnProfile, rows: Counts) -> Iterator[ColumnProfile]:
    cells = column.cells
    names = from_texts(cells.names) if isinstance(cells, NameCells) else None
    for at, (own, size) in enumerate(zip(cells.counts, rows.tolist(), strict=True)):
        yield replace(
            whole,
            rows=size,
            missing=int(column.missing[at]),
            invalid=None,
            values=_values(column, names, own, int(column.nonfinite[at]), whole.per_second),
        )


def _values(
    column: KeptColumn, names: Any, counts: NDArray[Any], nonfinite: int, per_second: int
) -> Numbers | Categories:
    cells = column.cells
    there = np.flatnonzero(counts)
    if isinstance(cells, NumberCells):
        held = Points(cells.means[there] * per_second, counts[there])
        if column.form == "numbers":
            return Numbers(held, nan=nonfinite)
        return _unnamed(int(counts.sum()), held)
    named = there[there < len(cells.names)]
    own = names.take(from_numpy(named))
    if cells.complete:
        return Categories(own, counts[named])
    everything = Points(np.zeros(1), np.array([counts.sum()]))
    return replace(_unnamed(int(counts[-1]), everything), names=own, counts=counts[named])


def _unnamed(rows: int, lengths: Points) -> Categories:
    """Return texts of which no more than their lengths is known."""
    buckets = np.zeros(categories.BUCKETS, np.int64)
    buckets[0] = rows
    return Categories(buckets=buckets, shape=TextShape(lengths, whole=True))
