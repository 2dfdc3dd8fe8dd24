"""Rows that a profile keeps: a sample that merges by its keys."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.profile import kept_rows
from driftcli.profile.kept_rows import KeptRows
from driftcli.profile.kinds import type_name

TYPES = {"x": "int64"}
KEYS = st.floats(0, 1, allow_subnormal=False)


def rows(keys: list[float], most: int) -> KeptRows:
    made = KeptRows(pa.table({"x": pa.array(range(len(keys)), pa.int64())}), np.array(keys), most)
    return made.smallest(most)


@given(
    st.lists(st.lists(KEYS, max_size=12), min_size=2, max_size=4),
    st.integers(1, 8),
)
def test_neither_order_nor_grouping_makes_a_difference(parts: list[list[float]], most: int) -> None:
    made = [rows(keys, most) for keys in parts]
    expected = sorted(key for keys in parts for key in keys)[:most]
    for some in (made, made[::-1], [kept_rows.merge(made[:-1]), made[-1]]):
        assert sorted(kept_rows.merge(some).keys.tolist()) == expected


def test_it_is_no_larger_than_that_of_the_part_that_keeps_fewest() -> None:
    merged = kept_rows.merge([rows([0.1, 0.2, 0.3], 2), rows([0.4, 0.5, 0.6, 0.05], 9)])
    assert (merged.most, merged.keys.tolist()) == (2, [0.1, 0.05])


def test_what_is_written_is_read() -> None:
    kept = rows([0.5, 0.25, 0.75], 5)
    again = kept_rows.decoded(kept_rows.encoded(kept), 5, TYPES, type_name)
    assert again.rows == kept.rows
    assert again.keys.tolist() == kept.keys.tolist()


@pytest.mark.parametrize(
    ("keys", "most", "types"),
    [([0.5, 0.2], 1, TYPES), ([2.0], 1, TYPES), ([0.5], 1, {}), ([0.5], 1, {"x": "double"})],
)
def test_rows_that_no_profile_keeps_are_refused(
    keys: list[float], most: int, types: dict[str, str]
) -> None:
    data = kept_rows.encoded(rows(keys, 9))
    with pytest.raises(ValueError, match="rows "):
        kept_rows.decoded(data, most, types, type_name)
