"""Folders that are tables with a log are never read as loose files."""

import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import READ, whole

from driftcli.errors import InputError
from driftcli.source import open_source

LOGS = {
    "Delta": "_delta_log/00000000000000000000.json",
    "Hudi": ".hoodie/hoodie.properties",
    "Iceberg": "metadata/00000-1b2c3d4e-5f60-7a8b-9c0d-1e2f3a4b5c6d.metadata.json",
}
#: Formats whose tables are read, what names a table itself, and what names a part of it or more.
TABLES = ("Delta", "Iceberg")
WHOLE = ("t", "t/", "file://{root}/t")
WITHIN = (
    *("t/data", "t/data/day=2026-11-01", "t/data/*/*.parquet", "t/**/*.parquet", "t/data/day=*"),
    *("*", ".", "file://{root}/t/data/day=2026-11-01", "file://{root}/t/data/*/*.parquet"),
    "file://{root}",
)


def lake(root, log):
    data = root / "data" / "day=2026-11-01"
    data.mkdir(parents=True)
    pq.write_table(pa.table({"v": [1, 2]}), data / "part-0.parquet")
    at = root / log
    at.parent.mkdir()
    at.write_text("{}")
    return root


@pytest.mark.parametrize(
    ("kind", "path"),
    [(kind, path) for kind in LOGS for path in (*WITHIN, *(() if kind in TABLES else WHOLE))],
)
def test_a_table_and_what_lies_in_it_is_refused(tmp_path, monkeypatch, kind, path):
    lake(tmp_path / "t", LOGS[kind])
    monkeypatch.chdir(tmp_path)
    named = path.format(root=tmp_path)
    with pytest.raises(InputError, match=f": part of a table in {kind} format .*cannot be read"):
        open_source(named, READ)


def test_one_file_that_is_named_is_read(tmp_path):
    root = lake(tmp_path / "t", LOGS["Delta"])
    found = whole(root / "data" / "day=2026-11-01" / "part-0.parquet")
    assert found.cells == {"v": [1, 2]}


def test_a_folder_called_metadata_makes_no_table(tmp_path):
    root = lake(tmp_path / "t", "metadata/sample.metadata.json")
    assert whole(root / "data").cells["v"] == [1, 2]


def test_what_writers_leave_beside_data_is_passed_over(tmp_path):
    table = pa.table({"v": [1, 2]})
    for name in (
        "part-0.parquet",
        "_temporary/0/part-1.parquet",
        ".spark-staging-1/part-2.parquet",
        "_bucket=3/part-3.parquet",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, tmp_path / name)
    for name in ("_SUCCESS", ".part-0.parquet.crc", "part-0.parquet.crc", "_common_metadata"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "_bucket=3" / "part-3.parquet").rename(tmp_path / "kept")
    for path in (tmp_path, f"{tmp_path}/*.parquet", f"{tmp_path}/**/*.parquet"):
        assert whole(path).cells == {"v": [1, 2]}, path


def test_a_key_may_begin_with_an_underscore(tmp_path):
    (tmp_path / "_bucket=3").mkdir()
    pq.write_table(pa.table({"v": [1, 2]}), tmp_path / "_bucket=3" / "part.parquet")
    assert whole(tmp_path).cells == {"v": [1, 2], "_bucket": [3, 3]}


@pytest.mark.skipif(os.getuid() == 0, reason="root may look into every folder")
def test_a_folder_above_that_may_not_be_looked_into_is_none(tmp_path):
    pq.write_table(pa.table({"v": [1, 2]}), tmp_path / "a.parquet")
    (tmp_path / "metadata").mkdir(mode=0)
    assert whole(tmp_path / "*.parquet").cells == {"v": [1, 2]}
