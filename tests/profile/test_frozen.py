"""A profile that version 0.1.0 saved in format 1 stays readable, and no verdict turns on it.

`frozen/` holds that profile of 600 rows, a redacted one of the same rows, and two datasets of the
same columns: in `calm` nothing changed, in `moved` the prices rose by half.
"""

from pathlib import Path

import pytest

import driftcli

FROZEN = Path(__file__).with_name("frozen")


@pytest.mark.parametrize("name", ["format-1.profile", "format-1-redacted.profile"])
class TestOldProfiles:
    def test_it_finds_nothing_where_nothing_changed(self, name: str) -> None:
        report = driftcli.compare(FROZEN / name, FROZEN / "calm.parquet")
        assert report.exit_code == 0
        assert report.verdict in ("ok", "inconclusive")

    def test_it_finds_what_changed(self, name: str) -> None:
        report = driftcli.compare(FROZEN / name, FROZEN / "moved.parquet")
        assert report.exit_code == 1
        assert [each.name for each in report.columns if each.status == "drift"] == ["price"]
