"""Rows of blocks of which most cells have none give what the array of them gives."""

from __future__ import annotations

import numpy as np
import pytest

from driftcli.metrics.block_deals import Sides, dealt, effect_between, freedom, order_of
from driftcli.metrics.block_differences import design_effect
from driftcli.metrics.block_rows import BlockRows, SparseRows, Values, counted, runs
from driftcli.metrics.blocks import Deals, difference, noise_by_blocks


def pair(seed: int, blocks: int, cells: int = 5_000, rows: int = 300) -> tuple[SparseRows, Values]:
    """Return rows of blocks both ways."""
    generator = np.random.default_rng(seed)
    at = np.sort(generator.choice(blocks * cells, blocks * rows, replace=False))
    made = SparseRows(at, generator.integers(1, 9, at.size).astype(float), (blocks, cells))
    return made, made.dense()


def test_few_rows_in_many_cells_are_no_array_and_all_are_counted() -> None:
    blocks, cells = np.array([0, 39, 39, 5]), np.array([2, 7, 7, 49_999])
    made = counted(blocks, cells, np.array([1, 2, 3, 4]), (40, 50_000))
    assert isinstance(made, SparseRows)
    dense = made.dense()
    assert (dense[0, 2], dense[39, 7], dense[5, 49_999], dense.sum()) == (1, 5, 4, 10)
    assert isinstance(counted(blocks, cells, np.array([1, 2, 3, 4]), (40, 50_000))[:1], SparseRows)
    assert isinstance(counted(blocks[:1], cells[:1], np.array([1]), (40, 8)), np.ndarray)


def test_each_operation_gives_what_arrays_give() -> None:
    sparse, dense = pair(1, 9)
    weights = np.random.default_rng(2).random((3, 9))
    some = np.array([8, 2, 2, 0])
    for axis in (None, 0, 1):
        assert np.array_equal(sparse.sum(axis), dense.sum(axis))
    assert np.array_equal(sparse[some].dense(), dense[some])
    assert np.array_equal(sparse[2:5].dense(), dense[2:5])
    assert np.array_equal(sparse[:, -16:], dense[:, -16:])
    assert np.array_equal(np.concatenate(list(runs(sparse))), dense)
    assert np.array_equal(order_of(sparse), order_of(dense))
    assert weights @ sparse == pytest.approx(weights @ dense)
    assert sparse @ dense[0] == pytest.approx(dense @ dense[0])


@pytest.mark.parametrize("shared", [0, 5])
def test_noise_is_that_of_arrays(shared: int) -> None:
    (p, p_dense), (q, q_dense) = pair(3, 12), pair(4, 9)
    sparse, dense = Sides(p, q, shared), Sides(p_dense, q_dense, shared)
    assert freedom(sparse) == pytest.approx(freedom(dense), rel=1e-12)
    assert effect_between(sparse) == pytest.approx(effect_between(dense), rel=1e-12)
    assert design_effect(p, q) == pytest.approx(design_effect(p_dense, q_dense), rel=1e-12)
    for own, other in zip(Deals(sparse)._sides(), Deals(dense)._sides(), strict=True):
        assert own[0] == pytest.approx(other[0], rel=1e-9, abs=1e-9)

    def given(p: BlockRows, q: BlockRows) -> float:
        noise = noise_by_blocks(difference, p, q, squared=False, shared=shared)
        assert noise
        return noise.level

    assert given(p, q) == pytest.approx(given(p_dense, q_dense), rel=1e-12)


def test_deals_are_of_residuals_put_on_the_shares_of_both() -> None:
    _, p = pair(5, 6, 50, 20)
    _, q = pair(6, 4, 50, 20)
    made = dealt(Sides(p, q), np.random.default_rng(0), deals=8, apart=(0.5, 2.0))
    pooled = (p.sum(axis=0) + q.sum(axis=0)) / (p.sum() + q.sum())
    blocks = []
    for side, apart in ((p, 0.5), (q, 2.0)):
        rows = side.sum(axis=1, keepdims=True)
        residual = (side / rows - side.sum(axis=0) / side.sum()) / np.sqrt(1 - rows / side.sum())
        blocks.append((residual * apart + pooled) * rows)
    both = np.concatenate(blocks)
    own, other = made.rows()
    assert own == pytest.approx(np.maximum(made.first @ both, 0))
    assert other == pytest.approx(np.maximum((1 - made.first) @ both, 0))
