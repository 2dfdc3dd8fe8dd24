"""A source without the rows that a filter does not keep.

Conditions are about values as they are stored: before texts are read as what they look like.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain
from threading import Lock
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec.structs import replace

from driftcli.source.columns import batch_of
from driftcli.source.conditions import decoded
from driftcli.source.contract import Block, Fragment, InnerFragment, Seen, Source
from driftcli.source.kept_rows import KeptFragment, kept_of, runs
from driftcli.source.recognising import UNTYPED
from driftcli.source.text_types import CHAINS, parse
from driftcli.source.where import Where


class _Pass(NamedTuple):
    """A source, and the columns to take from it."""

    source: Source
    names: Sequence[str]


class FilteredSource:
    """A source of the rows that meet conditions.

    Parameters
    ----------
    passes
        Sources of the same rows, and the columns to take from each: columns of a text file whose
        types did not hold are read from one of their own.
    decimal
        The decimal point of numbers in delimited text.
    only
        The columns that are read again, where not all are.
    """

    def __init__(
        self,
        passes: Sequence[_Pass],
        where: Where,
        decimal: str,
        only: Collection[str] | None = None,
    ) -> None:
        self._passes = passes
        self._where = where
        self._decimal = decimal
        self._only = only
        first = passes[0].source
        self.name = first.name
        self.format = first.format
        self.size = first.size
        self.rows: int | None = None

    @property
    def schema(self) -> pa.Schema:
        """Columns and types, of those that are read."""
        fields = [each.source.schema.field(name) for each in self._passes for name in each.names]
        return pa.schema([f for f in fields if self._only is None or f.name in self._only])

    @property
    def notes(self) -> tuple[str, ...]:
        """What the sources have to say."""
        return tuple(dict.fromkeys(chain.from_iterable(e.source.notes for e in self._passes)))

    @property
    def partial(self) -> Mapping[str, tuple[int, int]]:
        """Columns that not all files have."""
        return self._passes[0].source.partial

    @property
    def path_keys(self) -> Mapping[str, bool]:
        """Columns that folders make."""
        return self._passes[0].source.path_keys

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield fragments of the rows that are kept."""
        needed = self._where.columns
        read = list(dict.fromkeys([*columns, *needed]))
        streams = [
            _placed(place, each.source.fragments(names))
            for place, each in enumerate(self._passes)
            if (names := [name for name in read if name in each.names])
        ]
        for run in _runs(streams):
            yield from self._of_run(run, set(columns))

    def _of_run(self, run: Sequence[Fragment], wanted: set[str]) -> Iterator[Fragment]:
        """Yield the fragments of the same rows, but for those with no column that is wanted."""
        needed = set(self._where.columns)
        holders = [each for each in run if not needed.isdisjoint(each.columns)]
        shared = Matching(holders, self._where, self.name)
        carrier = run[0] if not wanted else None
        for each in run:
            columns = [name for name in each.columns if name in wanted]
            if not columns and each is not carrier:
                continue
            if needed <= set(each.columns):
                yield FilteredFragment(each, columns, self._where, self.name)
            else:
                yield ChosenFragment(KeptFragment(each, shared), columns)

    def sample(self, columns: Sequence[str]) -> Mapping[str, pa.Array]:
        """Return some values of columns: of rows that are kept, where there are any."""
        found = dict(self._sample([*columns, *self._where.columns]))
        asked = {name: found[name] for name in columns if name in found}
        lengths = {len(values) for values in found.values()}
        if len(lengths) != 1 or not set(self._where.columns) <= found.keys():
            return asked
        mask = self._where.mask(self._typed(found), self.name)
        if not mask.true_count:
            return asked
        return {name: values.filter(mask) for name, values in asked.items()}

    def _typed(self, found: Mapping[str, pa.Array]) -> dict[str, pa.Array]:
        """Return what conditions are about as the types that it is read as: samples are texts."""
        kinds = {name: e.source.schema.field(name).type for e in self._passes for name in e.names}
        decimal = self._decimal if self.format in UNTYPED else "."
        return {name: _parsed(found[name], kinds[name], decimal) for name in self._where.columns}

    def _sample(self, columns: Sequence[str]) -> Iterator[tuple[str, pa.Array]]:
        for source, names in self._passes:
            yield from source.sample([n for n in dict.fromkeys(columns) if n in names]).items()

    def learn(self, seen: Seen) -> None:
        """Hand on what was seen to each of the sources."""
        for place, each in seen.passes.items():
            self._passes[place].source.learn(each)

    def expecting(self, types: Mapping[str, pa.DataType]) -> FilteredSource:
        """Return the source with columns read as given types."""
        passes = [_Pass(each.source.expecting(types), each.names) for each in self._passes]
        return FilteredSource(passes, self._where, self._decimal, self._only)

    def revised(self) -> FilteredSource | None:
        """Return a source of the columns whose type did not hold.

        Where rows were chosen by one of these, others are now, and all columns are read again.
        """
        made: list[_Pass] = []
        again: set[str] = set()
        for source, names in self._passes:
            revised = source.revised()
            void = list(revised.schema.names) if revised is not None else []
            if kept := [name for name in names if name not in void]:
                made.append(_Pass(source.expecting({}), kept))
            if revised is not None:
                made.append(_Pass(revised, void))
                again.update(void)
        if not again:
            return None
        only = None if again & set(self._where.columns) else again
        return FilteredSource(made, self._where, self._decimal, only)


