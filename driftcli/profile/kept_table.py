"""Kept blocks in a profile's file: a few fields of each column, and what concerns all blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec
import numpy as np

from driftcli.arrays import from_texts
from driftcli.profile.calendar import Every
from driftcli.profile.cells import NameCells, NumberCells
from driftcli.profile.kept import Form, KeptBlocks, KeptColumn
from driftcli.profile.saved_table import Fields, arrays, values

#: How each field is stored. A column without a form has no blocks.
FIELDS = {
    "block_form": "text",
    "block_counts": "integers",
    "block_missing": "integers",
    "block_nonfinite": "integers",
    "block_lows": "floats",
    "block_highs": "floats",
    "block_means": "floats",
    "block_names": "texts",
}


class About(msgspec.Struct):
    """What concerns all blocks."""

    column: str | None
    every: str | None
    buckets: int
    automatic: bool
    share: float
    numbers: list[int]
    rows: list[int]
    labels: list[str]
    entities: int | None = None


def about(kept: KeptBlocks) -> Mapping[str, object]:
    """Return what concerns all blocks, for JSON."""
    made = About(
        column=kept.column,
        every=str(kept.every) if kept.every else None,
        buckets=kept.buckets,
        automatic=kept.automatic,
        share=kept.share,
        numbers=kept.numbers.tolist(),
        rows=kept.rows.tolist(),
        labels=list(kept.labels),
        entities=kept.entities,
    )
    return cast("Mapping[str, object]", msgspec.to_builtins(made))


def with_blocks(table: Any, kept: KeptBlocks, names: Sequence[str]) -> Any:
    """Return a table of columns with the fields of their blocks."""
    rows = [_row(kept.columns.get(name)) for name in names]
    for field, form in FIELDS.items():
        table = table.append_column(field, arrays(form, [row.get(field) for row in rows]))
    return table


def _row(column: KeptColumn | None) -> dict[str, Any]:
    if column is None:
        return {}
    cells = column.cells
    of_cells = (
        {"block_lows": cells.lows, "block_highs": cells.highs, "block_means": cells.means}
        if isinstance(cells, NumberCells)
        else {"block_names": from_texts(cells.names)}
    )
    return {
        "block_form": column.form,
        "block_counts": cells.counts.ravel(),
        "block_missing": column.missing,
        "block_nonfinite": column.nonfinite,
        **of_cells,
    }


def from_table(fields: Fields, about: About, names: Sequence[str]) -> KeptBlocks:
    """Return the blocks that the fields of a table of these columns hold.

    Raises
    ------
    KeyError, ValueError, TypeError
        When there are none, or their numbers do not fit each other.
    """
    held = {field: values(fields, field, form) for field, form in FIELDS.items()}
    rows = [dict(zip(held, each, strict=True)) for each in zip(*held.values(), strict=True)]
    return KeptBlocks(
        numbers=np.array(about.numbers, np.int64),
        rows=np.array(about.rows, np.int64),
        columns={
            name: _column(row, len(about.rows))
            for name, row in zip(names, rows, strict=True)
            if row["block_form"]
        },
        column=about.column,
        every=Every.parse(about.every) if about.every else None,
        buckets=about.buckets,
        labels=about.labels,
        share=about.share,
        automatic=about.automatic,
        entities=about.entities,
    )


def _column(row: Mapping[str, Any], blocks: int) -> KeptColumn:
    form = cast("Form", row["block_form"])
    counts = row["block_counts"].reshape(blocks, -1)
    cells = (
        NameCells(tuple(row["block_names"].to_pylist()), counts)
        if form == "names"
        else NumberCells(row["block_lows"], row["block_highs"], row["block_means"], counts)
    )
    return KeptColumn(form, cells, row["block_missing"], row["block_nonfinite"])
