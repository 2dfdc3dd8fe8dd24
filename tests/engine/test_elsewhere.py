"""Whatever runs the units, in whatever order and process, gives the bits that threads give."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines import Elsewhere
from everything import GROUPS, ROWS, exact, read

from driftcli.config import ReadSettings
from driftcli.engine import GroupBy, RowSample, Threads, by_period, by_segment, profile
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.pipeline.inputs import Reading
from driftcli.profile.calendar import Every
from driftcli.source import open_source
from driftcli.source.filtered import filtered
from driftcli.source.opening import opened
from driftcli.source.recognising import dressed
from driftcli.source.where import parsed


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


def test_beside_a_cluster_columns_are_compared_one_by_one_unless_asked_otherwise() -> None:
    assert Reading(engine=Elsewhere(1)).comparing == 1
    assert Reading(engine=Elsewhere(1), threads=3).comparing == 3
    assert Reading(engine=Threads()).comparing is None
