"""How many rows of a source repeat an earlier one: a pass of its own, over hashes of whole rows."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from driftcli.arrays import EncryptedType
from driftcli.engine.contract import Engine, Worked
from driftcli.engine.passes import Cutting, Pass, Taken, blocks_of, mapped, taken
from driftcli.engine.threads import Threads
from driftcli.errors import UsageError
from driftcli.profile.kinds import Kind
from driftcli.profile.row_hashes import Hashes, row_hashes
from driftcli.source import Source
from driftcli.source.contract import ONCE


def check_repeatable(source: Source) -> None:
    """Refuse a source that can be read only once.

    Raises
    ------
    UsageError
        When it is the stream of an object or of a database.
    """
    if source.format in ONCE and source.rows is None:
        raise UsageError(
            f"{source.name}: a stream is read once, and thresholds.repeated reads the rows a second"
            " time; give a table or a file"
        )


_HERE = Threads()


def repeated_rows(source: Source, forced: Mapping[str, Kind | None], engine: Engine = _HERE) -> int:
    """Return how many rows agree with an earlier one in every column that is read.

    `source` was read before, so that the types of a text file are known. It takes eight bytes a
    row.
    """
    types = {
        field.name: field.type
        for field in source.schema
        if forced.get(field.name, "") is not None and not isinstance(field.type, EncryptedType)
    }
    reading = Pass(source.expecting(types), list(types))
    stripes = Cutting(taken([reading], reading.columns), _stripes)
    found = mapped(engine, partial(_hashed, types=types), _joined, stripes, [reading])
    return sum(part.repeats for part in found)


def _stripes(fragments: Iterator[Taken]) -> Iterator[tuple[None, Sequence[Taken]]]:
    """Yield the fragments of the same rows together."""
    for _, stripe in groupby(fragments, lambda each: each.ordinal):
        yield None, list(stripe)


class Hashed(NamedTuple):
    """The hashes of some rows and, once these are all, how many of them repeat another."""

    hashes: Sequence[Hashes]
    repeats: int = 0


def _hashed(stripe: Sequence[Taken], types: Mapping[str, Any]) -> Worked[Hashed]:
    """Return the hashes of the rows of a stripe, whose columns come in groups."""
    sums: Hashes | None = None
    read, seen = blocks_of(stripe)
    for blocks in read:
        made = [row_hashes(block.batch, types) for block in blocks]
        part = np.concatenate([np.empty(0, np.uint64), *made])
        sums = part if sums is None else sums + part
    return Worked(Hashed([] if sums is None else [sums]), seen=seen)


def _joined(parts: Sequence[Hashed], *, last: bool) -> Hashed:
    held = [some for part in parts for some in part.hashes]
    if not last:
        return Hashed(held)
    found = np.concatenate([np.empty(0, np.uint64), *held])
    found.sort()
    return Hashed([], int(np.count_nonzero(found[1:] == found[:-1])))
