"""A real Dask cluster gives the bits of threads, whatever becomes of its workers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest
from dask_cluster import Cluster, scheduler, workers
from everything import GROUPS, read
from typer.testing import CliRunner

from driftcli.cli.app import app
from driftcli.engine import Threads
from driftcli.engine.choose import chosen

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with scheduler(tmp_path_factory.mktemp("dask")) as standing, workers(standing, 2):
        yield standing


FILES = ("data.parquet", "data.arrow", "data.csv", "late.jsonl", "late.csv", "days")


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *(("data.parquet", way) for way in GROUPS),
        *product(FILES[1:], ["whole", "both"]),
    ],
)
@pytest.mark.usefixtures("in_many_pieces")
def test_a_cluster_gives_the_bits_of_threads(
    name: str, way: str, data: dict[str, Any], cluster: Cluster
) -> None:
    with chosen(cluster.engine) as engine:
        assert engine.elsewhere
        assert read(data[name], way, engine) == read(data[name], way, Threads(2))


def test_a_command_reads_on_the_cluster(data: dict[str, Any], cluster: Cluster) -> None:
    asked = ["compare", data["data.parquet"], data["data.csv"], "--format", "json"]
    here, there = (
        CliRunner().invoke(app, [*asked, "--engine", engine])
        for engine in ("threads", cluster.engine)
    )
    assert there.stderr == ""
    assert json.loads(there.stdout) == json.loads(here.stdout)
