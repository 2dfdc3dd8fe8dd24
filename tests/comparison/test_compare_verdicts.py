"""Verdicts: thresholds, levels, what is gated by default and what only when asked."""

import numpy as np
import pyarrow as pa
import pytest

from driftcli.api.compare import compare

RNG = np.random.default_rng(1)
NORMAL = RNG.normal(size=4000)
TIMES = pa.array(range(0, 4000 * 3600, 3600), pa.timestamp("s"))
LATER = pa.array(range(10**9, 10**9 + 4000 * 3600, 3600), pa.timestamp("s"))
#: Half of the rows move by 1: the distance is exactly 0.5, and no chance in so many rows.
HALF_MOVED = ([0.0, 0.0] * 30, [0.0, 1.0] * 30)


def report(baseline, current, **options):
    return compare(pa.table({"x": baseline}), pa.table({"x": current}), **options)


def column(baseline, current, **options):
    return report(baseline, current, **options).columns[0]


def configured(tmp_path, text):
    path = tmp_path / "drift.toml"
    path.write_text(text)
    return {"config": path}


def test_a_score_drifts_from_its_threshold_on():
    p, q = HALF_MOVED
    at = {
        level: column(p, q, metrics=["wasserstein_raw"], thresholds={"wasserstein_raw": level})
        for level in (0.49, 0.5, 0.51)
    }
    assert {level: each.status for level, each in at.items()} == {
        0.49: "drift",
        0.5: "drift",
        0.51: "ok",
    }
    score = at[0.5].scores[0]
    assert (score.threshold, score.gated, score.status) == (0.5, True, "drift")


@pytest.mark.parametrize(
    ("level", "status", "verdict"),
    [("0.4:0.6", "warn", "warn"), ("0.6:0.7", "ok", "ok"), ("0.1:0.5", "drift", "drift")],
)
def test_there_are_two_levels(level, status, verdict):
    found = report(*HALF_MOVED, metrics=["wasserstein_raw"], thresholds={"wasserstein_raw": level})
    assert found.columns[0].status == status
    assert found.verdict == verdict


@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [("drift", (0, 0, 1)), ("warn", (0, 1, 1)), ("never", (0, 0, 0))],
)
def test_fail_on_decides_the_exit_code_and_not_the_verdict(fail_on, codes):
    found = [
        report(
            *HALF_MOVED,
            metrics=["wasserstein_raw"],
            thresholds={"wasserstein_raw": level},
            fail_on=fail_on,
        )
        for level in ("0.8:0.9", "0.4:0.9", "0.4:0.5")
    ]
    assert [each.verdict for each in found] == ["ok", "warn", "drift"]
    assert tuple(each.exit_code for each in found) == codes


def test_equal_data_does_not_drift():
    found = report(NORMAL, NORMAL[::-1])
    assert (found.verdict, found.exit_code) == ("ok", 0)
    assert (found.columns[0].status, found.columns[0].reasons) == ("ok", ())
    assert found.summary.ok == 1


def test_metrics_that_gate_by_default_are_those_of_the_design():
    gated = {score.metric for score in column(NORMAL, NORMAL).scores if score.gated}
    assert gated == {"js_distance", "wasserstein", "kl", "missing", "nonfinite"}
    names = ["a", "b"] * 60
    gated = {score.metric for score in column(names, names).scores if score.gated}
    assert gated == {"js_distance", "wasserstein", "kl", "missing", "new", "lost"}


def test_times_move_on_without_drift():
    found = column(TIMES, LATER)
    assert (found.kind, found.status, found.gated) == ("timestamp", "ok", False)
    assert found.notes[0] == "timestamp: its values are not gated"
    assert {score.metric for score in found.scores if score.gated} == {"missing", "nonfinite"}


def test_missing_times_drift_all_the_same():
    gone = pa.array([None] * 1000 + TIMES.to_pylist()[1000:], TIMES.type)
    found = column(TIMES, gone)
    assert found.status == "drift"
    assert found.reasons == ("missing 0 % → 25 %",)


@pytest.mark.parametrize("rule", ["gate = true", "thresholds.wasserstein = 0.2"])
def test_times_are_gated_when_their_own_settings_ask(tmp_path, rule):
    found = column(TIMES, LATER, **configured(tmp_path, f"[columns.x]\n{rule}\n"))
    assert (found.status, found.gated) == ("drift", True)
    assert found.reasons[0].startswith("all values above the baseline's maximum: ")


@pytest.mark.parametrize(
    "options", [{"thresholds": {"wasserstein": 0.2}}, {"thresholds": {"kl": "off"}}]
)
def test_general_thresholds_do_not_ask_for_times_and_identifiers(options):
    assert column(TIMES, LATER, **options).status == "ok"
    numbers = np.arange(5000)
    assert column(numbers, numbers + 5000, **options).status == "ok"


