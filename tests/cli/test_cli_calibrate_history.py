"""`drift calibrate --from-history`: thresholds from the scores that runs recorded."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
import pytest
from cli_runs import Drift
from history_records import START, column, report, result, score

from driftcli.calibration import LearningRule, levels
from driftcli.config import load, resolve
from driftcli.history import open_history
from driftcli.metrics import METRICS

CONFIG = """\
fail_on = "drift"

# Every night.
[checks.orders]
baseline = "base.csv"
current = "new.csv"  # by the loader
thresholds.kl = 0.4

[checks.orders.columns.tax]
thresholds.js_distance = 0.3  # by hand

[columns.old]
thresholds.kl = 0.5
"""
RNG = np.random.default_rng(7)
PRICE = RNG.gamma(2, 0.02, 30).round(4)
#: Drifted: a mishap on two nights.
PRICE[[8, 20]] = 0.8


@pytest.fixture
def store() -> str:
    Path("drift.toml").write_text(CONFIG)
    with open_history("drift-history.db") as history:
        run = history.begin_run("drift run")
        for number, value in enumerate(PRICE):
            drifted = value > 0.5
            scores = (
                score("js_distance", float(value), "drift" if drifted else "ok"),
                score("kl", None, infinite=number == 3),
                score("psi", float(value), gated=False, threshold=None),
            )
            made = report(
                [
                    column("price", "drift" if drifted else "ok", scores=scores),
                    column("tax", scores=(score("js_distance", 0.01),)),
                    column("ts", scores=(score("missing", 0.0),), gated=False),
                ]
            )
            history.record(run, result(number, made))
        history.record(run, result(len(PRICE)))  # an error
    return "drift-history.db"


def expected(scores: np.ndarray, quantile: float) -> float:
    found = levels.threshold(float(levels.level(np.sort(scores), quantile)), 0.05, 1.0, 0.0)
    assert found is not None
    return found


def learnt(drift: Drift, *more: str) -> dict:
    done = drift("calibrate", "--from-history", "orders", "--dry-run", "-f", "json", *more)
    assert done.code == 0
    found: dict = json.loads(done.out)
    return found


def test_thresholds_are_those_of_the_clean_runs(drift: Drift, store: str) -> None:
    found = learnt(drift)
    clean = PRICE[PRICE < 0.5]
    assert (found["source"], found["way"], found["drifted"]) == ("orders", "28 runs", 2)
    price = {each["metric"]: each for each in found["thresholds"] if each["column"] == "price"}
    assert price.keys() == {"js_distance"}  # kl was defined in a run only, psi is not gated
    js = price["js_distance"]
    assert (js["default"], js["periods"], js["highest"]) == (0.1, 28, float(clean.max()))
    assert js["drift"] == expected(clean, LearningRule().drift_quantile)
    assert js["warn"] == expected(clean, LearningRule().warn_quantile)
    assert js["default_alarms"] == int((clean >= 0.1).sum())
    assert [each for each in found["ungated"] if each["column"] == "ts"] == [
        {"column": "ts", "reason": "its values are not gated"}
    ]
    assert found["periods"][0] == {"label": str(START), "rows": 1_000}


def test_drifted_runs_are_learnt_from_when_they_were_false_alarms(drift: Drift, store: str) -> None:
    found = learnt(drift, "--with-drifted")
    assert (found["way"], found["drifted"]) == ("30 runs", 0)
    js = next(each for each in found["thresholds"] if each["column"] == "price")
    assert (js["highest"], js["drift"] > 0.8) == (0.8, True)


def test_columns_that_were_accepted_are_not_learnt_from(drift: Drift, store: str) -> None:
    with open_history(store) as history:
        scores = (score("js_distance", 0.9, "drift"),)
        made = report([column("price", "drift", scores=scores)], verdict="ok")
        history.record(history.begin_run("x"), result(40, made))
    js = next(each for each in learnt(drift)["thresholds"] if each["column"] == "price")
    assert js["highest"] < 0.5


def test_what_was_learnt_is_written_to_the_table_of_the_check(drift: Drift, store: str) -> None:
    done = drift("calibrate", "--from-history", "orders")
    assert (done.code, done.out) == (0, "")
    assert done.err == (
        "drift: wrote drift.toml: 1 threshold from 28 runs, 1 kept as set by hand; `drift config`"
        " shows what is in force\n"
    )
    text = Path("drift.toml").read_text()
    assert "# Every night." in text
    assert "# by the loader" in text
    own = tomllib.loads(text)["checks"]["orders"]["columns"]
    assert own["tax"] == {"thresholds": {"js_distance": 0.3}}
    drifts = own["price"]["thresholds"]["js_distance"]["drift"]
    assert drifts == expected(PRICE[PRICE < 0.5], 0.999)
    loaded = load(metrics=METRICS, config=Path("drift.toml"))
    assert "price" not in loaded.settings.columns
    rules = resolve(loaded.checks["orders"].settings, ["price"])["price"]
    assert rules.thresholds["js_distance"].drift == drifts
    # Again, from the same store: the same file.
    assert drift("calibrate", "--from-history", "orders").code == 0
    assert Path("drift.toml").read_text() == text


def test_the_table_says_what_was_left_out(drift: Drift, store: str) -> None:
    done = drift("calibrate", "--from-history", "orders", "--dry-run")
    assert done.out.startswith("orders: 28 runs, 2025-03-03 to 2025-04-01, 1,000 to 1,000 rows")
    assert "left out as they drifted or warned: 2 runs (--with-drifted learns from" in done.out
    assert "price   js_distance" in done.out


def test_columns_are_chosen_by_globs(drift: Drift, store: str) -> None:
    assert {each["column"] for each in learnt(drift, "-c", "t*")["thresholds"]} == {"tax"}
    assert {each["column"] for each in learnt(drift, "-x", "t*")["thresholds"]} == {"price"}


def test_too_few_rows_or_runs(drift: Drift, store: str) -> None:
    done = drift("calibrate", "--from-history", "orders", "--min-rows", "1001")
    assert done.code == 2
    assert done.err == (
        "drift: orders: 0 recorded runs of 1,001 rows or more, of 28; calibration needs at least 3:"
        " it takes more runs or --with-drifted or a lower --min-rows\n"
    )


def test_one_run_is_too_few(drift: Drift) -> None:
    Path("drift.toml").write_text(CONFIG)
    with open_history("drift-history.db") as history:
        run = history.begin_run("drift run")
        made = report([column("price", "ok", scores=(score("js_distance", 0.1, "ok"),))])
        history.record(run, result(0, made))
    done = drift("calibrate", "--from-history", "orders", "--dry-run")
    assert done.code == 2
    assert done.err == (
        "drift: orders: 1 recorded run; calibration needs at least 3: it takes more runs\n"
    )


def test_pyproject_has_the_table_where_its_settings_are(drift: Drift, store: str) -> None:
    Path("drift.toml").unlink()
    Path("pyproject.toml").write_text(
        '[tool.drift.checks.orders]\nbaseline = "a.csv"\ncurrent = "b.csv"\n'
    )
    assert drift("calibrate", "--from-history", "orders").code == 0
    found = tomllib.loads(Path("pyproject.toml").read_text())
    assert "price" in found["tool"]["drift"]["checks"]["orders"]["columns"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "name the past: a dataset, files, or a check with --from-history"),
        (
            ["a.csv", "--from-history", "orders"],
            "--from-history takes the place of BASELINE; give one",
        ),
        (
            ["--from-history", "order"],
            "--from-history 'order': drift.toml has no such check; did you mean 'orders'?",
        ),
        (
            ["--from-history", "orders", "-o", "x.toml"],
            "--from-history writes to the configuration that has the check; no -o",
        ),
        (
            ["--from-history", "orders", "--splits", "9"],
            "--time, --every and --splits cut data; recorded runs are as they are",
        ),
        (
            ["a.csv", "--with-drifted"],
            "--with-drifted is about runs; name their check with --from-history",
        ),
        (
            ["--from-history", "orders", "--history", "none.db"],
            "history none.db: there is no such store; `drift run` makes one, --history names it",
        ),
    ],
)
def test_what_is_refused(drift: Drift, store: str, arguments: list[str], told: str) -> None:
    done = drift("calibrate", *arguments)
    assert (done.code, done.out, done.err) == (2, "", f"drift: {told}\n")
    assert Path("drift.toml").read_text() == CONFIG


def test_a_check_that_never_ran(drift: Drift, store: str) -> None:
    Path("drift.toml").write_text(CONFIG.replace("checks.orders", "checks.stock"))
    done = drift("calibrate", "--from-history", "stock")
    assert (done.code, done.err) == (
        2,
        "drift: no run of a check 'stock' is recorded; known: orders\n",
    )
