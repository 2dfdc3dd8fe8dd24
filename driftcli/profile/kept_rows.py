"""Rows that a profile keeps because it was asked to: a uniform sample that merges by its keys."""

from __future__ import annotations

import io
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, to_numpy

#: What the keys are called in a file, before the columns of the rows.
_KEYS = "key"


class KeptRows(Struct, frozen=True):
    """The rows of a dataset that drew the smallest keys.

    Attributes
    ----------
    rows : pyarrow.Table
    keys : shape (rows,)
        Uniform numbers from 0 to 1.
    most : int
        Rows that are kept at most: where there are fewer, they are all.
    """

    rows: pa.Table
    keys: NDArray[np.float64]
    most: int

    def smallest(self, most: int) -> KeptRows:
        """Return no more than so many of the rows."""
        if self.keys.size <= most:
            return replace(self, most=min(most, self.most))
        kept = np.sort(np.argsort(self.keys, kind="stable")[:most])
        return KeptRows(self.rows.take(from_numpy(kept)), self.keys[kept], most)

    def of(self, names: Collection[str]) -> KeptRows:
        """Return the rows with some of the columns."""
        held = [name for name in self.rows.schema.names if name in names]
        return replace(self, rows=self.rows.select(held))

    def renamed(self, names: Mapping[str, str]) -> KeptRows:
        """Return the rows with columns that go by other names."""
        held = [names.get(name, name) for name in self.rows.schema.names]
        return replace(self, rows=self.rows.rename_columns(held))


def merge(parts: Sequence[KeptRows]) -> KeptRows:
    """Return a sample of the rows of all parts: as many as each part could hold."""
    tables = pa.concat_tables([part.rows for part in parts], promote_options="permissive")
    keys = np.concatenate([part.keys for part in parts])
    most = min(part.most for part in parts)
    return KeptRows(tables, keys, most).smallest(most)


def encoded(kept: KeptRows) -> bytes:
    """Return the rows and their keys as an Arrow stream."""
    fields = [pa.field(_KEYS, pa.float64()), *kept.rows.schema]
    table = pa.Table.from_arrays(
        [from_numpy(kept.keys), *kept.rows.columns], schema=pa.schema(fields)
    )
    stream = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(stream, table.schema, options=options) as writer:
        writer.write_table(table)
    return stream.getvalue()


def decoded(data: bytes, most: int, types: Mapping[str, str], name_of: Any) -> KeptRows:
    """Return the rows that a stream holds.

    Parameters
    ----------
    types
        The types of the columns, by which `name_of` names Arrow's.

    Raises
    ------
    ValueError, pyarrow.ArrowException
        When no profile has such rows.
    """
    table = pa.ipc.open_stream(data).read_all()
    table.validate(full=True)
    keys, rows = to_numpy(table.column(0).combine_chunks()), table.remove_column(0)
    names = rows.schema.names
    if len(set(names)) < len(names) or any(
        types.get(field.name) != name_of(field.type) for field in rows.schema
    ):
        raise ValueError("rows of other columns")
    if keys.size > most or keys.dtype.kind != "f" or not ((keys >= 0) & (keys <= 1)).all():
        raise ValueError("rows without keys")
    return KeptRows(rows, keys, most)
