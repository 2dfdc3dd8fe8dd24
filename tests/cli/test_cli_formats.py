"""The formats that other programs read, named by a suffix."""

from __future__ import annotations

from pathlib import Path

import pytest
from cli_runs import Drift, Ended


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("r.jsonl", '{"event":"run","schema":"drift.log/1"'),
        ("r.xml", '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites '),
        ("r.sarif", '{\n  "$schema": "https://json.schemastore.org/sarif-2.1.0.json"'),
        ("r.prom", "# HELP drift_info "),
    ],
)
def test_the_suffix_tells_the_format(drift: Drift, base: str, name: str, start: str) -> None:
    assert drift("compare", base, base, "-o", name) == Ended(0, "", f"drift: wrote {name}\n")
    assert Path(name).read_text("utf-8").startswith(start)