def test_identifiers_are_recognised_and_their_values_not_gated():
    rng = np.random.default_rng(2)
    numbers = np.arange(5000) + 10**6
    texts = [f"{number:032x}" for number in rng.integers(0, 2**62, 7500).tolist()]
    for baseline, current, judged in (
        (numbers, numbers + 5000, "its repeats"),
        (rng.permutation(numbers), rng.permutation(numbers) + 5000, "its repeats"),
        (texts[:5000], texts[2500:], "its repeats and its form"),
    ):
        found = column(baseline, current)
        assert (found.identifier, found.gated, found.status) == (True, True, "ok")
        assert found.notes == (f"identifier: judged by {judged}",)
        gated = {score.metric for score in found.scores if score.gated}
        assert gated <= {"missing", "nonfinite", "repeats", "form"}


def test_an_identifier_is_gated_when_its_own_settings_ask():
    numbers = np.arange(5000)
    found = column(numbers, numbers + 5000, thresholds={"x.wasserstein": 0.3})
    assert (found.identifier, found.gated, found.status) == (True, True, "drift")


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(3).integers(0, 10**12, 5000),  # none repeats, by chance
        np.arange(99),  # too few rows to tell
        np.arange(5000.0) + 0.5,  # measurements, not integers
        np.repeat(np.arange(2500), 2),
        [f"c{number % 300}" for number in range(3000)],
        [f"c{number}" for number in range(99)],
    ],
    ids=["random", "few", "doubles", "repeated", "categories", "few names"],
)
def test_other_columns_are_not_identifiers(values):
    found = column(values, values)
    assert (found.identifier, found.gated) == (False, True)


def test_new_extremes_of_numbers_gate_only_when_asked(tmp_path):
    q = NORMAL.copy()
    q[:120] = np.linspace(4.5, 5, 120)  # 3 % beyond the baseline's maximum, hardly any distance
    settings = {"thresholds": {"kl": "off", "js_distance": "off", "wasserstein": "off"}}
    found = column(NORMAL, q, **settings)
    assert found.score("new").number == pytest.approx(0.03)
    assert (found.score("new").gated, found.status) == (False, "ok")
    settings["thresholds"]["x.new"] = 0.02
    found = column(NORMAL, q, **settings)
    assert (found.score("new").gated, found.score("lost").gated) == (True, False)
    assert found.reasons[-1] == f"3.0 % of values above the baseline's maximum {NORMAL.max():.4g}"
    assert found.status == "drift"


def test_a_column_can_be_left_ungated(tmp_path):
    found = column(NORMAL, [None] * 10, **configured(tmp_path, "[columns.x]\ngate = false\n"))
    assert not any(score.gated for score in found.scores)
    assert found.notes[0] == "not gated: so configured"
    assert found.gated is False


def test_columns_and_findings_are_listed_worst_first():
    rows = 400
    base = pa.table(
        {
            "same": np.arange(rows) % 7,
            "list": [[1]] * rows,
            "near": np.arange(rows) % 50,
            "far": np.arange(rows) % 50,
            "gone": np.arange(rows),
            "half": [1.0] * rows,
        }
    )
    new = pa.table(
        {
            "fresh": np.arange(rows),
            "same": np.arange(rows) % 7,
            "list": [[1]] * rows,
            "near": np.arange(rows) % 50 + 20,
            "far": np.arange(rows) % 50 + 900,
            "half": [1.0] * (rows - 12) + [None] * 12,
        }
    )
    found = compare(base, new, thresholds={"missing": "0.02:0.05"})
    listed = [(column.name, column.status) for column in found.columns]
    assert listed == [
        ("far", "drift"),
        ("near", "drift"),
        ("half", "warn"),
        ("same", "ok"),
        ("list", "ok"),
    ]
    assert [(each.kind, each.column, each.status) for each in found.findings] == [
        ("lost_column", "gone", "drift"),
        ("new_column", "fresh", "warn"),
    ]
    counts = found.summary
    assert (counts.columns, counts.drift, counts.warn, counts.ok, counts.skipped) == (5, 2, 1, 2, 0)


@pytest.mark.parametrize(
    ("key", "finding"), [("lost_column", "lost_column"), ("new_column", "new_column")]
)
@pytest.mark.parametrize("status", ["ok", "warn", "drift"])
def test_lost_and_new_columns_have_the_status_that_is_set(tmp_path, key, finding, status):
    both, one = pa.table({"x": [1], "y": [2]}), pa.table({"x": [1]})
    sides = (both, one) if key == "lost_column" else (one, both)
    found = compare(*sides, **configured(tmp_path, f'{key} = "{status}"\n'))
    assert [(each.kind, each.status) for each in found.findings] == [(finding, status)]
    assert found.verdict == status


def test_metrics_that_are_not_asked_for_are_not_scored():
    found = column(NORMAL, NORMAL, metrics=["ks", "jsd"])
    assert {score.metric for score in found.scores} == {"ks", "jsd"}
    assert found.status == "ok"
