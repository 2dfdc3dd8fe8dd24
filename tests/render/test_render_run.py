"""Runs of checks as people and programs see them, word for word."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from render_joints import JOINTS
from render_reports import HOSTILE, HOSTILE_REPORT, MANY, PASSED, RICH, SURROGATE, WARNED

from driftcli.render import FORMATS, Look, render
from driftcli.render.terminal.text import cell_len
from driftcli.report.columns import Waiver
from driftcli.report.comparison import Finding, Report
from driftcli.report.digits import rounded
from driftcli.report.history import Outcome
from driftcli.report.run import OUTCOMES, CheckReport, Run
from driftcli.report.schemas import json_schema

Check = Callable[[str, str], None]
STALE = Finding(
    kind="stale",
    column=None,
    status="drift",
    message="newest row is 3 days old: `at` 2025-02-26T04:10:00, max_age 1d",
)


def check(name: str, report: Report | None, **more: Any) -> CheckReport:
    outcome: Outcome = report.verdict if report else "error"
    fields: dict[str, Any] = {
        "outcome": outcome,
        "exit_code": report.exit_code if report else 2,
        "baseline": "base.parquet",
        "current": "lake/day=2025-03-02/",
        **more,
    }
    return CheckReport(
        check=name,
        day="2025-03-02",
        started="2025-03-02T05:00:00+00:00",
        finished="2025-03-02T05:00:01.234000+00:00",
        seconds=1.234,
        report=report,
        **fields,
    )


def run(*checks: CheckReport) -> Run:
    return Run(
        version="0.0",
        outcome=min((each.outcome for each in checks), key=OUTCOMES.index),
        exit_code=max(each.exit_code for each in checks),
        config="drift.toml",
        history="drift-history.db",
        started="2025-03-02T05:00:00+00:00",
        finished="2025-03-02T05:00:09+00:00",
        checks=checks,
    )


MISSING = "lake/returns/day=2025-03-02/: no such file or directory. Check the address."
MIXED = run(
    check("orders", RICH, since="2025-02-28", runs=3),
    check("prices", PASSED, since="2025-02-01", runs=30),
    check("returns", None, error=MISSING, since="2025-03-01", runs=2, attempts=31),
    check("stock", structs.replace(PASSED, findings=(STALE,), verdict="drift", exit_code=1)),
    check(
        "weather",
        structs.replace(WARNED, exit_code=0),
        expired={"temp_*": Waiver(until="2025-03-01", why="new sensors", by="ann")},
        problems=("reports/weather.html: cannot be written: no space left on device",),
        exit_code=2,
    ),
)
RUNS = {
    "mixed": MIXED,
    "passed": run(check("orders", PASSED), check("prices", PASSED)),
    "one": run(check("orders", PASSED)),
    "pairs": run(
        check("flats", PASSED, joint=JOINTS["passed"]),
        check("houses", RICH, joint=JOINTS["drift"], since="2025-02-28", runs=3),
        check(
            "ring", PASSED, joint=JOINTS["drift"], outcome="drift", exit_code=1, since="2025-02-28"
        ),
        check("lots", PASSED, joint=JOINTS["unjudged"], outcome="unjudged", exit_code=2),
        check("rooms", PASSED, joint=JOINTS["waived"]),
    ),
    "hostile": run(
        check(HOSTILE, HOSTILE_REPORT, baseline=HOSTILE, current=SURROGATE),
        check("b", None, error=f"{HOSTILE}{SURROGATE}", current=HOSTILE),
    ),
}
SUFFIXES = {"json": "json", "jsonl": "jsonl", "prometheus": "prom"}


@pytest.mark.parametrize("width", [120, 80, 40])
@pytest.mark.parametrize("name", RUNS)
def test_the_table_at_each_width(name: str, width: int, check_golden: Check) -> None:
    check_golden(f"run-{name}-{width}.txt", render(RUNS[name], look=Look(width=width)))


def test_the_table_in_colour_with_durations(check_golden: Check) -> None:
    look = Look(width=100, color=True, timed=True)
    check_golden("run-mixed-color-100.ansi", render(MIXED, look=look))


def test_the_table_in_ascii(check_golden: Check) -> None:
    look = Look(width=100, ascii_only=True)
    text = render(MIXED, look=look)
    check_golden("run-mixed-ascii-100.txt", text)
    assert text.isascii()


@pytest.mark.parametrize("form", SUFFIXES)
@pytest.mark.parametrize("name", ["mixed", "pairs", "hostile"])
def test_the_documents(name: str, form: str, check_golden: Check) -> None:
    check_golden(f"run-{name}.{SUFFIXES[form]}", render(RUNS[name], form))


def test_every_format_is_checked() -> None:
    assert {"table", *SUFFIXES} == set(FORMATS["run"])


@pytest.mark.parametrize("name", RUNS)
def test_the_json_is_what_the_schema_says(name: str) -> None:
    document = json.loads(render(RUNS[name], "json"))
    jsonschema.validate(document, json.loads(json.dumps(json_schema("run"))))


def test_the_json_holds_all_of_it_but_for_digits_beyond_the_ninth() -> None:
    assert msgspec.json.decode(render(MIXED, "json"), type=Run) == rounded(MIXED)


def test_the_jsonl_has_a_line_a_check() -> None:
    lines = [json.loads(line) for line in render(MIXED, "jsonl").splitlines()]
    assert [line["check"] for line in lines] == [each.check for each in MIXED.checks]
    assert lines[3]["findings"] == [msgspec.to_builtins(STALE)]


@pytest.mark.parametrize("show_all", [False, True])
def test_reports_follow_of_what_failed_or_of_all(show_all: bool) -> None:
    text = render(MIXED, look=Look(show_all=show_all))
    headings = [line.split()[1] for line in text.splitlines() if line.startswith("── ")]
    names = ["orders", "prices", "stock", "weather"] if show_all else ["orders", "stock"]
    assert headings == names


def test_brief_is_a_line_a_check() -> None:
    lines = render(MIXED, look=Look(brief=True)).splitlines()
    assert lines == [*render(MIXED).split("\n── ")[0].splitlines(), "", lines[-1]]
    assert lines[-1].startswith("✗ 5 checks: ")
    assert render(MIXED, look=Look(brief=True, show_all=True)).splitlines() == lines


@given(width=st.integers(20, 200), timed=st.booleans(), plain=st.booleans())
def test_no_line_is_wider_than_the_terminal(width: int, timed: bool, plain: bool) -> None:
    look = Look(width=width, timed=timed, ascii_only=plain)
    small = run(check("orders", MANY), check("returns", None, error=MISSING * 3))
    widest = max(cell_len(line) for line in render(small, look=look).splitlines())
    # The head of a line and so much of its text as can still be read are always there.
    assert widest <= max(width, 2 + len("returns") + 2 + len("error") + 2 + 20 + 2 + len("1.2 s"))
