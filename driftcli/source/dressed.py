"""A source whose texts are read as the numbers and times that they are dressed up as.

Looks are guessed from samples, then held against every block. Where a block disagrees, its column
is read again: by a look that all values have, or as the text that it is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

import pyarrow as pa
from msgspec.structs import replace

from driftcli.source.columns import batch_of
from driftcli.source.contract import Block, Fragment, InnerFragment, Seen, Source, Unparsed
from driftcli.source.looking import AssumedLooks, Looked, Looking
from driftcli.source.looks import Look, Looks
from driftcli.source.text_types import STRING
from driftcli.source.time_looks import TimeLook
from driftcli.text import quoted, visible


class DressedSource:
    """A source some of whose columns have a look.

    Parameters
    ----------
    only : collection of str, optional
        The columns that are read again, where not all are.
    told : mapping of str to str
        Notes on columns most of whose values have a look.
    given : collection of str
        Columns whose looks are set, whatever they hold.
    passed_over : mapping of str to Look
        Looks of columns that are read as text because the baseline was.
    """

    def __init__(
        self,
        inner: Source,
        state: Looking,
        only: Collection[str] | None = None,
        told: Mapping[str, str] | None = None,
        passed_over: Mapping[str, Look] | None = None,
        given: Collection[str] = (),
    ) -> None:
        self._inner = inner
        self._state = state
        self._only = only
        self.told = told or {}
        self.passed_over = passed_over or {}
        self.given = given
        self.name = inner.name
        self.format = inner.format
        self.rows = inner.rows
        self.size = inner.size

    @property
    def inner(self) -> Source:
        """The source as it is stored."""
        return self._inner

    @property
    def looks(self) -> Mapping[str, Look]:
        """What columns are read by, as far as is known."""
        return self._state.looks

    @property
    def schema(self) -> pa.Schema:
        """Columns and the types found so far."""
        fields = [each for each in self._inner.schema if not self._only or each.name in self._only]
        looks = self._state.looks
        return pa.schema(
            [
                pa.field(each.name, self._state.type_of(each.name)) if each.name in looks else each
                for each in fields
            ]
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """The notes of the source, and those on looks."""
        settled = tuple(f"`{visible(name)}` is read as text" for name in self.looks)
        own = (note for note in self._inner.notes if not note.startswith(settled))
        unclear = (_unclear(name, looks) for name, looks in self._state.unclear().items())
        return (*own, *self.told.values(), *unclear)

    @property
    def decimal(self) -> str:
        """The decimal point where a number may have either."""
        return self._state.decimal

    @property
    def partial(self) -> Mapping[str, tuple[int, int]]:
        """Columns that not all files have."""
        return self._inner.partial

    @property
    def path_keys(self) -> Mapping[str, bool]:
        """Columns that folders make."""
        return self._inner.path_keys

    def possible(self, without: Collection[str]) -> Mapping[str, Looks | None]:
        """Return the looks that columns may have, but for those `without` a choice."""
        found = self._state.possible
        return {name: looks for name, looks in found.items() if name not in without}

    def sample(self, columns: Sequence[str]) -> Mapping[str, pa.Array]:
        """Return some values of columns, as they are stored."""
        return self._inner.sample(columns)

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the fragments of the source, with columns read by their looks."""
        for fragment in self._inner.fragments(columns):
            yield DressedFragment(fragment, self._state.assumed)

    def learn(self, seen: Seen) -> None:
        """Take what fragments saw of looks, and hand on what they saw of types."""
        if isinstance(seen.looks, Looked):
            self._state.learn(seen.looks)
        self._inner.learn(seen)

    def expecting(self, types: Mapping[str, pa.DataType]) -> "DressedSource":
        """Return the source, before anything is read, with some columns of given types."""
        stored = {name: kind for name, kind in types.items() if name not in self.looks}
        inner = self._inner.expecting(stored)
        state = self._state.fresh()
        return DressedSource(inner, state, None, self.told, self.passed_over, self.given)

    def revised(self) -> "DressedSource | None":
        """Return a source of the columns whose look, or whose type, did not hold."""
        names = self.schema.names
        if again := self._state.revise(names):
            return DressedSource(self._inner, self._state, again)
        inner = self._inner.revised()
        if inner is None:
            return None
        self._state.search([each.name for each in inner.schema if each.type == STRING])
        return DressedSource(inner, self._state)


def _unclear(name: str, looks: Looks) -> str:
    written = " or like ".join(quoted(look.example) for look in sorted(looks, key=str)[:2])
    format_ = next(
        (look.format for look in sorted(looks, key=str) if isinstance(look, TimeLook)), ""
    )
    return (
        f"`{visible(name)}` is read as text: its values may be times written like {written}; say "
        f"which with `--written {visible(name)}={format_}`"
    )


class DressedFragment(InnerFragment, frozen=True):
    """A fragment some of whose columns have a look."""

    assumed: AssumedLooks

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the fragment."""
        return self.inner.columns

    def blocks(self) -> Iterator[Block]:
        """Read the fragment."""
        concerned = [name for name in self.inner.columns if self.assumed.concerns(name)]
        for block in self.inner.blocks():
            yield self._dressed(block, concerned) if concerned else block

    def _dressed(self, block: Block, concerned: Sequence[str]) -> Block:
        names = block.batch.schema.names
        arrays = dict(zip(names, block.batch.columns, strict=True))
        invalid: dict[str, Unparsed] = dict(block.invalid)
        looked = Looked()
        for name in concerned:
            arrays[name], found, said = self.assumed.settle(name, arrays[name])
            looked = looked.joined(said)
            if found:
                invalid[name] = found
        batch = batch_of(names, list(arrays.values()), block.batch.num_rows)
        return Block(batch, invalid, replace(block.seen or Seen(), looks=looked))
