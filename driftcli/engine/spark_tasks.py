"""What executors of Spark do: work on units, or on those of their own rows, and join."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct

from driftcli.engine.columns import LEAF_ROWS
from driftcli.engine.contract import Join, Work
from driftcli.engine.passes import Taken
from driftcli.engine.tree import Carry, Outcome, attempted, attempted_there, joined
from driftcli.source.columns import batch_of
from driftcli.source.spark import filled

#: Rows of a table are profiled together up to so many bytes.
_RUN_BYTES = 256 << 20
#: More runs of rows than any partition has.
_RUNS = 1 << 24

_Batches = Iterable[Any]


class WorkOnUnits(Struct, frozen=True):
    """Work on neighbouring units of a lane, which come pickled with their places, and join them."""

    work: Work[Any, Any]
    join: Join[Any]

    def __call__(self, batches: _Batches) -> Iterator[Any]:
        """Yield what came of each row of them."""
        for batch in batches:
            for row in batch.to_pylist():
                some = pickle.loads(row["data"])  # noqa: S301 - ours
                yield _row(row["lane"], row["at"], attempted_there(self.work, self.join, some))


class WorkOnRows(Struct, frozen=True):
    """Work on the units that are cut out of the rows of a partition.

    Attributes
    ----------
    forms
        The fragments that are made of each run of rows, not filled yet.
    names
        What the columns of the rows are called.
    lanes
        The lanes of the units.
    """

    forms: bytes
    names: Sequence[str]
    lanes: Sequence[Hashable]
    cut: Callable[[Iterator[Taken]], Iterator[tuple[Hashable, Any]]]
    work: Work[Any, Any]
    join: Join[Any]

    def __call__(self, batches: _Batches) -> Iterator[Any]:
        """Yield what came of the partition, lane by lane; nothing where it has no rows."""
        from pyspark import TaskContext

        context = TaskContext.get()
        partition = context.partitionId() if context else 0
        made = {lane: Carry(partial(joined, self.join)) for lane in self.lanes}
        run = first = partition * _RUNS
        for run, batch in enumerate(_runs(batches, self.names), first + 1):
            fragments = (each._replace(ordinal=run) for each in filled(self.forms, batch))
            for lane, unit in self.cut(fragments):
                made[lane].add(attempted(self.work, (run, lane, unit))[1])
        for lane, carry in enumerate(made.values() if run > first else ()):
            yield _row(lane, partition, carry.finish(last=False))


class Joining(Struct, frozen=True):
    """The join of the neighbours in a table: of all that are left, if it is the last."""

    join: Join[Any]
    last: bool

    def __call__(self, table: pa.Table) -> pa.Table:
        """Return what comes of them, as their only row."""
        carry = Carry(partial(joined, self.join))
        for at in pc.sort_indices(table["at"]).to_pylist():
            carry.add(pickle.loads(table["data"][at].as_py()))  # noqa: S301 - ours
        row = _row(table["lane"][0].as_py(), table["up"][0].as_py(), carry.finish(last=self.last))
        return pa.Table.from_batches([row])


def _row(lane: int, at: int, outcome: Outcome[Any]) -> Any:
    data = pa.array([pickle.dumps(outcome)], pa.binary())
    return pa.record_batch({"lane": pa.array([lane]), "at": pa.array([at]), "data": data})


def _runs(batches: _Batches, names: Sequence[str]) -> Iterator[Any]:
    """Yield the rows of a partition, as many together as are worth sorting."""
    some: list[Any] = []
    rows = size = 0
    for batch in batches:
        if some and (rows + batch.num_rows > LEAF_ROWS or size + batch.nbytes > _RUN_BYTES):
            yield _together(some, names)
            some, rows, size = [], 0, 0
        if batch.num_rows:
            some.append(batch)
            rows += batch.num_rows
            size += batch.nbytes
    if some:
        yield _together(some, names)


def _together(batches: Sequence[Any], names: Sequence[str]) -> Any:
    """Return rows as one batch, each text in it once: Spark sends them one by one."""
    columns = pa.Table.from_batches(batches).columns[: len(names)]
    arrays = [pa.concat_arrays(_coded(column).chunks) for column in columns]
    return batch_of(names, arrays, sum(each.num_rows for each in batches))


def _coded(column: Any) -> Any:
    # One dictionary comes of all chunks: to have Arrow unify them would look up each name in each.
    return pc.dictionary_encode(column) if pa.types.is_string(column.type) else column
