"""Blocks of rows that move together: those of a day, of a customer, of a night."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from driftcli.profile.calendar import Every
from driftcli.profile.column import ColumnProfile

#: The kind of blocks that are recorded runs.
NIGHT = "run"


class RowBlock(Struct, frozen=True):
    """Some rows that move together and the profiles of their columns.

    Attributes
    ----------
    number : int
        Of its period, or of its entity.
    """

    label: str
    rows: int
    columns: Mapping[str, ColumnProfile]
    number: int = 0


class Blocks(Struct, frozen=True):
    """The blocks of a dataset's rows, or of a sample of them.

    Attributes
    ----------
    kind : str
        What a block is: a day, a run, a value of a column.
    column : str or None
        The column that says which block a row is of.
    share : float
        The share of all rows that the blocks are made of.
    automatic : bool
        Whether nobody asked for them.
    every : Every or None
        The length of time that makes one.
    entities : int or None
        How many values of the column their rows have, where it is values that make blocks: those
        of several may make one. None where nobody knows.
    """

    kind: str
    each: tuple[RowBlock, ...]
    column: str | None = None
    share: float = 1.0
    automatic: bool = False
    every: Every | None = None
    entities: int | None = None
