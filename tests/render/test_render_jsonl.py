"""JSON Lines: each line is JSON of its own, with the fields of the JSON report."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from render_reports import HOSTILE, HOSTILE_REPORT, PASSED, REPORTS, RICH, column, report, score
from test_render_escape import ANY, unhurried, with_text

from driftcli.render import DEFAULT_LOOK, Look, render
from driftcli.report.comparison import Report


def events(found: Report, look: Look = DEFAULT_LOOK) -> list[dict[str, Any]]:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    text = render(found, "jsonl", look)
    assert text.endswith("\n")
    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def kinds(lines: list[dict[str, Any]]) -> list[str]:
    return [line["event"] for line in lines]


@pytest.mark.parametrize("name", REPORTS)
def test_every_line_can_be_read_without_the_others(name: str) -> None:
    found = REPORTS[name]
    about = ("drift.log/1", found.verdict, found.baseline.source)
    for line in events(found, Look(show_all=True)):
        assert (line["schema"], line["verdict"], line["baseline"]) == about
        assert line["current"]


def test_the_run_comes_first_then_what_is_not_ok() -> None:
    lines = events(RICH)
    assert kinds(lines) == ["run"] + ["column"] * 6 + ["finding"] * 3
    assert lines[0]["exit_code"] == 1
    assert lines[0]["rows"] == {"baseline": 1_212_000, "current": 13_500}
    assert lines[0]["summary"] == RICH.to_dict()["summary"]
    assert {line["status"] for line in lines[1:]} == {"drift", "warn", "inconclusive", "skipped"}


def test_all_columns_have_lines_when_asked_for() -> None:
    assert kinds(events(PASSED)) == ["run", "column"]  # one is skipped
    assert kinds(events(PASSED, Look(show_all=True))) == ["run"] + ["column"] * 6


def test_a_column_has_its_scores_as_in_the_json_report() -> None:
    carrier = next(line for line in events(RICH) if line.get("column") == "carrier")
    told = next(each for each in RICH.to_dict()["columns"] if each["name"] == "carrier")
    assert carrier["scores"] == told["scores"]
    infinite = next(score for score in carrier["scores"] if score["metric"] == "kl")
    assert (infinite["value"], infinite["infinite"]) == (None, True)


def test_scores_that_are_not_gated_are_there_when_asked_for() -> None:
    told = {line.get("column"): line for line in events(RICH, Look(show_all=True))}
    assert [score["gated"] for score in told["time_hour"]["scores"]] == [False] * 3 + [True]
    found = report((column("a", "drift", scores=(score("kl", 0.5), score("psi", 0.5, None))),))
    assert [each["metric"] for each in events(found)[1]["scores"]] == ["kl"]


def test_a_finding_is_that_of_the_json_report() -> None:
    lost = next(line for line in events(RICH) if line["event"] == "finding")
    assert RICH.to_dict()["findings"][0].items() <= lost.items()


def test_names_from_data_are_whole() -> None:
    assert events(HOSTILE_REPORT)[1]["column"] == HOSTILE


def test_lines_are_ascii_for_a_terminal_that_is() -> None:
    assert render(RICH, "jsonl", Look(ascii_only=True)).isascii()


@unhurried
@given(ANY)
def test_any_text_is_one_line_of_printable_characters(text: str) -> None:
    shown = render(with_text(text), "jsonl", Look(show_all=True))
    assert all(line.isprintable() for line in shown.split("\n"))
    assert kinds(events(with_text(text))) == ["run", "column", "column", "finding"]
