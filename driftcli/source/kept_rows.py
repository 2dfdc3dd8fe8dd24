"""Fragments of which only some rows are kept."""

from collections.abc import Iterator, Sequence
from typing import Protocol

import pyarrow as pa
from msgspec import Struct

from driftcli.source.columns import batch_of
from driftcli.source.contract import Block, Fragment, InnerFragment, Unparsed


class Kept(Protocol):
    """Says of each row of a fragment whether it is kept."""

    @property
    def count(self) -> int | None:
        """How many are, where that is known without reading."""

    def mask(self) -> pa.BooleanArray:
        """Return it; there are no nulls."""


class Known(Struct, frozen=True):
    """Rows that are known before anything is read."""

    rows: pa.BooleanArray

    @property
    def count(self) -> int:
        """How many are kept."""
        return int(self.rows.true_count)

    def mask(self) -> pa.BooleanArray:
        """Return them."""
        return self.rows


class KeptFragment(InnerFragment, frozen=True):
    """A fragment without the rows that are not kept."""

    kept: Kept

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the fragment."""
        return self.inner.columns

    @property
    def rows(self) -> int | None:
        """How many rows are kept, where that is known."""
        return self.kept.count

    def blocks(self) -> Iterator[Block]:
        """Read the fragment, unless nothing of it is kept."""
        mask = self.kept.mask()
        if not mask.true_count:
            return
        start = 0
        for block in self.inner.blocks():
            rows = block.batch.num_rows
            yield kept_of(block, mask.slice(start, rows))
            start += rows


def kept_of(block: Block, mask: pa.BooleanArray) -> Block:
    """Return the rows of a block that are kept."""
    if mask.true_count == len(mask):
        return block
    names = block.batch.schema.names
    arrays = [array.filter(mask) for array in block.batch.columns]
    invalid = {
        name: left for name, found in block.invalid.items() if (left := _unparsed(found, mask))
    }
    return Block(batch_of(names, arrays, mask.true_count), invalid, block.seen)


def _unparsed(found: Unparsed, mask: pa.BooleanArray) -> Unparsed | None:
    """Return what did not parse in the rows that are kept, by their new places."""
    import numpy as np

    kept = mask.to_numpy(zero_copy_only=False)
    rows = (np.cumsum(kept) - 1)[found.rows[kept[found.rows]]]
    return Unparsed(len(rows), found.first_value, int(rows[0]), rows) if len(rows) else None


def runs(fragments: Iterator[Fragment]) -> Iterator[list[Fragment]]:
    """Yield the fragments of the same rows together: blocks of columns."""
    run: list[Fragment] = []
    for fragment in fragments:
        if run and fragment.columns[:1] == run[0].columns[:1]:
            yield run
            run = []
        run.append(fragment)
    if run:
        yield run