def filtered(source: Source, where: Where | None, decimal: str = ".") -> Source:
    """Return a source of the rows that meet conditions: of all, where there are none.

    Parameters
    ----------
    decimal
        The decimal point of numbers in delimited text.

    Raises
    ------
    InputError
        When the conditions are about columns that are not there, or of other types.
    """
    if where is None:
        return source
    where.check(source.schema, source.name)
    return FilteredSource([_Pass(source, source.schema.names)], where, decimal)


def _parsed(values: pa.Array, kind: pa.DataType, decimal: str) -> pa.Array:
    parseable = pa.types.is_string(values.type) and any(kind in chain for chain in CHAINS)
    return parse(values, kind, decimal)[0] if parseable else values


def _runs(streams: Sequence[Iterator[Fragment]]) -> Iterator[Sequence[Fragment]]:
    """Yield the fragments of the same rows: blocks of columns of one stream, or one of each."""
    if len(streams) == 1:
        return runs(streams[0])
    return (list(each) for each in zip(*streams, strict=True))


def _placed(place: int, fragments: Iterator[Fragment]) -> Iterator[Fragment]:
    return (PassFragment(each, place) for each in fragments)


class PassFragment(InnerFragment, frozen=True):
    """A fragment of one of several sources."""

    place: int

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the fragment."""
        return self.inner.columns

    def blocks(self) -> Iterator[Block]:
        """Read the fragment, and have what it saw say which source it is of."""
        for block in self.inner.blocks():
            yield replace(block, seen=block.seen and Seen(passes={self.place: block.seen}))


class FilteredFragment(InnerFragment, frozen=True):
    """A fragment that has all that conditions are about."""

    columns: Sequence[str]
    where: Where
    name: str

    @property
    def rows(self) -> None:
        """Return None: how many rows are kept is known once they are read."""

    def blocks(self) -> Iterator[Block]:
        """Read the fragment, and keep the rows that meet the conditions."""
        for block in self.inner.blocks():
            mask = self.where.mask(_arrays(block), self.name)
            yield _with(kept_of(block, mask), self.columns)


class ChosenFragment(InnerFragment, frozen=True):
    """Some columns of a fragment."""

    columns: Sequence[str]

    def blocks(self) -> Iterator[Block]:
        """Read the fragment."""
        for block in self.inner.blocks():
            yield _with(block, self.columns)


class Matching:
    """The rows that meet conditions on columns that fragments beside have; read once a process."""

    count: int | None = None

    def __init__(self, holders: Sequence[Fragment], where: Where, name: str) -> None:
        self._holders = holders
        self._where = where
        self._name = name
        self._lock = Lock()
        self._mask: pa.BooleanArray | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        """Be shipped without what was read."""
        return Matching, (self._holders, self._where, self._name)

    def mask(self) -> pa.BooleanArray:
        """Return which rows are kept."""
        with self._lock:
            if self._mask is None:
                self._mask = self._read()
            return self._mask

    def _read(self) -> pa.BooleanArray:
        needed = set(self._where.columns)
        arrays: dict[str, list[Any]] = {}
        for holder in self._holders:
            for block in holder.blocks():
                for name, array in _arrays(block).items():
                    if name in needed:
                        arrays.setdefault(name, []).append(decoded(array))
        if not arrays:
            return pa.array([], pa.bool_())
        whole = {name: pa.concat_arrays(parts) for name, parts in arrays.items()}
        return self._where.mask(whole, self._name)


def _arrays(block: Block) -> dict[str, Any]:
    return dict(zip(block.batch.schema.names, block.batch.columns, strict=True))


def _with(block: Block, columns: Sequence[str]) -> Block:
    """Return some columns of a block."""
    if list(columns) == block.batch.schema.names:
        return block
    arrays = _arrays(block)
    batch = batch_of(columns, [arrays[name] for name in columns], block.batch.num_rows)
    invalid = {name: block.invalid[name] for name in columns if name in block.invalid}
    return Block(batch, invalid, block.seen)
