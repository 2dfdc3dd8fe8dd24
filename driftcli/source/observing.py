"""What the values of a text file say of the types that are assumed of its columns.

What is assumed is frozen and goes wherever a fragment goes; what its values say comes back with
its rows. Joining that is commutative and idempotent, so that it does not matter which is first.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pyarrow as pa
from msgspec import Struct, field

from driftcli.arrays import from_numpy, to_numpy
from driftcli.source.contract import Seen, Unparsed
from driftcli.source.text_types import (
    CHAINS,
    NULL,
    NUMBERS,
    STRING,
    TEXT,
    castable,
    chain_from,
    has_codes,
    join,
    least_type,
    parse,
    typed_nulls,
)

#: How the keys of nested objects lead to a column.
Path = tuple[str, ...]


class Tally(Struct, frozen=True):
    """How many values of a text column are of another type, and the first two texts that are not.

    `first` is the row of the first one of them.
    """

    values: int = 0
    typed: int = 0
    codes: bool = False
    others: tuple[str, ...] = ()
    first: tuple[int, str] | None = None


class Tallied(Struct, frozen=True):
    """The tallies of the text columns of one fragment, and its rows."""

    rows: int
    tallies: Mapping[str, Tally]


class Observed(Struct, frozen=True):
    """What values say of what was assumed of them.

    Attributes
    ----------
    types : mapping
        The types of columns some of whose values are not of the type assumed.
    careful : frozenset of str
        Columns that are to be read as text first.
    tallied : mapping of int to Tallied
        How many texts are of the types they are counted as, by the number of the fragment.
    paths : frozenset of Path
        The keys that lead to columns that were not known.
    """

    types: Mapping[str, pa.DataType] = field(default_factory=dict)
    careful: frozenset[str] = frozenset()
    tallied: Mapping[int, Tallied] = field(default_factory=dict)
    paths: frozenset[Path] = frozenset()

    def joined(self, other: "Observed") -> "Observed":
        """Return what both say."""
        names = dict.fromkeys((*self.types, *other.types))
        types = {
            name: join(self.types.get(name, NULL), other.types.get(name, NULL)) for name in names
        }
        return Observed(
            types,
            self.careful | other.careful,
            {**self.tallied, **other.tallied},
            self.paths | other.paths,
        )


class Assumed(Struct, frozen=True):
    """What is assumed of the columns of a text source.

    Attributes
    ----------
    types : mapping
        The assumed type of each column.
    expected : mapping
        The columns that have a type given. They only widen within its family (an integer column
        to double); what does not parse is invalid.
    decimal : str
        The decimal point.
    counted : mapping
        Text columns whose values of another type are to be counted, for a note.
    known : Observed
        What is known so far from other fragments: it saves work and changes no outcome.
    """

    types: Mapping[str, pa.DataType]
    expected: Mapping[str, pa.DataType] = field(default_factory=dict)
    decimal: str = "."
    counted: Mapping[str, pa.DataType] = field(default_factory=dict)
    known: Observed = Observed()


class Observer:
    """What one fragment's values say, as it is read."""

    def __init__(self, assumed: Assumed) -> None:
        known = assumed.known
        self._start = assumed.types
        self._counted = assumed.counted
        self._tallied: dict[int, Tallied] = {}
        self.types = dict(Observed(assumed.types).joined(known).types)
        self.careful = set(known.careful)
        self.expected = assumed.expected
        self.decimal = assumed.decimal

    def seen(self, paths: Iterable[Path] = ()) -> Seen:
        """Return what was observed."""
        types = {n: kind for n, kind in self.types.items() if kind != self._start.get(n)}
        return Seen(Observed(types, frozenset(self.careful), self._tallied, frozenset(paths)))

    def dead(self, columns: Iterable[str]) -> set[str]:
        """Return those of `columns` that turned out to be text: nothing is left to find out."""
        found = void(self._start, self.types)
        return {name for name in columns if found.get(name) == STRING}

    def without_void(self, arrays: Mapping[str, pa.Array], rows: int) -> dict[str, pa.Array]:
        """Return a block's columns; those that must be read again are null, of their first type."""
        found = void(self._start, self.types)
        return {
            name: typed_nulls(rows, self._start[name]) if name in found else array
            for name, array in arrays.items()
        }

    def settle(self, name: str, values: pa.Array) -> tuple[pa.Array, Unparsed | None]:
        """Find the type that the texts of a column have in one block, and parse them.

        Returns
        -------
        array : shape (rows,)
        invalid : Unparsed or None
            What did not parse, of columns with an expected type.
        """
        if name in self.expected:
            return self._settle_expected(name, values)
        kind = self.widen(name, least_type(values, self.decimal))
        array, bad = parse(values, kind, self.decimal)
        if bad is not None:
            # Values parse as one type each and yet not as the join of those types: blanks before a
            # date, for example. Only text holds them all.
            self.widen(name, STRING)
        return array, None

    def _settle_expected(self, name: str, values: pa.Array) -> tuple[pa.Array, Unparsed | None]:
        kind = self.widen(name, self._least_expected(self.expected[name], values))
        array, bad = parse(values, kind, self.decimal, expected=True)
        if bad is None or not bad.any():
            return array, None
        row = int(bad.argmax())
        return array, Unparsed(int(bad.sum()), values[row].as_py(), row, bad.nonzero()[0])

    def _least_expected(self, expected: pa.DataType, values: pa.Array) -> pa.DataType:
        """Return the least type from `expected` on as which all values parse that can."""
        least = expected
        texts = values.unique().drop_null()
        for kind in chain_from(expected):
            if not len(texts):
                break
            good = castable(texts, kind, self.decimal, expected=True)
            if good.any():
                least = kind
            texts = texts.filter(from_numpy(~good))
        return least

    def widen(self, name: str, kind: pa.DataType) -> pa.DataType:
        """Join the type that some values of a column have to its type; return the outcome."""
        self.types[name] = join(self.types.get(name, NULL), kind)
        return self.types[name]

    def tally(self, index: int, batch: pa.RecordBatch) -> None:
        """Count the values of another type among the texts of fragment `index`."""
        if self._counted:
            tallies = {
                name: _tally(batch.column(name), self._counted[name], self.decimal)
                for name in batch.schema.names
                if name in self._counted
            }
            self._tallied[index] = Tallied(batch.num_rows, tallies)


def void(
    start: Mapping[str, pa.DataType], found: Mapping[str, pa.DataType]
) -> dict[str, pa.DataType]:
    """Return the columns that must be read again, and as what.

    Integers that turn out to be doubles are not among them: as doubles they are the same.
    """
    return {
        name: kind
        for name, kind in found.items()
        if kind != (first := start.get(name)) and (first, kind) != NUMBERS
    }


def _tally(column: pa.Array, kind: pa.DataType, decimal: str) -> Tally:
    """Return the tally of one block: cheap, as it looks at the dictionary's texts only."""
    if column.type != TEXT:
        return Tally()
    texts = column.dictionary
    family = next(chain for chain in CHAINS if kind in chain)
    of_kind = np.logical_or.reduce([castable(texts, each, decimal) for each in family])
    indices = to_numpy(column.indices.drop_null())
    typed = of_kind[indices]
    others = texts.filter(from_numpy(~of_kind))
    first = None
    if not typed.all():
        rows = to_numpy(column.is_valid()).nonzero()[0]
        at = int(typed.argmin())
        first = (int(rows[at]), texts[int(indices[at])].as_py())
    return Tally(
        len(indices), int(typed.sum()), has_codes(texts), tuple(others[:2].to_pylist()), first
    )
