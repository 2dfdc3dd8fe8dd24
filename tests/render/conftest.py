"""Golden files: `DRIFT_UPDATE_GOLDEN=1 pytest tests/render` writes them anew; review the diff."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def check_golden() -> Callable[[str, str], None]:
    """Return a function that compares a text with the golden file of a name."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get("DRIFT_UPDATE_GOLDEN"):
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text.encode())
        assert text == path.read_bytes().decode(), f"{name}: see {__doc__}"

    return check
