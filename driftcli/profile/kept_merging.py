"""Kept blocks of several datasets as those of one, in the cells that all of them can tell apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec.structs import replace

from driftcli.profile.cells import Cells, NameCells, NumberCells
from driftcli.profile.kept import BUCKETS, KeptBlocks, KeptColumn
from driftcli.profile.kept_room import capped, in_buckets, in_periods, together


def merge(parts: Sequence[KeptBlocks]) -> KeptBlocks:
    """Return the blocks of all parts: of the same periods or entities, or the parts themselves.

    Counts stay exact in the cells that all parts can tell apart. The order of the parts makes no
    difference, as long as there are no more blocks than are kept.
    """
    if len(parts) == 1:
        return parts[0]
    units = of_one_unit(parts)
    some = units or [_as_parts(part) for part in parts]
    alike = in_common(some)
    total = sum(part.rows.sum() / part.share for part in parts if part.share)
    rows = np.concatenate([part.rows for part in alike])
    numbers = np.concatenate([part.numbers for part in alike]) if units else np.arange(rows.size)
    stacked = replace(
        alike[0],
        rows=rows,
        numbers=numbers,
        columns={
            name: _stacked([part.columns[name] for part in alike]) for name in alike[0].columns
        },
        labels=[label for part in alike for label in part.labels],
        share=min(1.0, float(rows.sum() / total)) if total else 1.0,
        automatic=any(part.automatic for part in parts),
        # Those of one part may be those of another, too.
        entities=None,
    )
    return capped(together(stacked, numbers))


def of_one_unit(parts: Sequence[KeptBlocks]) -> list[KeptBlocks]:
    """Return parts by the longest of their periods, or in the fewest of their buckets.

    There are none where blocks are of different columns, or of periods that do not make each other.
    """
    first = parts[0].column
    if first is None or any(part.column != first for part in parts):
        return []
    if len({part.every is None for part in parts}) > 1:
        return []
    if parts[0].every is None:
        fewest = min(part.buckets for part in parts)
        return [in_buckets(part, fewest) for part in parts]
    longest = max((part.every for part in parts if part.every), key=lambda each: each.hours)
    made = [in_periods(part, longest) for part in parts]
    return [part for part in made if part] if None not in made else []


def _as_parts(kept: KeptBlocks) -> KeptBlocks:
    return replace(kept, column=None, every=None, buckets=BUCKETS, labels=kept.named())


def _stacked(parts: Sequence[KeptColumn]) -> KeptColumn:
    first = parts[0]
    return KeptColumn(
        first.form,
        replace(first.cells, counts=np.concatenate([part.cells.counts for part in parts])),
        np.concatenate([part.missing for part in parts]),
        np.concatenate([part.nonfinite for part in parts]),
    )


def in_common(parts: Sequence[KeptBlocks]) -> list[KeptBlocks]:
    """Return the columns that all parts have, in the cells that all of them can tell apart."""
    names = [name for name in parts[0].columns if all(name in part.columns for part in parts)]
    columns = {name: _alike([part.columns[name] for part in parts]) for name in names}
    return [
        replace(part, columns={name: columns[name][at] for name in names})
        for at, part in enumerate(parts)
    ]


def _alike(parts: Sequence[KeptColumn]) -> list[KeptColumn]:
    forms = {part.form for part in parts}
    numbers = [part.cells for part in parts if isinstance(part.cells, NumberCells)]
    named = [part.cells for part in parts if isinstance(part.cells, NameCells)]
    if len(forms) > 1:
        return [replace(part, form="names", cells=_uncounted(part.cells)) for part in parts]
    made: Sequence[Cells] = NumberCells.alike(numbers) if numbers else NameCells.alike(named)
    return [replace(part, cells=cells) for part, cells in zip(parts, made, strict=True)]


def _uncounted(cells: Cells) -> NameCells:
    """Return cells that tell nothing apart."""
    return NameCells((), cells.counts.sum(axis=1, keepdims=True))
