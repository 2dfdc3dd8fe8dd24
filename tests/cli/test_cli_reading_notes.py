"""What was guessed of how data is read: told apart from what a column holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import Drift

pytestmark = pytest.mark.slow

ROWS = "".join(f"{i};{i % 7}\n" for i in range(300))


def test_notes_on_files_are_not_counted_as_columns(
    drift: Drift, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    titled = f"Sales of the year\nid;n\n{ROWS}"
    Path("base.csv").write_text(titled)
    Path("new.csv").write_text(titled)
    told = drift("compare", "base.csv", "new.csv")
    assert "2 notes on how data is read" in told.out
    assert "mixed values" not in told.out
    found = json.loads(drift("compare", "base.csv", "new.csv", "-f", "json").out)["findings"]
    assert [each["kind"] for each in found if "passed over" in each["message"]] == ["reading"] * 2


def test_notes_on_columns_are_counted_as_such(
    drift: Drift, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("base.csv").write_text(f"id;n\n{ROWS}300;-\n")
    told = drift("compare", "base.csv", "base.csv")
    assert "1 column of mixed values" in told.out
    assert "how data is read" not in told.out
