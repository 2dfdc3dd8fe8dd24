"""What tests of engines share."""

from __future__ import annotations

from typing import Any

import pytest
from everything import written

from driftcli.engine import columns, group_reading
from driftcli.source import arrow_files, memory, parquet, records, typed


@pytest.fixture
def in_many_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have small files read in very many pieces, the columns of Parquet apart."""
    monkeypatch.setattr(columns, "LEAF_ROWS", 200)
    monkeypatch.setattr(columns, "LEAF_BYTES", 20_000)
    monkeypatch.setattr(group_reading, "LEAF_ROWS", 200)
    monkeypatch.setattr(group_reading, "LEAF_BYTES", 20_000)
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 8_000)
    monkeypatch.setattr(parquet, "STREAM_ROWS", 150)
    monkeypatch.setattr(records, "CHUNK_BYTES", 20_000)
    monkeypatch.setattr(arrow_files, "FRAGMENT_BYTES", 8_000)
    monkeypatch.setattr(memory, "FRAGMENT_ROWS", 200)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written(tmp_path_factory.mktemp("data"))
