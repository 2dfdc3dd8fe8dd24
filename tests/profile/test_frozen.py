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

    def test_columns_are_what_they_were_and_that_is_noted(self, name: str) -> None:
        """Neither lengths nor forms are in it, so that text stays what it was taken for."""
        report = driftcli.compare(FROZEN / name, FROZEN / "calm.parquet")
        columns = {each.name: each for each in report.columns}
        for each in (columns["order"], columns["comment"]):
            assert (each.kind, each.identifier, each.status) == ("categorical", True, "ok")
            assert "a profile of an earlier version lacks its form" in each.notes[0]
            assert {score.metric for score in each.scores if score.gated} == {"missing"}
        now = driftcli.compare(FROZEN / "calm.parquet", FROZEN / "calm.parquet")
        assert {each.name: each.kind for each in now.columns}["comment"] == "text"


def test_the_row_index_of_pandas_in_an_old_profile_is_no_lost_column() -> None:
    """Version 0.1.0 took it for a column, and now it is none of the data."""
    report = driftcli.compare(
        FROZEN / "format-1-pandas-index.profile", FROZEN / "pandas-index.parquet"
    )
    assert (report.exit_code, report.findings) == (0, ())
    assert [each.name for each in report.columns] == ["v"]
