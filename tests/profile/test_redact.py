"""Redacted profiles: what they leave out, and that they still compare."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st

from driftcli.comparison import compare_profiles
from driftcli.config import Settings, load
from driftcli.errors import UsageError
from driftcli.metrics import METRICS
from driftcli.pipeline.comparing import run
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.profiling import profiled
from driftcli.pipeline.selection import Selection
from driftcli.profile import categories, saved
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.redact import LEAST_ROWS, alike, redact

LOADED = load(metrics=METRICS)


def profile_of(data: Any) -> DatasetProfile:
    return profiled(data, LOADED, Selection(), Reading())


def hidden(data: Any, salt: str = "") -> DatasetProfile:
    """Return a redacted profile as it comes back from a file."""
    return saved.decoded(saved.file_of(profile_of(data), salt=salt), "base.profile")


def scores(p: DatasetProfile, q: DatasetProfile, salt: str = "") -> dict[str, Any]:
    columns = compare_profiles(*alike(p, q, salt), Settings()).columns
    return {column.name: column.scores for column in columns}


def names(rng: np.random.Generator, count: int, size: int) -> list[str]:
    return [f"name {each}" for each in rng.zipf(1.5, size) % count]


@pytest.mark.slow
@given(seed=st.integers(0, 10**6), salt=st.sampled_from(["", "pepper"]))
def test_names_compare_like_those_that_are_not_hidden(seed: int, salt: str) -> None:
    rng = np.random.default_rng(seed)
    p, q = (pa.table({"x": names(rng, count, 400)}) for count in (30, 40))
    expected = scores(profile_of(p), profile_of(q))
    assert scores(hidden(p, salt), profile_of(q), salt) == expected
    assert scores(profile_of(p), hidden(q, salt), salt) == expected
    assert scores(hidden(p, salt), hidden(q, salt)) == expected


def test_a_report_names_what_both_sides_have_and_no_more() -> None:
    p = pa.table({"city": ["London"] * 60 + ["Atlantis"] * 40})
    q = pa.table({"city": ["London"] * 60 + ["Paris"] * 40})
    (column,) = compare_profiles(*alike(hidden(p), profile_of(q), ""), Settings()).columns
    (said,) = [reason for reason in column.reasons if reason.startswith("lost")]
    assert re.fullmatch(r"lost: '[0-9a-f]{16}' 40 %", said)
    assert "new: 'Paris' 40 %" in column.reasons
    assert "Atlantis" not in str(column)
    assert column.baseline.top[0].value == "London"


def test_nothing_of_the_data_is_left_in_the_file() -> None:
    table = pa.table(
        {
            "email": [f"somebody-{i % 50}@example.org" for i in range(1000)],
            "flag": [True, False] * 500,
        }
    )
    data = saved.file_of(profile_of(table), salt="pepper")
    loose = saved.decoded(data, "base.profile")
    assert b"somebody" not in data
    assert all(
        re.fullmatch("[0-9a-f]{16}", n) for n in loose.columns["email"].values.names.to_pylist()
    )
    assert "pepper" not in str(loose)
    assert loose.made_of == ("(redacted)", "memory")
    assert loose.columns["email"].values.distinct == 50


@pytest.mark.slow
def test_text_that_did_not_parse_is_left_out(tmp_path: Any) -> None:
    path = tmp_path / "secret.csv"
    path.write_text("x\n" + "".join(f"{i}\n" for i in range(5000)) + "hush\n")
    forced = load(metrics=METRICS, overrides={"numeric": ["x"]})
    made = redact(profiled(path, forced, Selection(), Reading()), "")
    assert (made.columns["x"].invalid.count, made.columns["x"].invalid.first_row) == (1, 5000)
    noted = profile_of(path)
    assert noted.notes
    for each in (made, redact(noted, "")):
        assert b"hush" not in saved.encoded(each)
        assert b"secret" not in saved.encoded(each)


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo.COLUMNS)
@given(size=st.integers(LEAST_ROWS, 2000), seed=st.integers(0, 10**6))
def test_points_stand_for_enough_rows_and_know_what_they_cost(
    name: str, size: int, seed: int
) -> None:
    values = zoo.column(name, size, seed)
    before = profile_of(pa.table({"x": values})).columns["x"].values
    made = redact(profile_of(pa.table({"x": values})), "").columns["x"].values
    assert made.points.total == size
    assert made.points.counts.min() >= LEAST_ROWS
    assert (made.low, made.high) == (made.points.values[0], made.points.values[-1])
    assert (made.mean, made.sd) == (before.mean, before.sd)
    if before.points.counts.min() >= LEAST_ROWS:
        assert made.points.exact
        return
    assert made.points.rounding > 0
    rows = [np.repeat(each.points.values, each.points.counts) for each in (before, made)]
    with np.errstate(over="ignore"):
        moved = np.mean(np.abs(rows[0].astype(np.longdouble) - rows[1].astype(np.longdouble)))
    assert moved <= made.points.rounding * (1 + 1e-9) + 5e-324


def test_extremes_are_means_of_several_rows() -> None:
    values = np.append(np.arange(1000.0), [1e9])
    made = redact(profile_of(pa.table({"x": values})), "").columns["x"].values
    assert made.low == np.arange(10).mean()
    assert 1e9 > made.high >= 1e9 / 20
    assert saved.decoded(saved.encoded(redact(profile_of(pa.table({"x": values})), "")), "p")


def test_a_column_of_few_values_keeps_none() -> None:
    table = pa.table({"x": pa.array([1.5, 2.5, None] * 3), "n": range(9)})
    made = redact(profile_of(table), "")
    assert not made.columns["x"].values.points.values.size
    assert np.isnan(made.columns["x"].values.mean)
    assert (made.columns["x"].rows, made.columns["x"].missing) == (9, 3)
    report = compare_profiles(made, made, Settings())
    assert report.verdict == "unjudged"


@pytest.fixture
def few_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Coarsen columns of more than 60 names, to the 20 commonest."""
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 60)
    monkeypatch.setattr(categories, "KEPT_CATEGORIES", 20)
    monkeypatch.setattr(categories, "BUCKETS", 64)


