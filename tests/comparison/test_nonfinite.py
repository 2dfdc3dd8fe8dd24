"""NaN and infinite values: as many as before, and of another kind."""

from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from driftcli.comparison import compare_profiles
from driftcli.config import Settings
from driftcli.engine import profile
from driftcli.metrics.shares import share_noise, unconditional
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.kept_counting import of_rows
from driftcli.profile.kept_profiles import blocks_of
from driftcli.source.memory import MemorySource

NAN, INF = float("nan"), float("inf")
ROWS = 2_000
FINITE = np.random.default_rng(7).normal(0, 1, ROWS)


def column(**kinds):
    """Return numbers of which so many are NaN, `more` +∞ and `less` −∞."""
    values = FINITE.copy()
    held = np.repeat([NAN, INF, -INF], [kinds.get(name, 0) for name in ("nan", "more", "less")])
    values[: held.size] = held
    return values


def whole(values):
    return profile(MemorySource(pa.table({"x": values})), {}).whole


def compared(p, q):
    report = compare_profiles(whole(p), whole(q), Settings())
    return report, next(s for s in report.columns[0].scores if s.metric == "nonfinite")


@pytest.mark.parametrize(("before", "after"), [*permutations(("nan", "more", "less"), 2)])
@pytest.mark.parametrize("rows", [400, ROWS])
def test_another_kind_of_as_many_rows_is_drift(before, after, rows):
    report, score = compared(column(**{before: rows}), column(**{after: rows}))
    names = {"nan": "NaN", "more": "+∞", "less": "−∞"}
    share = f"{rows / ROWS:.0%}".replace("%", " %")
    said = {f"{names[before]} {share} → 0 %", f"{names[after]} 0 % → {share}"}
    assert (report.verdict, score.value, score.status) == ("drift", rows / ROWS, "drift")
    assert set(report.columns[0].reasons[0].split(", ")) == said


def test_part_of_a_kind_that_became_another_is_scored_as_what_moved():
    report, score = compared(column(nan=300, less=100), column(nan=200, more=150, less=100))
    assert (report.verdict, score.value) == ("drift", 0.075)
    assert report.columns[0].reasons == ("NaN 15 % → 10 %, +∞ 0 % → 7.5 %",)


@pytest.mark.parametrize("kind", ["nan", "more", "less"])
@pytest.mark.parametrize(("before", "after"), [(0, 40), (10, 60), (200, 100), (5, 5), (0, 0)])
def test_one_kind_alone_has_the_noise_of_a_share(kind, before, after):
    _, score = compared(column(**{kind: before}), column(**{kind: after}))
    plain = share_noise(before, ROWS, after, ROWS)
    assert score.noise == pytest.approx(plain.level)
    assert score.p_value == pytest.approx(unconditional(plain.p_value, before + after, ROWS, ROWS))


def test_kinds_that_move_one_way_are_scored_together():
    report, score = compared(column(nan=20), column(nan=60, more=40, less=10))
    assert (score.value, report.columns[0].reasons) == (0.045, ("NaN or infinite 1.0 % → 5.5 %",))


def test_chance_among_three_kinds_is_that_of_all_choices_of_them():
    rng = np.random.default_rng(3)
    beyond = passed = 0
    for _ in range(400):
        sides = rng.multinomial(ROWS, [0.01, 0.03, 0.02, 0.94], size=2).tolist()
        p, q = (column(nan=nan, more=more, less=less) for nan, more, less, _ in sides)
        _, score = compared(p, q)
        beyond += score.p_value <= 0.05
        passed += score.value > score.noise
    assert beyond <= 0.05 * 400 + 3 * np.sqrt(400 * 0.05 * 0.95)
    assert passed <= 0.01 * 400 + 3 * np.sqrt(400 * 0.01 * 0.99)


def in_days(days, *, kept):
    parts = [whole(day) for day in days]
    each = [RowBlock(str(at), ROWS, part.columns) for at, part in enumerate(parts)]
    made, both = Blocks("day", tuple(each)), whole(np.concatenate(days))
    if kept:
        made = blocks_of(of_rows(made, both.columns), both.columns)
    return replace(both, blocks=made)


@pytest.mark.parametrize("kept", [False, True])
def test_kinds_are_judged_by_blocks_as_shares_are(kept):
    rng = np.random.default_rng(5)
    days = [column(nan=int(nan)) for nan in rng.integers(80, 120, 14)]
    same, other = days[7:], [column(more=int(more)) for more in rng.integers(80, 120, 7)]
    for current, verdict in ((same, "ok"), (other, "drift")):
        sides = in_days(days[:7], kept=kept), in_days(current, kept=kept)
        report = compare_profiles(*sides, Settings())
        [score] = [each for each in report.columns[0].scores if each.metric == "nonfinite"]
        assert score.status == verdict
