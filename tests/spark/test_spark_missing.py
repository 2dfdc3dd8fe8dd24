"""Where there is no Spark to be had: one line, in seconds."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from driftcli.engine.versions import Versions
from driftcli.errors import EngineError
from driftcli.source import spark_sessions
from driftcli.source.spark_names import is_frame, is_table


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
    from driftcli.engine.spark import _asking

    (batch,) = _asking()([])
    (row,) = batch.to_pylist()
    assert Versions.here() == Versions(row["drift"], row["python"], row["arrow"])


def test_names_of_tables_are_no_addresses() -> None:
    assert is_table("spark:main.shop.orders")
    assert not is_table("spark://host:7077")
    assert not is_table("./spark:x")
    assert not is_frame([1])
