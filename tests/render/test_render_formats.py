"""What each format promises, beyond its looks."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from typing import Any, get_args

import pytest
from msgspec import structs
from render_reports import (
    HOSTILE,
    HOSTILE_REPORT,
    MANY,
    PASSED,
    REPORTS,
    RICH,
    SURROGATE,
    column,
    report,
    score,
)
from rich.cells import cell_len

from driftcli.render import FORMATS, Look, render
from driftcli.render.terminal.bars import draw
from driftcli.render.words import FINDINGS, summary_line
from driftcli.report.columns import Score
from driftcli.report.comparison import Finding, FindingKind, Report
from driftcli.report.explanation import Distribution

ANSI = re.compile(r"\x1b\[[0-9;]*m")
TERMINAL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]")


def strict(text: str) -> Any:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def markdown_rows(text: str) -> list[int]:
    """The number of cells of each table row."""
    return [
        len(re.findall(r"(?<!\\)\|", line)) for line in text.splitlines() if line.startswith("|")
    ]


@pytest.mark.parametrize("form", FORMATS["report"])
@pytest.mark.parametrize("name", REPORTS)
def test_text_from_data_never_reaches_a_terminal_as_a_command(name: str, form: str) -> None:
    text = render(REPORTS[name], form, Look(show_all=True))
    shown = text.replace("\r\n", "\n") if form == "csv" else text
    assert not TERMINAL.search(shown)
    assert text.encode("utf-8")
    assert text.endswith("\n")


@pytest.mark.parametrize("width", [20, 33, 40, 60, 80, 100, 120, 200])
@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("show_all", [False, True])
@pytest.mark.parametrize("ascii_only", [False, True])
def test_no_line_is_wider_than_the_terminal(
    name: str, width: int, show_all: bool, ascii_only: bool
) -> None:
    look = Look(width=width, show_all=show_all, ascii_only=ascii_only)
    text = render(REPORTS[name], "table", look)
    assert max(map(cell_len, text.splitlines())) <= width
    assert not any(line.endswith(" ") for line in text.splitlines())
    assert text.isascii() or not ascii_only


@pytest.mark.parametrize("name", REPORTS)
def test_colour_adds_ansi_codes_and_nothing_else(name: str) -> None:
    plain = render(REPORTS[name], "table")
    colored = render(REPORTS[name], "table", Look(color=True))
    assert "\x1b" not in plain
    assert ANSI.sub("", colored) == plain
    assert colored != plain


def test_unchanged_columns_are_counted_and_shown_with_all() -> None:
    assert "humidity" not in render(RICH)
    assert "3 unchanged (--all shows them) · 2 not gated · 1 not compared" in render(
        RICH, "table", Look(width=300)
    ).replace("\n  ", " ")
    assert "humidity" in render(RICH, "table", Look(show_all=True))


@pytest.mark.parametrize("kind", get_args(FindingKind))
def test_every_kind_of_finding_is_told_in_every_format(kind: FindingKind) -> None:
    """In the summary, too, which says what warns."""
    found = Finding(kind=kind, column="x", status="warn", message="something about it")
    made = structs.replace(report(PASSED.columns, (found, found)), verdict="warn", exit_code=0)
    assert f"2 {FINDINGS[kind][1]}" in summary_line(made)
    for form in FORMATS["report"]:
        word = {"csv": "", "prometheus": kind}.get(form, "something about it")  # CSV: scores alone
        assert word in render(made, form), form
    rules = strict(render(made, "sarif"))["runs"][0]["tool"]["driver"]["rules"]
    assert kind in [rule["id"] for rule in rules]


def test_a_passed_report_shows_its_highest_scores_and_says_so() -> None:
    text = render(PASSED)
    assert text.count("✓") == 4
    assert "✓ no drift: 5 columns compared" in text
    assert "✗" not in text


def test_hundreds_of_drifted_columns_are_capped() -> None:
    text = render(MANY)
    assert "feature_029" in text
    assert "feature_030" not in text
    assert "+ 270 more drifted, 1 more warned, 1 more inconclusive (--all shows them)" in text
    assert "feature_299" in render(MANY, "table", Look(show_all=True))
    assert "+ 270 more drifted" in render(MANY, "markdown")


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_score_at_its_threshold_is_named_whatever_the_width(width: int) -> None:
    text = render(
        report((column("price", "drift", (0.3, 0.2, 0.15), missing=(0.0, 0.5)),)),
        "table",
        Look(width=width),
    )
    for metric in ("js_distance", "wasserstein", "kl", "missing"):
        assert metric in text


def test_a_reason_speaks_for_its_score() -> None:
    told = column("a", "drift", (0.0,), missing=(0.0, 0.5), reasons=("missing 0 % → 50 %",))
    assert render(report((told,)), "table", Look(width=20)).count("missing") == 2  # and the legend


def test_chosen_metrics_take_the_place_of_the_default_ones() -> None:
    scores = (score("psi", 0.5), score("ks", 0.2), score("js_distance", 0.05))
    chosen = report((column("a", "drift", scores=scores),), settings={"metrics": ["psi", "ks"]})
    heading = render(chosen).splitlines()[2]
    assert "psi" in heading
    assert "js_distance" not in heading


def test_every_kind_of_score_has_its_sign() -> None:
    scores = (
        score("js_distance", 0.25, lower_bound=True, noise=None),
        Score(metric="wasserstein", value=None, infinite=True, gated=True, status="drift"),
        Score(metric="kl", value=None),
    )
    line = render(report((column("a", "drift", scores=scores),))).splitlines()[3]
    assert line.split()[:11] == [
        *("✗", "a", "wasserstein", "×∞", "▲"),
        *("numeric", "≥0.250", "▲", "∞", "▲", "–"),
    ]


@pytest.mark.parametrize("width", [40, 60, 80, 100, 200])
@pytest.mark.parametrize("found", [RICH, MANY], ids=["rich", "many"])
def test_a_drifted_row_shows_the_score_that_made_it_drift(found: Report, width: int) -> None:
    lines = render(found, "table", Look(width=width)).splitlines()
    heading = next(at for at, line in enumerate(lines) if line.split()[:2] == ["column", "highest"])
    rows = [line for line in lines[heading:] if line.startswith("✗ ")][:-1]
    assert rows
    assert all(re.search(r" [a-z_]+ ×[\d.,∞]+ ▲", row) for row in rows)


def test_an_inconclusive_column_is_one_line_after_those_that_drifted() -> None:
    text = render(RICH, "table", Look(width=80))
    line = "? tailnum  js_distance ≥0.310, noise 0.342; about 260,000 rows would tell\n"
    assert line in text
    assert text.index("✗ arrival_de") < text.index("! air_time") < text.index(line)
    narrow = render(RICH, "table", Look(width=60))
    assert "? tailnum  js_distance ≥0.310, noise 0.342\n" in narrow
    whole = render(RICH, "table", Look(width=80, show_all=True))
    assert "? tailnum" in whole
    assert line not in whole


def test_the_legend_tells_levels_by_column_where_they_differ() -> None:
    found = report(
        tuple(
            column(name, "drift", scores=(score("kl", 1.0, threshold=level),))
            for name, level in (("a", 0.1), ("b", 0.1), ("c", 0.5))
        )
    )
    assert "▲ drift at kl ≥ 0.1 (c ≥ 0.5)\n" in render(found)


def test_it_says_what_was_ignored_and_which_settings_are_of_a_file() -> None:
    found = structs.replace(
        PASSED,
        ignored=("id", "day\x1b"),
        configured={"ignore": "drift.toml", "thresholds.kl": "drift.toml: checks.orders"},
    )
    text = render(found, "table", Look(width=200))
    assert "  2 ignored (id, day\\x1b) · settings: drift.toml: checks.orders\n" in text
    assert "drift.toml: checks.orders sets ignore, thresholds.kl\n" in text
    assert "ignored" not in render(PASSED)
    assert "settings" not in render(PASSED)


def test_bars_of_both_sides_share_a_scale() -> None:
    before, after = draw((0.5, 0.5), (1.0, 0.0))
    assert before == "▄▄"
    assert after == "█ "
    assert draw((), ()) == ("", "")
    assert draw((0.0,) * 24, (1 / 24,) * 24) == (" " * 12, "█" * 12)
    assert draw((0.1,) * 5 + (0.05,) * 10, (0.1,) * 15, ordered=False)[1][-1] == "█"


def test_a_column_without_name_or_bars_is_still_a_row() -> None:
    bare = column("", "drift", distribution=Distribution(baseline=(), current=()))
    assert "✗ ''" in render(report((bare,)))
    assert "| `''` | numeric |" in render(report((bare,)), "markdown")


def test_markdown_holds_nothing_that_a_code_host_would_obey() -> None:
    text = render(HOSTILE_REPORT, "markdown", Look(show_all=True))
    prose = re.sub(r"(?<![\\`])`[^`]+`", "", text)
    for trap in ("<b>", "[l](", "**b**", " _i_", "`c`", "@team", "GH-7", "www.", "http://"):
        assert trap not in prose
    assert not re.search(r"(?<!&)#12", prose)
    assert len(set(markdown_rows(text))) == 1
    assert len(text) < 20_000


def test_markdown_of_an_unremarkable_name_stays_readable() -> None:
    assert "| ❌ | `dep_delay` | numeric |" in render(RICH, "markdown")


def test_markdown_shows_the_column_of_a_finding_as_code() -> None:
    message = "lost column `a|b` (double): the current data does not have it"
    lost = Finding(kind="lost_column", column="a|b", status="drift", message=message)
    text = render(report((), (lost,)), "markdown")
    assert "- ❌ lost column <code>a&#124;b</code> (double): the current" in text


def test_a_finding_that_is_ok_is_shown_with_all_only() -> None:
    remark = Finding(kind="type_change", column="a", status="ok", message="`a`: type int32 → int64")
    found = report((column("a"),), (remark,))
    assert "int64" not in render(found)
    assert "✓ `a`: type int32 → int64" in render(found, "table", Look(show_all=True))


def test_many_findings_are_capped() -> None:
    lost = tuple(
        Finding(kind="lost_column", column=f"c{n}", status="drift", message=f"lost column `c{n}`")
        for n in range(25)
    )
    text = render(report((), lost))
    assert text.count("lost column `") == 10
    assert "+ 15 more (--all shows them)" in text
    assert "✗ drift: 0 columns compared · 25 lost columns" in text


def test_csv_has_a_row_for_each_column_and_metric() -> None:
    text = render(RICH, "csv")
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    expected = sum(max(1, len(one.scores)) for one in RICH.columns)
    assert len(rows) == expected
    assert text.count("\r\n") == expected + 1
    infinite = next(row for row in rows if row["column"] == "carrier" and row["metric"] == "kl")
    assert (infinite["value"], infinite["infinite"], infinite["gated"]) == ("inf", "true", "true")
    skipped = next(row for row in rows if row["column"] == "route_points")
    assert (skipped["column_status"], skipped["metric"], skipped["value"]) == ("skipped", "", "")


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"])
def test_csv_holds_no_formula(name: str) -> None:
    text = render(report((column(name),)), "csv")
    cell = next(csv.DictReader(io.StringIO(text, newline="")))["column"]
    assert cell[0] in "'\\"


def test_names_are_whole_in_json_and_csv() -> None:
    names = [one["name"] for one in strict(render(HOSTILE_REPORT, "json"))["columns"]]
    assert names == [one.name for one in HOSTILE_REPORT.columns]
    assert "x" * 10_000 in render(HOSTILE_REPORT, "csv")
    assert "x" * 100 not in render(HOSTILE_REPORT, "table")
    assert "x" * 100 not in render(HOSTILE_REPORT, "markdown")


def test_json_is_the_report_itself() -> None:
    assert strict(render(RICH, "json")) == RICH.to_dict()


def test_json_shows_a_lone_surrogate_that_it_cannot_carry() -> None:
    document = strict(render(HOSTILE_REPORT, "json"))
    assert document["current"]["source"] == SURROGATE.encode("utf-8", "backslashreplace").decode()
    assert document["findings"][0]["column"] == HOSTILE


def test_json_in_ascii_says_the_same() -> None:
    found = report((column("Straße 漢 😀"),))
    text = render(found, "json", Look(ascii_only=True))
    assert text.isascii()
    assert strict(text) == found.to_dict()


def test_an_unknown_format_is_named() -> None:
    with pytest.raises(ValueError, match="no format 'yaml'; there are table, json, markdown, csv"):
        render(RICH, "yaml")


def test_a_format_loads_its_own_module_and_nothing_heavy() -> None:
    code = (
        "import sys, driftcli.render\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "print(loaded & {'rich', 'numpy', 'pandas', 'pyarrow', 'scipy', 'csv'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
