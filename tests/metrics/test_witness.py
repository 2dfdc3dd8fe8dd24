"""Lower bounds of W₁ that need no training: on rows whose distance is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.stats import ttest_ind
from test_joint_laws import DISTANCES

from driftcli.metrics.joint.assignment import highest, lowest, potentials
from driftcli.metrics.joint.dealing import Rows, dealt, part
from driftcli.metrics.joint.held_out import sum_of_means
from driftcli.metrics.joint.witness import witnessed


def drawn(name: str, seed: int, rows: int) -> Rows:
    rng, case = np.random.default_rng(seed), DISTANCES[name]
    return Rows(case.p(rng, rows), case.q(rng, rows))


class TestPotentials:
    def test_they_prove_that_no_assignment_costs_less(self) -> None:
        rng = np.random.default_rng(0)
        p, q = rng.normal(size=(60, 3)), 2 * rng.normal(size=(60, 3))
        found, costs = potentials(p, q), cdist(p, q)
        rise = found.at_q[None, :] - found.at_p[:, None]
        assert (rise <= costs + 1e-9).all()
        # What is feasible for the dual is never above an assignment: equal, both are best.
        dual = found.at_q.sum() - found.at_p.sum()
        assert dual == pytest.approx(costs[linear_sum_assignment(costs)].sum(), rel=1e-9)

    @pytest.mark.parametrize("extended", [highest, lowest])
    def test_extensions_are_1_lipschitz_and_keep_to_the_points(self, extended) -> None:
        rng = np.random.default_rng(1)
        p, q, more = rng.normal(size=(3, 40, 4))
        found = potentials(p, q)
        values, points = (found.at_p, p) if extended is highest else (found.at_q, q)
        assert extended(values, points, points) == pytest.approx(values, abs=1e-9)
        outputs = extended(values, points, more)
        assert (np.abs(outputs[:, None] - outputs) <= cdist(more, more) + 1e-9).all()

    def test_equal_rows_are_assigned_to_each_other(self) -> None:
        rows = np.array([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
        found = potentials(rows, rows[::-1])
        assert found.at_q[::-1] == pytest.approx(found.at_p)


class TestWitness:
    @pytest.mark.parametrize("name", [each for each in DISTANCES if "shift" in each])
    def test_a_shift_is_its_length(self, name: str) -> None:
        found = witnessed(drawn(name, 2, 4_000)).distance
        assert found.value == pytest.approx(DISTANCES[name].value, abs=0.08)
        assert found.limit <= DISTANCES[name].value
        assert (found.p_value <= 0.01) == (DISTANCES[name].value > 0)

    def test_the_direction_of_a_shift_is_found(self) -> None:
        rng = np.random.default_rng(3)
        p, q = rng.normal(size=(2, 2_000, 3))
        along = witnessed(Rows(p, q + np.array([0.6, -0.8, 0]))).along
        assert along == pytest.approx([0.6, -0.8, 0], abs=0.15)

    def test_what_is_stretched_is_seen_along_no_line(self) -> None:
        found = witnessed(drawn("radial × 2, 2 columns", 4, 10_000))
        assert found.along is None
        assert 0.95 * 1.2533 <= found.distance.value <= 1.2533 + 3 * found.distance.standard_error

    def test_disjoint_segments_are_as_far_apart_as_they_are(self) -> None:
        found = witnessed(drawn("segments, 2 apart", 5, 1_000)).distance
        assert found.value == pytest.approx(2, abs=0.02)

    def test_one_column_is_the_distance_on_the_line(self) -> None:
        rng = np.random.default_rng(6)
        found = witnessed(Rows(rng.normal(size=(4_000, 1)), rng.normal(1, 1, size=(4_000, 1))))
        assert found.distance.value == pytest.approx(1, abs=0.08)
        assert found.along == pytest.approx([1])

    def test_the_sides_may_differ_in_rows_and_be_swapped(self) -> None:
        rng = np.random.default_rng(7)
        p, q = rng.normal(size=(3_000, 2)), 2 * rng.normal(size=(700, 2))
        values = [witnessed(Rows(*sides)).distance.value for sides in ((p, q), (q, p))]
        assert values == pytest.approx([1.25, 1.25], abs=0.2)

    def test_rows_of_blocks_tell_as_much_as_their_blocks(self) -> None:
        rng = np.random.default_rng(8)
        days = np.repeat(np.arange(40), 100)
        p, q = (rng.normal(size=(40, 2))[days] + rng.normal(size=(4_000, 2)) for _ in range(2))
        independent = witnessed(Rows(p, q)).distance
        blocks = witnessed(Rows(p, q, (days, days))).distance
        assert independent.p_value < 1e-4 < blocks.p_value
        assert blocks.standard_error > 3 * independent.standard_error


class TestDealing:
    def test_parts_are_of_as_many_rows(self) -> None:
        rows = Rows(np.zeros((23, 1)), np.zeros((8, 1)))
        p, q = dealt(rows, 5, np.random.default_rng(0))
        assert sorted(np.bincount(p)) == [4, 4, 5, 5, 5]
        assert sorted(np.bincount(q)) == [1, 1, 2, 2, 2]

    def test_a_block_is_in_one_part(self) -> None:
        blocks = np.array([7, 7, 3, 3, 3, 9]), np.array([1, 2, 1, 2])
        rows = Rows(np.zeros((6, 1)), np.zeros((4, 1)), blocks)
        labels = dealt(rows, 2, np.random.default_rng(0))
        for side, numbers in zip(labels, blocks, strict=True):
            assert [np.unique(side[numbers == each]).size for each in np.unique(numbers)] == (
                [1] * np.unique(numbers).size
            )
        assert rows.units() == (3, 2)
        some = part(rows, labels, 0)
        assert some.blocks is not None
        assert (len(some.p), len(some.q)) == tuple(side.size for side in some.blocks)


class TestHeldOut:
    def test_the_limit_is_that_of_a_mean(self) -> None:
        rng = np.random.default_rng(0)
        p, q = rng.normal(1, 2, 12), rng.normal(3, 1, 50)
        found = sum_of_means(-p, q)
        expected = ttest_ind(q, p, equal_var=False, alternative="greater")
        assert found.limit == pytest.approx(expected.confidence_interval(0.95).low, rel=1e-9)
        assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)
        assert found.over(2).limit == pytest.approx(found.limit / 2)

    def test_blocks_of_one_row_are_rows(self) -> None:
        p, q = np.random.default_rng(1).normal(size=(2, 30))
        numbers = np.arange(30)
        assert sum_of_means(p, q, (numbers, numbers)) == pytest.approx(sum_of_means(p, q))

    def test_a_sum_without_error_is_certain(self) -> None:
        assert sum_of_means(np.zeros(5), np.ones(5)).p_value == 1e-300
        assert sum_of_means(np.zeros(5), np.zeros(5)).p_value == 1.0
