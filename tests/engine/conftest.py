"""What tests of engines share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import chores
import pytest
from everything import written

from driftcli.engine import children
from driftcli.engine.children import Children


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written(tmp_path_factory.mktemp("data"))


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Children]:
    """Return children of which one is there, which alone works."""
    made = Children()
    monkeypatch.setattr(children, "_OURS", made)
    with made.kept():
        made.start(1, 0)
        assert made.work(chores.where, None) == made.pids[0]
        yield made


@pytest.fixture
def both(pool: Children) -> Children:
    """Return the same beside a thread of this process."""
    pool._free.put(None)
    return pool
