"""Hive partitions: what the folders of a file say becomes columns of all its rows."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from driftcli.arrays import scalar_of
from driftcli.errors import InputError
from driftcli.source.columns import batch_of
from driftcli.source.contract import Block, Fragment, InnerFragment
from driftcli.source.files import File
from driftcli.text import quoted


def partition_types(files: Sequence[File]) -> dict[str, pa.DataType]:
    """Return the partition columns: int64 where every value is an integer, else string.

    Raises
    ------
    InputError
        When not all files have the same keys.
    """
    first = files[0]
    if first.keys:
        return dict(first.keys)
    for file in files:
        if set(file.partition) != set(first.partition):
            key = min(set(file.partition) ^ set(first.partition))
            without = file if key in first.partition else first
            raise InputError(
                f"{without.shown}: its folders have no partition key {quoted(key)}, unlike those "
                "of other files of the dataset. Name the files of one layout with a glob."
            )
    return {
        key: pa.int64() if all(_is_int(file.partition[key]) for file in files) else pa.string()
        for key in first.partition
    }


def path_keys(name: str, partitions: Iterable[str]) -> dict[str, bool]:
    """Return for each partition column whether the path that was given names it."""
    return {key: f"{key}=" in name for key in partitions}


def partial_columns(schemas: Sequence[Collection[str]]) -> dict[str, tuple[int, int]]:
    """Return the columns that not all files have: in how many, of how many.

    Parameters
    ----------
    schemas
        The columns of each file.
    """
    counts = Counter(name for names in schemas for name in names)
    return {name: (n, len(schemas)) for name, n in counts.items() if n < len(schemas)}


def _is_int(text: str | None) -> bool:
    """Tell whether `text` is an integer that can be written back as it was: not zero-padded."""
    if text is None:
        return True
    digits = text.removeprefix("-")
    padded = len(digits) > 1 and digits.startswith("0")
    return digits.isascii() and digits.isdigit() and len(digits) <= 18 and not padded


def constants(file: File, types: Mapping[str, pa.DataType]) -> dict[str, pa.Scalar]:
    """Return the values that partition columns have in one file."""
    found = {}
    for key, kind in types.items():
        text = file.partition[key]
        value = int(text) if text is not None and pa.types.is_integer(kind) else text
        found[key] = scalar_of(value, kind)
    return found


class PartitionedFragment(InnerFragment, frozen=True):
    """A fragment with partition columns beside or instead of its own."""

    columns: Sequence[str]
    values: Mapping[str, pa.Scalar]

    def blocks(self) -> Iterator[Block]:
        """Read the fragment and add the partition columns."""
        for block in self.inner.blocks():
            rows = block.batch.num_rows
            arrays = [
                _repeated(self.values[name], rows)
                if name in self.values
                else block.batch.column(name)
                for name in self.columns
            ]
            yield Block(batch_of(self.columns, arrays, rows), block.invalid, block.seen)


def _repeated(value: pa.Scalar, rows: int) -> pa.Array:
    return pa.repeat(value, rows) if value.is_valid else pa.nulls(rows, value.type)


def with_partitions(
    fragments: Iterator[Fragment],
    columns: Sequence[str],
    own: Sequence[str],
    values: Mapping[str, pa.Scalar],
) -> Iterator[Fragment]:
    """Yield `fragments`, which hold the columns `own`, with those asked for that are constants.

    These are partition columns, and columns that a file does not have.

    Fragments may be blocks of columns; the partition columns go with the first of `own`, which
    every row has once. When no own column was asked for, it only carries them.
    """
    added = [name for name in columns if name in values]
    for fragment in fragments:
        if added and (not own or own[0] in fragment.columns):
            kept = [name for name in fragment.columns if name in columns]
            yield PartitionedFragment(fragment, [*kept, *added], values)
        else:
            yield fragment
