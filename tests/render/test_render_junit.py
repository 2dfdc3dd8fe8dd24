"""JUnit XML, as the schema of Jenkins' plugin and a parser of its own have it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite
from msgspec import structs
from render_reports import (
    HOSTILE,
    HOSTILE_REPORT,
    INCONCLUSIVE,
    PASSED,
    REPORTS,
    RICH,
    column,
    dataset,
    report,
)
from test_render_escape import ANY, unhurried, with_text

from driftcli.render import DEFAULT_LOOK, Look, render
from driftcli.report.comparison import Finding, Report
from driftcli.text import visible

ALL = Look(show_all=True)


@cache
def schema() -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(Path(__file__).parent / "schemas" / "junit-10.xsd")


def suite(found: Report, look: Look = DEFAULT_LOOK) -> TestSuite:
    (read,) = JUnitXml.fromstring(render(found, "junit", look).encode())
    return read


def cases(found: Report, look: Look = DEFAULT_LOOK) -> dict[str, TestCase]:
    return {case.name: case for case in suite(found, look)}


def ended(case: TestCase) -> type | None:
    (result,) = case.result or [None]
    return result and type(result)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("look", [Look(), ALL], ids=["changed", "all"])
def test_the_schema_holds(name: str, look: Look) -> None:
    schema().validate(render(REPORTS[name], "junit", look))


@pytest.mark.parametrize("name", REPORTS)
def test_the_counts_are_those_of_the_cases(name: str) -> None:
    read = suite(REPORTS[name])
    results = [ended(case) for case in read]
    assert (read.tests, read.failures, read.skipped, read.errors) == (
        len(results),
        results.count(Failure),
        results.count(Skipped),
        results.count(Error),
    )
    assert read.time == 0


def test_the_verdict_the_findings_and_the_columns_are_cases() -> None:
    assert {name: ended(case) for name, case in cases(RICH).items()} == {
        "verdict": Failure,
        "lost column weather_delay": Failure,
        "invalid values amount": Failure,
        "new column gate": None,
        "column dep_delay": Failure,
        "column carrier": Failure,
        "column arrival_delay_in_minutes_at_the_destination_airport": Failure,
        "column air_time": None,
        "column tailnum": Skipped,
        "column time_hour": None,
        "column flight_id": None,
        "column distance": None,
        "column humidity": None,
        "column wind_speed": None,
        "column route_points": Skipped,
    }


def test_a_failure_says_why_and_by_which_scores() -> None:
    (failure,) = cases(RICH)["column carrier"].result
    assert failure.message == "category 'EV' 15 % → 0 %, new: 'YX' 12 %"
    assert failure.type == "drift"
    assert failure.text.splitlines()[:4] == [
        "category 'EV' 15 % → 0 %, new: 'YX' 12 %",
        "js_distance 0.188 ▲, drifts from 0.1, chance alone reaches 0.0289, p 4.2e-40",
        "wasserstein 0.151 ▲, drifts from 0.1, chance alone reaches 0.0271, p 4.2e-40",
        "kl ∞ ▲, drifts from 0.1, chance alone reaches 0.0034, p 4.2e-40",
    ]


def test_what_was_not_judged_is_skipped_with_the_reason() -> None:
    told = cases(RICH)
    (inconclusive,) = told["column tailnum"].result
    assert inconclusive.type == "inconclusive"
    assert inconclusive.message.endswith("about 260,000 rows a side would tell")
    (skipped,) = told["column route_points"].result
    assert (skipped.type, skipped.message) == ("skipped", "a list cannot be compared")


def test_a_warning_passes_and_is_told() -> None:
    told = cases(RICH)
    assert told["column air_time"].system_out.startswith("sd 93.7 → 101\njs_distance 0.0710 △, ")
    assert told["new column gate"].system_out.startswith("new column `gate` (string)")


def test_unchanged_columns_have_scores_when_asked_for() -> None:
    assert cases(PASSED)["column humidity"].system_out is None
    assert "kl <0.0001, drifts from 0.1" in cases(PASSED, ALL)["column humidity"].system_out


def test_the_verdict_fails_when_the_exit_code_does() -> None:
    assert ended(cases(INCONCLUSIVE)["verdict"]) is None
    strict = structs.replace(INCONCLUSIVE, exit_code=1)
    (failure,) = cases(strict)["verdict"].result
    assert failure.message.startswith("inconclusive: 6 columns compared")


def test_a_finding_that_is_ok_is_a_case_with_all_only() -> None:
    remark = Finding(kind="type_change", column="a", status="ok", message="`a`: type int32 → int64")
    found = report((), (remark,))
    assert list(cases(found)) == ["verdict"]
    assert cases(found, ALL)["type change a"].system_out == "`a`: type int32 → int64"


def test_rows_and_settings_are_properties() -> None:
    settings = {"fail_on": "warn", "alpha": 0.01, "metrics": None, "ignore": ["a*"]}
    found = report(
        (),
        settings=settings,
        baseline=dataset("a.csv", 9, sampled_rows=5),
        current=dataset("b.csv", 8),
    )
    assert {each.name: each.value for each in suite(found).properties()} == {
        "version": "0.1.0",
        "verdict": "ok",
        "exit_code": "0",
        "baseline.source": "a.csv",
        "baseline.rows": "9",
        "baseline.sampled_rows": "5",
        "current.source": "b.csv",
        "current.rows": "8",
        "settings.fail_on": "warn",
        "settings.alpha": "0.01",
        "settings.metrics": "null",
        "settings.ignore": '["a*"]',
    }


def test_the_history_of_a_case_is_that_of_the_baseline() -> None:
    today = report(PASSED.columns, current=dataset("day=2.parquet", 9))
    identities = [[(case.classname, case.name) for case in suite(each)] for each in (PASSED, today)]
    assert identities[0] == identities[1]
    assert identities[0][0][0] == "drift.flights-summer_parquet"
    assert suite(today).name == "flights-summer.parquet → day=2.parquet"


def test_names_from_data_are_visible_and_whole() -> None:
    names = list(cases(HOSTILE_REPORT))
    assert names[2] == f"column {visible(HOSTILE)}"
    assert names[4] == "column " + "x" * 10_000


def test_text_from_data_attaches_no_file() -> None:
    trap = "[[ATTACHMENT|../secret.txt]]"
    found = report((column("a", "drift", reasons=(trap,)), column("b", notes=(trap,))))
    told = cases(found, ALL)
    assert "[[" not in told["column a"].result[0].text
    assert "[[" not in told["column b"].system_out


@unhurried
@given(ANY)
def test_any_text_is_as_many_cases_of_printable_text(text: str) -> None:
    found = with_text(text)
    shown = render(found, "junit", ALL)
    schema().validate(shown)
    assert all(line.isprintable() for line in shown.split("\n"))
    names = [case.name for case in suite(found)]
    shown_name = visible(text) or "''"
    assert names[0] == "verdict"
    assert names[1:] == [
        f"new column {shown_name}",
        f"column {shown_name}",
        f"column b{visible(text)}",
    ]
