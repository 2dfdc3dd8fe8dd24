"""Scores of the history as rows: CSV, JSON Lines, and Parquet."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

from driftcli.render import DEFAULT_LOOK, csv_rows, json_text
from driftcli.report.digits import figure

#: The fields of a row, and their types in Parquet.
FIELDS = {
    "check": "string",
    "day": "date32",
    "run": "int64",
    "started": "timestamp",
    "finished": "timestamp",
    "verdict": "string",
    "baseline": "string",
    "current": "string",
    "baseline_fingerprint": "string",
    "current_fingerprint": "string",
    "baseline_rows": "int64",
    "current_rows": "int64",
    "column": "string",
    "kind": "string",
    "column_status": "string",
    "waived_until": "date32",
    "metric": "string",
    "value": "float64",
    "error_bound": "float64",
    "warn_threshold": "float64",
    "threshold": "float64",
    "noise": "float64",
    "p_value": "float64",
    "p_adjusted": "float64",
    "significant": "bool_",
    "gated": "bool_",
    "status": "string",
    "paired": "string",
}
#: Rows that are in memory at once when Parquet is written.
_TOGETHER = 50_000

Rows = Iterable[Mapping[str, Any]]


def render(rows: Rows, form: str) -> str | bytes:
    """Return rows with `FIELDS` in a form: "csv", "jsonl" or "parquet"."""
    forms: dict[str, Callable[[Rows], str | bytes]] = {
        "csv": as_csv,
        "jsonl": as_jsonl,
        "parquet": as_parquet,
    }
    return forms[form](rows)


def as_csv(rows: Rows) -> str:
    """Return one RFC 4180 record a row. Text from data is visible and never a formula."""
    return csv_rows.table(FIELDS, (row.values() for row in rows))


def as_jsonl(rows: Rows) -> str:
    """Return one RFC 8259 document a row; an infinite score is null, and `infinite` is true."""
    return json_text.lines(map(_finite, rows), DEFAULT_LOOK)


def _finite(row: Mapping[str, Any]) -> dict[str, Any]:
    infinite = row["value"] is not None and math.isinf(row["value"])
    held = {name: figure(cell) if isinstance(cell, float) else cell for name, cell in row.items()}
    return {**held, "value": None if infinite else held["value"], "infinite": infinite}


def as_parquet(rows: Rows) -> bytes:
    """Return a Parquet file: days as dates, times as instants in UTC, text as it is stored."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types = {name: getattr(pa, kind) for name, kind in FIELDS.items()}
    schema = pa.schema(
        (name, make("us", "UTC") if make is pa.timestamp else make())
        for name, make in types.items()
    )
    stream, left = io.BytesIO(), iter(rows)
    with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
        while some := list(islice(left, _TOGETHER)):
            writer.write_batch(pa.RecordBatch.from_pylist(some, schema=schema))
    return stream.getvalue()
