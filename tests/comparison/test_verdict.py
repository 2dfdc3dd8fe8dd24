"""From scores to a verdict: correction for many tests, what chance explains, how many drift."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from scipy.stats import false_discovery_control

from driftcli.api.compare import compare
from driftcli.comparison.settling import settle
from driftcli.comparison.verdict import exit_code, overall
from driftcli.config import Settings
from driftcli.metrics import METRICS
from driftcli.report.columns import Column, ColumnStats, Score, Status
from driftcli.report.comparison import Finding, Report, Verdict

SIDE = ColumnStats(
    type="double", rows=100, missing=0.0, missing_count=0, distinct=50, distinct_exact=True
)
P_VALUES = st.lists(st.floats(1e-300, 1.0), min_size=1, max_size=12)


def score(p_value: float, value: float = 0.3, **fields: Any) -> Score:
    """Return a gated score of js_distance that has reached its threshold, unless told otherwise."""
    defaults = {"metric": "js_distance", "threshold": 0.1, "noise": 0.2, "status": "drift"}
    return Score(**{**defaults, "value": value, "p_value": p_value, "gated": True, **fields})


def column(name: str, *scores: Score, **fields: Any) -> Column:
    defaults = {"kind": "numeric", "status": "ok", "baseline": SIDE, "current": SIDE}
    return Column(**{**defaults, "name": name, "scores": scores, **fields})


def settled(*columns: Column, **settings: Any) -> list[Column]:
    return settle(columns, Settings(**settings))


def only(*scores: Score, **settings: Any) -> Column:
    (found,) = settled(column("x", *scores), **settings)
    return found


def corrected(p_values: Sequence[float], correction: str) -> list[float | None]:
    """Return the corrected p-values of as many columns with one score each."""
    columns = [column(f"c{at}", score(p)) for at, p in enumerate(p_values)]
    found = settled(*columns, correction=correction)
    return [each.scores[0].p_adjusted for each in found]


@given(P_VALUES)
def test_bh_is_the_correction_of_benjamini_and_hochberg(p_values: list[float]) -> None:
    expected = false_discovery_control(p_values, method="bh")
    assert corrected(p_values, "bh") == pytest.approx(list(expected), rel=1e-12)


@given(P_VALUES)
def test_holm_steps_down(p_values: list[float]) -> None:
    expected = [
        max(
            min(1.0, (len(p_values) - sum(each < smaller for each in p_values)) * smaller)
            for smaller in p_values
            if smaller <= own
        )
        for own in p_values
    ]
    assert corrected(p_values, "holm") == pytest.approx(expected, rel=1e-12)


def test_holm_by_hand() -> None:
    assert corrected([0.01, 0.04, 0.03, 0.005], "holm") == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(P_VALUES)
def test_no_correction_leaves_p_values_as_they_are(p_values: list[float]) -> None:
    assert corrected(p_values, "none") == pytest.approx(p_values, rel=1e-12)


@given(P_VALUES, st.sampled_from(["bh", "holm"]))
def test_corrected_p_values_are_no_smaller_and_keep_their_order(
    p_values: list[float], correction: str
) -> None:
    found = corrected(p_values, correction)
    pairs = sorted(zip(p_values, found, strict=True))
    assert all(each is not None and each >= p * (1 - 1e-12) for p, each in pairs)
    assert [each for _, each in pairs] == sorted(each for _, each in pairs if each is not None)


def test_tests_of_all_columns_are_corrected_together() -> None:
    columns = [
        column("a", score(0.004), score(0.03, metric="missing")),
        column("b", score(0.02, metric="new")),
    ]
    a, b = settled(*columns, correction="holm")
    assert [each.p_adjusted for each in (*a.scores, *b.scores)] == pytest.approx(
        [0.012, 0.04, 0.04]
    )


def test_scores_of_the_values_of_a_column_are_one_test_by_their_harmonic_mean() -> None:
    same = [score(0.004), score(0.03, metric="kl"), score(1.0, metric="wasserstein")]
    a, b = settled(column("a", *same), column("b", score(0.5)), correction="none")
    expected = 3 / (1 / 0.004 + 1 / 0.03 + 1 / 1.0)
    assert [each.p_adjusted for each in a.scores] == pytest.approx([expected] * 3)
    # Two tests in all, however many scores there are.
    a, b = settled(column("a", *same), column("b", score(0.5)), correction="holm")
    assert [each.p_adjusted for each in a.scores] == pytest.approx([2 * expected] * 3)
    assert b.scores[0].p_adjusted == pytest.approx(0.5)


@pytest.mark.parametrize("metric", METRICS)
def test_each_metric_is_of_one_test(metric: str) -> None:
    alone = {"missing", "nonfinite", "new", "lost", "repeats", "form"}
    assert METRICS[metric].asks == (metric if metric in alone else "values")


def test_a_score_without_a_p_value_makes_that_of_its_test_no_smaller() -> None:
    """Of parts of the rows, scores below their thresholds are not tested."""
    untested = structs.replace(score(1.0, 0.05, metric="kl", status="ok"), p_value=None)
    found = only(score(0.001), untested)
    assert found.scores[0].p_adjusted == pytest.approx(2 / (1 / 0.001 + 1))


def test_what_cannot_come_out_otherwise_is_no_test() -> None:
    certain = score(1.0, 0.0, metric="missing", noise=0.0, status="ok", threshold=0.02)
    tests = [column("a", score(0.01)), column("b", score(0.02))]
    alone, padded = settled(*tests), settled(*tests, *[column(f"c{n}", certain) for n in range(50)])
    assert alone == padded[:2]
    assert {each.scores[0].p_adjusted for each in padded[2:]} == {1.0}
    # One that could have come out otherwise does count, although it did not.
    possible = structs.replace(certain, noise=0.01)
    more = settled(*tests, *[column(f"c{n}", possible) for n in range(50)])
    assert [each.scores[0].p_adjusted for each in more[:2]] == pytest.approx([0.52, 0.52])


@pytest.mark.parametrize(
    ("p_value", "status", "expected"),
    [
        (0.005, "drift", "drift"),
        (0.005001, "drift", "inconclusive"),
        (0.01, "drift", "inconclusive"),
        (0.010001, "drift", "ok"),
        (0.005, "warn", "warn"),
        (0.005001, "warn", "inconclusive"),
        (0.5, "warn", "ok"),
        (0.5, "ok", "ok"),
        (1e-9, "ok", "ok"),
    ],
)
def test_a_level_counts_from_alpha_down(p_value: float, status: Status, expected: Status) -> None:
    found = only(score(p_value, status=status, warn_threshold=0.05))
    assert (found.status, found.scores[0].status) == (expected, expected)
    assert found.scores[0].significant == (p_value <= 0.005)
    by_chance = status != "ok" and p_value > 0.005
    assert (found.scores[0].rows_needed is not None) == by_chance


@pytest.mark.parametrize(
    ("alpha", "p_value", "others", "expected"),
    [
        (0.005, 0.005, 1, "inconclusive"),
        (0.005, 0.005, 20, "inconclusive"),  # 0.1 over all tests
        (0.005, 0.005, 21, "ok"),
        (0.001, 0.005, 4, "inconclusive"),  # 0.02
        (0.001, 0.005, 5, "ok"),
        (0.05, 0.009, 11, "inconclusive"),  # 0.099: no suspicion is larger than 0.1
        (0.05, 0.009, 12, "ok"),
    ],
)
def test_a_suspicion_is_no_more_than_twenty_times_alpha(
    alpha: float, p_value: float, others: int, expected: Status
) -> None:
    calm = [column(f"c{at}", score(1.0, 0.01, status="ok")) for at in range(others - 1)]
    found = settled(column("x", score(p_value)), *calm, alpha=alpha)[0]
    wanted = "drift" if p_value * others <= alpha else expected
    assert found.status == wanted


def test_a_score_within_its_own_noise_does_not_drift_with_its_column() -> None:
    """A real but tiny change of a large column must not make a noisy score drift."""
    small, noisy = score(1e-12, 0.02, status="ok"), score(0.02, metric="wasserstein", noise=0.4)
    found = only(small, noisy)
    assert (found.status, found.scores[1].status) == ("ok", "ok")
    assert (found.scores[0].significant, found.scores[1].significant) == (True, False)
    assert found.notes[0] == "real but small: js_distance 0.02"
    assert found.notes[1].startswith("wasserstein 0.3 is within noise (0.4 in so few rows): about ")


def test_what_is_ok_has_no_reasons() -> None:
    (found,) = settled(column("x", score(0.5), reasons=("mean 1 → 2",)))
    assert (found.status, found.reasons) == ("ok", ())


def test_the_worst_score_is_the_status_of_the_column() -> None:
    drifted = score(1e-9, metric="kl")
    doubtful = score(0.008, metric="missing")
    warned = score(1e-9, metric="ks", status="warn", warn_threshold=0.2)
    assert only(drifted, doubtful, warned).status == "drift"
    assert only(doubtful, warned).status == "warn"
    found = only(doubtful)
    assert found.status == "inconclusive"
    # The phrase stands only where it decides.
    assert not any("could be chance" in each for each in only(doubtful, warned).reasons)
    assert any("could be chance" in each for each in found.reasons)


def test_scores_that_are_not_gated_are_left_alone() -> None:
    plain = Score(metric="ks", value=0.9)
    assert only(score(0.5), plain).scores[1] is plain
    bare = column("x", status="skipped")
    assert settled(bare) == [bare]


def test_alpha_one_judges_by_thresholds_alone() -> None:
    reached = only(score(1.0), alpha=1)
    assert (reached.status, reached.reasons, reached.notes) == ("drift", (), ())
    below = only(score(0.4, 0.05, status="ok"), alpha=1)
    assert (below.status, below.reasons, below.notes) == ("ok", (), ())


def test_alpha_one_finds_nothing_in_equal_data() -> None:
    rows = {"x": [1, 2, 3] * 50, "y": ["a", "b", "b"] * 50}
    found = compare(pa.table(rows), pa.table(rows), alpha=1, fail_on="change")
    assert [(each.status, each.notes) for each in found.columns] == [("ok", ())] * 2
    assert (found.verdict, found.exit_code) == ("ok", 0)


def test_a_suspicion_is_said_in_a_whole_sentence() -> None:
    moved = column("x", score(0.00812, 0.15, noise=0.14), reasons=("mean 1 → 2",))
    (found,) = settled(moved)
    needed = found.scores[0].rows_needed
    assert needed
    expected = "js_distance 0.15 could be chance (p = 0.00812 over all tests)"
    assert found.reasons == (f"{expected}: about {needed:,} rows a side would tell", "mean 1 → 2")


@pytest.mark.parametrize(
    ("p_value", "noise", "expected"),
    [
        (0.3, 0.2, "js_distance 0.15 is within noise (0.2 in so few rows)"),
        (0.0123, 0.15, "js_distance 0.15 is within noise (0.15 in so few rows)"),
        (0.0123, 0.14, "js_distance 0.15 could be chance (p = 0.0123 over all tests)"),
    ],
)
def test_what_is_within_noise_is_noted_in_a_whole_sentence(
    p_value: float, noise: float, expected: str
) -> None:
    (found,) = settled(column("x", score(p_value, 0.15, noise=noise), notes=("a note",)))
    needed = found.scores[0].rows_needed
    assert needed
    assert found.status == "ok"
    assert found.notes == ("a note", f"{expected}: about {needed:,} rows a side would tell")


@pytest.mark.parametrize(
    ("p_value", "noise", "expected"),
    [
        (0.3, 0.2, "js_distance 0.15 is within noise (0.2 in so few blocks of rows)"),
        (0.00812, 0.14, "js_distance 0.15 could be chance (p = 0.00812 over all tests)"),
    ],
)
def test_of_rows_that_move_together_more_must_be_of_other_blocks(
    p_value: float, noise: float, expected: str
) -> None:
    (found,) = settled(
        structs.replace(column("x", score(p_value, 0.15, noise=noise)), design_effect=7.0)
    )
    needed = found.scores[0].rows_needed
    told = f"{expected}: about {needed:,} rows a side, in more blocks, would tell"
    assert (*found.reasons, *found.notes) == (told,)


def test_a_warning_can_be_inconclusive_too() -> None:
    found = only(score(0.009, 0.15, status="warn", threshold=0.5, warn_threshold=0.08))
    assert found.status == "inconclusive"
    needed = found.scores[0].rows_needed
    (reason,) = found.reasons
    assert reason == (
        f"js_distance 0.15 could be chance (p = 0.009 over all tests): "
        f"about {needed:,} rows a side would tell"
    )


@pytest.mark.parametrize("p_value", [0.3, 0.009])
def test_of_several_scores_the_one_that_needs_most_rows_is_named(p_value: float) -> None:
    found = only(score(p_value), score(p_value, metric="wasserstein", noise=0.4))
    needs = [each.rows_needed or 0 for each in found.scores]
    assert needs[0] < needs[1]
    (said,) = found.reasons or found.notes
    assert said.startswith("wasserstein 0.3 ")
    assert f"{needs[1]:,} rows" in said


def test_a_threshold_of_zero_asks_for_any_difference_chance_or_not() -> None:
    rows = pa.table({"x": [1, 2, 3, 4]})
    assert compare(rows, rows, thresholds={"ks": 0}).verdict == "ok"
    other = compare(rows, pa.table({"x": [1, 2, 3, 3]}), thresholds={"ks": 0}).columns[0]
    found = other.score("ks")
    assert found is not None
    assert (found.status, found.significant, found.rows_needed) == ("drift", False, None)


def test_a_real_change_below_its_threshold_is_a_note() -> None:
    small = score(1e-5, 0.0712, status="ok")
    smaller = score(1e-4, 0.03456, status="ok", metric="wasserstein")
    chance = score(0.3, 0.02, status="ok", metric="kl")
    (found,) = settled(column("x", small, smaller, chance, notes=("a note",)))
    assert (found.status, found.reasons) == ("ok", ())
    assert found.notes == ("a note", "real but small: js_distance 0.0712, wasserstein 0.03456")
    assert [each.significant for each in found.scores] == [True, True, False]
    (drifted,) = settled(column("x", small, score(1e-9, metric="kl")))
    assert (drifted.status, drifted.notes) == ("drift", ())


def test_rows_needed_grow_with_noise_and_doubt_and_fall_with_the_threshold() -> None:
    def needed(p_value: float = 0.02, *others: float, **fields: Any) -> int:
        columns = [column(f"c{at}", score(p)) for at, p in enumerate(others)]
        found = settled(column("x", score(p_value, **fields)), *columns)[0].scores[0].rows_needed
        assert found
        return found

    assert needed(noise=0.4) > needed(noise=0.2) > needed(noise=0.1)
    assert needed(threshold=0.05) > needed(threshold=0.1)
    assert needed(0.02, 0.9, 0.9, 0.9) > needed(0.02)
    levels = {"threshold": 0.2, "warn_threshold": 0.1}
    assert needed(status="warn", **levels) > needed(status="drift", **levels)
    # Noise falls with the rows where a metric is squared, else with their root.
    assert needed(metric="kl", noise=0.8) < needed(metric="js_distance", noise=0.8)


@pytest.mark.parametrize("noise", [1e9, 1e200, 1.7e308])
def test_no_number_of_rows_is_told_that_nobody_has(noise: float) -> None:
    doubtful = column("x", score(0.02, noise / 2, metric="wasserstein", noise=noise))
    (found,) = settled(doubtful)
    assert found.status == "ok"
    assert "is within noise" in found.notes[0]
    assert "would tell" not in found.notes[0]
    assert found.scores[0].rows_needed is None


@given(st.floats(1e-4, 1e3), st.floats(0.011, 1.0), st.integers(1, 10**9))
def test_rows_needed_have_two_digits_and_are_more_than_there_are(
    noise: float, p_value: float, rows: int
) -> None:
    side = structs.replace(SIDE, rows=rows)
    doubtful = column("x", score(p_value, noise=noise), baseline=side, current=side)
    needed = settled(doubtful)[0].scores[0].rows_needed
    assert needed
    assert needed >= rows
    assert needed < 100 or set(str(needed)[2:]) <= {"0"}


def test_missing_rows_are_no_rows_of_a_distribution() -> None:
    half = structs.replace(SIDE, rows=200, missing=0.5, missing_count=100)
    full, holes = (
        settled(column("x", score(0.3), baseline=side, current=side))[0].scores[0].rows_needed
        for side in (SIDE, half)
    )
    assert full == holes


SHAPES: dict[str, Callable[[np.random.Generator, int], Any]] = {
    "normal": lambda draw, rows: draw.normal(size=rows),
    "exponential": lambda draw, rows: draw.exponential(size=rows),
    "five": lambda draw, rows: draw.choice(list("abcde"), rows, p=[0.4, 0.3, 0.15, 0.1, 0.05]),
    "two": lambda draw, rows: draw.choice(["no", "yes"], rows, p=[0.7, 0.3]),
}
REPEATS = 40


def scored(shape: str, rows: int, seed: int) -> tuple[Score, ...]:
    """Return the scores of two samples of one distribution."""
    draw = np.random.default_rng([seed, rows])
    sides = (pa.table({"x": pa.array(SHAPES[shape](draw, rows))}) for _ in range(2))
    (found,) = compare(*sides, metrics=["js_distance", "wasserstein", "kl"]).columns
    return found.scores


@pytest.mark.slow
@pytest.mark.parametrize("rows", [50, 200])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_rows_said_to_be_needed_are_enough(shape: str, rows: int) -> None:
    doubtful: dict[str, int] = {}
    for seed in range(60):
        for each in scored(shape, rows, seed):
            if each.rows_needed and each.metric not in doubtful:
                doubtful[each.metric] = each.rows_needed
    assert doubtful
    for metric, needed in doubtful.items():
        again = [scored(shape, needed, 1_000 + seed) for seed in range(REPEATS)]
        scores = [each for found in again for each in found if each.metric == metric]
        by_chance = sum(each.rows_needed is not None for each in scores)
        assert by_chance <= REPEATS // 10, (metric, needed)


def lost(name: str) -> Finding:
    return Finding(kind="lost_column", column=name, status="drift", message="lost")


def named(**statuses: Status) -> list[Column]:
    return [column(name, status=status) for name, status in statuses.items()]


NO_ROWS = Finding(kind="no_rows", column=None, status="drift", message="no rows")
NEW = Finding(kind="new_column", column="n", status="warn", message="new")
INVALID = Finding(kind="invalid_values", column="a", status="drift", message="invalid")


@pytest.mark.parametrize(
    ("columns", "found", "limit", "verdict"),
    [
        (named(a="ok", b="skipped"), [], 1, "ok"),
        (named(a="ok", b="inconclusive"), [], 1, "inconclusive"),
        (named(a="inconclusive", b="warn"), [], 1, "warn"),
        (named(a="inconclusive"), [NEW], 1, "warn"),
        (named(a="drift", b="warn"), [], 1, "drift"),
        ([], [lost("z")], 1, "drift"),
        (named(a="ok"), [NO_ROWS], 1, "drift"),
        ([], [], 1, "ok"),
        # A count.
        (named(a="drift", b="drift", c="ok"), [], 2, "drift"),
        (named(a="drift", b="drift", c="ok"), [], 3, "warn"),
        (named(a="drift", b="ok"), [lost("z")], 2, "drift"),
        (named(a="drift", b="ok"), [lost("z")], 3, "warn"),
        (named(a="drift"), [], 2, "warn"),
        (named(a="ok"), [lost("z")], 2, "warn"),
        (named(a="ok"), [NO_ROWS], 9, "drift"),
        # One column that drifts twice is one.
        (named(a="drift"), [INVALID], 2, "warn"),
        (named(a="ok", b="drift"), [INVALID], 2, "drift"),
        # A share of those compared.
        (named(a="drift", b="ok", c="ok", d="ok"), [], 0.25, "drift"),
        (named(a="drift", b="ok", c="ok", d="ok"), [], 0.26, "warn"),
        (named(a="drift", b="ok", c="ok", d="skipped"), [], 0.33, "drift"),
        (named(a="drift", b="ok", c="ok"), [lost("z")], 0.5, "drift"),
        (named(a="drift", b="ok", c="ok"), [lost("z")], 0.51, "warn"),
        (named(a="ok", b="ok"), [], 0.01, "ok"),
        (named(a="ok", b="warn"), [], 0.01, "warn"),
        ([], [], 0.5, "ok"),
    ],
)
def test_the_dataset_drifts_where_enough_columns_do(
    columns: list[Column], found: list[Finding], limit: float, verdict: Verdict
) -> None:
    assert overall(columns, found, Settings(drifted_columns=limit)) == verdict


@pytest.mark.parametrize("verdict", ["ok", "inconclusive", "warn", "unjudged", "drift"])
@pytest.mark.parametrize("nothing_judged", ["error", "warn", "ok"])
@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("doubtful", [False, True])
@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("fail_on", ["drift", "warn", "change", "never"])
def test_what_fails(
    verdict: Verdict,
    nothing_judged: Any,
    strict: bool,
    doubtful: bool,
    changed: bool,
    fail_on: Any,
) -> None:
    columns = [
        column("a", score(0.5, significant=changed), status="inconclusive" if doubtful else "ok")
    ]
    unjudged = verdict == "unjudged"
    warns = verdict == "warn" or (unjudged and nothing_judged == "warn")
    expected = {
        "never": False,
        "drift": verdict == "drift",
        "warn": warns or verdict == "drift",
        "change": warns or verdict == "drift" or changed,
    }[fail_on]
    expected |= fail_on != "never" and strict and (doubtful or unjudged)
    code = 1 if expected else 0
    if unjudged and nothing_judged == "error" and fail_on != "never":
        code = 2
    settings = Settings(fail_on=fail_on, strict=strict, nothing_judged=nothing_judged)
    assert exit_code(verdict, columns, settings) == code


def test_the_share_of_drifted_columns_is_told() -> None:
    rows = 200
    calm = {name: np.arange(rows) % 10 for name in "abc"}
    base = pa.table({**calm, "d": np.arange(rows) % 10, "raw": [b"x"] * rows})
    new = pa.table({**calm, "d": np.arange(rows) % 10 + 50, "raw": [b"x"] * rows})
    found = compare(base, new, drifted_columns=0.5)
    assert (found.verdict, found.exit_code, found.summary.drift) == ("warn", 0, 1)
    assert found.summary.drifted_share == 0.25
    assert compare(base, new, drifted_columns=0.25).verdict == "drift"
    assert compare(base, base).summary.drifted_share == 0


def dataset(seed: int, rows: int = 300) -> pa.Table:
    """Columns of every kind: some drift between two seeds, some do not."""
    draw = np.random.default_rng(seed)
    normal = draw.normal(size=rows)
    return pa.table(
        {
            "calm": normal,
            "moved": draw.normal(seed * 0.2, 1, rows),
            "tied": draw.poisson(2, rows),
            "holes": pa.array(normal, mask=draw.random(rows) < 0.05 * seed),
            "odd": np.where(draw.random(rows) < 0.1, np.inf, normal),
            "name": draw.choice(["a", "b", "c", "d"], rows),
            "many": [f"{number}" for number in draw.zipf(1.4, rows).tolist()],
            "flag": draw.random(rows) < 0.5,
            "time": pa.array(draw.integers(0, 10**9, rows), pa.timestamp("s")),
        }
    )


BASE, NEW_DATA = dataset(1), dataset(2)


def of(found: Column, metric: str) -> Score:
    (one,) = (each for each in found.scores if each.metric == metric)
    return one


def chances(report: Report) -> dict[str, list[Any]]:
    """Return of each column what may not depend on the other columns."""
    return {
        each.name: [(s.metric, s.value, s.noise, s.p_value) for s in each.scores]
        for each in report.columns
    }


def test_the_same_comparison_gives_the_same_bytes() -> None:
    first = compare(BASE, NEW_DATA).to_json()
    assert first == compare(BASE, NEW_DATA).to_json()
    assert first == compare(dataset(1), dataset(2), threads=1).to_json()


@pytest.mark.slow
def test_another_process_gives_the_same_bytes() -> None:
    code = (
        "import pyarrow as pa\n"
        "from driftcli.api.compare import compare\n"
        "base = pa.table({'x': [i * i % 97 for i in range(200)], 'y': list('abcd') * 50})\n"
        "new = pa.table({'x': [i * i % 89 for i in range(200)], 'y': list('abca') * 50})\n"
        "print(compare(base, new).to_json())"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    )
    assert b'"p_value"' in first
    assert first == second


@pytest.mark.slow
@given(st.permutations(BASE.column_names))
def test_the_order_of_columns_changes_no_column(names: list[str]) -> None:
    found = compare(BASE.select(names), NEW_DATA)
    assert chances(found) == chances(compare(BASE, NEW_DATA))
    # With the same tests in the run, their correction is the same, too.
    assert {each.name: each for each in found.columns} == {
        each.name: each for each in compare(BASE, NEW_DATA).columns
    }


@pytest.mark.slow
@given(st.sets(st.sampled_from(BASE.column_names), min_size=1))
def test_the_other_columns_change_nothing_but_the_correction(names: set[str]) -> None:
    whole, part = compare(BASE, NEW_DATA), compare(BASE, NEW_DATA, columns=sorted(names))
    expected = chances(whole)
    assert chances(part) == {name: expected[name] for name in names}


def test_the_correction_depends_on_the_other_columns() -> None:
    alone = compare(BASE, NEW_DATA, columns="moved").columns[0]
    (among,) = (each for each in compare(BASE, NEW_DATA).columns if each.name == "moved")
    fewest, most = (of(each, "js_distance").p_adjusted for each in (alone, among))
    assert fewest is not None
    assert most is not None
    assert most > fewest
    # The values of a column are one test; each other score is one of its own.
    uncorrected = compare(BASE, NEW_DATA, correction="none").columns
    scores = [s for each in uncorrected for s in each.scores if METRICS[s.metric].asks == s.metric]
    assert scores
    assert [s.p_adjusted for s in scores] == pytest.approx([s.p_value for s in scores])


@pytest.mark.parametrize("name", BASE.column_names)
def test_exchanged_sides_are_as_likely_chance(name: str) -> None:
    thresholds = dict.fromkeys(METRICS, 0.1)
    there, back = (
        compare(*sides, columns=[name], thresholds=thresholds).columns[0]
        for sides in ((BASE, NEW_DATA), (NEW_DATA, BASE))
    )
    for each in there.scores:
        if METRICS[each.metric].symmetric and each.gated:
            other = of(back, each.metric)
            assert other.p_value == pytest.approx(each.p_value, rel=1e-9), each.metric
            assert other.noise == pytest.approx(each.noise, rel=1e-9), each.metric
