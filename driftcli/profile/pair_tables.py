"""Tables of pairs of columns that a profile keeps, so that it need not keep rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import from_texts
from driftcli.profile.saved_table import Fields, arrays, values

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
    counts : shape (parts, cells of all tables)
        The tables of all pairs of columns in the order of `cells`, one behind the other. Each has
        the cells of two columns, of which the last is that of missing values. Parts are what was
        merged.
    """

    rows: int
    cells: Mapping[str, PairCells]
    counts: NDArray[np.int64]

    @property
    def parts(self) -> int:
        """How many parts were merged."""
        return len(self.counts)

    def table(self, first: str, second: str) -> NDArray[np.int64]:
        """Return the tables of two columns, whichever is kept first, of each part."""
        names, sizes = list(self.cells), _sizes(self.cells)
        at, to = names.index(first), names.index(second)
        if at > to:
            return self.table(second, first).swapaxes(1, 2)
        start = int(_starts(sizes)[at] + sizes[at] * sizes[at + 1 : to].sum())
        held = self.counts[:, start : start + sizes[at] * sizes[to]]
        return held.reshape(-1, sizes[at], sizes[to])

    def of(self, names: Collection[str]) -> PairTables:
        """Return the tables of some columns."""
        cells = {name: each for name, each in self.cells.items() if name in names}
        return replace(self, cells=cells, counts=self.counts_of(cells))

    def counts_of(self, names: Collection[str]) -> NDArray[np.int64]:
        """Return the tables of all pairs of some columns, in the order of these."""
        if list(names) == list(self.cells):
            return self.counts
        none = np.empty((self.parts, 0), np.int64)
        tables = [self.table(*pair).reshape(self.parts, -1) for pair in combinations(names, 2)]
        return np.hstack([none, *tables])

    def renamed(self, names: Mapping[str, str]) -> PairTables:
        """Return the tables of columns that go by other names."""
        return replace(self, cells={names.get(name, name): c for name, c in self.cells.items()})


def _sizes(cells: Mapping[str, PairCells]) -> NDArray[np.int64]:
    """Return the cells of each column, that of missing values among them."""
    return np.array([each.size + 1 for each in cells.values()], np.int64)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the tables of each column and a later one begin, and where the last end."""
    later = sizes.sum() - np.cumsum(sizes)
    return np.concatenate([[0], np.cumsum(sizes * later)])


def _areas(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cells of each table."""
    tables = combinations(sizes.tolist(), 2)
    return np.array([first * second for first, second in tables], np.int64)


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
    counts = np.concatenate([part.counts_of(cells) for part in parts])
    return PairTables(sum(part.rows for part in parts), cells, counts)


class Gathering:
    """The tables of parts as they come, put together as a file will keep them.

    However many there are, no more than twice as many as a file keeps are held.
    """

    def __init__(self) -> None:
        self._held: list[PairTables] = []
        self._parts = self._waiting = 0
        self._lacking = False

    def add(self, part: PairTables | None) -> None:
        """Take those of the next part; where one has none, there are none of all."""
        if part is None or self._lacking:
            self._held, self._lacking = [], True
            return
        self._held.append(part)
        self._waiting += part.parts
        if self._waiting > MOST_PARTS:
            self._put_together()

    def finish(self) -> PairTables | None:
        """Return those of all parts."""
        if len(self._held) > 1 or self._waiting > MOST_PARTS:
            self._put_together()
        return self._held[0] if self._held else None

    def _put_together(self) -> None:
        made = merge(self._held)
        if made is None:
            self.add(None)
            return
        before = made.parts - self._waiting
        places = np.arange(before) * _together(self._parts)
        places = np.append(places, self._parts + np.arange(self._waiting))
        self._parts, self._waiting = self._parts + self._waiting, 0
        groups = places // _together(self._parts)
        starts = np.flatnonzero(np.append([True], groups[1:] != groups[:-1]))
        self._held = [replace(made, counts=np.add.reduceat(made.counts, starts))]


def _together(parts: int) -> int:
    """Return how many neighbours of so many parts a file has put together."""
    each = 1
    while -(-parts // each) > MOST_PARTS:
        each *= 2
    return each


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
    starts = np.arange(0, kept.parts, _together(kept.parts))
    return replace(kept, counts=np.add.reduceat(kept.counts, starts))


def _row(kept: PairTables, name: str) -> dict[str, Any]:
    if name not in kept.cells:
        return {}
    cells, names = kept.cells[name], list(kept.cells)
    counts = [kept.table(name, later).ravel() for later in names[names.index(name) + 1 :]]
    return {
        "pair_highs": cells.highs,
        "pair_names": from_texts(list(cells.names)),
        "pair_single": cells.single,
        "pair_counts": np.concatenate([np.empty(0, np.int64), *counts]),
    }


def from_table(fields: Fields, rows: int, names: Sequence[str]) -> PairTables:
    """Return the tables that the fields of a table of these columns hold.

    Raises
    ------
    KeyError, ValueError, TypeError
        When there are none, or their numbers do not fit each other.
    """
    held = [values(fields, field, form) for field, form in FIELDS.items()]
    found = {
        name: (PairCells(highs, tuple(texts.to_pylist()), single), counts)
        for name, highs, texts, single, counts in zip(names, *held, strict=True)
        if len(highs) or len(texts)
    }
    cells = {name: each for name, (each, _) in found.items()}
    counts = [each for _, each in found.values()]
    return PairTables(rows, cells, _in_parts(counts, _sizes(cells)))


def _in_parts(counts: Sequence[NDArray[np.int64]], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the tables of each part, of those of each pair one part behind the other."""
    whole, ends = np.concatenate([np.empty(0, np.int64), *counts]), _starts(sizes)
    parts = max(1, whole.size // max(1, int(ends[-1])))
    if not np.array_equal([each.size for each in counts], parts * np.diff(ends)):
        raise ValueError("tables of other sizes")
    if parts == 1:
        return whole[None]
    tables = np.split(whole, parts * np.cumsum(_areas(sizes))[:-1])
    return np.hstack([each.reshape(parts, -1) for each in tables])


def flaw(kept: PairTables, rows: int) -> str | None:
    """Return what is wrong with tables that no data can have, None where nothing is."""
    if not 0 < kept.rows <= rows:
        return "tables of pairs of more rows than it has, or of none"
    for name, each in kept.cells.items():
        if each.highs.size and each.names:
            return f"cells of numbers and of names in column {name!r}"
        if each.size > MOST_CELLS or len(set(each.names)) < len(each.names):
            return f"cells that cannot be in column {name!r}"
        if not (each.highs[1:] > each.highs[:-1]).all() or np.isnan(each.highs[:1]).any():
            return f"cells that are not in order in column {name!r}"
    return _of_other_rows(kept)


def _of_other_rows(kept: PairTables) -> str | None:
    """Return what is wrong with the first table that does not count the rows, if one does not."""
    areas = _areas(_sizes(kept.cells))
    if not areas.size:
        return None
    starts = np.cumsum(areas) - areas
    # A sum of counts beyond these could overflow unseen.
    beyond = ((kept.counts < 0) | (kept.counts > kept.rows)).any(axis=0)
    sums = np.add.reduceat(kept.counts.sum(axis=0), starts)
    wrong = np.flatnonzero(np.logical_or.reduceat(beyond, starts) | (sums != kept.rows))
    if not wrong.size:
        return None
    first, second = list(combinations(kept.cells, 2))[wrong[0]]
    return f"a table of columns {first!r} and {second!r} that is not of its rows"
