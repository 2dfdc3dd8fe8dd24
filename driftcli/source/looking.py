"""What is known of the looks of a source's columns, shared by the threads that read it."""

import threading
from collections.abc import Collection, Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.arrays import to_numpy
from driftcli.source.contract import Unparsed
from driftcli.source.looks import NONE, Look, Looks, looks_of, preferred
from driftcli.source.text_types import NULL, join

Bad = NDArray[np.bool_]


class Looking:
    """The looks of columns, and which of them did not hold.

    A block that disagrees says which looks its own values have. Narrowing is commutative, so that
    the outcome does not depend on which thread comes first.

    Parameters
    ----------
    looks : mapping
        What columns are read by.
    possible : mapping
        The looks that all values seen so far have, None where there were none yet. A column that
        is here and has no look is searched for one.
    expected : collection of str
        Columns that keep their look: what does not have it is invalid.
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
        self._lock = threading.Lock()

    def fresh(self) -> "Looking":
        """Return the same before anything is read."""
        return Looking(self.looks, self.possible, self._expected, self.decimal)

    def type_of(self, name: str) -> pa.DataType:
        """Return the type that a column has by its look."""
        found = self._types[name]
        return found if found != NULL else self.looks[name].read(pa.nulls(0, pa.string()))[0].type

    def unclear(self) -> dict[str, Looks]:
        """Return the columns all of whose values have more than one look."""
        return {n: looks for n, looks in self.possible.items() if looks and n not in self.looks}

    def concerns(self, name: str) -> bool:
        """Return whether a column has a look, or may have one."""
        return name in self.looks or self.possible.get(name, NONE) != NONE

    def search(self, names: Collection[str]) -> None:
        """Have columns that turned out to be text searched for a look."""
        for name in names:
            self.possible.setdefault(name, None)

    def settle(self, name: str, values: pa.Array) -> tuple[pa.Array, Unparsed | None]:
        """Return the values of a column in one block, and what does not have its look."""
        look = self.looks.get(name)
        if look is None:
            self._narrow(name, values)
            return values, None
        array, bad = read_by(look, values)
        if bad is not None and name not in self._expected:
            self._narrow(name, values)
            with self._lock:
                self._again.add(name)
            return pa.nulls(len(values), self.type_of(name)), None
        with self._lock:
            self._types[name] = join(self._types[name], array.type)
        if bad is None:
            return array, None
        row = int(bad.argmax())
        return array, Unparsed(int(bad.sum()), str(values[row].as_py()), row, bad.nonzero()[0])

    def _narrow(self, name: str, values: pa.Array) -> None:
        texts = distinct(values)
        known = self.possible.get(name, NONE)
        if not len(texts) or known == NONE:
            return
        own = looks_of(texts, name)
        with self._lock:
            known = self.possible[name]
            self.possible[name] = own if known is None else known & own

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
