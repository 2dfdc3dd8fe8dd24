"""How many rows of a source repeat an earlier one: a pass of its own, over hashes of whole rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from driftcli.arrays import EncryptedType
from driftcli.engine.threads import in_order
from driftcli.errors import UsageError
from driftcli.profile.column import Kind
from driftcli.profile.row_hashes import Hashes, row_hashes
from driftcli.source import Fragment, Source


def check_repeatable(source: Source) -> None:
    """Refuse a source that can be read only once.

    Raises
    ------
    UsageError
        When it is the stream of an object.
    """
    if source.format == "memory" and source.rows is None:
        raise UsageError(
            f"{source.name}: a stream is read once, and thresholds.repeated reads the rows a second"
            " time; give a table or a file"
        )


def repeated_rows(
    source: Source, forced: Mapping[str, Kind | None], threads: int | None = None
) -> int:
    """Return how many rows agree with an earlier one in every column that is read.

    `source` was read before, so that the types of a text file are known. It takes eight bytes a
    row, and up to twice that where the number of rows is not known.
    """
    types = {
        field.name: field.type
        for field in source.schema
        if forced.get(field.name, "") is not None and not isinstance(field.type, EncryptedType)
    }

    def read(fragment: Fragment) -> tuple[Sequence[str], Hashes]:
        made = [row_hashes(block.batch, types) for block in fragment.blocks()]
        return fragment.columns, np.concatenate([np.empty(0, np.uint64), *made])

    fragments = source.expecting(types).fragments(list(types))
    total = _Total(source.rows)
    for columns, part in in_order(read, fragments, threads):
        total.add(columns, part)
    return total.repeats()


class _Total:
    """The hashes of rows whose columns come in groups, which may differ from row to row.

    Each column has all rows, in their order.
    """

    def __init__(self, rows: int | None) -> None:
        self._sums: Hashes = np.zeros(rows or 0, np.uint64)
        self._ends: dict[str, int] = {}

    def add(self, columns: Sequence[str], part: Hashes) -> None:
        begin = self._ends.get(columns[0], 0)
        end = begin + part.size
        self._ends |= dict.fromkeys(columns, end)
        if end > self._sums.size:
            more: Any = np.zeros(max(end, 2 * self._sums.size) - self._sums.size, np.uint64)
            self._sums = np.append(self._sums, more)
        self._sums[begin:end] += part

    def repeats(self) -> int:
        found = self._sums[: max(self._ends.values(), default=0)]
        found.sort()
        return int(np.count_nonzero(found[1:] == found[:-1]))
