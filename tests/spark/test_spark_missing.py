"""Where there is no Spark to be had: one line, in seconds."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dask_cluster import environment

from driftcli.engine.versions import Versions
from driftcli.errors import EngineError
from driftcli.source import spark_sessions
from driftcli.source.spark_names import is_frame, is_table


@pytest.fixture
def java() -> None:
    if not shutil.which("java"):
        pytest.skip("there is no Java")


@contextmanager
def answering(words: bytes) -> Iterator[int]:
    """Have a server answer whatever is said to it."""

    def serve() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(64)
            connection.sendall(words)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


def test_a_master_that_does_not_answer_is_told_of(pyspark: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(EngineError) as caught:
        spark_sessions.started(f"spark://127.0.0.1:{port}")
    assert str(caught.value) == (
        f"spark://127.0.0.1:{port}: no Spark master answers there within 5 s; check the address,"
        " and that the master runs"
    )


def test_another_server_in_its_place_is_told_of(pyspark: Any) -> None:
    with answering(b"HTTP/1.0 200 OK\r\n") as port, pytest.raises(EngineError) as caught:
        spark_sessions.started(f"spark://127.0.0.1:{port}")
    assert "what answers there is no Spark master" in str(caught.value)


def test_without_java_it_is_said_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pyspark: Any
) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineError) as caught:
        spark_sessions.started("local-cluster[2,1,1400]")
    assert str(caught.value) == (
        "local-cluster[2,1,1400]: this needs Java 17 or later, and there is none here; on Debian"
        " or Ubuntu, apt-get install openjdk-17-jre-headless"
    )
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match=r"and JAVA_HOME is .*, which has none"):
        spark_sessions.started()


def test_without_pyspark_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(EngineError, match=r"^spark: this needs pyspark; .* install "):
        spark_sessions.started()


def test_what_executors_have_is_held_against_what_is_here(pyspark: Any) -> None:
    from driftcli.engine.spark_executors import asking_versions

    (batch,) = asking_versions()([])
    (row,) = batch.to_pylist()
    assert Versions.here() == Versions(row["drift"], row["python"], row["arrow"])


def run(*asked: str, **environment: str) -> tuple[int, str]:
    """Return how a command ends that starts a Spark of its own, and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "driftcli", *asked],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stderr


@pytest.fixture
def table(tmp_path: Path, java: None) -> str:
    pq.write_table(pa.table({"x": range(9)}), tmp_path / "a.parquet")
    return str(tmp_path / "a.parquet")


def test_executors_without_the_package_are_refused(
    table: str, tmp_path: Path, pyspark: Any
) -> None:
    bare = environment(tmp_path)
    asked = ("show", table, "--engine", "local-cluster[1,1,1400]")
    code, said = run(*asked, PYSPARK_PYTHON=bare)
    told = r"local-cluster\[1,1,1400\]: the executor on \S+ has no driftcli; run there: pip install"
    assert re.search(told, " ".join(said.split())), said
    assert code == 2


def test_another_python_of_executors_is_refused(table: str, tmp_path: Path, pyspark: Any) -> None:
    python = environment(tmp_path)
    (own,) = Path(python).parents[1].glob("lib/python*/site-packages")
    (own / "sitecustomize.py").write_text(
        "import collections, sys\n"
        "names = 'major minor micro releaselevel serial'\n"
        "sys.version_info = collections.namedtuple('V', names)(3, 9, 1, 'final', 0)\n"
    )
    asked = ("show", table, "--engine", "local-cluster[1,1,1400]")
    code, said = run(*asked, PYSPARK_PYTHON=python)
    here = ".".join(map(str, sys.version_info[:2]))
    assert " ".join(said.split()).endswith(
        f"local-cluster[1,1,1400]: executors run Python 3.9, and here is {here}; let PYSPARK_PYTHON"
        f" name a Python {here} that they have, with driftcli in it"
    ), said
    assert code == 2


def test_a_master_that_gives_no_executors_is_not_waited_for(
    table: str, tmp_path: Path, pyspark: Any
) -> None:
    # An executor is to have more cores than the only worker has.
    (tmp_path / "spark-defaults.conf").write_text(
        "spark.executor.cores 2\nspark.scheduler.maxRegisteredResourcesWaitingTime 4s\n"
    )
    asked = ("show", table, "--engine", "local-cluster[1,1,1024]")
    code, said = run(*asked, SPARK_CONF_DIR=str(tmp_path))
    assert code == 2
    told = "local-cluster[1,1,1024]: Spark has no executors, and got none in 4 s; see that"
    assert told in " ".join(said.split())


def test_options_of_java_that_the_user_set_are_kept_and_come_last() -> None:
    there: dict[str, str] = {}
    given = SimpleNamespace(get=lambda key, _: f"-Dby.user={key}")
    java: Any = SimpleNamespace(
        java=SimpleNamespace(
            lang=SimpleNamespace(System=SimpleNamespace(setProperty=there.__setitem__))
        ),
        org=SimpleNamespace(apache=SimpleNamespace(spark=SimpleNamespace(SparkConf=lambda: given))),
    )
    first, *_, last = spark_sessions._unchecked(java).split()
    assert first == "-Darrow.enable_unsafe_memory_access=true"
    assert last == "-Dby.user=spark.executor.extraJavaOptions"
    assert there["arrow.enable_unsafe_memory_access"] == "true", "executors may be in the driver"


def test_names_of_tables_are_no_addresses() -> None:
    assert is_table("spark:main.shop.orders")
    assert not is_table("spark://host:7077")
    assert not is_table("./spark:x")
    assert not is_frame([1])
