"""Blocks of rows as a file keeps them: the rows of each, counted in cells of every column."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from driftcli.profile.calendar import Every
from driftcli.profile.cells import Cells, Counts

#: What the cells of a column are of: its numbers, its names, or the lengths of its texts.
Form = Literal["numbers", "names", "lengths"]

#: Entities go by their hashes modulo this, or a half of it, a quarter ….
BUCKETS = 512


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
