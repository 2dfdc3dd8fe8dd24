"""A dataset's profile: its columns' profiles over the same rows."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from driftcli.profile import column, kept_counting, kept_merging, kept_rows, pair_tables
from driftcli.profile.blocks import Blocks
from driftcli.profile.column import ColumnProfile
from driftcli.profile.kept import KeptBlocks
from driftcli.profile.kept_rows import KeptRows
from driftcli.profile.kinds import type_name
from driftcli.profile.pair_tables import PairTables
from driftcli.profile.points import MAX_POINTS

#: Formats that cannot say whether they hold text or numbers.
_UNTYPED = ("csv",)


class Written(Struct, frozen=True):
    """How the values of a column are written that text files would otherwise not be read by.

    Attributes
    ----------
    kind : str
        What it is read as: "numbers", "times" or "booleans".
    example : str
        A value that is written so.
    look : str
        The same for the reader of data, by which it reads others like it.
    stored : str
        The type that the data have for it.
    unit : str
        The currency or unit that stands at each number, if there is one.
    read : bool
        False where it was read as text, because a baseline was.
    """

    kind: str
    example: str
    look: str
    stored: str
    unit: str = ""
    read: bool = True


class DatasetProfile(Struct, frozen=True):
    """What a dataset is compared by.

    Attributes
    ----------
    rows : int
        Rows of the dataset.
    sampled_rows : int or None
        Rows the column profiles describe, when a sample was taken.
    columns : mapping of str to ColumnProfile
        In the dataset's order.
    types : mapping of str to str
        The type of every column, also of those that cannot be compared.
    partial : mapping
        Columns that not all files have: in how many, of how many.
    path_keys : mapping
        Columns that folders named `key=value` make, and whether the path that was given names
        the key.
    left_out : sequence of str
        Names of columns that the data had and that were not read.
    schema : pyarrow.Schema or None
        The Arrow types of all columns: a text file that is compared with this is read as them.
    made_of : tuple of str, or None
        Of a saved profile, the source and the format of the data it was made of; `source` and
        `format` are then its own.
    written : mapping of str to Written
        The columns whose texts, or numbers, were read as something else.
    redacted : str or None
        None where categories have their own names; else the mark of the salt they were hashed
        with (see `redact`).
    repeated : int or None
        Rows that repeat an earlier one; None where they were not counted.
    where : str or None
        The condition that its rows meet, where others were left out.
    blocks : Blocks or None
        Which rows move together, where that is known.
    kept : KeptBlocks or None
        The same as a file keeps it; a profile of several has it if each of them has.
    rows_kept : KeptRows or None
        Some of its rows, where it was asked to keep any.
    pairs : PairTables or None
        Its rows counted by pairs of columns; a profile of several has those whose cells are the
        same in each of them.
    """

    source: str
    format: str
    rows: int
    columns: Mapping[str, ColumnProfile]
    types: Mapping[str, str]
    sampled_rows: int | None = None
    notes: Sequence[str] = ()
    partial: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    path_keys: Mapping[str, bool] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    schema: Any = None
    made_of: tuple[str, str] | None = None
    redacted: str | None = None
    repeated: int | None = None
    written: Mapping[str, Written] = field(default_factory=dict)
    where: str | None = None
    blocks: Blocks | None = None
    kept: KeptBlocks | None = None
    rows_kept: KeptRows | None = None
    pairs: PairTables | None = None

    @property
    def typed(self) -> bool:
        """Whether the data it was made of can tell text from numbers."""
        return (self.made_of[1] if self.made_of else self.format) not in _UNTYPED


def with_points(profile: DatasetProfile, limit: int) -> DatasetProfile:
    """Return the profile with at most `limit` points a column; what that moves is in `rounding`."""
    columns = {name: column.merge([each], limit) for name, each in profile.columns.items()}
    return replace(profile, columns=columns)


def merge(parts: Sequence[DatasetProfile], limit: int = MAX_POINTS) -> DatasetProfile:
    """Return the profile of the rows of all `parts`, in their order, named as the first.

    Parameters
    ----------
    parts
        Of the same columns, of kinds that go together, and of all rows, not of samples. The
        first one's schema must hold the types of all.
    limit
        Points of a column, at most.
    """
    first = parts[0]
    shared = [name for name in first.types if all(name in part.columns for part in parts)]
    kept = [part.kept for part in parts if part.kept]
    rows = [part.rows_kept.of(shared) for part in parts if part.rows_kept]
    counted = [part for part in parts if part.rows]
    pairs = [part.pairs.of(shared) for part in counted if part.pairs]
    return replace(
        first,
        rows=sum(part.rows for part in parts),
        columns={
            name: column.merge([part.columns[name] for part in parts], limit) for name in shared
        },
        types={field.name: type_name(field.type) for field in first.schema},
        notes=_together(part.notes for part in parts),
        left_out=_together(part.left_out for part in parts),
        # Rows of one part may repeat those of another.
        repeated=first.repeated if len(parts) == 1 else None,
        written={name: each for part in reversed(parts) for name, each in part.written.items()},
        kept=kept_merging.merge(kept) if len(kept) == len(parts) else None,
        rows_kept=kept_rows.merge(rows) if len(rows) == len(parts) else None,
        pairs=pair_tables.merge(pairs) if len(pairs) == len(counted) else None,
    )


def as_block(profile: DatasetProfile) -> DatasetProfile:
    """Return a part of what is to be merged: if no blocks of its rows are known, it is one."""
    columns, label = profile.columns, profile.source
    kept = profile.kept or kept_counting.as_one(label, profile.rows, columns)
    return replace(profile, kept=kept)


def _together(texts: Iterable[Sequence[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(texts)))
