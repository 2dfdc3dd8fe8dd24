"""A column whose name is empty, as pandas writes its index under, is a column everywhere."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Drift

from driftcli.history import open_history

LATER = str(datetime.now(UTC).date() + timedelta(days=30))


@pytest.fixture(autouse=True)
def _data() -> None:
    def write(name: str, shift: int, *, unnamed: bool = True, renamed: str = "") -> None:
        rows = [(f"{at % 10 + shift}", f"{'abc'[at % 3]}") for at in range(400)]
        lines = [(renamed, "city"), *rows] if unnamed else [("city",), *(row[1:] for row in rows)]
        Path(name).write_text("".join(f"{','.join(line)}\n" for line in lines))

    write("base.csv", 0)
    write("moved.csv", 5)
    write("lost.csv", 0, unnamed=False)
    write("named.csv", 0, renamed="idx")


def report(drift: Drift, *arguments: str) -> dict[str, Any]:
    ended = drift("compare", *arguments, "--format", "json")
    assert ended.err == ""
    document: dict[str, Any] = json.loads(ended.out)
    return document


def test_lost_it_is_drift_in_every_format(drift: Drift) -> None:
    assert drift("compare", "base.csv", "lost.csv").code == 1
    assert report(drift, "base.csv", "lost.csv")["verdict"] == "drift"
    table = drift("compare", "base.csv", "lost.csv", "--format", "markdown").out
    assert "lost column `''` (int64)" in table
    page = drift("compare", "base.csv", "lost.csv", "--format", "html").out
    assert "lost column <code>&#39;&#39;</code> (int64)" in page
    cases = ET.fromstring(drift("compare", "base.csv", "lost.csv", "--format", "junit").out)
    assert [each.get("name") for each in cases.iter("testcase")] == [
        *("verdict", "lost column ''", "column city")
    ]
    log = json.loads(drift("compare", "base.csv", "lost.csv", "--format", "sarif").out)
    (found,) = log["runs"][0]["results"]
    assert found["locations"][0]["logicalLocations"][0]["name"] == "''"


def test_it_is_an_output_of_github(drift: Drift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "outputs")
    drift("compare", "base.csv", "lost.csv", "--format", "github")
    assert '\n[""]\n' in Path("outputs").read_text()


@pytest.mark.parametrize(
    ("options", "names", "code"),
    [
        ((), {"", "city"}, 1),
        (("--exclude", ""), {"city"}, 0),
        (("--columns", ""), {""}, 1),
        (("--columns", ","), {""}, 1),
        (("--columns", ",city,"), {"city"}, 0),
        (("--threshold", ".wasserstein=9", "-t", ".js_distance=off", "-t", ".kl=off"), None, 0),
    ],
)
def test_options_can_name_it(
    drift: Drift, options: tuple[str, ...], names: set[str] | None, code: int
) -> None:
    found = report(drift, "base.csv", "moved.csv", *options)
    assert {each["name"] for each in found["columns"]} == (names or {"", "city"})
    assert found["exit_code"] == code


def test_it_can_be_renamed_both_ways(drift: Drift) -> None:
    assert report(drift, "base.csv", "named.csv")["exit_code"] == 1
    assert report(drift, "base.csv", "named.csv", "--rename", "idx=")["findings"] == []
    assert report(drift, "named.csv", "base.csv", "--rename", "=idx")["findings"] == []


def test_it_can_be_explained_and_make_segments(drift: Drift) -> None:
    assert "mean 4.5 → 9.5" in drift("explain", "base.csv", "moved.csv", "").out
    found = report(drift, "base.csv", "moved.csv", "--by", "")
    assert found["segments"]["by"] == [""]


def test_checks_record_it_and_people_accept_it(drift: Drift) -> None:
    Path("drift.toml").write_text('[checks.a]\nbaseline = "base.csv"\ncurrent = "lost.csv"\n')
    ended = drift("run")
    assert (ended.code, ended.out.splitlines()[0]) == (1, "✗ a  drift  1 of 2 columns: ''")
    with open_history("drift-history.db") as history:
        assert history.column_runs("a", "")[""][0].status == "drift"
    done = drift("accept", "a", "", "--until", LATER, "--why", "goes away")
    assert (done.code, done.err) == (0, f"drift: accepted a: '' until {LATER}\n")
    assert drift("run").code == 0
    assert "accepted until" in drift("history", "a", "--column", "").out
    assert drift("accept", "a", "", "--revoke").err == "drift: revoked a: ''\n"
