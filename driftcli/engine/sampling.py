"""Uniform samples of a stream whose length is not known: keep the rows with the smallest keys.

Every row has a random key; the N rows with the smallest keys are a uniform sample without
replacement (Vitter 1985 calls the streaming of it a reservoir). Keys depend on the seed and on
the fragment only, so a sample is the same whatever the number of threads.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.arrays import from_numpy
from driftcli.engine.contract import Engine, Progress, Worked
from driftcli.engine.passes import Cutting, Found, Pass, Taken, blocks_of, mapped, taken
from driftcli.profile.column import ColumnProfile, Invalid, from_array
from driftcli.profile.kinds import Kind
from driftcli.source import Block

#: Keys below so many times the share that is wanted are looked at: chance makes them fewer.
_MORE = 1.25
#: So many rows are drawn ahead.
_AHEAD = 1_024


class RowSample(Struct, frozen=True):
    """How many rows to draw from each dataset, and the seed of the draw.

    They are profiled instead of all rows, or drawn `beside` the profiles of all.
    """

    size: int
    seed: int = 0
    beside: bool = False

    def share(self, rows: int | None) -> float:
        """Return the share of rows to draw first: somewhat more than there will be, where known."""
        return 1.0 if not rows else min(1.0, _MORE * self.size / rows + _MORE / math.sqrt(rows))


class Smallest:
    """The smallest keys that were drawn so far, for the rows of which others need not be copied.

    The threads of a process share them. They save work and change no outcome: a row with a larger
    key than so many others is not in the sample.
    """

    def __init__(self) -> None:
        self._keys: dict[Hashable, NDArray[np.float64]] = {}

    def among(self, lane: Hashable, keys: NDArray[np.float64], most: int) -> NDArray[np.intp]:
        """Return where keys are of which `most` may be smaller than all others, in row order.

        Parameters
        ----------
        lane
            What tells the rows of these keys from the same rows with other columns.
        """
        known = self._keys.get(lane, np.empty(0))
        low = np.arange(keys.size) if known.size < most else (keys < known.max()).nonzero()[0]
        kept = low[_smallest(keys[low], most)]
        every = np.concatenate([known, keys[kept]])
        self._keys[lane] = every[_smallest(every, most)]
        return kept


class Drawing(NamedTuple):
    """A sample that is drawn beside the profiles, and the share of rows to draw first.

    Where that is all of them, rows that others leave no room for are not copied.
    """

    sample: RowSample
    share: float
    smallest: Smallest | None

    @classmethod
    def of(cls, sample: RowSample | None, rows: int | None) -> Drawing | None:
        """Return how a sample is drawn of so many rows, if they are known; None without one."""
        if sample is None:
            return None
        share = sample.share(rows)
        return cls(sample, share, None if share < 1 else Smallest())


class Drawn(Struct, frozen=True):
    """Rows drawn so far: their keys, their values, and which values did not parse.

    `seen` counts the rows they were drawn from; `invalid` what did not parse among all of those.
    """

    keys: NDArray[np.float64]
    rows: pa.Table
    unparsed: Mapping[str, NDArray[np.bool_]]
    seen: int
    invalid: Mapping[str, Invalid]

    @property
    def names(self) -> frozenset[str]:
        """The names of the columns."""
        return frozenset(self.rows.schema.names)


def read_sample(
    sample: RowSample,
    reading: Sequence[Pass],
    kinds: Mapping[str, Kind],
    engine: Engine,
    progress: Progress | None,
) -> Found:
    """Return the rows of what is read, and the profiles of a sample of them."""
    share = sample.share(reading[0].source.rows)
    work = partial(_draw, sample=sample, share=share, columns=len(kinds))
    fragments = Cutting(taken(reading, list(kinds)), _one_by_one)
    lanes = mapped(engine, work, partial(_join, sample=sample), fragments, reading, progress)
    parts = [part for part in lanes if part is not None]
    if not parts:
        return Found(0, {})
    drawn = beside(parts)
    return Found(drawn.seen, profiles(drawn, kinds), drawn=drawn)


def _one_by_one(fragments: Iterator[Taken]) -> Iterator[tuple[Hashable, Taken]]:
    return ((each.lane, each) for each in fragments)


def _draw(each: Taken, sample: RowSample, share: float, columns: int) -> Worked[Drawn | None]:
    (blocks,), seen = blocks_of([each])
    drawn = draw([(each.ordinal, blocks)], sample, share)
    rows = drawn.seen * len(each.fragment.columns) / columns if drawn and columns else 0
    return Worked(drawn, rows, each.fragment.size, seen)


def _join(parts: Sequence[Drawn | None], *, last: bool, sample: RowSample) -> Drawn | None:  # noqa: ARG001 - as in `Join`
    return joined(parts, sample)


def beside(parts: Sequence[Drawn]) -> Drawn:
    """Return the columns of the same rows as one: whatever is read of rows, their keys are one."""
    first = parts[0]
    fields = [field for part in parts for field in part.rows.schema]
    columns = [column for part in parts for column in part.rows.columns]
    rows = pa.Table.from_arrays(columns, schema=pa.schema(fields))
    unparsed = {name: bad for part in parts for name, bad in part.unparsed.items()}
    invalid = {name: each for part in parts for name, each in part.invalid.items()}
    return Drawn(first.keys, rows, unparsed, first.seen, invalid)


def draw(
    fragments: Iterable[tuple[int, Iterable[Block]]],
    sample: RowSample,
    share: float = 1.0,
    smallest: Smallest | None = None,
) -> Drawn | None:
    """Draw from the blocks of some fragments, each with its number among those of its columns.

    Of all rows no more than about a `share` is drawn.
    """
    chosen = [each for one in fragments for each in _chosen(*one, sample, share)]
    if not chosen:
        return None
    every = np.concatenate([keys for _, _, keys in chosen])
    lane = tuple(chosen[0][0].batch.schema.names)
    kept = (smallest or Smallest()).among(lane, every, sample.size)
    starts = np.cumsum([0, *(keys.size for _, _, keys in chosen)])
    of_blocks = np.split(kept, np.searchsorted(kept, starts[1:-1]))
    drawn = [
        _keyed(block, rows[own - start], keys[own - start])
        for (block, rows, keys), own, start in zip(chosen, of_blocks, starts[:-1], strict=True)
    ]
    return join(drawn, sample)


def _chosen(
    ordinal: int, blocks: Iterable[Block], sample: RowSample, share: float
) -> Iterator[tuple[Block, NDArray[np.intp], NDArray[np.float64]]]:
    """Yield the blocks of a fragment, each with the places of rows to draw and their keys."""
    chances = _Chances(np.random.default_rng([sample.seed, ordinal]), sample.size, share)
    for block in blocks:
        if block.batch.num_rows:
            yield block, *chances.next(block.batch.num_rows)


class _Chances:
    """Says which of the next rows are drawn, and their keys, whatever the blocks they come in.

    Of all rows a `share` is drawn; that of rows which are not, no keys need be drawn: the gaps
    between rows with keys below `share` are geometric (Vitter 1984, doi:10.1145/358105.893).
    """

    def __init__(self, generator: np.random.Generator, most: int, share: float) -> None:
        self._generator, self._most, self._share = generator, most, share
        self._places, self._keys = np.empty(0, np.int64), np.empty(0)
        self._last = -1

    def next(self, rows: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """Return where the rows are that are drawn of so many, and their keys."""
        if self._share >= 1:
            keys = self._generator.random(rows)
            kept = _smallest(keys, self._most)
            return kept, keys[kept]
        ahead = [(self._places, self._keys)]
        while self._last < rows:
            ahead.append(self._go_on())
        places, keys = map(np.concatenate, zip(*ahead, strict=True))
        count = int(np.searchsorted(places, rows))
        self._places, self._keys = places[count:] - rows, keys[count:]
        self._last -= rows
        return places[:count], keys[:count]

    def _go_on(self) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Return where the next rows are that are drawn, and their keys."""
        places = self._last + np.cumsum(self._generator.geometric(self._share, _AHEAD))
        self._last = int(places[-1])
        return places, self._generator.random(_AHEAD) * self._share


