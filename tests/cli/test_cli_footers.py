"""Comparisons by footers alone: what is judged, what is shown, and what goes with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift, Ended
from object_stores import S3

import driftcli

ROWS = 2_000


def table(missing: float = 0.01, first: int = 0, kind: pa.DataType | None = None) -> pa.Table:
    values = [None if i % 1000 < missing * 1000 else i % 97 + first for i in range(ROWS)]
    return pa.table(
        {
            "v": pa.array(values, kind or pa.int64()),
            "city": ["abc"[i % 3] for i in range(ROWS)],
            "price": [f"{i}.50 EUR" for i in range(ROWS)],
            "tags": [["x"] * (i % 3) for i in range(ROWS)],
        }
    )


@pytest.fixture
def old() -> str:
    pq.write_table(table(), "old.parquet")
    return "old.parquet"


def written(made: pa.Table, name: str = "new.parquet") -> str:
    pq.write_table(made, name)
    return name


def report(ended: Ended) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    found = json.loads(ended.out)
    return found, {each["name"]: each for each in found["columns"]}


def test_what_is_missing_drifts_and_values_do_not(drift: Drift, old: str) -> None:
    ended = drift("compare", old, written(table(0.2, first=500)), "--footers", "-f", "json")
    found, columns = report(ended)
    assert (ended.code, found["verdict"], ended.err) == (1, "drift", "")
    v = columns["v"]
    assert (v["status"], v["gated"]) == ("drift", True)
    assert [score["metric"] for score in v["scores"]] == ["missing"]
    assert v["reasons"] == ["missing 1.0 % → 20 %"]
    assert v["notes"] == ["range 0 – 96, then 500 – 596"]
    assert [v["current"][name] for name in ("rows", "missing_count", "min", "max")] == [
        *(2000, 400, 500, 596)
    ]
    assert [v["current"][name] for name in ("mean", "median", "sd")] == [None] * 3
    assert {name: columns[name]["status"] for name in ("city", "price", "tags")} == {
        "city": "ok",
        "price": "ok",
        "tags": "skipped",
    }
    assert columns["tags"]["baseline"]["missing"] is None
    assert found["settings"]["metrics"] == ["missing"]
    [told] = found["findings"]
    assert (told["kind"], told["status"]) == ("footers", "ok")


def test_values_that_move_alone_are_not_seen(drift: Drift, old: str) -> None:
    ended = drift("compare", old, written(table(first=500)), "--footers", "--all")
    assert ended.code == 0
    assert "only footers were read" in ended.out
    assert "no drift" in ended.out


def test_columns_and_types_are_judged(drift: Drift, old: str) -> None:
    texts = written(table().set_column(0, "v", pa.array(["a"] * ROWS)), "texts.parquet")
    ended = drift("compare", old, texts, "--footers")
    assert ended.code == 1
    assert "`v`: type int64 → string: numbers became categories" in ended.out
    lost = written(table().drop_columns(["city"]), "lost.parquet")
    assert drift("compare", old, lost, "--footers").code == 1
    assert drift("compare", lost, old, "--footers").code == 0
    wider = written(table(kind=pa.float64()), "wider.parquet")
    assert drift("compare", old, wider, "--footers").code == 0


def test_rows_that_have_gone_are_told_of(drift: Drift, old: str) -> None:
    ended = drift("compare", old, written(table().slice(0, 0)), "--footers")
    assert ended.code == 1
    assert "no rows" in ended.out


@pytest.mark.parametrize("form", ["table", "markdown", "html", "csv", "junit", "sarif"])
def test_each_format_says_what_is_not_known(drift: Drift, old: str, form: str) -> None:
    ended = drift("compare", old, written(table(0.2)), "--footers", "-f", form, "--all")
    assert ended.code == 1, ended.err
    assert "0 %" not in [line for line in ended.out.splitlines() if "tags" in line]


def test_a_saved_profile_is_compared_as_far_as_footers_go(drift: Drift, old: str) -> None:
    assert drift("profile", old, "-o", "old.profile").code == 0
    _, columns = report(drift("compare", "old.profile", old, "--footers", "-f", "json"))
    assert columns["v"]["baseline"] == columns["v"]["current"]
    assert columns["price"]["status"] == "skipped"
    assert columns["price"]["notes"] == ["what is missing is not known of the baseline"]
    assert drift("compare", "old.profile", written(table(0.2)), "--footers").code == 1


def test_settings_of_columns_are_followed(drift: Drift, old: str) -> None:
    new = written(table(0.2))
    assert drift("compare", old, new, "--footers", "--exclude", "v").code == 0
    assert drift("compare", old, new, "--footers", "--threshold", "v.missing=0.5").code == 0
    assert drift("compare", old, new, "--footers", "--no-gate", "v").code == 0
    Path("drift.toml").write_text('categorical = ["v"]\nignore = ["city"]\n')
    _, columns = report(drift("compare", old, new, "--footers", "-f", "json"))
    assert columns["v"]["kind"] == "categorical"
    assert "city" not in columns


def test_renamed_columns_are_found(drift: Drift, old: str) -> None:
    names = ["w", "city", "price", "tags"]
    new = written(table(0.2).rename_columns(names))
    ended = drift("compare", old, new, "--footers", "--rename", "w=v", "-f", "json")
    assert report(ended)[1]["v"]["status"] == "drift"


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--by", "city"), "--by: needs rows; leave it or --footers out"),
        (("--metric", "ks"), "--metric: needs rows; leave it or --footers out"),
        (("--sample", "10"), "--footers: no rows are read to draw a sample of; leave --sample out"),
        (
            ("--where", "v > 1"),
            "old.parquet: which of its rows meet 'v > 1' cannot be told",
        ),
    ],
)
def test_what_needs_rows_is_refused_in_one_line(
    drift: Drift, old: str, more: tuple[str, ...], told: str
) -> None:
    ended = drift("compare", old, old, "--footers", *more)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"drift: {told}")
    assert ended.err.count("\n") == 1


def test_footers_of_a_store_cost_two_requests_a_file(drift: Drift, s3: S3) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(table(), sink)
    for i in range(20):
        s3.put(f"t/{i}.parquet", bytes(sink.getvalue()))
    before = len(s3.requests())
    ended = drift("compare", "s3://lake/t/", "s3://lake/t/", "--footers", "-f", "json")
    assert report(ended)[0]["current"]["rows"] == 20 * ROWS
    of_files = [path for _, path in s3.requests()[before:] if path.endswith(".parquet")]
    assert len(of_files) == 2 * 2 * 20


def test_python_compares_footers_too(old: str) -> None:
    found = driftcli.compare(old, written(table(0.2)), footers=True)
    assert (found.verdict, found.columns[0].name) == ("drift", "v")
    with pytest.raises(driftcli.DriftError, match="data in memory has no footers"):
        driftcli.compare(table(), old, footers=True)
