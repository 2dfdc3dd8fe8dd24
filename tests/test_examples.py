"""The examples come out as their pages say."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from transcripts import ROOT, check_sessions, shell

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "examples"
FOLDERS = sorted(path.parent.name for path in EXAMPLES.glob("*/README.md"))
DATA = sorted(
    path for path in EXAMPLES.glob("*/*") if path.name.endswith((".parquet", ".csv.gz", ".csv"))
)
#: What truly changed, known from how the data were made: (baseline, current) → drifted columns.
DRIFTED = {
    ("car-loans", "baseline.csv.gz", "current.csv.gz"): {
        "car_value",
        "driver_tenure",
        "loan_length",
        "repaid_loan_on_prev_car",
        "salary_range",
        "size_of_downpayment",
        "y_pred_proba",
    },
    ("car-loans", "baseline.csv.gz", "mixed-units.csv.gz"): {"car_value"},
    ("flights-season", "baseline.parquet", "current.parquet"): {
        "air_time",
        "arr_delay",
        "arr_time",
        "dep_delay",
        "dep_time",
    },
    ("random-split", "baseline.parquet", "current.parquet"): set(),
}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_page_shows_what_is_printed(folder: str, tmp_path: Path) -> None:
    copy = tmp_path / folder  # runs leave files
    shutil.copytree(EXAMPLES / folder, copy)
    check_sessions(EXAMPLES / folder / "README.md", copy)


@pytest.mark.parametrize("example", DRIFTED, ids="/".join)
def test_what_changed_drifts_and_nothing_else(example: tuple[str, str, str]) -> None:
    folder, baseline, current = example
    code, output = shell(f"drift compare {baseline} {current} --format json", EXAMPLES / folder)
    report = json.loads(output)
    drifted = {column["name"] for column in report["columns"] if column["status"] == "drift"}
    assert drifted == DRIFTED[example]
    assert report["verdict"] == ("drift" if drifted else "ok")
    assert code == report["exit_code"] == bool(drifted)


def test_chance_is_noted_where_nothing_changed() -> None:
    command = "drift compare baseline.parquet current.parquet --format json"
    report = json.loads(shell(command, EXAMPLES / "random-split")[1])
    assert {column["status"] for column in report["columns"]} == {"ok"}
    notes = {column["name"]: column["notes"] for column in report["columns"]}
    assert [each for each in notes["tailnum"] if "is within noise" in each]


def test_the_loans_have_lost_the_column_to_be_predicted() -> None:
    command = "drift compare baseline.csv.gz current.csv.gz --format json"
    report = json.loads(shell(command, EXAMPLES / "car-loans")[1])
    found = [(each["kind"], each["column"], each["status"]) for each in report["findings"]]
    assert found == [
        ("lost_column", "repaid", "drift"),
        ("read_as", "size_of_downpayment", "ok"),  # percentages, written as text
    ]


@pytest.mark.parametrize("path", DATA, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_of_data_is_compared_on_its_page(path: Path) -> None:
    assert path.name in (path.parent / "README.md").read_text("utf-8")


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_page_names_its_source_and_licence(folder: str) -> None:
    page = (EXAMPLES / folder / "README.md").read_text("utf-8")
    section = page.partition("## Source and licence\n")[2]
    assert re.search(r"package `\w+` [\d.]+", section)
    assert re.search(r"\b(CC0|Apache-2\.0|MIT)\b", section)


def test_the_index_lists_every_example() -> None:
    index = (EXAMPLES / "README.md").read_text("utf-8")
    assert re.findall(r"^\| \[([\w-]+)\]", index, re.MULTILINE) == FOLDERS


def test_the_data_stay_small() -> None:
    assert sum(path.stat().st_size for path in EXAMPLES.rglob("*.*")) < 2_500_000
