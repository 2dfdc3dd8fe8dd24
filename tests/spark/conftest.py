"""One session of Spark for all tests, with two executors: they are run in one process."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

sys.path.append(str(Path(__file__).parents[1] / "engine"))

MASTER = "local-cluster[2,1,1400]"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def pyspark() -> Any:
    return pytest.importorskip("pyspark", reason="PySpark is not installed")


@pytest.fixture(scope="session")
def spark(pyspark: Any, request: pytest.FixtureRequest) -> Iterator[Any]:
    if not shutil.which("java"):
        pytest.skip("there is no Java")
    if "PYTEST_XDIST_WORKER" in os.environ:
        pytest.skip("Spark takes one process: pytest tests/spark")
    from driftcli.source import spark_sessions

    with pytest.MonkeyPatch.context() as patch:
        # Executors have the keys of a store from the environment in which they start.
        store = request.getfixturevalue("s3_server") if find_spec("moto") else None
        for name, value in (store.environment if store else {}).items():
            patch.setenv(name, value)
        session = spark_sessions.started(MASTER)
    # From here on it is one at hand, which is left standing.
    spark_sessions._own.clear()
    yield session
    session.stop()
