"""What tests of engines share."""

from __future__ import annotations

from typing import Any

import pytest
from everything import written


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written(tmp_path_factory.mktemp("data"))
