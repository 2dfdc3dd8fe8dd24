"""The JSON contract: every report fits its schema, is strict JSON, and loses nothing."""

import json
import math

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

from driftcli.api.compare import compare
from driftcli.metrics import METRICS
from driftcli.report.comparison import Report
from driftcli.report.schemas import json_schema

RNG = np.random.default_rng(6)


def dataset(seed, rows=400):
    rng = np.random.default_rng(seed)
    times = rng.integers(0, 10**9, rows)
    return pa.table(
        {
            "normal": rng.normal(seed, 1, rows),
            "huge": rng.choice([-1.7e308, 1.7e308, 5e-324], rows),
            "constant": np.full(rows, float(seed)),
            "holes": pa.array(np.where(rng.random(rows) < 0.3, None, rng.random(rows)).tolist()),
            "odd": rng.choice([math.nan, math.inf, -math.inf, 1.0], rows),
            "big": rng.integers(2**60, 2**61, rows),
            "id": np.arange(rows) + seed * rows,
            "name": rng.choice(["a", "b", "ünï\u202e\x1b[31m|<b>"], rows),
            "many": [f"{number:x}" for number in rng.integers(0, 10**6, rows).tolist()],
            "flag": rng.random(rows) < 0.5,
            "time": pa.array(times, pa.timestamp("us")),
            "zoned": pa.array(times * 1000, pa.timestamp("ms", "Europe/Berlin")),
            "ancient": pa.array(np.full(rows, -(10**15)), pa.timestamp("s")),
            "nothing": pa.nulls(rows),
            "list": [[1]] * rows,
            f"only{seed}": rng.normal(size=rows),
        }
    )


def reports():
    base, new = dataset(1), dataset(2)
    yield "kinds", compare(base, new)
    yield "itself", compare(base, base)
    yield "sampled", compare(base, new, sample=50)
    yield "no current rows", compare(base, base.slice(0, 0))
    yield "no rows", compare(base.slice(0, 0), base.slice(0, 0))
    yield "one row", compare(base.slice(0, 1), new.slice(0, 1))
    yield "one metric", compare(base, new, metrics=["kl"], thresholds={"kl": "0.1:0.2"})
    yield "categories", compare(base, new, categorical=["constant", "big"])
    yield "type change", compare(pa.table({"x": [1]}), pa.table({"x": ["a"]}))


REPORTS = dict(reports())


def strictly(text):
    """Parse JSON that must hold no NaN or Infinity."""

    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("name", REPORTS)
def test_real_reports_fit_the_schema(name):
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = strictly(REPORTS[name].to_json())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert document == REPORTS[name].to_dict()


@pytest.mark.parametrize("name", REPORTS)
def test_summaries_count_what_is_listed(name):
    report = REPORTS[name]
    assert report.summary.columns == len(report.columns)
    for status in ("drift", "warn", "inconclusive", "ok", "skipped"):
        listed = sum(column.status == status for column in report.columns)
        assert getattr(report.summary, status) == listed


@pytest.mark.parametrize("name", REPORTS)
def test_shares_for_drawing_add_up_to_one(name):
    for column in REPORTS[name].columns:
        drawn = [column.distribution, column.hour_of_day, column.weekday]
        for shares in (side for each in drawn if each for side in (each.baseline, each.current)):
            assert sum(shares) == pytest.approx(1)
        cells = column.distribution
        if cells:
            assert len(cells.baseline) == len(cells.current)
            assert len(cells.baseline) == (len(cells.labels) or len(cells.edges) - 1)
        assert (column.hour_of_day is None) == (column.weekday is None)


def test_an_infinite_score_is_null_and_says_so():
    (column,) = compare(pa.table({"x": [1.0]}), pa.table({"x": [2.0]})).to_dict()["columns"]
    score = next(each for each in column["scores"] if each["metric"] == "wasserstein")
    assert (score["value"], score["infinite"]) == (None, True)


@pytest.mark.parametrize("name", REPORTS)
def test_what_is_gated_is_judged_against_chance_and_nothing_else_is(name):
    alpha = REPORTS[name].settings["alpha"]
    for column in REPORTS[name].columns:
        for score in column.scores:
            judged = (score.noise, score.p_value, score.p_adjusted, score.significant)
            assert [each is not None for each in judged] == [score.gated] * 4
            if score.rows_needed is not None:
                assert score.status in ("ok", "inconclusive")
                assert score.excess >= 1
            if score.gated:
                assert 0 < score.p_value <= 1
                assert 0 < score.p_adjusted <= 1
                beyond = score.p_value <= 0.01
                assert score.significant == (beyond and score.p_adjusted <= alpha)
                assert 0 <= score.noise <= METRICS[score.metric].upper_bound


def test_the_frame_has_a_row_for_each_score():
    report = REPORTS["kinds"]
    frame = report.to_pandas()
    assert len(frame) == sum(len(column.scores) for column in report.columns)
    constant = frame.query("column == 'constant'").set_index("metric")
    assert constant.loc["wasserstein", "value"] == math.inf
    assert constant.loc["js_distance", "value"] == 1
    assert set(frame["kind"]) <= {"numeric", "categorical", "timestamp", "list"}


def test_the_frame_of_no_scores_has_its_columns():
    assert list(REPORTS["type change"].to_pandas().columns) == list(
        REPORTS["kinds"].to_pandas().columns
    )


def test_lone_surrogates_are_escaped():
    report = compare(pa.table({"x": [1]}), pa.table({"x": [1]}), ignore=["\udcff*"])
    assert isinstance(report, Report)
    assert strictly(report.to_json())["settings"]["ignore"] == ["\\udcff*"]
    assert report.to_dict()["settings"]["ignore"] == ["\\udcff*"]
    assert report.to_dict()["verdict"] == "ok"


def test_settings_in_force_are_in_the_report():
    shown = REPORTS["one metric"].to_dict()["settings"]
    assert shown["metrics"] == ["kl"]
    assert shown["thresholds"]["kl"] == {"warn": 0.1, "drift": 0.2}


def test_columns_that_only_warn_are_listed_by_how_far_they_are_over_that_level(tmp_path):
    base = pa.table({"near": RNG.normal(size=500), "far": RNG.normal(size=500)})
    new = pa.table({"near": RNG.normal(1, 1, 500), "far": RNG.normal(3, 1, 500)})
    (tmp_path / "drift.toml").write_text("[thresholds]\nwasserstein = { warn = 0.01 }")
    report = compare(base, new, metrics=["wasserstein"], config=tmp_path / "drift.toml")
    assert [(each.name, each.status) for each in report.columns] == [
        ("far", "warn"),
        ("near", "warn"),
    ]
    far, near = report.columns
    assert far.excess == pytest.approx(far.score("wasserstein").number / 0.01)
    assert far.excess > near.excess
