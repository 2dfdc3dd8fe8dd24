"""Identifiers whose names begin otherwise than before, though they have the same form."""

from pathlib import Path

import pyarrow as pa
import pytest

import driftcli


def keys(prefix: str, first: int = 0) -> pa.Table:
    names = [f"{prefix}{number:05d}" for number in range(first, first + 300)]
    return pa.table({"key": names, "amount": [number % 7 for number in range(300)]})


def test_other_keys_of_the_same_form_are_a_warning() -> None:
    report = driftcli.compare(keys("n"), keys("m"))
    (finding,) = report.findings
    assert (finding.kind, finding.column, finding.status) == ("other_prefix", "key", "warn")
    assert finding.message == "`key`: all values began with 'n', and begin with 'm' now"
    assert (report.verdict, report.exit_code) == ("warn", 0)


@pytest.mark.parametrize(
    ("before", "after"),
    [("n", "n"), ("ORD-", "ORD-"), ("", "m"), ("n", ""), ("ORD-2025-", "ORD-2026-")],
)
def test_new_keys_of_the_same_kind_are_none(before: str, after: str) -> None:
    report = driftcli.compare(keys(before), keys(after, first=300))
    assert "other_prefix" not in {each.kind for each in report.findings}


def test_a_column_that_names_no_rows_is_judged_by_its_values() -> None:
    repeated = pa.table({"key": [f"a{number % 40}" for number in range(400)]})
    other = pa.table({"key": [f"b{number % 40}" for number in range(400)]})
    report = driftcli.compare(repeated, other)
    assert report.verdict == "drift"
    assert report.findings == ()


def test_hashed_names_tell_nothing(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden.profile"
    driftcli.Profile.of(keys("n")).save(hidden, redact=True)
    assert driftcli.compare(hidden, keys("m")).findings == ()
