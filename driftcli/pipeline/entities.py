"""Entities, such as customers, whose rows move together: whole ones make a block, by their hash."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field
from numpy.typing import NDArray

from driftcli.arrays import filled, from_numpy, from_texts
from driftcli.engine.grouping import NO_GROUP
from driftcli.profile.kept import BUCKETS
from driftcli.profile.names import hashes

Numbers = NDArray[np.int64]
Hashes = NDArray[np.uint64]

#: Blocks of a dataset, and the entities among them that are one by themselves where there are more.
_MOST, _MOST_ALONE = 400, 200


class Entities(Struct, frozen=True):
    """Which block the rows of an entity are of, the same in all datasets.

    Attributes
    ----------
    groups : int
        Blocks of several entities, each of those with one hash modulo this.
    alone : shape (entities,)
        Hashes of those that are a block by themselves, in order; they are numbered after these.
    names : sequence of str
        What those are called.
    """

    groups: int = BUCKETS
    alone: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    names: Sequence[str] = ()

    @classmethod
    def among(cls, *columns: Any) -> Entities:
        """Return the blocks of the entities in the columns of some datasets.

        Where there are too many, those with the most rows of a dataset are a block by themselves:
        the others of one block would be hidden behind them.
        """
        found = [_Encoded.of(each) for each in columns]
        known, first = np.unique(np.concatenate([e.own for e in found]), return_index=True)
        names = pa.chunked_array([each.names for each in found]).take(from_numpy(first))
        few = known.size <= _MOST
        alone = np.arange(known.size) if few else _heavy(found, known)
        return cls(0 if few else _MOST - alone.size, known[alone], names.take(alone).to_pylist())

    def numbers(self, column: Any) -> Numbers:
        """Return the number of the block of each row; rows without an entity are of none."""
        encoded = _Encoded.of(column)
        own = encoded.own
        numbers = np.append((own % np.uint64(max(1, self.groups))).astype(np.int64), NO_GROUP)
        at = np.searchsorted(self.alone, own)
        held = np.flatnonzero(at < self.alone.size)
        held = held[self.alone[at[held]] == own[held]]
        numbers[held] = self.groups + at[held]
        return numbers[encoded.places]

    def label(self, number: int) -> str:
        """Return what a block is called."""
        alone = number - self.groups
        return self.names[alone] if 0 <= alone < len(self.names) else f"others {number + 1}"


def count(column: Any) -> int:
    """Return the number of the entities of a column."""
    return int(pc.count_distinct(column).as_py())


class _Encoded(NamedTuple):
    """The entities of a column.

    Attributes
    ----------
    places : shape (rows,)
        The place of each row's entity among these, -1 without one.
    own : shape (entities,)
        Their hashes.
    names : pyarrow.Array
    """

    places: Numbers
    own: Hashes
    names: Any

    @classmethod
    def of(cls, column: Any) -> _Encoded:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        encoded = pc.dictionary_encode(column)
        names = encoded.dictionary
        if pa.types.is_binary(names.type) or pa.types.is_large_binary(names.type):
            names = from_texts([each.hex() for each in names.to_pylist()])
        names = names.cast(pa.large_string())
        return cls(filled(encoded.indices, -1).astype(np.int64), hashes(names), names)

    def shares(self, known: Hashes) -> NDArray[np.float64]:
        """Return the share of the rows of each of the `known`."""
        counts = np.bincount(self.places[self.places >= 0], minlength=self.own.size)
        made = np.zeros(known.size)
        made[np.searchsorted(known, self.own)] = counts / max(1, counts.sum())
        return made


def _heavy(found: Sequence[_Encoded], known: Hashes) -> Numbers:
    """Return where those are that have many of the rows of a dataset."""
    shares = np.max([each.shares(known) for each in found], axis=0)
    most = np.argsort(-shares, kind="stable")[:_MOST_ALONE]
    return np.sort(most[shares[most] >= 1 / _MOST])
