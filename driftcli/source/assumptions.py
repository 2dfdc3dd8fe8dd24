"""What is assumed of the columns of a text source, shared by the threads that read it.

Types are guessed from samples; every fragment reports what its values were. Joining is
commutative and idempotent, so the outcome does not depend on which thread comes first.
"""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from driftcli.arrays import from_numpy, to_numpy
from driftcli.source.contract import Unparsed
from driftcli.source.text_types import (
    DOUBLE,
    INT,
    NULL,
    NUMBERS,
    STRING,
    TEXT,
    castable,
    chain_from,
    expected_types,
    has_codes,
    join,
    least_type,
    parse,
    typed_nulls,
)
from driftcli.text import quoted, visible

#: A text column gets a note when at least this share of its values are numbers.
MOSTLY = 0.9


@dataclass
class Tally:
    """How many values of a text column are numbers, and the texts that are not."""

    values: int = 0
    numbers: int = 0
    codes: bool = False
    others: set[str] = field(default_factory=set)
    first: tuple[int, int, str] | None = None


class Assumptions:
    """Types by column name, and which of them did not hold.

    Parameters
    ----------
    types : mapping
        The assumed type of each column.
    expected : mapping
        The columns that have a type given. They only widen within its family (an integer column
        to double); what does not parse is invalid.
    decimal : str
        The decimal point.
    mostly_numbers : iterable of str
        Text columns whose numbers are to be counted, for a note.
    """

    def __init__(
        self,
        types: Mapping[str, pa.DataType],
        expected: Mapping[str, pa.DataType],
        decimal: str = ".",
        mostly_numbers: Iterable[str] = (),
    ) -> None:
        self._lock = threading.Lock()
        self._start = dict(types)
        self._types = dict(types)
        self._careful: set[str] = set()
        self._tallies = {name: Tally() for name in mostly_numbers if types[name] == STRING}
        self._rows: dict[int, int] = {}
        self._next: Assumptions | None = None
        self.expected = expected
        self.decimal = decimal

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The types as far as is known, also from the pass that follows this one."""
        with self._lock:
            found = dict(self._types)
        return found | self._next.types if self._next else found

    @property
    def careful(self) -> frozenset[str]:
        """Columns that have held a value of another type: read as text first."""
        with self._lock:
            return frozenset(self._careful)

    def expecting(self, types: Mapping[str, pa.DataType]) -> "Assumptions":
        """Return the same with given types for those of its columns that `types` names."""
        given = {n: kind for n, kind in expected_types(types).items() if n in self._start}
        others = [name for name in self._tallies if name not in given]
        return Assumptions(self._start | given, {**self.expected, **given}, self.decimal, others)

    def revision(self, kept: Iterable[str] | None = None) -> "Assumptions | None":
        """Return what to assume of the void columns (among `kept`) in the pass that follows.

        None when there are no such columns.
        """
        names = None if kept is None else set(kept)
        void = {n: kind for n, kind in self.void().items() if names is None or n in names}
        if void:
            self._next = Assumptions(void, self.expected, self.decimal, self._was_numbers())
        return self._next

    def be_careful(self, columns: Iterable[str]) -> None:
        """Have `columns` read as text first from now on."""
        with self._lock:
            self._careful.update(columns)

    def void(self) -> dict[str, pa.DataType]:
        """Return the columns that must be read again, and as what.

        Integers that turn out to be doubles are not among them: as doubles they are the same.
        """
        with self._lock:
            return {
                name: kind
                for name, kind in self._types.items()
                if kind != (start := self._start.get(name)) and (start, kind) != NUMBERS
            }

    def dead(self, columns: Iterable[str]) -> set[str]:
        """Return those of `columns` that turned out to be text: nothing is left to find out."""
        void = self.void()
        return {name for name in columns if void.get(name) == STRING}

    def without_void(self, arrays: Mapping[str, pa.Array], rows: int) -> dict[str, pa.Array]:
        """Return a block's columns; those that must be read again are null, of their first type."""
        void = self.void()
        return {
            name: typed_nulls(rows, self._start[name]) if name in void else array
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
        with self._lock:
            joined = join(self._types.get(name, NULL), kind)
            self._types[name] = joined
            return joined

    def _was_numbers(self) -> list[str]:
        """Return the columns that were taken for numbers and are text."""
        void = self.void()
        return [n for n, k in void.items() if k == STRING and self._start.get(n) in NUMBERS]

    def tally(self, index: int, batch: pa.RecordBatch) -> None:
        """Count the numbers among the texts of fragment `index`, once."""
        if not self._tallies or index in self._rows:
            return
        found = {
            name: _counted(batch.column(name), index, self.decimal)
            for name in self._tallies
            if name in batch.schema.names
        }
        with self._lock:
            self._rows[index] = batch.num_rows
            for name, part in found.items():
                _add(self._tallies[name], part)

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each text column nearly all of whose values are numbers."""
        with self._lock:
            own = tuple(
                self._note(name, tally)
                for name, tally in self._tallies.items()
                if tally.first and not tally.codes and tally.numbers >= MOSTLY * tally.values
            )
        return own + self._next.notes() if self._next else own

    def _note(self, name: str, tally: Tally) -> str:
        index, row, text = tally.first or (0, 0, "")
        place = row + sum(rows for i, rows in self._rows.items() if i < index) + 1
        hint = f"; `--null {visible(text)}` makes it double" if len(tally.others) == 1 else ""
        return (
            f"`{visible(name)}` is read as text: {tally.numbers:,} of {tally.values:,} values are "
            f"double, first other {quoted(text)} at row {place:,}{hint}"
        )


def _counted(column: pa.Array, index: int, decimal: str) -> Tally:
    """Return the tally of one block: cheap, as it looks at the dictionary's texts only."""
    if column.type != TEXT:
        return Tally()
    texts = column.dictionary
    numbers = castable(texts, DOUBLE, decimal) | castable(texts, INT, decimal)
    indices = to_numpy(column.indices.drop_null())
    is_number = numbers[indices]
    others = texts.filter(from_numpy(~numbers))
    first = None
    if not is_number.all():
        rows = to_numpy(column.is_valid()).nonzero()[0]
        at = int(is_number.argmin())
        first = (index, int(rows[at]), texts[int(indices[at])].as_py())
    return Tally(
        len(indices), int(is_number.sum()), has_codes(texts), set(others[:2].to_pylist()), first
    )


def _add(total: Tally, part: Tally) -> None:
    total.values += part.values
    total.numbers += part.numbers
    total.codes |= part.codes
    total.others |= part.others
    if len(total.others) > 2:
        total.others = set(sorted(total.others)[:2])
    if part.first and (total.first is None or part.first < total.first):
        total.first = part.first
