"""What all tests share: Hypothesis draws the same examples in every run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from object_stores import S3, close_stores, served_s3
from postgres import PASSWORD, served

from driftcli import text
from driftcli.engine import columns, group_reading
from driftcli.source import arrow_files, memory, parquet, records, typed

settings.register_profile(
    "repeatable",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


@pytest.fixture(autouse=True)
def nothing_hidden() -> Iterator[None]:
    """Forget what other tests gave as secrets: a process remembers it, to hide it."""
    yield
    text._hidden.clear()


@pytest.fixture(scope="session", autouse=True)
def _nothing_leaves_this_machine() -> Iterator[None]:
    """Have no address that lacks its server lead to a cloud."""
    with pytest.MonkeyPatch.context() as patch:
        close_stores(patch)
        yield


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """An S3 server that lives as long as the tests."""
    pytest.importorskip("moto")
    with served_s3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(s3_server: S3, monkeypatch: pytest.MonkeyPatch) -> S3:
    """The server with an empty bucket `lake`, and its keys in the environment."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    s3_server.empty("lake")
    return s3_server


@pytest.fixture
def in_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have small files read in very many pieces, the columns of Parquet apart."""
    for reading in (columns, group_reading):
        monkeypatch.setattr(reading, "LEAF_ROWS", 200)
        monkeypatch.setattr(reading, "LEAF_BYTES", 20_000)
    monkeypatch.setattr(group_reading, "MOST_RUNS", 2)
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 8_000)
    monkeypatch.setattr(parquet, "STREAM_ROWS", 150)
    monkeypatch.setattr(records, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(arrow_files, "FRAGMENT_BYTES", 8_000)
    monkeypatch.setattr(memory, "FRAGMENT_ROWS", 200)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests."""
    pytest.importorskip("adbc_driver_postgresql")
    with served() as address:
        yield address


@pytest.fixture
def database(
    postgresql: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """The address of a database, whose password the environment has, and what runs SQL in it."""
    psycopg = pytest.importorskip("psycopg")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with psycopg.connect(postgresql, autocommit=True) as opened:
        opened.execute("drop schema public cascade; create schema public")
        yield postgresql, opened.execute
