"""Leave one out, against merging the others one by one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.calibration.reference import each_with_others
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, from_array, merge
from driftcli.profile.numeric import Numbers

days = st.lists(
    st.lists(st.integers(-5, 5) | st.none(), min_size=1, max_size=8), min_size=2, max_size=12
)


def counts(profile: ColumnProfile) -> dict[object, int]:
    values = profile.values
    if isinstance(values, Categories):
        return dict(zip(values.names.to_pylist(), values.counts.tolist(), strict=True))
    return dict(zip(values.points.values.tolist(), values.points.counts.tolist(), strict=True))


@pytest.mark.parametrize("kind", ["numeric", "categorical"])
@given(rows=days)
def test_the_others_are_all_rows_but_ones_own(kind: str, rows: list[list[int | None]]) -> None:
    texts = kind == "categorical"
    type_ = pa.string() if texts else pa.int64()
    columns = [[str(each) if texts and each is not None else each for each in day] for day in rows]
    parts = [from_array("x", pa.array(day, type_), kind) for day in columns]
    made = list(each_with_others(parts))
    assert [own for own, _ in made] == parts
    for left_out, (_, others) in enumerate(made):
        rest = [each for at, day in enumerate(columns) if at != left_out for each in day]
        whole = from_array("x", pa.array(rest, type_), kind)
        assert counts(others) == counts(whole)
        assert (others.rows, others.missing) == (whole.rows, whole.missing)


def test_rounded_others_stay_within_their_bound() -> None:
    random = np.random.default_rng(5)
    days = [random.normal(i % 7, 1, 700) for i in range(40)]
    parts = [from_array("x", pa.array(day), "numeric") for day in days]
    for left_out, (_, others) in enumerate(each_with_others(parts, limit=512)):
        rest = np.sort(np.concatenate(days[:left_out] + days[left_out + 1 :]))
        assert isinstance(others.values, Numbers)
        points = others.values.points
        assert points.values.size <= 512
        moved = np.abs(np.repeat(points.values, points.counts) - rest).mean()
        assert 0 < moved <= points.rounding < 0.03
        slow = merge([each for at, each in enumerate(parts) if at != left_out])
        assert isinstance(slow.values, Numbers)
        assert others.values.mean == pytest.approx(slow.values.mean, abs=1e-12)
