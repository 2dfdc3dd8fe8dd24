"""A source some of whose columns go by other names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from driftcli.errors import UsageError, nearest
from driftcli.source.columns import batch_of, checked_schema
from driftcli.source.contract import Block, Fragment, Source
from driftcli.text import quoted, visible


def under_old_names(expected: pa.Schema | None, rename: Mapping[str, str]) -> pa.Schema | None:
    """Return the expected schema with the names that the source has before it is renamed."""
    if expected is None:
        return None
    types = {field.name: field.type for field in expected}
    return pa.schema(list(_under_old_names(types, rename).items()))


def _under_old_names(
    types: Mapping[str, pa.DataType], rename: Mapping[str, str]
) -> dict[str, pa.DataType]:
    """Return types by old names. A name that was given up stands for no column any more."""
    old = {new: name for name, new in rename.items()}
    return {old.get(n, n): kind for n, kind in types.items() if n in old or n not in rename}


@dataclass(frozen=True)
class RenamedFragment:
    """A fragment whose columns go by new names."""

    inner: Fragment
    new: Mapping[str, str]

    @property
    def columns(self) -> Sequence[str]:
        """The new names."""
        return [self.new.get(name, name) for name in self.inner.columns]

    @property
    def rows(self) -> int | None:
        """The rows of the fragment."""
        return self.inner.rows

    @property
    def size(self) -> int:
        """Its bytes."""
        return self.inner.size

    def blocks(self) -> Iterator[Block]:
        """Read the fragment."""
        for block in self.inner.blocks():
            names = [self.new.get(name, name) for name in block.batch.schema.names]
            batch = batch_of(names, block.batch.columns, block.batch.num_rows)
            invalid = {self.new.get(name, name): found for name, found in block.invalid.items()}
            yield Block(batch, invalid)


class RenamedSource:
    """A source under new names: `rename` maps old to new, over flattened names.

    Raises
    ------
    UsageError
        When an old name is not a column.
    InputError
        When two columns would have one name.
    """

    def __init__(self, inner: Source, rename: Mapping[str, str]) -> None:
        known = inner.schema.names
        for old in rename:
            if old not in known:
                hint = nearest(visible(old), map(visible, known))
                raise UsageError(f"{inner.name}: no column {quoted(old)} to rename; {hint}")
        self._start(inner, rename)
        # Evaluated for its check: two columns may not end up under one name.
        _ = self.schema

    def _start(self, inner: Source, rename: Mapping[str, str]) -> None:
        self._inner = inner
        self._new = dict(rename)
        self._old = {new: old for old, new in rename.items()}
        self.name = inner.name
        self.format = inner.format
        self.rows = inner.rows
        self.size = inner.size

    @property
    def schema(self) -> pa.Schema:
        """Columns under their new names."""
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

    def expecting(self, types: Mapping[str, pa.DataType]) -> "RenamedSource":
        """Return the source with columns, by their new names, read as given types."""
        return self._around(self._inner.expecting(_under_old_names(types, self._new)))

    def revised(self) -> "RenamedSource | None":
        """Return the revised source under the same names."""
        inner = self._inner.revised()
        return None if inner is None else self._around(inner)

    def _around(self, inner: Source) -> "RenamedSource":
        """Return another source, which may lack some of the columns, under the same names."""
        source = RenamedSource.__new__(RenamedSource)
        source._start(inner, self._new)  # noqa: SLF001 - of its own class
        return source