@pytest.mark.slow
@pytest.mark.usefixtures("few_categories")
@pytest.mark.parametrize(("p_count", "q_count"), [(500, 500), (500, 30), (30, 500)])
def test_coarsened_names_compare_from_below(p_count: int, q_count: int) -> None:
    rng = np.random.default_rng(5)
    sides = [
        pa.table({"x": [f"n{each}" for each in rng.integers(0, count, 4000)]})
        for count in (p_count, q_count)
    ]
    p, q = map(profile_of, sides)
    plain = {each.metric: each for each in scores(p, q)["x"]}
    for one, other in ((hidden(sides[0]), q), (p, hidden(sides[1]))):
        for each in scores(one, other)["x"]:
            if each.metric in ("js_distance", "jsd", "tv", "hellinger", "wasserstein"):
                assert each.lower_bound
                assert each.value <= plain[each.metric].value + 1e-12
    made = hidden(sides[0]).columns["x"].values
    if p_count == 500:
        assert not len(made.names)
        assert made.total == 4000
        assert made.distinct == p.columns["x"].values.distinct


def test_the_salt_must_be_the_one() -> None:
    p, q = (pa.table({"x": ["a", "b"] * 20}) for _ in range(2))

    def told(one: DatasetProfile, other: DatasetProfile, salt: str) -> str:
        with pytest.raises(UsageError) as refused:
            alike(one, other, salt)
        return str(refused.value)

    assert told(hidden(p, "pepper"), profile_of(q), "") == (
        "base.profile: its categories were hashed with a salt; set the environment variable"
        " DRIFT_SALT"
    )
    assert told(profile_of(p), hidden(q, "pepper"), "paprika") == (
        "base.profile: its categories were hashed with a salt; DRIFT_SALT is another one"
    )
    assert told(hidden(p, "pepper"), hidden(q), "pepper") == (
        "base.profile and base.profile were redacted with different salts: their categories"
        " cannot be compared; redact both with one DRIFT_SALT"
    )
    # What was hashed without a salt needs none, whatever is set.
    assert scores(hidden(p), profile_of(q), "pepper") == scores(profile_of(p), profile_of(q))


def test_the_environment_holds_the_salt(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"x": ["a", "b"] * 20})
    monkeypatch.setenv("DRIFT_SALT", "pepper")
    assert (
        run(hidden(table, "pepper"), table, LOADED, Selection(), Reading()).report.verdict == "ok"
    )


def test_redacting_twice_changes_nothing_more() -> None:
    table = pa.table({"x": ["a", "b"] * 20, "n": np.arange(40.0)})
    once = redact(profile_of(table), "pepper")
    assert saved.encoded(redact(once, "other")) == saved.encoded(once)


@pytest.mark.parametrize("rows", [600, 5_000])
@pytest.mark.parametrize("name", ["poisson", "rating", "spread"])
def test_redaction_alone_is_no_drift(name: str, rows: int) -> None:
    """Integers of few rows at their ends had means there, which no data had."""
    rng = np.random.default_rng(7)
    draw = {
        "poisson": lambda: rng.poisson(4, rows),
        "rating": lambda: rng.choice(10, rows, p=[0.005, 0.095, *[0.9 / 8] * 8]),
        "spread": lambda: rng.integers(0, 5 * rows, rows),
    }[name]
    data = pa.table({"x": draw()})
    made = redact(profile_of(data), "")
    for other, expected in ((data, ("ok",)), (pa.table({"x": draw()}), ("ok", "inconclusive"))):
        for p, q in ((made, profile_of(other)), (profile_of(other), made)):
            report = compare_profiles(*alike(p, q, ""), Settings())
            assert [each.status in expected for each in report.columns] == [True]


def test_a_value_that_many_rows_share_stays_where_it_is() -> None:
    data = pa.table({"x": [0] * 3 + [1] * 50 + [2] * 60 + [3] * 40 + [9] * 2})
    values = redact(profile_of(data), "").columns["x"].values
    assert values.points.values.tolist() == [1, 2, 3]
    assert values.points.counts.tolist() == [53, 60, 42]
    assert values.points.rounding >= (3 * 1 + 2 * 6) / 155
    assert (values.low, values.high) == (1, 3)
