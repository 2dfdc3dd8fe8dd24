"""Pairs of columns of which one side is no rows, but tables that a profile keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import filled, from_numpy, from_texts, to_numpy
from driftcli.comparison.block_findings import COUNTED, in_numbers
from driftcli.comparison.joint.cells import (
    MOST_CELLS,
    Tables,
    padded,
    placed,
    spread_of,
    table_of,
)
from driftcli.comparison.joint.numbers import MISSING, floats_of, is_named, labels_of
from driftcli.metrics.bins import Labels, equal_mass
from driftcli.metrics.blocks import ROWS_OF_ONE, enough
from driftcli.profile.blocks import NIGHT
from driftcli.profile.kinds import Kind
from driftcli.profile.pair_tables import PairCells, PairTables
from driftcli.report.comparison import Finding

Values = NDArray[np.float64]
Counts = NDArray[np.int64]


def kept_tables(
    columns: Mapping[str, tuple[Any, Kind]], rows: int, like: PairTables | None = None
) -> PairTables:
    """Return the tables of all pairs of columns: Arrow arrays of so many rows, by their names.

    Columns are cut as those of the tables that they are to be `like`, to be merged with these.
    Others are cut at their own quantiles, or are the commonest names and the rest.
    """
    known = like.cells if like else {}
    made = {name: _cut(*each, known.get(name)) for name, each in columns.items()}
    made = {name: each for name, each in made.items() if each[0].size > 1}
    tables = [_counted(first, second) for first, second in combinations(made.values(), 2)]
    counts = np.concatenate([np.empty(0, np.int64), *tables])
    return PairTables(rows, {name: cells for name, (cells, _) in made.items()}, counts[None])


def _counted(first: tuple[PairCells, Labels], second: tuple[PairCells, Labels]) -> Counts:
    """Return the cells of a table, one row behind the other."""
    sizes = first[0].size, second[0].size
    size = max(sizes) + 1
    rows, columns = (np.where(each < 0, size - 1, each) for each in (first[1], second[1]))
    at = [np.append(np.arange(each), size - 1) for each in sizes]
    counts: Counts = table_of(rows, columns, size)[np.ix_(*at)].ravel()
    return counts


def _cut(array: Any, kind: Kind, like: PairCells | None = None) -> tuple[PairCells, Labels]:
    """Return the cells of a column, and that of each row: those it is to be like, if it can be."""
    named = is_named(array, array, kind)
    like = like if like and bool(like.names) == named else None
    if named:
        names = like.names if like else _commonest(array)
        return PairCells(np.empty(0), names), _of_names(array, names)
    numbers = floats_of(array, kind)
    there = ~np.isnan(numbers)
    found, at, counts = np.unique(numbers[there], return_inverse=True, return_counts=True)
    if like:
        single = like.single and bool(np.isin(found, like.highs).all())
        return like._replace(single=single), placed(_places(found, like)[at], there)
    if not found.size:
        return PairCells(np.empty(0)), placed(at, there)
    labels = equal_mass(counts / counts.sum(), MOST_CELLS)
    highs = found[np.append(np.diff(labels) > 0, [True])]
    return PairCells(highs, single=highs.size == found.size), placed(labels[at], there)


def _places(numbers: Values, cells: PairCells) -> Labels:
    return np.minimum(np.searchsorted(cells.highs, numbers), cells.size - 1)


def _commonest(array: Any) -> Sequence[str]:
    labels, _ = labels_of(array, array, MOST_CELLS)
    texts = array.cast(pa.large_string())
    firsts = [int(np.flatnonzero(labels == each)[0]) for each in np.unique(labels[labels >= 0])]
    named = [at for at in firsts if labels[at] < MOST_CELLS - 1]
    return tuple(texts.take(from_numpy(np.array(named, np.int64))).to_pylist())


def _of_names(array: Any, names: Sequence[str]) -> Labels:
    """Return the cell of each row: that of its name, or the one more of all others."""
    texts = array.cast(pa.large_string())
    found = pc.index_in(texts, value_set=from_texts(list(names)).cast(pa.large_string()))
    labels = filled(found, len(names)).astype(np.int64)
    labels[to_numpy(texts.is_null())] = MISSING
    return labels


class HalfCells(Struct, frozen=True):
    """A column: the cell of each row of one side, and what kept cells are among these.

    Attributes
    ----------
    name : str
        By which its tables are kept.
    size : int
        More than any cell.
    ordered : bool
        Whether cells are in the order of their values.
    common, own : shape (rows,)
        By the kept edges, and by the rows' own quantiles.
    spread : shape (cells, steps)
        The shares of each own cell's rows in each step of ranks.
    as_common, as_steps : shape (kept cells, cells)
        The same of kept cells.
    """

    name: str
    size: int
    ordered: bool
    common: Labels
    own: Labels
    spread: Values
    as_common: Values
    as_steps: Values

    @property
    def constant(self) -> bool:
        """Whether nothing tells rows apart: kept cells are several."""
        return False


def half_cells(
    kept: PairTables, name: str, array: Any, kind: Kind, count: int, *, rounded: bool
) -> HalfCells | None:
    """Return the cells of a column's rows; None where these are no longer of the kind kept.

    Parameters
    ----------
    rounded
        Whether one side has numbers of 32 bits: one that it rounds is the same on both.
    """
    cells = kept.cells[name]
    if bool(cells.names) != is_named(array, array, kind):
        return None
    if cells.names:
        few = np.minimum(np.arange(cells.size), count - 1)
        common = _mapped(_of_names(array, cells.names), few)
        return _same(name, common, np.eye(count)[few], ordered=False)
    dtype = np.float32 if rounded else np.float64
    cells = cells._replace(highs=cells.highs.astype(dtype))
    numbers = floats_of(array, kind).astype(dtype)
    there = ~np.isnan(numbers)
    found, at, counts = np.unique(numbers[there], return_inverse=True, return_counts=True)
    held = _margin(kept, name)
    few = _coarse(held, count)
    size = int(few[-1]) + 1
    common = placed(few[_places(found, cells)][at], there)
    if cells.single and size == cells.size and np.isin(found, cells.highs).all():
        return _same(name, common, np.eye(size), ordered=True)
    own = equal_mass(counts / counts.sum(), count)
    size = max(size, count, int(own[-1]) + 1)
    return HalfCells(
        name,
        size,
        ordered=True,
        common=common,
        own=placed(own[at], there),
        spread=spread_of(own, counts, count, size),
        as_common=np.eye(size)[few],
        as_steps=_steps(held, count),
    )


def _steps(counts: NDArray[np.int64], count: int) -> Values:
    """Return the shares of each kept cell's rows in each of some equal steps of ranks."""
    size = max(counts.size, count)
    made = spread_of(np.arange(counts.size), counts, count, size)[: counts.size]
    return made[:, :count]


