"""What is real and below all thresholds: a rare class, the mean of a heavy tail."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import driftcli
from driftcli.comparison import changes
from driftcli.render import Look, render
from driftcli.report.columns import Column
from driftcli.report.comparison import Report


def flags(share: float, rows: int = 6_000) -> list[str]:
    return ["fraud"] * round(share * rows) + ["fine"] * (rows - round(share * rows))


def heavy(seed: int, rows: int = 3_000) -> Any:
    return np.random.default_rng(seed).lognormal(0, 2, rows)


def without_top(values: Any, share: float = 0.01) -> Any:
    kept = np.sort(values)[: round(values.size * (1 - share))]
    return np.concatenate([kept, kept[: values.size - kept.size]])


def compared(p: Any, q: Any, **settings: Any) -> tuple[Report, Column]:
    report = driftcli.compare(pa.table({"x": p}), pa.table({"x": q}), **settings)
    return report, report.columns[0]


@pytest.mark.parametrize("share", [0.008, 0.01])
def test_a_rare_class_that_grows_several_times_is_said(share: float) -> None:
    report, column = compared(flags(0.002), flags(share))
    assert (report.verdict, report.exit_code) == ("ok", 0)
    (change,) = column.changes
    percent = "0.80" if share == 0.008 else "1.0"
    assert change.message == f"'fraud' 0.20 % → {percent} % (× {share / 0.002:.2g})"
    assert change.p_value < 1e-4
    for form in ("table", "markdown", "html", "github", "junit"):
        said = render(report, form, Look())
        assert "eal but small: x" in said, form
        assert "0.20 %" in said, form
        assert "no drift" not in said.lower(), form


def test_one_that_all_but_vanishes_is_said_too() -> None:
    _, column = compared(flags(0.01), flags(0.002))
    assert column.changes[0].message == "'fraud' 1.0 % → 0.20 % (÷ 5)"


def test_a_class_that_leaves_below_the_threshold_is_said_too() -> None:
    _, column = compared(flags(0.008), flags(0.0))
    assert column.changes[0].message == "'fraud' 0.80 % → 0 %"


def test_a_heavy_tail_that_loses_its_top_is_said() -> None:
    values = heavy(1)
    report, column = compared(values, without_top(heavy(2)))
    assert report.exit_code == 0
    (change,) = column.changes
    assert change.metric == "mean_shift"
    assert change.message.startswith("mean ")
    assert "−" in change.message
    assert "below the thresholds" in render(report, "table", Look())


def test_a_mean_about_zero_has_no_per_cent() -> None:
    values = heavy(1) * np.where(np.arange(3_000) % 2, 1, -1)
    _, column = compared(values, np.where(values > np.quantile(values, 0.99), 0, values))
    assert all("%" not in change.message for change in column.changes)
    assert column.changes


def test_a_column_that_drifts_has_reasons_and_no_changes_beside_them() -> None:
    report, column = compared(flags(0.002), flags(0.3))
    assert report.verdict == "drift"
    assert column.changes == ()


def test_what_may_be_chance_is_not_said() -> None:
    report, column = compared(flags(0.002, 1_000), flags(0.006, 1_000))
    assert column.changes == ()
    assert "no drift" in render(report, "table", Look())


def test_small_moves_of_many_rows_are_not_said_however_certain() -> None:
    rng = np.random.default_rng(3)
    _, column = compared(rng.normal(10, 1, 200_000), rng.normal(10.05, 1, 200_000))
    assert column.changes == ()
    assert any(note.startswith("real but small") for note in column.notes)


def test_alpha_1_calls_nothing_real() -> None:
    _, column = compared(flags(0.002), flags(0.01), alpha=1.0)
    assert column.changes == ()


@pytest.mark.slow
def test_nothing_is_said_of_halves_of_one_table() -> None:
    said = 0
    for seed in range(60):
        rng = np.random.default_rng([seed, 8])
        rows = 1_000
        sides = [
            pa.table(
                {
                    "tail": rng.lognormal(0, 2, rows),
                    "pareto": rng.pareto(1.5, rows),
                    "flag": rng.random(rows) < 0.004,
                    "zipf": [f"n{each}" for each in rng.zipf(1.6, rows)],
                }
            )
            for _ in range(2)
        ]
        report = driftcli.compare(*sides)
        said += any(column.changes for column in report.columns)
    # At most alpha, 0.01, of 60: more than 3 come less than once in 300 times.
    assert said <= 3


def test_changes_count_the_columns_that_could_have_spoken() -> None:
    p, q = {"x": flags(0.002)}, {"x": flags(0.01)}
    for at in range(9):
        p[f"calm {at}"] = q[f"calm {at}"] = flags(0.4)
    report = driftcli.compare(pa.table(p), pa.table(q))
    (change,) = next(column.changes for column in report.columns if column.name == "x")
    assert change.p_adjusted == pytest.approx(10 * change.p_value)


def test_hostile_names_are_escaped() -> None:
    p = ["\x1b[31m<script>alert()|"] * 12 + ["a"] * 5_988
    q = ["\x1b[31m<script>alert()|"] * 60 + ["a"] * 5_940
    report, _ = compared(p, q)
    for form in ("table", "markdown", "html", "github", "junit"):
        said = render(report, form, Look())
        assert "\x1b" not in said, form
        assert form != "html" or "<script>alert" not in said


def test_a_ratio_can_be_gated() -> None:
    report, column = compared(flags(0.002), flags(0.01), thresholds={"share_ratio": 2})
    assert report.exit_code == 1
    score = column.score("share_ratio")
    assert score is not None
    assert score.value == pytest.approx(60.5 / 12.5)
    assert score.status == "drift"
    assert score.noise is not None
    assert 1.5 < score.noise < 5
    assert score.p_value is not None
    assert score.p_value < 1e-6


def test_a_mean_can_be_gated() -> None:
    values = heavy(4, 20_000)
    limit = {"mean_shift": 0.05}
    report, column = compared(values, without_top(heavy(5, 20_000)), thresholds=limit)
    score = column.score("mean_shift")
    assert score is not None
    assert score.gated
    assert score.value == pytest.approx(
        (values.mean() - without_top(heavy(5, 20_000)).mean()) / values.std(), rel=1e-6
    )
    assert score.error_bound == 0
    assert report.exit_code == 1


@pytest.mark.parametrize(("move", "asked"), [(0.05, 0), (0.2, 1)])
def test_chance_is_not_asked_for_a_mean_that_hardly_moved(
    move: float, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []
    whole = changes.end_chance
    monkeypatch.setattr(changes, "end_chance", lambda *sides: calls.append(1) or whole(*sides))
    values = heavy(1)
    compared(values, values * (1 + move))
    assert len(calls) == asked
