"""Thresholds learnt from generated history, whose season and week are known."""

from __future__ import annotations

from math import inf

import numpy as np
import pyarrow as pa
import pytest
from past_data import by_chance, by_time
from scipy.stats import wasserstein_distance
from seasons import season

from driftcli.calibration import Calibration, LearningRule, from_profiles, learn
from driftcli.config import Levels, ReadSettings, Settings
from driftcli.engine import profile
from driftcli.source import open_source


def never(column: str, metric: str) -> bool:
    return False


def learnt(
    data: pa.Table, settings: Settings | None = None, rule: LearningRule | None = None
) -> Calibration:
    reference = by_time(data)
    return learn(reference, settings or Settings(), rule or LearningRule(), never)


@pytest.fixture(scope="module")
def year() -> Calibration:
    return learnt(season(range(364), 200, seed=1))


def test_what_follows_the_season_gets_room_and_what_does_not_keeps_its_floor(
    year: Calibration,
) -> None:
    scores = {(each.column, each.metric): each for each in year.thresholds}
    load, calm = scores["load", "wasserstein"], scores["calm", "missing"]
    assert load.outcome == "learnt"
    assert load.drift is not None
    assert load.highest is not None
    assert 1 < load.highest < load.drift < 2  # a summer or winter weekday lies 3 of 2.9 sd away
    assert (calm.outcome, calm.drift, calm.warn) == ("floor", 0.01, None)
    assert load.periods == 364
    assert load.expected_alarms == pytest.approx(1 / 365)
    assert year.way == "364 periods of 1d"


def test_defaults_cry_wolf_on_a_season_and_learnt_thresholds_do_not(year: Calibration) -> None:
    assert year.default_alarms == 364
    # Some 17 scores, each of which a new period exceeds once in a thousand.
    assert year.learnt_alarms <= 5


def test_a_score_is_that_of_one_period_against_the_union_of_the_others() -> None:
    data = season(range(5), 100, seed=4)
    reference = by_time(data)
    made = {
        (each.column, each.metric): each
        for each in learn(reference, Settings(), LearningRule(), never).thresholds
    }
    load = data["load"].to_numpy()
    slow = []
    for at in range(0, 500, 100):
        others = np.delete(load, np.s_[at : at + 100])
        slow.append(wasserstein_distance(others, load[at : at + 100]) / others.std())
    assert made["load", "wasserstein"].highest == pytest.approx(max(slow), rel=1e-12)
    assert made["load", "wasserstein"].default_alarms == sum(each >= 0.1 for each in slow)


def test_a_threshold_learnt_from_the_others_is_what_history_is_judged_by() -> None:
    """One wild day among quiet ones: it alarms, though the learnt threshold lies above it."""
    data = pa.concat_tables(
        [season(range(20), 200, seed=2), season(range(20, 21), 200, seed=2, shift=40)]
    )
    made = {(e.column, e.metric): e for e in learnt(data).thresholds}["load", "wasserstein"]
    assert made.highest is not None
    assert made.drift is not None
    assert made.drift > made.highest
    assert made.learnt_alarms == 1


def test_timestamps_identifiers_and_odd_columns_are_named() -> None:
    days = 6
    data = season(range(days), 100, seed=3)
    rows = data.num_rows
    data = (
        data.append_column("id", pa.array([f"row {at}" for at in range(rows)]))
        .append_column("seen", data["ts"])
        .append_column("empty", pa.nulls(rows))
    )
    made = learnt(data)
    assert {each.column: each.reason.partition(":")[0] for each in made.ungated} == {
        "id": "identifier",
        "seen": "timestamp",
        "empty": "no values",
    }
    assert not {"id", "seen", "empty"} & {each.column for each in made.thresholds}


def test_history_at_the_highest_score_switches_a_metric_off() -> None:
    data = season(range(4), 100, seed=3)
    day = np.repeat(np.arange(4), 100).astype(float)
    made = {
        each.metric: each
        for each in learnt(data.append_column("day", pa.array(day))).thresholds
        if each.column == "day"
    }
    assert (made["js_distance"].outcome, made["js_distance"].drift) == ("off", None)


def test_infinite_history_is_left_alone() -> None:
    settings = Settings(smoothing=0.0, thresholds={"kl": Levels(drift=0.1)})
    made = {each.column: each for each in learnt(season(range(20), 200, 2), settings).thresholds}
    assert made["load"].outcome == "infinite"
    assert made["load"].highest is None


def test_general_thresholds_move_the_floor_and_metrics_not_scored_are_left_out() -> None:
    settings = Settings(
        metrics=("missing",), thresholds={"missing": Levels(drift=0.4), "kl": Levels(drift=0.1)}
    )
    made = learnt(season(range(5), 100, seed=3), settings, LearningRule(floor=0.25)).thresholds
    assert {(each.metric, each.drift, each.default) for each in made} == {("missing", 0.1, 0.4)}


def test_random_splits_of_what_does_not_change_stay_below_the_defaults() -> None:
    data = season(range(7), 9_000, seed=6).drop_columns(["ts"])
    reference = by_chance(data, 10)
    made = learn(reference, Settings(), LearningRule(), never)
    assert all(each.drift < each.default for each in made.thresholds if each.drift)
    assert {each.outcome for each in made.thresholds if each.metric == "missing"} == {"floor"}
    assert made.learnt_alarms == 0


def test_a_file_without_a_column_or_without_its_values_does_not_count_for_it() -> None:
    files = [season(range(at, at + 7), 100, seed=5) for at in range(0, 49, 7)]
    files[0] = files[0].drop_columns(["calm"])
    files[1] = files[1].set_column(1, "load", pa.nulls(700))
    profiles = [profile(open_source(each, ReadSettings()), {}).whole for each in files]
    made = learn(from_profiles(profiles), Settings(), LearningRule(), never)
    counts = {(each.column, each.metric): each.periods for each in made.thresholds}
    assert counts["calm", "wasserstein"] == 6
    assert counts["load", "wasserstein"] == 6
    assert counts["load", "missing"] == 7
    assert counts["shop", "js_distance"] == 7


def test_levels_are_ordered(year: Calibration) -> None:
    for each in year.thresholds:
        if each.warn is not None:
            assert 0 < each.warn < (each.drift or inf)
