"""Data of every kind of source, all that is read of it, and what came of that bit for bit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from msgspec import Struct

from driftcli.config import ReadSettings
from driftcli.engine import Engine, GroupBy, RandomGrouping, RowSample, by_segment, profile
from driftcli.engine.repeats import repeated_rows
from driftcli.pipeline.elsewhere import cut_there
from driftcli.source import open_source
from driftcli.source.recognising import dressed

ROWS = 3_000


def table(rows: int = ROWS) -> pa.Table:
    rng = np.random.default_rng(4)
    at = np.sort(rng.integers(0, 40 * 86_400, rows))
    return pa.table(
        {
            "at": pa.array(at, pa.timestamp("s")),
            "x": rng.normal(size=rows),
            "n": rng.integers(0, 50, rows),
            "shop": [None if code == 3 else f"shop {code}" for code in rng.integers(0, 7, rows)],
            "long": [f"name {code}" for code in rng.integers(0, 900, rows)],
            "price": [f"{cents / 100:.2f} €" for cents in rng.integers(0, 9_999, rows).tolist()],
        }
    )


def late(rows: int = ROWS) -> list[dict[str, Any]]:
    """Return records whose types and keys turn out late, here and there."""
    found = table(rows).drop_columns(["at"]).to_pylist()
    for row, record in enumerate(found):
        record["code"] = "x" if row == rows - 7 else row % 9
        record["half"] = row / 2 if row > rows // 2 else row
        record["dressed"] = f"{row % 31:,} kg" if row != rows // 3 else "none"
        if row > rows // 2:
            record["new"] = {"key": row % 5 if row % 11 else "text"}
    return found


def written(folder: Path) -> dict[str, Any]:
    """Write data of every kind of source, and return what to open."""
    data, some = table(), late()
    pq.write_table(data, folder / "data.parquet", row_group_size=150)
    pyarrow.feather.write_feather(data, folder / "data.arrow", chunksize=150)
    pyarrow.csv.write_csv(data, folder / "data.csv")
    (folder / "late.jsonl").write_text("".join(json.dumps(each) + "\n" for each in some))
    names = ["x", "n", "shop", "code", "half", "dressed"]
    lines = ['"' + '","'.join(str(each[name]) for name in names) + '"\n' for each in some]
    (folder / "late.csv").write_text(",".join(names) + "\n" + "".join(lines))
    for day, part in enumerate((data.slice(0, 1_000), data.slice(1_000).drop_columns(["n"]))):
        (folder / "days" / f"day={day}").mkdir(parents=True)
        pq.write_table(part, folder / "days" / f"day={day}" / "a.parquet", row_group_size=150)
    files = ["data.parquet", "data.arrow", "data.csv", "late.jsonl", "late.csv", "days"]
    return {**{name: str(folder / name) for name in files}, "memory": data}


def exact(held: Any) -> Any:
    """Return all that a record holds, bit for bit."""
    if isinstance(held, Struct):
        return {name: exact(getattr(held, name)) for name in held.__struct_fields__}
    if isinstance(held, np.ndarray):
        return held.dtype, held.tobytes()
    if isinstance(held, pa.Array):
        return held.type, held.to_pylist()
    if isinstance(held, pa.Table):
        return held.to_pydict()
    if isinstance(held, Mapping):
        return [(key, exact(value)) for key, value in held.items()]
    return repr(held)


GROUPS: dict[str, Any] = {
    "whole": (None, None),
    "sample": (None, RowSample(700)),
    "beside": (None, RowSample(700, beside=True)),
    "segments": (GroupBy("--by", partial(by_segment, names=["shop"]), 64, whole=True), None),
    "chance": (GroupBy("chance", lambda _: RandomGrouping(3, 1), 64), None),
    "both": (
        GroupBy("--by", partial(by_segment, names=["shop"]), 64, whole=True),
        RowSample(700, beside=True),
    ),
}


def read(data: Any, way: str, engine: Engine) -> Any:
    groups, sample = GROUPS[way]
    source = open_source(data, ReadSettings())
    if engine.elsewhere:
        source = cut_there(source, engine)
    source = dressed(source, ReadSettings())
    made = profile(source, {}, groups, sample=sample, engine=engine)
    repeats = repeated_rows(source, {}, engine) if way == "whole" else None
    return exact(made), [str(field) for field in source.schema], source.notes, repeats


def iceberg(folder: Path) -> str:
    """Return the folder of an Iceberg table of two files of it, of which rows are deleted."""
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog.sql import SqlCatalog

    where = {"uri": f"sqlite:///{folder}/cat.db", "warehouse": f"file://{folder}/lake"}
    catalog = SqlCatalog("prod", **where)
    catalog.create_namespace("shop")
    rows = table().drop_columns(["at"])
    made = catalog.create_table("shop.orders", schema=rows.schema)
    for first in (0, 1_500):
        made.append(rows.slice(first, 1_500))
    made.delete("n = 7")
    return str(folder / "lake" / "shop" / "orders")
