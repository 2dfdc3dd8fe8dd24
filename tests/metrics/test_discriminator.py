"""What a classifier bounds, and its test: against divergences that are known."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import mannwhitneyu
from test_joint_laws import DIVERGENCES

from driftcli.metrics.joint.dealing import Rows
from driftcli.metrics.joint.discriminator import (
    _factor,
    discriminated,
    prequential_p_value,
    won_bits,
)
from driftcli.metrics.joint.held_out import HeldOut, sum_of_means
from driftcli.metrics.joint.ranks import PartScores, combined_p_value

trees = pytest.importorskip("sklearn", reason="scikit-learn is not installed")


def numeric(columns: int) -> np.ndarray:
    return np.zeros(columns, np.bool_)


def drawn(name: str, seed: int, rows: int) -> Rows:
    rng, case = np.random.default_rng(seed), DIVERGENCES[name]
    return Rows(case.p(rng, rows), case.q(rng, rows))


def bound(rows: Rows) -> HeldOut:
    return sum_of_means(*won_bits(rows, numeric(rows.p.shape[1])))


@pytest.mark.parametrize(
    ("name", "least"),
    [("correlation -0.5 → 0.5", 0.88), ("shift 1", 0.93), ("segments", 0.999)],
)
def test_most_of_a_divergence_is_won(name: str, least: float) -> None:
    found, true = bound(drawn(name, 1, 5_000)), DIVERGENCES[name].value
    assert least * true <= found.value <= true + 3 * found.standard_error
    assert found.limit <= true


def test_columns_together_are_told_from_each_by_itself() -> None:
    together = discriminated(drawn("correlation -0.5 → 0.5", 2, 3_000), numeric(2))
    assert together.beyond.value == pytest.approx(together.divergence.value, abs=0.005)
    alone = discriminated(drawn("shift 1", 2, 3_000), numeric(2))
    assert alone.divergence.limit > 0.1
    assert alone.beyond.limit < 0.005
    assert max(together.p_value, alone.p_value) < 1e-20


def test_what_did_not_change_wins_nothing() -> None:
    found = discriminated(Rows(*np.random.default_rng(3).normal(size=(2, 2_000, 5))), numeric(5))
    assert found.divergence.value == pytest.approx(0, abs=0.002)
    assert found.divergence.limit <= 0
    assert found.p_value > 0.01


def test_categories_and_missing_values_tell_sides_apart() -> None:
    rng = np.random.default_rng(4)
    names = rng.integers(0, 100, (2, 3_000)).astype(float)
    odd = names[1] % 2 == 1
    names[1][odd] = (names[1][odd] + 2 * rng.integers(0, 50, odd.sum())) % 100
    flags = rng.normal(size=(2, 3_000))
    flags[0][names[0] % 2 == 0] = np.nan
    flags[1][rng.random(3_000) < 0.5] = np.nan
    sides = (np.column_stack([side, flag]) for side, flag in zip(names, flags, strict=True))
    found = discriminated(Rows(*sides), np.array([True, False]))
    assert found.beyond.limit > 0.2
    assert found.p_value < 1e-20


def test_the_smaller_side_weighs_as_much() -> None:
    rng = np.random.default_rng(5)
    p, q = rng.normal(size=(20_000, 1)), rng.normal(1, 1, size=(800, 1))
    for sides in ((p, q), (q, p)):
        assert bound(Rows(*sides)).value == pytest.approx(0.16, abs=0.03)


def test_blocks_are_what_is_tested() -> None:
    rng = np.random.default_rng(6)
    days = np.repeat(np.arange(30), 100)
    p, q = (rng.normal(size=(30, 2))[days] + rng.normal(size=(3_000, 2)) for _ in range(2))
    rows, blocks = Rows(p, q), Rows(p, q, (days, days))
    assert prequential_p_value(rows, numeric(2)) < 1e-4
    assert prequential_p_value(blocks, numeric(2)) > 0.01
    assert bound(blocks).limit <= 0 < bound(rows).limit


@pytest.mark.slow
def test_the_level_is_kept() -> None:
    rng = np.random.default_rng(7)
    p_values = [
        prequential_p_value(Rows(*rng.normal(size=(2, 150, 3))), numeric(3)) for _ in range(200)
    ]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / 200)


class TestRanks:
    def test_one_part_is_mann_and_whitney(self) -> None:
        rng = np.random.default_rng(0)
        p, q = np.round(rng.normal(size=80), 1), np.round(rng.normal(0.3, 1, 70), 1)
        expected = mannwhitneyu(q, p, alternative="greater", use_continuity=False).pvalue
        assert combined_p_value([PartScores(p, q)], [1.0], rng) == pytest.approx(expected, rel=1e-9)

    def test_few_scores_are_dealt(self) -> None:
        rng = np.random.default_rng(1)
        p, q = rng.normal(size=8), rng.normal(0.8, 1, 6)
        expected = mannwhitneyu(q, p, alternative="greater", method="exact").pvalue
        assert combined_p_value([PartScores(p, q)], [1.0], rng) == pytest.approx(expected, abs=0.02)

    def test_scores_that_are_one_say_nothing(self) -> None:
        same = PartScores(np.zeros(9), np.zeros(9))
        assert combined_p_value([same, same], [1.0, 2.0], np.random.default_rng(0)) == 1.0


class TestFactor:
    def test_log_odds_that_are_right_stay(self) -> None:
        rng = np.random.default_rng(0)
        p, q = rng.normal(-0.5, 1, 100_000), rng.normal(0.5, 1, 100_000)  # of N(±½, 1), log-odds x
        assert _factor(p, q) == pytest.approx(1, abs=0.02)
        assert _factor(2 * p, 2 * q) == pytest.approx(0.5, abs=0.01)

    def test_log_odds_that_say_nothing_go(self) -> None:
        rng = np.random.default_rng(1)
        assert _factor(*rng.normal(size=(2, 1_000))[:, :500]) <= 0.2
        assert _factor(np.ones(9), -np.ones(9)) == 0
        assert _factor(-np.ones(9), np.ones(9)) == pytest.approx(1.5, abs=1e-5)


@pytest.mark.slow
def test_threads_change_no_bit() -> None:
    code = (
        "import numpy as np\n"
        "from driftcli.metrics.joint.dealing import Rows\n"
        "from driftcli.metrics.joint.discriminator import discriminated\n"
        "rows = Rows(*np.random.default_rng(0).normal(size=(2, 3_000, 4)))\n"
        "print(discriminated(rows, np.zeros(4, bool)))\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "OMP_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "2", "4")
    }
    assert len(outputs) == 1
