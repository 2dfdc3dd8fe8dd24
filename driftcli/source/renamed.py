"""A source some of whose columns go by other names."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pyarrow as pa

from driftcli.errors import InputError, UsageError, nearest
from driftcli.source.columns import batch_of, checked_schema
from driftcli.source.contract import Block, Fragment, InnerFragment, Seen, Source
from driftcli.text import quoted, visible


def check_names(known: Iterable[str], new: Mapping[str, str], where: str) -> None:
    """Check that columns can go by new names.

    Raises
    ------
    UsageError
        When an old name is not a column.
    InputError
        When two columns would have one name.
    """
    names = list(known)
    for old in new:
        if old not in names:
            hint = nearest(visible(old), map(visible, names))
            raise UsageError(f"{where}: no column {quoted(old)} to rename; {hint}")
    counts = Counter(new.get(name, name) for name in names)
    if twice := [name for name, count in counts.items() if count > 1]:
        raise InputError(
            f"{where}: two columns would be named {quoted(twice[0])}; rename one to another name"
        )


class RenamedFragment(InnerFragment, frozen=True):
    """A fragment whose columns go by new names."""

    new: Mapping[str, str]

    @property
    def columns(self) -> Sequence[str]:
        """The new names."""
        return [self.new.get(name, name) for name in self.inner.columns]

    def blocks(self) -> Iterator[Block]:
        """Read the fragment."""
        for block in self.inner.blocks():
            names = [self.new.get(name, name) for name in block.batch.schema.names]
            batch = batch_of(names, block.batch.columns, block.batch.num_rows)
            invalid = {self.new.get(name, name): found for name, found in block.invalid.items()}
            yield Block(batch, invalid, block.seen)


class RenamedSource:
    """A source under new names: `new` maps old ones to them, over flattened names."""

    def __init__(self, inner: Source, new: Mapping[str, str]) -> None:
        self._inner = inner
        self._new = dict(new)
        self._old = {name: old for old, name in new.items()}
        self.name = inner.name
        self.format = inner.format
        self.rows = inner.rows
        self.size = inner.size

    @property
    def schema(self) -> pa.Schema:
        """Columns under their new names, which a key of JSON Lines that comes up late may have."""
        fields = self._inner.schema
        named = ((self._new.get(field.name, field.name), field.type) for field in fields)
        return checked_schema(named, self.name)

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of the source; they use the names of the file."""
        return self._inner.notes

    @property
    def partial(self) -> Mapping[str, tuple[int, int]]:
        """The columns that not all files have, under their new names."""
        return {self._new.get(name, name): found for name, found in self._inner.partial.items()}

    @property
    def path_keys(self) -> Mapping[str, bool]:
        """The columns that folders make, under their new names."""
        return {self._new.get(name, name): named for name, named in self._inner.path_keys.items()}

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the source's fragments under the new names."""
        old = [self._old.get(name, name) for name in columns]
        for fragment in self._inner.fragments(old):
            yield RenamedFragment(fragment, self._new)

    def sample(self, columns: Sequence[str]) -> Mapping[str, pa.Array]:
        """Return some values of columns, by their new names."""
        found = self._inner.sample([self._old.get(name, name) for name in columns])
        return {self._new.get(name, name): values for name, values in found.items()}

    def learn(self, seen: Seen) -> None:
        """Hand on what was seen of the columns of the source, by their own names."""
        self._inner.learn(seen)

    def expecting(self, types: Mapping[str, pa.DataType]) -> "RenamedSource":
        """Return the source with columns, by their new names, read as given types.

        A name that was given up stands for no column any more.
        """
        held = (name for name in types if name in self._old or name not in self._new)
        inner = self._inner.expecting({self._old.get(name, name): types[name] for name in held})
        return RenamedSource(inner, self._new)

    def revised(self) -> "RenamedSource | None":
        """Return the revised source under the same names."""
        inner = self._inner.revised()
        return None if inner is None else RenamedSource(inner, self._new)
