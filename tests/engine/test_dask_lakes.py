"""Workers of a Dask cluster read stores and tables of lakes by themselves, as threads do."""

from __future__ import annotations

import gzip
import json
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask_cluster import Cluster, scheduler, workers
from everything import iceberg, table
from object_stores import S3
from typer.testing import CliRunner

from driftcli.cli.app import app
from driftcli.config import ReadSettings
from driftcli.engine.choose import chosen
from driftcli.pipeline.elsewhere import cut_there
from driftcli.source import open_source

pytestmark = pytest.mark.slow


def said(asked: list[str], engine: str) -> Any:
    done = CliRunner().invoke(app, [*asked, "--format", "json", "--engine", engine])
    assert done.exit_code in (0, 1), done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with scheduler(tmp_path) as standing, workers(standing, 2):
        yield standing


def test_iceberg_tables_are_read_by_workers(cluster: Cluster, tmp_path: Path) -> None:
    pq.write_table(table(), tmp_path / "base.parquet")
    asked = ["compare", str(tmp_path / "base.parquet"), iceberg(tmp_path)]
    assert said(asked, cluster.engine) == said(asked, "threads")


def delta(folder: Path, rows: pa.Table) -> list[Path]:
    """Write a Delta table of three versions, of which the last lacks a row; return its files."""
    deltalake = pytest.importorskip("deltalake")
    path = folder / "delta"
    for first in (0, 1_500):
        deltalake.write_deltalake(str(path), rows.slice(first, 1_500), mode="append")
    deltalake.DeltaTable(str(path)).delete("n = 7")
    return [each for each in path.rglob("*") if each.is_file()]


@pytest.mark.usefixtures("in_many_pieces")
def test_stores_are_read_by_workers(s3: S3, tmp_path: Path) -> None:
    rows = table()
    pq.write_table(rows, tmp_path / "a.parquet", row_group_size=500)
    text = "n,shop\n" + "".join(f"{each['n']},{each['shop']}\n" for each in rows.to_pylist())
    client = s3.client()
    client.upload_file(str(tmp_path / "a.parquet"), "lake", "a/a.parquet")
    for name, data in (("b.csv", text.encode()), ("c.csv.gz", gzip.compress(text.encode()))):
        client.put_object(Bucket="lake", Key=f"{name}/{name}", Body=data)
    pairs = [["s3://lake/a/", "s3://lake/a/"], ["s3://lake/b.csv/", "s3://lake/c.csv.gz/"]]
    for file in delta(tmp_path, rows):
        key = str(file.relative_to(tmp_path))
        client.put_object(Bucket="lake", Key=key, Body=file.read_bytes())
    pairs += [["s3://lake/delta@v1", "s3://lake/delta"]]
    # Workers have the keys of the store of their own environment.
    with scheduler(tmp_path) as standing, workers(standing, 2):
        for pair in pairs:
            assert said(["compare", *pair], standing.engine) == said(["compare", *pair], "threads")
        with chosen(standing.engine) as engine:
            for each in ("a", "b.csv", "c.csv.gz"):
                source = cut_there(open_source(f"s3://lake/{each}/", ReadSettings()), engine)
                sent = [len(pickle.dumps(one)) for one in source.fragments(source.schema.names)]
                assert len(sent) > 1
                assert max(sent) < 4_000, "no rows are sent along"
