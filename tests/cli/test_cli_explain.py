"""`drift explain`: its exit codes, formats and options."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from cli_runs import CONTROL, Drift, write_csv

from driftcli.report.schemas import json_schema


def test_a_column_that_drifted_is_explained_with_exit_code_0(
    drift: Drift, base: str, moved: str
) -> None:
    ended = drift("explain", base, moved, "amount")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("base.csv (200 rows) → moved.csv (200 rows)\n\n✗ amount\n")
    for part in ("\nquantiles ", "\ndivergence ", "\nmoves ", "\nwitness ", "0 to 9 → 5 to 14"):
        assert part in ended.out


def test_the_help_says_that_it_does_not_judge(drift: Drift) -> None:
    ended = drift("explain", "--help")
    assert ended.code == 0
    assert "Explains and does not judge: exits with 0" in " ".join(ended.out.split())


def test_the_json_is_a_report_of_one_column_with_details(
    drift: Drift, base: str, moved: str
) -> None:
    ended = drift("explain", base, moved, "amount", "--format", "json")
    assert (ended.code, ended.err) == (0, "")
    document = json.loads(ended.out)
    jsonschema.validate(document, json_schema())
    (column,) = document["columns"]
    assert column["name"] == "amount"
    plan = column["details"]["transport"]
    assert plan["cost"] == pytest.approx(5)
    assert [move["distance"] for move in plan["moves"]] == pytest.approx([5])


def test_compare_tells_the_same_under_details(drift: Drift, base: str, moved: str) -> None:
    explained = json.loads(drift("explain", base, moved, "city", "-f", "json").out)
    compared = json.loads(drift("compare", base, moved, "--details", "-f", "json").out)
    plain = json.loads(drift("compare", base, moved, "-f", "json").out)
    details = {column["name"]: column["details"] for column in compared["columns"]}
    assert explained["columns"][0]["details"] == details["city"]
    assert all(details.values())
    assert not any(column["details"] for column in plain["columns"])


def test_an_unknown_column_is_an_error_that_names_the_nearest(
    drift: Drift, base: str, moved: str
) -> None:
    ended = drift("explain", base, moved, "amuont")
    assert ended.code == 2
    assert ended.err == "drift: no column 'amuont'; did you mean 'amount'?\n"
    assert not ended.out


def test_a_column_of_one_side_is_an_error_that_says_which(drift: Drift, base: str) -> None:
    other = write_csv("other.csv", {"amount": [1, 2], "town": ["a", "b"]})
    ended = drift("explain", base, other, "city")
    assert ended.code == 2
    assert "column 'city' is in the baseline only; --rename" in ended.err
    assert drift("explain", base, other, "city", "--rename", "town=city").code == 0


def test_the_name_is_no_glob(drift: Drift) -> None:
    data = write_csv("data.csv", {"a*": [1, 2], "ab": [3, 4]})
    document = json.loads(drift("explain", data, data, "a*", "-f", "json").out)
    assert [column["name"] for column in document["columns"]] == ["a*"]


def test_data_are_read_as_compare_reads_them(drift: Drift) -> None:
    rows = "".join(f"{index};{index},5\n" for index in range(9))
    for name in ("p.csv", "q.csv"):
        Path(name).write_text("id;x\n" + rows + "9;NA\n", encoding="utf-8")
    options = ("--delimiter", ";", "--decimal", ",", "--null", "NA")
    ended = drift("explain", "p.csv", "q.csv", "x", "-f", "json", "--sample", "5", *options)
    document = json.loads(ended.out)
    assert document["columns"][0]["kind"] == "numeric"
    assert document["baseline"]["sampled_rows"] == 5


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("amount", "--format", "jsn"), "--format 'jsn': did you mean 'json'?"),
        (("amount", "--rename", "x"), "--rename 'x': expected OLD=NEW"),
        (("amount", "--sample", "0"), "0 is less than 1"),
    ],
)
def test_wrong_usage_is_an_error(
    drift: Drift, base: str, moved: str, arguments: tuple[str, ...], message: str
) -> None:
    ended = drift("explain", base, moved, *arguments)
    assert ended.code == 2
    assert message in ended.err


def test_only_one_side_can_be_standard_input(drift: Drift) -> None:
    assert "only one side can be '-'" in drift("explain", "-", "-", "x").err


def test_the_picture_fits_the_width(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in (40, 60, 100):
        monkeypatch.setenv("COLUMNS", str(width))
        text = drift("explain", base, moved, "amount").out
        assert max(map(len, text.splitlines())) <= width
        assert not CONTROL.search(text)