def _same(name: str, common: Labels, as_common: Values, *, ordered: bool) -> HalfCells:
    """Return cells that are the same, whichever way the column is cut."""
    size = as_common.shape[1]
    same = np.eye(size)
    return HalfCells(name, size, ordered, common, common, same, as_common, as_common)


def _mapped(labels: Labels, cells: Labels) -> Labels:
    return np.asarray(np.where(labels < 0, MISSING, cells[labels]))


def _margin(kept: PairTables, name: str) -> NDArray[np.int64]:
    """Return how many rows each cell of a column has."""
    other = next(each for each in kept.cells if each != name)
    return np.asarray(kept.table(name, other).sum(axis=(0, 2))[:-1])


def _coarse(counts: NDArray[np.int64], count: int) -> Labels:
    """Return which of about `count` cells each kept one is in."""
    if count >= MOST_CELLS:
        return np.arange(counts.size)
    return equal_mass(counts / counts.sum(), count)


class HalfTables(Struct, frozen=True):
    """Gives the tables of pairs, of which one side is kept.

    Attributes
    ----------
    side : int
        Which is: 0 is the baseline.
    called : str
        What each part of the tables is.
    """

    kept: PairTables
    side: int
    called: str = "part"

    @property
    def counts(self) -> tuple[int, int]:
        """How many blocks either side has: parts, and the rows as one."""
        p, q = (self.kept.parts, 1) if self.side == 0 else (1, self.kept.parts)
        return p, q

    @property
    def nights(self) -> bool:
        """Whether parts are recorded runs."""
        return self.called == NIGHT

    @property
    def tell(self) -> bool:
        """Whether parts are enough to tell how they differ."""
        return enough(*self.counts)

    @property
    def few(self) -> tuple[int, int] | None:
        """How many rows either side counts like, where parts are nights too few to tell."""
        p, q = self.counts
        return (p * ROWS_OF_ONE, q * ROWS_OF_ONE) if self.nights and not self.tell else None

    def finding(self) -> Finding:
        """Return what is to be said of parts."""
        said = f"noise by {self.called}{in_numbers(self.counts, self.counts)}"
        if self.few:
            said += f": too few to tell how they differ, so that {COUNTED}"
        elif not self.tell:
            said += ": too few to tell how they differ, so that rows are taken as independent"
        else:
            said += "; --block none for independent rows"
        return Finding(kind="blocks", column=None, status="ok", message=said)

    def tables(self, first: HalfCells, second: HalfCells) -> tuple[Tables, Tables]:
        """Return the tables of a pair of columns in each part, and that of all rows.

        Returns
        -------
        p, q : shape (blocks, cells, cells)
        """
        size = max(first.size, second.size) + 1
        parts, rows = self._common(first, second, size)
        return (parts, rows[None]) if self.side == 0 else (rows[None], parts)

    def _common(self, first: HalfCells, second: HalfCells, size: int) -> tuple[Tables, Tables]:
        held = self.kept.table(first.name, second.name)
        parts = np.rint(_moved(held, first.as_common, second.as_common, size)).astype(np.int64)
        return parts, _table(first.common, second.common, size)

    def __call__(
        self, columns: Sequence[HalfCells], pairs: Sequence[tuple[int, int]]
    ) -> tuple[Tables, Values]:
        """Return the tables of pairs of columns, as `tables_of` does."""
        size = max(each.size for each in columns) + 1
        common = np.empty((len(pairs), 2, size, size), np.int64)
        own = np.empty((len(pairs), 2, size, size))
        for at, pair in enumerate(pairs):
            first, second = (columns[each] for each in pair)
            parts, rows = self._common(first, second, size)
            common[at, self.side], common[at, 1 - self.side] = parts.sum(axis=0), rows
            held = self.kept.table(first.name, second.name).sum(axis=0)
            own[at, self.side] = _moved(held, first.as_steps, second.as_steps, size)
            cut = _table(first.own, second.own, size)
            own[at, 1 - self.side] = (
                padded(first.spread, size).T @ cut @ padded(second.spread, size)
            )
        return common, own


def _table(rows: Labels, columns: Labels, size: int) -> Tables:
    rows, columns = (np.where(each < 0, size - 1, each) for each in (rows, columns))
    return table_of(rows, columns, size)


def _moved(held: Tables, rows: Values, columns: Values, size: int) -> Values:
    """Return kept tables with their cells among others; the last stays that of missing values."""
    return np.asarray(_with_missing(rows, size).T @ held @ _with_missing(columns, size))


def _with_missing(cells: Values, size: int) -> Values:
    made = np.zeros((len(cells) + 1, size))
    made[:-1, : cells.shape[1]] = cells
    made[-1, -1] = 1.0
    return made
