"""What is known of the looks of a source's columns, and what the values of fragments say."""

from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
from msgspec import Struct, field
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.source.contract import Unparsed
from driftcli.source.looks import NONE, Look, Looks, looks_of, preferred
from driftcli.source.text_types import NULL, join

Bad = NDArray[np.bool_]


class Looked(Struct, frozen=True):
    """What values say of the looks of columns.

    Attributes
    ----------
    types : mapping
        The types that columns have by their looks.
    possible : mapping
        The looks that all values have of columns that are searched.
    again : frozenset of str
        Columns whose look did not hold.
    """

    types: Mapping[str, pa.DataType] = field(default_factory=dict)
    possible: Mapping[str, Looks] = field(default_factory=dict)
    again: frozenset[str] = frozenset()

    def joined(self, other: "Looked") -> "Looked":
        """Return what both say: narrowing is commutative."""
        names = dict.fromkeys((*self.types, *other.types))
        types = {
            name: join(self.types.get(name, NULL), other.types.get(name, NULL)) for name in names
        }
        possible = {
            name: self.possible.get(name, looks) & looks for name, looks in other.possible.items()
        }
        return Looked(types, {**self.possible, **possible}, self.again | other.again)


class AssumedLooks(Struct, frozen=True):
    """The looks by which columns are read, and those that they may have.

    Attributes
    ----------
    looks : mapping
        What columns are read by.
    possible : mapping
        The looks that all values seen so far have, None where there were none yet. A column that
        is here and has no look is searched for one.
    expected : frozenset of str
        Columns that keep their look: what does not have it is invalid.
    """

    looks: Mapping[str, Look]
    possible: Mapping[str, Looks | None]
    expected: frozenset[str]

    def concerns(self, name: str) -> bool:
        """Return whether a column has a look, or may have one."""
        return name in self.looks or self.possible.get(name, NONE) != NONE

    def settle(self, name: str, values: pa.Array) -> tuple[pa.Array, Unparsed | None, Looked]:
        """Return the values of a column in one block, what does not have its look, what that says.

        A block that disagrees says which looks its own values have.
        """
        look = self.looks.get(name)
        if look is None:
            return values, None, Looked(possible=self._narrowed(name, values))
        array, bad = read_by(look, values)
        if bad is None:
            return array, None, Looked({name: array.type})
        if name not in self.expected:
            nulls = pa.nulls(len(values), type_by(look))
            again = Looked(possible=self._narrowed(name, values), again=frozenset([name]))
            return nulls, None, again
        row = int(bad.argmax())
        invalid = Unparsed(int(bad.sum()), str(values[row].as_py()), row, bad.nonzero()[0])
        return array, invalid, Looked({name: array.type})

    def _narrowed(self, name: str, values: pa.Array) -> dict[str, Looks]:
        """Return the looks that the values have of those that are possible."""
        texts = distinct(values)
        known = self.possible.get(name, NONE)
        if not len(texts) or known == NONE:
            return {}
        own = looks_of(texts, name)
        return {name: own if known is None else known & own}


class Looking:
    """The looks of columns, and which of them did not hold.

    Parameters
    ----------
    looks, possible, expected
        As in `AssumedLooks`.
    decimal : str
        The decimal point where a number may have either.
    """

    def __init__(
        self,
        looks: Mapping[str, Look],
        possible: Mapping[str, Looks | None],
        expected: Collection[str],
        decimal: str,
    ) -> None:
        self.looks = dict(looks)
        self.possible = dict(possible)
        self._expected = frozenset(expected)
        self.decimal = decimal
        self._types = dict.fromkeys(looks, NULL)
        self._again: set[str] = set()

    @property
    def assumed(self) -> AssumedLooks:
        """What is assumed, with what is known by now."""
        return AssumedLooks(dict(self.looks), dict(self.possible), self._expected)

    def learn(self, looked: Looked) -> None:
        """Take what a fragment says."""
        self._again |= looked.again
        for name, kind in looked.types.items():
            self._types[name] = join(self._types.get(name, NULL), kind)
        for name, looks in looked.possible.items():
            known = self.possible.get(name)
            self.possible[name] = looks if known is None else known & looks

    def fresh(self) -> "Looking":
        """Return the same before anything is read."""
        return Looking(self.looks, self.possible, self._expected, self.decimal)

    def type_of(self, name: str) -> pa.DataType:
        """Return the type that a column has by its look."""
        found = self._types[name]
        return found if found != NULL else type_by(self.looks[name])

    def unclear(self) -> dict[str, Looks]:
        """Return the columns all of whose values have more than one look."""
        return {n: looks for n, looks in self.possible.items() if looks and n not in self.looks}

    def search(self, names: Collection[str]) -> None:
        """Have columns that turned out to be text searched for a look."""
        for name in names:
            self.possible.setdefault(name, None)

    def revise(self, names: Collection[str]) -> list[str]:
        """Return those of `names` that must be read again, and have their next look in force."""
        changed = []
        for name in names:
            found = preferred(self.possible.get(name) or NONE, self.decimal)
            if name in self._again or (found and name not in self.looks):
                self.looks.pop(name, None)
                if found:
                    self.looks[name] = found
                    self._types[name] = NULL
                changed.append(name)
        self._again.clear()
        return changed


def type_by(look: Look) -> pa.DataType:
    """Return the type that values have by a look where nothing more is known of them."""
    return look.read(pa.nulls(0, pa.string()))[0].type


def distinct(values: pa.Array) -> pa.Array:
    """Return the distinct values of a column, without nulls: texts as strings."""
    found = values.unique()
    if pa.types.is_dictionary(found.type):
        found = found.cast(found.type.value_type)
    return _narrow_texts(found).drop_null()


def _narrow_texts(values: pa.Array) -> pa.Array:
    """Return texts as strings, whatever the width of their offsets; numbers as they are."""
    return values.cast(pa.string()) if pa.types.is_large_string(values.type) else values


def read_by(look: Look, values: pa.Array) -> tuple[pa.Array, Bad | None]:
    """Return values by a look, null where they do not have it.

    Returns
    -------
    array : shape (rows,)
    bad : shape (rows,), or None
        Where a value does not have the look; None when all do.
    """
    encoded = values if pa.types.is_dictionary(values.type) else values.dictionary_encode()
    held = _narrow_texts(encoded.dictionary)
    if held.null_count:
        return read_by(look, values.cast(values.type.value_type))
    array, good = look.read(held)
    array = array.take(encoded.indices)
    if good.all():
        return array, None
    there = to_numpy(encoded.indices.is_valid())
    bad = np.zeros(len(values), bool)
    bad[there] = ~good[to_numpy(encoded.indices)[there]]
    return array, bad if bad.any() else None
