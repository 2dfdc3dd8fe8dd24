"""The share of rows that repeat another's value, of all rows and as is expected of fewer."""

from itertools import combinations

import numpy as np
import pytest

from driftcli.metrics.repeats import Recurring, repeats_share


def test_of_all_rows_it_is_their_own_share() -> None:
    assert repeats_share(Recurring.of(np.array([1, 3, 1])), 5) == pytest.approx(2 / 5)


@pytest.mark.parametrize("counts", [[1, 1, 1, 1], [4], [2, 1, 3], [1, 5]])
@pytest.mark.parametrize("rows", [1, 2, 3, 4])
def test_of_fewer_it_is_the_mean_over_all_samples(counts: list[int], rows: int) -> None:
    values = np.repeat(np.arange(len(counts)), counts).tolist()
    drawn = [1 - len(set(some)) / rows for some in combinations(values, rows)]
    assert repeats_share(Recurring.of(np.array(counts)), rows) == pytest.approx(
        np.mean(drawn), abs=1e-12
    )


@pytest.mark.parametrize(("rows", "values"), [(7, 7), (7, 3), (6, 3), (5, 1), (1, 1)])
def test_even_values_are_as_common_as_whole_numbers_allow(rows: int, values: int) -> None:
    least, more = divmod(rows, values)
    counts = np.repeat([least + 1, least], [more, values - more])
    even, counted = Recurring.even(rows, values), Recurring.of(counts)
    assert (even.total, even.distinct) == (counts.sum(), counts.size)
    assert even.rows.tolist() == counted.rows.tolist()
    assert even.values.tolist() == counted.values.tolist()


def test_as_many_values_as_there_are_rows_of_a_large_table_take_no_room() -> None:
    billions = Recurring.even(5_000_000_000, 4_000_000_000)
    assert billions.rows.tolist() == [1, 2]
    assert repeats_share(billions, billions.total) == pytest.approx(1 / 5)
