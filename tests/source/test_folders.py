"""Folders whose files gained columns, and folders whose names are keys."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyarrow import feather
from reading import whole

import driftcli
from driftcli.errors import InputError


def write(path, columns):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table(columns)
    if path.suffix == ".parquet":
        pq.write_table(table, path)
    elif path.suffix == ".arrow":
        feather.write_feather(table, path)
    elif path.suffix == ".csv":
        rows = [",".join(map(str, row.values())) for row in table.to_pylist()]
        path.write_text("\n".join([",".join(table.column_names), *rows]) + "\n")
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))


SUFFIXES = ["parquet", "arrow", "csv", "jsonl"]


@pytest.mark.parametrize("suffix", SUFFIXES)
class TestColumnsAdded:
    def test_they_are_null_where_a_file_has_none(self, tmp_path, suffix):
        write(tmp_path / f"1.{suffix}", {"a": [1, 2], "old": [7, 8]})
        write(tmp_path / f"2.{suffix}", {"new": ["x", "y"], "a": [3, 4]})
        found = whole(tmp_path)
        assert found.cells == {
            "a": [1, 2, 3, 4],
            "old": [7, 8, None, None],
            "new": [None, None, "x", "y"],
        }
        assert whole(tmp_path, columns=["new"]).cells == {"new": [None, None, "x", "y"]}

    def test_they_are_compared_and_told(self, tmp_path, suffix):
        base = {"a": [i % 7 for i in range(600)]}
        write(tmp_path / f"base.{suffix}", base)
        write(tmp_path / "cur" / f"1.{suffix}", base)
        write(tmp_path / "cur" / f"2.{suffix}", {**base, "extra": [1] * 600})
        for one, other in (("base", "cur"), ("cur", "base")):
            names = {"base": f"base.{suffix}", "cur": "cur"}
            report = driftcli.compare(tmp_path / names[one], tmp_path / names[other])
            kinds = {each.kind: each for each in report.findings}
            assert ("new_column" if one == "base" else "lost_column") in kinds
            if suffix != "jsonl":
                told = kinds["partial_column"]
                assert (told.status, told.column) == ("ok", "extra")
                assert "column `extra` is in 1 of 2 files" in told.message


def test_a_profile_keeps_which_columns_not_all_files_have(tmp_path):
    write(tmp_path / "cur" / "1.parquet", {"a": [1] * 600})
    write(tmp_path / "cur" / "2.parquet", {"a": [2] * 600, "b": [1] * 600})
    driftcli.Profile.of(tmp_path / "cur").save(tmp_path / "cur.profile")
    report = driftcli.compare(tmp_path / "cur.profile", tmp_path / "cur")
    assert [each.kind for each in report.findings] == ["partial_column", "partial_column"]
    assert report.verdict == "ok"


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_files_of_other_tables_are_refused(tmp_path, suffix):
    write(tmp_path / f"1.{suffix}", {"a": [1]})
    write(tmp_path / f"2.{suffix}", {"b": [1]})
    with pytest.raises(InputError, match=r"none of the columns of .*1\.\w+, but 'b'"):
        whole(tmp_path)


def test_integers_that_widen_are_one_column(tmp_path):
    write(tmp_path / "1.parquet", {"a": pa.array([1, 2], pa.int32())})
    write(tmp_path / "2.parquet", {"a": pa.array([2**40], pa.int64()), "b": [1]})
    found = whole(tmp_path)
    assert (found.types["a"], found.cells["a"]) == ("int64", [1, 2, 2**40])


@pytest.fixture
def lake(tmp_path):
    """Twelve nights of the same 300 values, by region."""
    for day in range(1, 13):
        for region in ("eu", "us"):
            part = tmp_path / "lake" / f"day=2026-11-{day:02}" / f"region={region}" / "p.parquet"
            write(part, {"v": [i % 7 for i in range(300)]})
    return tmp_path / "lake"


@pytest.mark.parametrize(
    ("base", "new"),
    [
        ("day=2026-11-0*", "day=2026-11-10"),
        ("day=2026-11-10", "day=2026-11-0*"),
        ("day=2026-11-0*", "day=2026-11-1*"),
        ("day=2026-11-0*/*/*.parquet", "day=2026-11-10/*/*.parquet"),
        (".", "day=2026-11-1*"),
        (".", "day=2026-11-10/region=eu"),
        ("day=2026-11-0[1-6]", "day=2026-11-0[4-9]"),
    ],
)
def test_keys_that_differ_by_construction_are_no_finding(lake, base, new):
    report = driftcli.compare(lake / base, lake / new)
    assert (report.verdict, report.findings) == ("ok", ())
    for column in report.columns:
        if column.name == "day":
            assert (column.status, column.gated) == ("skipped", False)
            assert column.notes == ("key of the path, which differs by construction: not compared",)


def test_a_rolling_baseline_of_nights_is_clean(lake, tmp_path):
    for pattern in ("day=2026-11-{day:02}", "day=2026-11-{day:02}*", "day=2026-11-{day:02}/*/*"):
        nights = [driftcli.Profile.of(str(lake / pattern.format(day=day))) for day in range(1, 10)]
        baseline = driftcli.Profile.merged(*nights)
        baseline.save(tmp_path / "nights.profile")
        for known in (baseline, tmp_path / "nights.profile"):
            report = driftcli.compare(known, str(lake / pattern.format(day=10)))
            assert (report.verdict, report.findings) == ("ok", ()), pattern


def test_keys_that_are_data_are_compared(tmp_path):
    for side, regions in (("base", {"eu": 300, "us": 300}), ("cur", {"eu": 550, "us": 50})):
        for region, rows in regions.items():
            write(
                tmp_path / side / f"region={region}" / "p.parquet",
                {"v": [i % 7 for i in range(rows)]},
            )
    report = driftcli.compare(tmp_path / "base", tmp_path / "cur")
    assert {column.name: column.status for column in report.columns}["region"] == "drift"


def test_settings_have_a_key_judged(lake):
    report = driftcli.compare(
        lake / "day=2026-11-0*", lake / "day=2026-11-1*", thresholds={"day.js_distance": 0.1}
    )
    assert {column.name: column.status for column in report.columns}["day"] == "drift"
