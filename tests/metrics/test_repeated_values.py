"""The share of rows that repeat another's value, of all rows and as is expected of fewer."""

from itertools import combinations

import numpy as np
import pytest

from driftcli.metrics.repeats import repeats_share


def test_of_all_rows_it_is_their_own_share() -> None:
    assert repeats_share(np.array([1, 3, 1]), 5) == pytest.approx(2 / 5)


@pytest.mark.parametrize("counts", [[1, 1, 1, 1], [4], [2, 1, 3], [1, 5]])
@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_of_fewer_it_is_the_mean_over_all_samples(counts: list[int], rows: int) -> None:
    values = np.repeat(np.arange(len(counts)), counts).tolist()
    drawn = [1 - len(set(some)) / rows for some in combinations(values, rows)]
    assert repeats_share(np.array(counts), rows) == pytest.approx(np.mean(drawn), abs=1e-12)
