"""Tables of pairs of columns that a profile keeps, so that it need not keep rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import from_texts
from driftcli.profile.saved_table import arrays, values

#: How each field of a column is stored in a file. One without cells is in no table.
FIELDS = {
    "pair_highs": "floats",
    "pair_names": "texts",
    "pair_single": "truth",
    "pair_counts": "integers",
}
#: Cells of a column at most, without that of missing values: some, and those of common values.
MOST_CELLS = 17
#: Parts whose tables a file keeps apart: some 25 kB each where there are 190 pairs.
MOST_PARTS = 40


class PairCells(NamedTuple):
    """How the values of a column are put in cells.

    Attributes
    ----------
    highs : shape (cells,)
        Of numbers, the greatest of each cell, rising; beyond the last they are of that cell, too.
    names : sequence of str
        Of names, those that have a cell each; all others share one more.
    single : bool
        Whether each cell of numbers is of one.
    """

    highs: NDArray[np.float64]
    names: Sequence[str] = ()
    single: bool = False

    @property
    def size(self) -> int:
        """How many cells there are."""
        return len(self.names) + 1 if self.names else self.highs.size

    def tells_as(self, other: PairCells) -> bool:
        """Return whether others put the same values together."""
        return self.names == other.names and np.array_equal(self.highs, other.highs)


class PairTables(Struct, frozen=True):
    """The rows of a dataset, or a sample of them, counted by pairs of columns.

    Attributes
    ----------
    rows : int
        How many were counted.
    cells : mapping of str to PairCells
    tables : mapping of pair of str to array of shape (parts, cells + 1, cells + 1)
        Of columns in the order of `cells`; the last cell is that of missing values. Parts are what
        was merged.
    """

    rows: int
    cells: Mapping[str, PairCells]
    tables: Mapping[tuple[str, str], NDArray[np.int64]]

    @property
    def parts(self) -> int:
        """How many parts were merged."""
        return max(map(len, self.tables.values()), default=1)

    def table(self, first: str, second: str) -> NDArray[np.int64]:
        """Return the tables of two columns, whichever is kept first, of each part."""
        held = self.tables.get((first, second))
        return self.tables[second, first].swapaxes(1, 2) if held is None else held

    def of(self, names: Collection[str]) -> PairTables:
        """Return the tables of some columns."""
        cells = {name: each for name, each in self.cells.items() if name in names}
        pairs = combinations(cells, 2)
        return replace(self, cells=cells, tables={pair: self.tables[pair] for pair in pairs})

    def renamed(self, names: Mapping[str, str]) -> PairTables:
        """Return the tables of columns that go by other names."""
        cells = {names.get(name, name): each for name, each in self.cells.items()}
        tables = {
            (names.get(first, first), names.get(second, second)): each
            for (first, second), each in self.tables.items()
        }
        return replace(self, cells=cells, tables=tables)


def merge(parts: Sequence[PairTables]) -> PairTables | None:
    """Return the tables of all parts, of columns whose cells are the same in each of them.

    There are none where these are fewer than two.
    """
    if len(parts) == 1:
        return parts[0]
    cells = {
        name: each._replace(single=all(part.cells[name].single for part in parts))
        for name, each in (parts[0].cells.items() if parts else ())
        if all(name in part.cells and part.cells[name].tells_as(each) for part in parts)
    }
    if len(cells) < 2:
        return None
    tables = {
        pair: np.concatenate([part.table(*pair) for part in parts])
        for pair in combinations(cells, 2)
    }
    return PairTables(sum(part.rows for part in parts), cells, tables)


def alike(parts: Sequence[PairTables]) -> Sequence[PairTables]:
    """Return those of some parts whose cells are those of the last, where both have a column."""
    last = parts[-1].cells if parts else {}
    return [
        part
        for part in parts
        if all(each.tells_as(last[name]) for name, each in part.cells.items() if name in last)
    ]


def with_tables(table: Any, kept: PairTables, names: Sequence[str]) -> Any:
    """Return a table of columns, as a file holds it, with the fields of their tables."""
    kept = _capped(kept)
    rows = [_row(kept, name) for name in names]
    for field, form in FIELDS.items():
        table = table.append_column(field, arrays(form, [row.get(field) for row in rows]))
    return table


def _capped(kept: PairTables) -> PairTables:
    """Return tables of no more parts than a file keeps: neighbours are put together."""
    while kept.parts > MOST_PARTS:
        starts = np.arange(0, kept.parts, 2)
        tables = {pair: np.add.reduceat(each, starts) for pair, each in kept.tables.items()}
        kept = replace(kept, tables=tables)
    return kept


def _row(kept: PairTables, name: str) -> dict[str, Any]:
    if name not in kept.cells:
        return {}
    cells = kept.cells[name]
    counts = [each.ravel() for (first, _), each in kept.tables.items() if first == name]
    return {
        "pair_highs": cells.highs,
        "pair_names": from_texts(list(cells.names)),
        "pair_single": cells.single,
        "pair_counts": np.concatenate([np.empty(0, np.int64), *counts]),
    }


def from_table(table: Any, rows: int, names: Sequence[str]) -> PairTables:
    """Return the tables that a table of these columns holds.

    Raises
    ------
    KeyError, ValueError, TypeError
        When there are none, or their numbers do not fit each other.
    """
    held = [values(table, field, form) for field, form in FIELDS.items()]
    found = {
        name: (PairCells(highs, tuple(texts.to_pylist()), single), counts)
        for name, highs, texts, single, counts in zip(names, *held, strict=True)
        if len(highs) or len(texts)
    }
    cells = {name: each for name, (each, _) in found.items()}
    tables = {}
    for first, (own, counts) in found.items():
        others = list(cells)[list(cells).index(first) + 1 :]
        sizes = [(own.size + 1) * (cells[each].size + 1) for each in others]
        parts = counts.size // sum(sizes) if others else 1
        if counts.size != parts * sum(sizes):
            raise ValueError("tables of other sizes")
        ends = parts * np.cumsum([0, *sizes])
        for second, (start, end) in zip(others, pairwise(ends.tolist()), strict=True):
            tables[first, second] = counts[start:end].reshape(parts, own.size + 1, -1)
    if len({len(each) for each in tables.values()}) > 1:
        raise ValueError("tables of other numbers of parts")
    return PairTables(rows, cells, tables)


def flaw(kept: PairTables, rows: int) -> str | None:
    """Return what is wrong with tables that no data can have, None where nothing is."""
    if not 0 < kept.rows <= rows:
        return "tables of pairs of more rows than it has, or of none"
    for name, each in kept.cells.items():
        if each.highs.size and each.names:
            return f"cells of numbers and of names in column {name!r}"
        if each.size > MOST_CELLS or len(set(each.names)) < len(each.names):
            return f"cells that cannot be in column {name!r}"
        if not (np.diff(each.highs) > 0).all() or np.isnan(each.highs).any():
            return f"cells that are not in order in column {name!r}"
    return _of_other_rows(kept)


def _of_other_rows(kept: PairTables) -> str | None:
    """Return what is wrong with the first table that does not count the rows, if one does not."""
    if not kept.tables:
        return None
    sizes = [table.size for table in kept.tables.values()]
    starts = np.cumsum([0, *sizes[:-1]])
    counts = np.concatenate([table.ravel() for table in kept.tables.values()])
    # A sum of counts beyond these could overflow unseen.
    beyond = np.logical_or.reduceat((counts < 0) | (counts > kept.rows), starts)
    wrong = np.flatnonzero(beyond | (np.add.reduceat(counts, starts) != kept.rows))
    if not wrong.size:
        return None
    first, second = list(kept.tables)[wrong[0]]
    return f"a table of columns {first!r} and {second!r} that is not of its rows"
