"""The text format of Prometheus, read back by its own parser."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from msgspec import structs
from prometheus_client.parser import text_string_to_metric_families
from render_reports import (
    EMPTY,
    HOSTILE,
    HOSTILE_REPORT,
    PASSED,
    REPORTS,
    RICH,
    WAIVED,
    column,
    report,
)
from test_render_escape import ANY, unhurried, with_text
from test_render_run import check, run
from transcripts import ROOT, check_table

from driftcli.render import Look, render
from driftcli.render.prometheus import METRICS
from driftcli.report.comparison import Report
from driftcli.text import visible

Series = dict[tuple[tuple[str, str], ...], float]


def read(found: Report) -> dict[str, Series]:
    """Return each metric's samples by labels, none of them twice."""
    return parsed(render(found, "prometheus"))


def parsed(text: str) -> dict[str, Series]:
    metrics: dict[str, Series] = {}
    for family in text_string_to_metric_families(text):
        assert family.type == "gauge"
        assert family.documentation == METRICS[family.name][0]
        series = {tuple(sorted(each.labels.items())): each.value for each in family.samples}
        assert len(series) == len(family.samples)
        metrics[family.name] = series
    return metrics


def by(series: Series, *labels: str) -> dict[tuple[str, ...], float]:
    """Return samples by the values of some labels."""

    def values(key: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(key[label] for label in labels)

    return {values(dict(key)): value for key, value in series.items()}


@pytest.mark.parametrize("name", REPORTS)
def test_every_sample_has_the_labels_of_its_metric(name: str) -> None:
    metrics = read(REPORTS[name])
    assert metrics.keys() <= METRICS.keys()
    baseline = visible(REPORTS[name].baseline.source)
    for metric, series in metrics.items():
        for key in series:
            assert {label for label, _ in key} == set(METRICS[metric][1])
            assert dict(key)["check"] == baseline


def test_a_comparison_may_have_the_name_of_its_check() -> None:
    named = render(RICH, "prometheus", Look(check="flights"))
    assert named == render(RICH, "prometheus").replace(
        f'check="{RICH.baseline.source}"', 'check="flights"'
    )


def test_no_label_changes_from_night_to_night() -> None:
    tomorrow = structs.replace(
        RICH, current=structs.replace(RICH.current, source="lake/day=2025-03-03")
    )
    assert render(tomorrow, "prometheus") == render(RICH, "prometheus")


def test_the_verdict_is_one_of_five() -> None:
    assert by(read(RICH)["drift_verdict"], "verdict") == {
        ("ok",): 0,
        ("inconclusive",): 0,
        ("warn",): 0,
        ("unjudged",): 0,
        ("drift",): 1,
    }
    assert by(read(PASSED)["drift_verdict"], "verdict")["ok",] == 1


def test_what_is_waived_is_told_as_such() -> None:
    metrics = read(WAIVED)
    assert by(metrics["drift_columns"], "status")["waived",] == 4
    assert by(metrics["drift_columns"], "status")["drift",] == 0
    assert by(metrics["drift_column_status"], "column", "status")["carrier", "waived"] == 1
    assert {status for _, status in by(metrics["drift_findings"], "kind", "status")} == {"waived"}


def test_columns_findings_and_rows_are_counted() -> None:
    metrics = read(RICH)
    assert by(metrics["drift_columns"], "status") == {
        ("drift",): 3,
        ("warn",): 1,
        ("inconclusive",): 1,
        ("ok",): 5,
        ("skipped",): 1,
        ("waived",): 0,
    }
    assert by(metrics["drift_findings"], "kind", "status") == {
        ("lost_column", "drift"): 1,
        ("invalid_values", "drift"): 1,
        ("new_column", "warn"): 1,
    }
    assert by(metrics["drift_rows"], "side") == {("baseline",): 1_212_000, ("current",): 13_500}
    assert by(metrics["drift_exit_code"]) == {(): 1}
    assert "drift_score" not in read(EMPTY)


def test_scores_come_with_thresholds_and_noise() -> None:
    metrics = read(RICH)
    scores, thresholds, noise = (
        by(metrics[name], "column", "metric")
        for name in ("drift_score", "drift_threshold", "drift_noise")
    )
    assert scores["dep_delay", "js_distance"] == 0.312
    assert scores["carrier", "kl"] == math.inf
    assert thresholds["dep_delay", "missing"] == 0.02
    assert noise["dep_delay", "js_distance"] == 0.0289


def test_what_is_not_defined_or_not_gated_has_no_sample() -> None:
    metrics = read(RICH)
    scores = by(metrics["drift_score"], "column", "metric")
    assert ("time_hour", "wasserstein") not in scores
    assert scores["time_hour", "js_distance"] == 0.832
    assert ("time_hour", "js_distance") not in by(metrics["drift_threshold"], "column", "metric")
    assert not any(math.isnan(value) for value in scores.values())


def test_a_column_has_its_status() -> None:
    told = by(read(RICH)["drift_column_status"], "column", "status")
    assert told["tailnum", "inconclusive"] == told["route_points", "skipped"] == 1
    assert len(told) == len(RICH.columns)


def test_names_that_look_alike_are_one_series_with_the_worst_score() -> None:
    found = report((column("a\n", "drift", (0.5,)), column("a\\n", "ok", (0.01,))))
    assert by(read(found)["drift_score"], "column", "metric")["a\\n", "js_distance"] == 0.5


def test_names_from_data_are_visible_and_whole() -> None:
    names = {
        column for column, _ in by(read(HOSTILE_REPORT)["drift_column_status"], "column", "status")
    }
    assert names == {visible(HOSTILE), "=cmd|' /C calc'!A0", "x" * 10_000}


def test_nothing_is_kept_of_the_process_or_written_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    assert render(RICH, "prometheus") == render(RICH, "prometheus")
    assert not any(tmp_path.iterdir())


def test_the_page_lists_the_metrics() -> None:
    rows = [["metric", "labels", "what it is"]]
    for name, (meaning, labels) in METRICS.items():
        rows.append([f"`{name}`", ", ".join(f"`{label}`" for label in labels), meaning])
    check_table(ROOT / "docs" / "outputs.md", "Prometheus", rows)


@unhurried
@given(ANY)
def test_any_text_comes_back_visible(text: str) -> None:
    found = with_text(text)
    shown = render(found, "prometheus")
    assert all(line.isprintable() for line in shown.split("\n"))
    told = by(read(found)["drift_column_status"], "check", "column", "status")
    assert told == {
        (visible(text), visible(text), "drift"): 1,
        (visible(text), "b" + visible(text), "warn"): 1,
    }


class TestOfARun:
    def test_two_checks_are_one_valid_file(self) -> None:
        found = run(check("orders", RICH), check("users", PASSED), check("late", None))
        metrics = parsed(render(found, "prometheus"))
        assert by(metrics["drift_exit_code"], "check") == {
            ("orders",): 1,
            ("users",): 0,
            ("late",): 2,
        }
        outcomes = by(metrics["drift_outcome"], "check", "outcome")
        assert {key for key, value in outcomes.items() if value} == {
            ("orders", "drift"),
            ("users", "ok"),
            ("late", "error"),
        }
        assert {name for name, _ in by(metrics["drift_score"], "check", "metric")} == {
            "orders",
            "users",
        }

    def test_it_says_when_and_how_the_run_ended(self) -> None:
        metrics = parsed(render(run(check("users", PASSED)), "prometheus"))
        assert by(metrics["drift_run_finished_seconds"], "config") == {("drift.toml",): 1740891609}
        assert by(metrics["drift_finished_seconds"], "check") == {("users",): 1740891601.234}
        outcomes = by(metrics["drift_run_outcome"], "config", "outcome")
        assert [key for key, value in outcomes.items() if value] == [("drift.toml", "ok")]
