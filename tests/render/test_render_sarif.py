"""SARIF, as its schema has it and as code scanning reads it."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from msgspec import structs
from render_reports import HOSTILE, HOSTILE_REPORT, PASSED, REPORTS, RICH, column, dataset, report
from test_render_escape import ANY, unhurried, with_text

from driftcli.render import render
from driftcli.report.comparison import Finding, Report
from driftcli.text import visible

#: What is a link or a placeholder in a plain text message (SARIF 3.11.5, 3.11.6).
LINK = re.compile(r"\[[^\[\]]*\]\(")
PLACEHOLDER = re.compile(r"(?<!\{)(?:\{\{)*\{(?!\{)")


@cache
def schema() -> Draft4Validator:
    path = Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json"
    return Draft4Validator(json.loads(path.read_text("utf-8")))


def run(found: Report) -> dict[str, Any]:
    document = json.loads(render(found, "sarif"))
    schema().validate(document)
    (only,) = document["runs"]
    return only


def results(found: Report) -> list[dict[str, Any]]:
    return run(found)["results"]


def place(result: dict[str, Any]) -> dict[str, Any]:
    (location,) = result.get("locations", [{}])
    return location


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_holds_and_every_result_has_its_rule(name: str) -> None:
    found = run(REPORTS[name])
    rules = [rule["id"] for rule in found["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    for result in found["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        assert result["message"]["text"]
    assert found["invocations"][0]["exitCode"] == REPORTS[name].exit_code


def test_each_score_that_reached_a_threshold_and_each_finding_is_a_result() -> None:
    told = [
        (each["ruleId"], each["level"], place(each)["logicalLocations"][0]["fullyQualifiedName"])
        for each in results(RICH)
    ]
    assert told == [
        ("lost_column", "error", "weather_delay"),
        ("invalid_values", "error", "amount"),
        ("new_column", "warning", "gate"),
        ("js_distance", "error", "dep_delay"),
        ("wasserstein", "error", "dep_delay"),
        ("kl", "error", "dep_delay"),
        ("missing", "error", "dep_delay"),
        ("js_distance", "error", "carrier"),
        ("wasserstein", "error", "carrier"),
        ("kl", "error", "carrier"),
        ("new", "error", "carrier"),
        ("lost", "error", "carrier"),
        ("wasserstein", "error", "arrival_delay_in_minutes_at_the_destination_airport"),
        ("js_distance", "warning", "air_time"),
        ("js_distance", "note", "tailnum"),
    ]


def test_a_result_names_its_column_its_score_and_why() -> None:
    assert results(RICH)[7]["message"]["text"] == (
        "`carrier`: js_distance 0.188 ▲, drifts from 0.1, chance alone reaches 0.0289, p 4.2e-40."
        " category 'EV' 15 % → 0 %, new: 'YX' 12 %"
    )


def test_a_pass_has_no_results_but_the_rules() -> None:
    found = run(PASSED)
    assert found["results"] == []
    rules = {rule["id"]: rule for rule in found["tool"]["driver"]["rules"]}
    assert {"js_distance", "kl", "lost_column"} <= rules.keys()
    # What code scanning asks of a rule.
    for rule in rules.values():
        assert all(rule[part]["text"] for part in ("shortDescription", "fullDescription", "help"))


def test_every_kind_of_finding_has_a_rule() -> None:
    rules = {rule["id"] for rule in run(report())["tool"]["driver"]["rules"]}
    assert rules == set(get_args(get_type_hints(Finding)["kind"]))


@pytest.mark.parametrize(
    ("source", "uri"),
    [
        ("data/new day.parquet", "data/new%20day.parquet"),
        ("./a.csv", "a.csv"),
        ("/data/a%b.csv.gz", "file:///data/a%25b.csv.gz"),
        ("c:d.csv", "c%3Ad.csv"),
    ],
)
def test_a_local_file_is_the_place(source: str, uri: str) -> None:
    found = structs.replace(RICH, current=dataset(source, 9))
    for result in results(found):
        location = place(result)["physicalLocation"]
        assert location["artifactLocation"] == {"uri": uri}
        # Code scanning shows nothing without a region.
        assert set(location["region"].values()) == {1}


@pytest.mark.parametrize(
    "source", ["-", "s3://lake/a.parquet", "lake/day=*/a.parquet", "lake/day=2025-02-01"]
)
def test_what_is_no_file_is_no_place(source: str) -> None:
    found = structs.replace(RICH, current=dataset(source, 9))
    assert all(place(each).keys() == {"logicalLocations"} for each in results(found))


def test_a_frame_is_no_file_and_a_dataset_no_column() -> None:
    frame = structs.replace(dataset("a.csv", 9), format="memory")
    none = Finding(kind="no_rows", column=None, status="drift", message="current has no rows")
    (result,) = results(report((), (none,), current=frame))
    assert "locations" not in result


def prints(found: Report) -> list[str]:
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results(found)]


def test_fingerprints_stay_from_run_to_run() -> None:
    def scored(value: float, source: str) -> Report:
        drifted = column("a", "drift", (value, 0.2), reasons=(f"mean 0 → {value}",))
        return report((drifted,), current=dataset(source, 9))

    assert prints(scored(0.5, "day=1.csv")) == prints(scored(0.4, "day=2.csv"))
    assert len(set(prints(RICH))) == len(results(RICH))


def test_fingerprints_of_like_findings_are_numbered() -> None:
    notes = tuple(
        Finding(kind="mixed_values", column=None, status="warn", message=f"a.csv: {name}")
        for name in "ab"
    )
    first, second = prints(report((), notes))
    assert re.fullmatch(r"[0-9a-f]{16}:1", first)
    assert second == first[:-1] + "2"


def test_text_from_data_is_no_link_and_no_placeholder() -> None:
    trap = "[here](0) {0} \\[a\\](sarif:/runs/0) ![i](http://e.vil)"
    found = report((column(trap, "drift", (0.5,), reasons=(f"new: '{trap}'",)),))
    (result,) = results(found)
    assert result["message"]["text"].endswith(
        "new: '[here] (0) {{0}} \\[a\\] (sarif:/runs/0) ![i] (http://e.vil)'"
    )
    assert place(result)["logicalLocations"][0]["name"] == trap


def test_names_from_data_are_visible_and_whole() -> None:
    told = results(HOSTILE_REPORT)
    assert place(told[1])["logicalLocations"][0]["name"] == visible(HOSTILE)
    assert max(len(each["message"]["text"]) for each in told) < 1000


@unhurried
@given(ANY | st.sampled_from(["[a](0)", "{0}", "\\[a\\](1)", "{{0}"]))
def test_any_text_is_inert(text: str) -> None:
    found = with_text(text)
    assert all(line.isprintable() for line in render(found, "sarif").split("\n"))
    for result in results(found):
        message = result["message"]["text"]
        assert not LINK.search(message)
        assert not PLACEHOLDER.search(message)
        assert "](" not in message


@unhurried
@given(st.text(st.characters(codec="utf-8", exclude_characters="*?["), max_size=30))
def test_any_path_is_a_uri(text: str) -> None:
    found = structs.replace(RICH, current=dataset(f"data/{text}n.csv", 9))
    location = place(results(found)[0]).get("physicalLocation")
    if location is None:
        assert "://" in text
        return
    uri = location["artifactLocation"]["uri"]
    assert re.fullmatch(r"[\w./~%-]+", uri, re.ASCII)
    assert Path(unquote(uri)) == Path(f"data/{text}n.csv")
