"""Behind Spark Connect there is no `SparkContext`: data frames and files are read all the same."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from everything import table

import driftcli

_READ = """
import json, sys
from pyspark.sql import SparkSession
import driftcli

path, kept = sys.argv[1:]
session = SparkSession.builder.remote("local[2]").getOrCreate()
driftcli.Profile.of(path, engine=session).save(kept)
numbers = session.range(0, 3_000, 1, 3).selectExpr("id % 7 as n", "concat('shop ', id % 5) as shop")
found = {
    "context": hasattr(session, "sparkContext"),
    "rows": driftcli.Profile.of("spark:select id from range(30)").summary().data.rows,
    "alike": driftcli.compare(numbers, numbers).exit_code,
    "others": driftcli.compare(numbers, numbers.where("n > 2")).exit_code,
}
print(json.dumps(found))
"""


@pytest.mark.skipif(not shutil.which("java"), reason="there is no Java")
@pytest.mark.skipif(not find_spec("grpc"), reason="pyspark[connect] is not installed")
def test_spark_connect_reads_frames_and_gives_the_bits_of_threads(tmp_path: Path) -> None:
    path, kept, own = (tmp_path / name for name in ("a.parquet", "a.profile", "own.profile"))
    pq.write_table(table(12_000), path, row_group_size=3_000)
    # In a process of its own: beside one that has a `SparkContext` PySpark makes no such session.
    done = subprocess.run(
        [sys.executable, "-c", _READ, path, kept],
        env=os.environ | {"PYSPARK_PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    assert found == {"context": False, "rows": 30, "alike": 0, "others": 1}
    driftcli.Profile.of(path).save(own)
    assert kept.read_bytes() == own.read_bytes()
