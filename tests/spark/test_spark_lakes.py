"""Executors of Spark read stores and tables of lakes as threads do, and checks read its tables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from everything import iceberg, table
from object_stores import S3
from typer.testing import CliRunner

import driftcli
from driftcli.cli.app import app


def bits(data: str, folder: Path, **options: Any) -> bytes:
    """Return the profile of data, as it is saved."""
    driftcli.Profile.of(data, **options).save(folder / "kept.profile")
    return (folder / "kept.profile").read_bytes()


@pytest.mark.usefixtures("in_many_pieces")
def test_files_of_a_store_give_the_bits_of_threads(spark: Any, s3: S3, tmp_path: Path) -> None:
    rows = table()
    pq.write_table(rows, tmp_path / "a.parquet", row_group_size=500)
    text = "n,shop\n" + "".join(f"{each['n']},{each['shop']}\n" for each in rows.to_pylist())
    s3.put("a/a.parquet", (tmp_path / "a.parquet").read_bytes())
    s3.put("b.csv", text.encode())
    # Executors have the keys of the store of their own environment.
    for name in ("s3://lake/a/", "s3://lake/b.csv"):
        assert bits(name, tmp_path, engine=spark) == bits(name, tmp_path)


@pytest.mark.usefixtures("in_many_pieces")
def test_delta_tables_give_the_bits_of_threads(spark: Any, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    path, rows = str(tmp_path / "delta"), table()
    for first in range(0, 3_000, 1_000):
        deltalake.write_deltalake(path, rows.slice(first, 1_000), mode="append")
    deltalake.DeltaTable(path).delete("n = 7")
    for name in (path, f"{path}@v1"):
        assert bits(name, tmp_path, engine=spark) == bits(name, tmp_path)


def test_iceberg_tables_give_the_bits_of_threads(spark: Any, tmp_path: Path) -> None:
    path = iceberg(tmp_path)
    assert bits(path, tmp_path, engine=spark) == bits(path, tmp_path)


@pytest.mark.parametrize("where", ["x > 1", "x <= 0.1", "r = 0.1", "not r < 0.5", "r > 2"])
def test_filters_take_the_rows_that_they_take_of_files(
    where: str, spark: Any, tmp_path: Path
) -> None:
    pytest.importorskip("sqlglot")
    made = "cast(id % 9 as double) / 10"
    numbers = spark.range(0, 900, 1, 2).selectExpr(
        "id",
        f"case when id % 7 = 0 then double('nan') when id % 5 = 0 then null else {made} end x",
        f"cast(case when id % 7 = 1 then double('nan') else {made} end as float) r",
    )
    pq.write_table(numbers.toArrow(), tmp_path / "a.parquet")
    there = driftcli.Profile.of(numbers, where=where).summary()
    here = driftcli.Profile.of(str(tmp_path / "a.parquet"), where=where).summary()
    assert there.data.rows == here.data.rows
    assert there.columns == here.columns


def test_checks_read_tables_of_spark(
    spark: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = table()
    for name, part in (("jan", rows.slice(0, 1_500)), ("feb", rows.slice(1_500))):
        pq.write_table(part.select(["x", "n"]), tmp_path / f"{name}.parquet")
    (tmp_path / "drift.toml").write_text(f"""
[checks.orders]
baseline = "spark:select x, n from parquet.`{tmp_path}/jan.parquet`"
current = "spark:select x, n from parquet.`{tmp_path}/feb.parquet`"
""")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["run", "--no-history", "--format", "json"])
    assert done.exit_code == 0, done.output
    (check,) = json.loads(done.stdout)["checks"]
    assert check["outcome"] == "ok"
    assert check["report"]["current"]["format"] == "spark"
    assert check["report"]["current"]["rows"] == 1_500
