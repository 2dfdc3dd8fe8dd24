"""Whatever runs the units, in whatever order and process, gives the bits that threads give."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from engines import Elsewhere

from driftcli.config import ReadSettings
from driftcli.engine import (
    Engine,
    GroupBy,
    RandomGrouping,
    RowSample,
    Threads,
    by_period,
    by_segment,
    columns,
    group_reading,
    profile,
)
from driftcli.engine.repeats import repeated_rows
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.profile.calendar import Every
from driftcli.source import arrow_files, memory, open_source, parquet, records, typed
from driftcli.source.filtered import filtered
from driftcli.source.opening import opened
from driftcli.source.recognising import dressed
from driftcli.source.where import parsed

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


@pytest.fixture
def in_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have small files read in very many pieces, the columns of Parquet apart."""
    monkeypatch.setattr(columns, "LEAF_ROWS", 200)
    monkeypatch.setattr(columns, "LEAF_BYTES", 20_000)
    monkeypatch.setattr(group_reading, "LEAF_ROWS", 200)
    monkeypatch.setattr(group_reading, "LEAF_BYTES", 20_000)
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 8_000)
    monkeypatch.setattr(parquet, "STREAM_ROWS", 150)
    monkeypatch.setattr(records, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(arrow_files, "FRAGMENT_BYTES", 8_000)
    monkeypatch.setattr(memory, "FRAGMENT_ROWS", 200)


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
    if dataclasses.is_dataclass(held):
        named = {each.name: getattr(held, each.name) for each in dataclasses.fields(held)}
        return {name: exact(value) for name, value in named.items()}
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
    source = dressed(open_source(data, ReadSettings()), ReadSettings())
    made = profile(source, {}, groups, sample=sample, engine=engine)
    repeats = repeated_rows(source, {}, engine) if way == "whole" else None
    return exact(made), [str(field) for field in source.schema], source.notes, repeats


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *(("data.parquet", way) for way in GROUPS),
        *product(["data.arrow", "data.csv", "late.jsonl", "late.csv", "days"], ["whole", "both"]),
        ("memory", "sample"),
    ],
)
@pytest.mark.usefixtures("in_many_pieces")
def test_any_engine_gives_the_bits_of_threads(name: str, way: str, data: dict[str, Any]) -> None:
    other = Elsewhere(len(name))
    assert read(data[name], way, Threads(2)) == read(data[name], way, other)
    assert other.units > 8


@pytest.mark.usefixtures("in_many_pieces")
def test_a_timeline_does_not_depend_on_the_engine(data: dict[str, Any]) -> None:
    by = GroupBy("--time", partial(by_period, name="at", every=Every.parse("1d")), 64)
    for name in ("data.parquet", "data.csv", "memory"):
        found = [
            exact(profile(open_source(data[name], ReadSettings()), {}, by, engine=engine))
            for engine in (Threads(1), Threads(3), Elsewhere(1))
        ]
        assert found[0] == found[1] == found[2]


@pytest.mark.usefixtures("in_many_pieces")
def test_rows_are_kept_by_a_filter_wherever_they_are_read(data: dict[str, Any]) -> None:
    pytest.importorskip("sqlglot")
    where = parsed([("--where", "shop in ('shop 1', 'shop 4')")])
    for name in ("late.csv", "data.parquet"):
        found = []
        for engine in (Threads(2), Elsewhere(5)):
            source = dressed(filtered(*opened(data[name], ReadSettings(), where)), ReadSettings())
            made = profile(source, {}, sample=RowSample(90, beside=True), engine=engine)
            found.append((exact(made), source.notes))
            assert 0 < made.whole.rows < ROWS
        assert found[0] == found[1]


def raised(act: Callable[[], object]) -> str:
    with pytest.raises(DriftError) as caught:
        act()
    assert isinstance(caught.value, InputError | UsageError)
    return str(caught.value)


@pytest.mark.usefixtures("in_many_pieces")
def test_of_several_errors_the_first_in_row_order_is_told(tmp_path: Path) -> None:
    lines = [f"{row},{row % 7}\n" for row in range(20_000)]
    lines[9_000] = "1,2,3\n"
    lines[15_000] = "1,2,3,4\n"
    (tmp_path / "ragged.csv").write_text("a,b\n" + "".join(lines))
    texts = [json.dumps({"a": row, "b": "b" * 50}) + "\n" for row in range(20_000)]
    texts[16_000], texts[19_000] = "[1]\n", "oops\n"
    (tmp_path / "broken.jsonl").write_text("".join(texts))
    for name, told in (("ragged.csv", "line 9,002: 2 values"), ("broken.jsonl", "line 16,001 is")):
        for engine in (Threads(1), Threads(3), Elsewhere(0), Elsewhere(7)):
            source = open_source(tmp_path / name, ReadSettings())
            assert told in raised(partial(profile, source, {}, engine=engine))


@pytest.mark.usefixtures("in_many_pieces")
def test_too_many_segments_are_told_of_by_any_engine(tmp_path: Path) -> None:
    data = pa.table({"n": range(1_800), "x": [1.0] * 1_800})
    pq.write_table(data, tmp_path / "a.parquet", row_group_size=150)
    by = GroupBy("--by", partial(by_segment, names=["n"]), 64)
    found = {
        raised(partial(profile, open_source(tmp_path, ReadSettings()), {}, by, engine=engine))
        for engine in (Threads(1), Threads(3), Elsewhere(3))
    }
    assert len(found) == 1
    assert "more than 1,000 values" in found.pop()


def test_footers_do_not_travel(tmp_path: Path) -> None:
    import pickle

    wide = pa.table({f"column {at}": [1.0] for at in range(300)})
    pq.write_table(wide, tmp_path / "a.parquet")
    (fragment,) = open_source(tmp_path / "a.parquet", ReadSettings()).fragments(["column 1"])
    sent = pickle.dumps(fragment)
    assert len(sent) < 2_000
    (block,) = pickle.loads(sent).blocks()
    assert block.batch.to_pydict() == {"column 1": [1.0]}
