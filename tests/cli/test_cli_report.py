"""`drift report`: a stored report again, in any format, and files that hold none."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli_runs import Drift, Ended

from driftcli.render import FORMATS

MAKE = "drift compare, timeline and joint with --format json write such files"


@pytest.fixture
def stored(drift: Drift, base: str, moved: str) -> str:
    """A report in JSON, with details."""
    assert drift("compare", base, moved, "--details", "-o", "stored.json").code == 1
    return "stored.json"


@pytest.fixture
def timeline(drift: Drift) -> str:
    """A timeline in JSON."""
    rows = [f"2025-01-{1 + at // 40:02},{at % 7 + (20 if at > 300 else 0)}" for at in range(400)]
    Path("days.csv").write_text("\n".join(["day,x", *rows]))
    ended = drift("timeline", "days.csv", "--time", "day", "-o", "timeline.json")
    assert ended.code == 1
    return "timeline.json"


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS["report"])
def test_every_format_is_that_of_compare(
    drift: Drift, base: str, moved: str, stored: str, form: str
) -> None:
    compared = drift("compare", base, moved, "--details", "--format", form)
    assert compared.code == 1
    assert drift("report", stored, "--format", form) == Ended(0, compared.out, "")


@pytest.mark.parametrize("form", FORMATS["timeline"])
def test_every_format_is_that_of_timeline(drift: Drift, timeline: str, form: str) -> None:
    shown = drift("timeline", "days.csv", "--time", "day", "--format", form)
    assert shown.code == 1
    assert drift("report", timeline, "--format", form) == Ended(0, shown.out, "")


@pytest.mark.parametrize("form", FORMATS["joint"])
def test_every_format_is_that_of_joint(drift: Drift, base: str, moved: str, form: str) -> None:
    assert drift("joint", base, moved, "-o", "joint.json").code == 0
    shown = drift("joint", base, moved, "--format", form)
    assert drift("report", "joint.json", "--format", form) == Ended(0, shown.out, "")


def test_a_pair_has_scores(drift: Drift, base: str, moved: str) -> None:
    drift("joint", base, moved, "-o", "joint.json")
    document = json.loads(Path("joint.json").read_text())
    document["pairs"][0]["scores"] = []
    Path("forged.json").write_text(json.dumps(document))
    ended = drift("report", "forged.json")
    assert (ended.code, ended.out) == (2, "")
    assert "not a report of drift: a pair without scores - at `$.pairs[0]`" in ended.err


def test_the_table_is_the_default_and_all_shows_all(drift: Drift, stored: str) -> None:
    assert "drift: " in drift("report", stored).out
    assert len(drift("report", stored, "--all").out) > len(drift("report", stored).out)


def test_a_page_is_written_whole_by_its_suffix(drift: Drift, stored: str) -> None:
    assert drift("report", stored, "--output", "page.html").err == "drift: wrote page.html\n"
    text = Path("page.html").read_text("utf-8")
    assert text.startswith("<!doctype html>")
    assert text.endswith("</html>\n")


def test_the_html_of_compare_has_details_unasked(drift: Drift, base: str, moved: str) -> None:
    assert drift("compare", base, moved, "-o", "page.html").code == 1
    assert "Quantiles" in Path("page.html").read_text("utf-8")
    assert drift("compare", base, moved, "-o", "plain.json").code == 1
    assert all(c["details"] is None for c in json.loads(Path("plain.json").read_text())["columns"])


def test_a_format_of_reports_only_is_refused_for_a_timeline(drift: Drift, timeline: str) -> None:
    ended = drift("report", timeline, "--format", "sarif")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("drift: --format 'sarif': known: table, json, markdown, csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not whole JSON: Input data was truncated; write it again"),
        ('{"schema": "drift.rep', "not whole JSON: Input data was truncated; write it again"),
        ("a,b\n1,2\n", "not whole JSON: JSON is malformed: invalid character (byte 0);"),
        ("[]", f"not a report of drift: Expected `object`, got `array`; {MAKE}"),
        ("{}", f"not a report of drift: it has no 'schema'; {MAKE}"),
        (
            '{"schema": "drift.profile/1"}',
            "its schema is 'drift.profile/1', and this version shows drift.report/1, drift.time",
        ),
        (
            '{"schema": "drift.report/1"}',
            f"not a report of drift: Object missing required field `version`; {MAKE}",
        ),
        (
            '{"schema": 7}',
            f"not a report of drift: Expected `str`, got `int` - at `$.schema`; {MAKE}",
        ),
    ],
)
def test_a_file_that_holds_no_report_is_refused_in_a_line(
    drift: Drift, text: str, message: str
) -> None:
    Path("x.json").write_text(text)
    ended = drift("report", "x.json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"drift: x.json: {message}")
    assert ended.err.count("\n") == 1


def test_a_truncated_report_is_refused_wherever_it_ends(drift: Drift, stored: str) -> None:
    whole = Path(stored).read_bytes()
    for size in range(0, len(whole) - 3, len(whole) // 20):
        Path("cut.json").write_bytes(whole[:size])
        ended = drift("report", "cut.json")
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("drift: cut.json: not whole JSON: ")
        assert ended.err.endswith("; write it again\n")


def test_a_file_that_cannot_be_read_is_named(drift: Drift) -> None:
    missing = "drift: none.json: there is no such file; name a JSON report\n"
    assert drift("report", "none.json") == Ended(2, "", missing)
    folder = "drift: .: this is a directory; name a JSON report in it\n"
    assert drift("report", ".") == Ended(2, "", folder)


def test_a_report_is_not_written_over_itself(drift: Drift, stored: str) -> None:
    before = Path(stored).read_bytes()
    ended = drift("report", stored, "-o", f"html:{stored}")
    assert ended == Ended(2, "", f"drift: --output {stored}: this is the data; name another file\n")
    assert Path(stored).read_bytes() == before


def test_a_report_of_before_a_field_was_added_is_shown(drift: Drift, stored: str) -> None:
    document = json.loads(Path(stored).read_text())
    for column in document["columns"]:
        for name in ("waiver", "since", "details", "weekday"):
            del column[name]
    document["unknown"] = 1
    Path("old.json").write_text(json.dumps(document))
    assert drift("report", "old.json", "-f", "html").code == 0


def changed(stored: str, change: Callable[[Any], object]) -> None:
    """Write a report of the same form in which something is other than any report has it."""
    document = json.loads(Path(stored).read_text(encoding="utf-8"))
    change(document)
    Path("forged.json").write_text(json.dumps(document), encoding="utf-8")


def numbers(document: Any) -> Any:
    return next(column for column in document["columns"] if column["kind"] == "numeric")


@pytest.mark.parametrize(
    "change",
    [
        lambda report: numbers(report)["distribution"]["baseline"].pop(),
        lambda report: numbers(report)["distribution"]["edges"].pop(),
        lambda report: numbers(report)["details"]["bins"].update(labels=["a"]),
        lambda report: report["settings"].update(metrics=3),
        lambda report: report["settings"].update(metrics=[None]),
        lambda report: report["settings"].update(alpha=nested(300)),
    ],
)
def test_a_report_that_cannot_be_is_refused(
    drift: Drift, stored: str, change: Callable[[Any], object]
) -> None:
    changed(stored, change)
    for form in FORMATS["report"]:
        ended = drift("report", "forged.json", "--format", form)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith("drift: forged.json: not a report of drift: ")
        assert ended.err.count("\n") == 1


def test_a_timeline_has_a_cell_for_each_period(drift: Drift, timeline: str) -> None:
    changed(timeline, lambda document: document["columns"][0]["cells"].pop())
    ended = drift("report", "forged.json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "drift: forged.json: not a report of drift: not a cell for each period - at `$.columns`;"
        f" {MAKE}\n"
    )


@pytest.mark.parametrize("depth", [1_000, 100_000])
@pytest.mark.parametrize("where", ["settings", "unknown"])
def test_json_that_is_nested_deeply_is_refused(
    drift: Drift, stored: str, where: str, depth: int
) -> None:
    text = Path(stored).read_text(encoding="utf-8").strip().removesuffix("}")
    deep = '{"a": [' * depth + "]}" * depth
    Path("deep.json").write_text(f'{text}, "{where}": {deep}}}', encoding="utf-8")
    ended = drift("report", "deep.json")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("drift: deep.json: not a report of drift")
    assert ended.err.count("\n") == 1


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value
