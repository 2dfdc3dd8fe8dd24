"""What every source offers: a schema, and fragments that turn into blocks of rows."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
from msgspec import Struct, field
from numpy.typing import NDArray


def _no_rows() -> NDArray[np.intp]:
    return np.empty(0, np.intp)


@dataclasses.dataclass(frozen=True)
class Unparsed:
    """Values of one column in one block that could not be read as the column's type.

    They are null in the block. `rows` are their places in it, counted from 0, and `first_row` is
    the first of them.
    """

    count: int
    first_value: str
    first_row: int
    rows: NDArray[np.intp] = dataclasses.field(default_factory=_no_rows, compare=False, repr=False)


class Observation(Protocol):
    """What values say of what was assumed of them."""

    def joined(self, other: Any) -> "Observation":
        """Return what both say, whichever came first; saying it twice changes nothing.

        Raises
        ------
        InputError
            When they contradict one another.
        """


class Seen(Struct, frozen=True):
    """What values say of the types of texts, and of the looks of columns.

    Where a source reads several, `passes` is what those say, by their places.
    """

    text: Observation | None = None
    looks: Observation | None = None
    passes: Mapping[int, "Seen"] = field(default_factory=dict)

    def joined(self, other: "Seen") -> "Seen":
        """Return what both say.

        Raises
        ------
        InputError
            When they contradict one another.
        """
        passes = joined_seen([self.passes, other.passes])
        return Seen(_both(self.text, other.text), _both(self.looks, other.looks), passes)


def joined_seen(some: Iterable[Mapping[int, Seen]]) -> dict[int, Seen]:
    """Return what all say, by the places of what was read.

    Raises
    ------
    InputError
        When they contradict one another.
    """
    found: dict[int, Seen] = {}
    for seen in some:
        for place, each in seen.items():
            found[place] = found[place].joined(each) if place in found else each
    return found


def _both(one: Observation | None, other: Observation | None) -> Observation | None:
    if one is None or other is None:
        return one or other
    return one.joined(other)


class Block(Struct, frozen=True):
    """Some rows of a dataset: equally long columns, structs flattened, and what did not parse.

    `seen` is what their values say of what was assumed of them, if anything was.
    """

    batch: pa.RecordBatch
    invalid: Mapping[str, Unparsed] = field(default_factory=dict)
    seen: Seen | None = None


class Fragment(Protocol):
    """A part of a dataset that one thread can read: a row group, a byte range, a batch."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns this fragment holds: all of the source's, or a part of them."""

    @property
    def rows(self) -> int | None:
        """How many rows it has, when that is known without reading it."""

    @property
    def size(self) -> int:
        """Bytes of input it stands for (for progress); 0 when unknown."""

    def blocks(self) -> Iterator[Block]:
        """Read the fragment, in row order. Runs anywhere: a fragment can be pickled.

        Raises
        ------
        InputError
            When the file is damaged or is not what it claims to be.
        """


class InnerFragment(Struct, frozen=True):
    """What a fragment around another has of it: as many rows, as many bytes."""

    inner: Fragment

    @property
    def rows(self) -> int | None:
        """How many rows it has."""
        return self.inner.rows

    @property
    def size(self) -> int:
        """Bytes of input it stands for."""
        return self.inner.size


#: Formats of which some data can be read once only: those of which the rows are not known.
ONCE = ("memory", "sql")


class Source(Protocol):
    """A dataset that can be streamed once, fragment by fragment, in row order."""

    @property
    def name(self) -> str:
        """What messages and reports call it: the path as the user gave it."""

    @property
    def format(self) -> str:
        """One of "parquet", "arrow", "csv", "jsonl", "memory", and of tables those they are in.

        These are "delta", "iceberg", "sql" and "spark".
        """

    @property
    def schema(self) -> pa.Schema:
        """Columns and types, structs flattened to `a.b`.

        Of text files, the types found so far: final once all fragments were read. A text column
        may be `string` here and a dictionary of strings in a block; an `int64` column of a text
        file may become `double` from a block on.
        """

    @property
    def rows(self) -> int | None:
        """Rows, when known without reading."""

    @property
    def size(self) -> int | None:
        """Bytes of input, when known."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader of the report should know of how this was read; empty for typed formats.

        Complete once all fragments, also those of revised sources, were read.
        """

    @property
    def partial(self) -> Mapping[str, tuple[int, int]]:
        """Columns that not all files have: in how many, of how many. They are null elsewhere."""

    @property
    def path_keys(self) -> Mapping[str, bool]:
        """Columns that folders named `key=value` make, and whether the path names the key."""

    def sample(self, columns: Sequence[str]) -> Mapping[str, pa.Array]:
        """Return some values of each of `columns`, as they are stored: enough for a guess."""

    def expecting(self, types: Mapping[str, pa.DataType]) -> "Source":
        """Return the source with some columns read as given types, before any fragment is read.

        Text that does not parse is null and counted in `Block.invalid`. Names that the source
        does not have are passed over. Typed formats return themselves.
        """

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield fragments that together hold each of `columns` over all rows, in row order.

        Those of the same rows follow one another, and have the same columns all over.
        """

    def learn(self, seen: Seen) -> None:
        """Take what fragments saw: each at least once, in any order."""

    def revised(self) -> "Source | None":
        """Return a source of just the columns whose assumed type did not hold.

        To be asked after all that fragments saw was learnt. None when every column was read well;
        what was read of the columns in the returned source's schema is void and must be read again.
        Of JSON Lines it may hold columns that were not known before: keys that came up late.
        """