def _keyed(block: Block, kept: NDArray[np.intp], keys: NDArray[np.float64]) -> Drawn:
    """Return some rows of a block with their keys."""
    batch = block.batch.take(from_numpy(kept))
    unparsed = {}
    for name, invalid in block.invalid.items():
        bad = np.zeros(block.batch.num_rows, bool)
        bad[invalid.rows] = True
        unparsed[name] = bad[kept]
    found = {
        name: Invalid(invalid.count, invalid.first_value, invalid.first_row)
        for name, invalid in block.invalid.items()
    }
    rows = pa.Table.from_arrays(
        [_plain(column) for column in batch.columns], names=batch.schema.names
    )
    return Drawn(keys, rows, unparsed, block.batch.num_rows, found)


def _smallest(keys: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Return where the smallest keys are, in row order."""
    if keys.size <= most:
        return np.arange(keys.size)
    return np.sort(np.argpartition(keys, most)[:most])


def joined(parts: Iterable[Drawn | None], sample: RowSample | None) -> Drawn | None:
    """Return the rows with the smallest keys of those `parts` that there are, if there are any."""
    drawn = [part for part in parts if part is not None]
    return join(drawn, sample) if sample and drawn else None


def join(parts: Sequence[Drawn], sample: RowSample) -> Drawn:
    """Return the rows with the smallest keys of all `parts`, which are in row order."""
    if len(parts) == 1 and parts[0].keys.size <= sample.size:
        return parts[0]
    keys = np.concatenate([part.keys for part in parts])
    kept = _smallest(keys, sample.size)
    tables = pa.concat_tables([part.rows for part in parts], promote_options="permissive")
    names = dict.fromkeys(name for part in parts for name in part.unparsed)
    unparsed = {
        name: np.concatenate(
            [part.unparsed.get(name, np.zeros(part.keys.size, bool)) for part in parts]
        )[kept]
        for name in names
    }
    return Drawn(
        keys[kept],
        tables.combine_chunks() if kept.size == keys.size else tables.take(from_numpy(kept)),
        unparsed,
        sum(part.seen for part in parts),
        _first_invalid(parts),
    )


def _first_invalid(parts: Sequence[Drawn]) -> dict[str, Invalid]:
    found: dict[str, Invalid] = {}
    before = 0
    for part in parts:
        for name, invalid in part.invalid.items():
            known = found.get(name)
            found[name] = (
                Invalid(known.count + invalid.count, known.first_value, known.first_row)
                if known
                else Invalid(invalid.count, invalid.first_value, invalid.first_row + before)
            )
        before += part.seen
    return found


def _plain(column: Any) -> Any:
    """Return a column without a dictionary of its own: rows of many blocks come together."""
    is_dictionary = pa.types.is_dictionary(column.type)
    return column.cast(column.type.value_type) if is_dictionary else column


def profiles(drawn: Drawn, kinds: Mapping[str, Kind]) -> dict[str, ColumnProfile]:
    """Return the profiles of the drawn rows.

    What did not parse is counted over all rows that were read: a sample must not hide it.
    """
    made = {}
    for name, column in zip(drawn.rows.schema.names, drawn.rows.columns, strict=True):
        if name not in kinds:  # read for the number of rows alone
            continue
        unparsed = int(drawn.unparsed[name].sum()) if name in drawn.unparsed else 0
        profile = from_array(name, pa.concat_arrays(column.chunks), kinds[name])
        made[name] = replace(
            profile, missing=profile.missing - unparsed, invalid=drawn.invalid.get(name)
        )
    return made
