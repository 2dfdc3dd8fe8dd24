"""A column profiled by groups of rows is each group profiled by itself."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import zoo
from hypothesis import given
from hypothesis import strategies as st

from driftcli.arrays import from_numpy
from driftcli.errors import InputError
from driftcli.profile import categories, categories_by_group
from driftcli.profile import shape as shapes
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile, from_array
from driftcli.profile.grouped import Groups, profiles
from driftcli.profile.kinds import Kind, kind_of

LIMIT = 300


def grouped(places: np.ndarray) -> Groups:
    in_order = bool((np.diff(places) >= 0).all())
    order = None if in_order else np.argsort(places, kind="stable")
    return Groups.ordered(order, np.bincount(places))


def told(profile: ColumnProfile) -> Any:
    values = profile.values
    if not isinstance(values, Categories):
        return repr(profile)
    counts = dict(zip(values.names.to_pylist(), values.counts.tolist(), strict=True))
    rest = (values.distinct, values.repeats, values.buckets.tolist())
    return profile.kind, profile.type, profile.rows, profile.missing, counts, rest


def bits(side: Categories) -> Any:
    assert side.shape is not None
    assert side.sketch is not None
    return (
        side.names.to_pylist(),
        side.counts.tolist(),
        side.buckets.tolist(),
        repr(side.sketch),
        repr(side.shape.lengths),
        side.shape.forms.names.to_pylist(),
        side.shape.forms.counts.tolist(),
        (side.shape.forms.rest, side.shape.forms.looked),
    )


def check(array: pa.Array, places: np.ndarray, kind: Kind | None = None) -> None:
    kind = kind or kind_of(array.type)
    assert kind is not None
    made = list(profiles("x", array, kind, grouped(places), limit=LIMIT))
    for place, profile in enumerate(made):
        rows = array.take(from_numpy(np.flatnonzero(places == place)))
        assert told(profile) == told(from_array("x", rows, kind, limit=LIMIT))


@pytest.mark.slow
@pytest.mark.parametrize("name", zoo.COLUMNS)
def test_numbers_of_every_shape(name: str) -> None:
    values = zoo.column(name, 6_000, seed=1)
    places = np.random.default_rng(2).integers(0, 3, values.size)
    check(pa.array(values), places)
    check(pa.array(values), np.sort(places))
    check(pa.array(values, mask=np.arange(values.size) % 5 == 0), places)


ARRAYS = {
    "texts": pa.array(["b", None, "a", "b", "", None, "c", "a"]),
    "words": pa.array(["b", None, "a", "b", "", None, "c", "a"]).dictionary_encode(),
    "a null word": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 2, 0, 1, 2, 2]), pa.array(["x", None, "y"])
    ),
    "words twice": pa.DictionaryArray.from_arrays(
        pa.array([0, 1, None, 2, 0, 1, 2, 2]), pa.array(["x", "y", "x"])
    ),
    "truths": pa.array([True, None, False, True, True, False, None, False]),
    "nulls": pa.nulls(8),
    "decimals": pa.array([Decimal("1.5"), None] * 4),
    "times of day": pa.array([time(1, 2), None] * 4),
    "times": pa.array([5, None, 7, 5, 6, 1, None, 2], pa.timestamp("ms", "UTC")),
    "dates": pa.array([5, None, 7, 5, 6, 1, None, 2], pa.date32()),
    "beyond int64": pa.array([2**63, None, 7, 2**64 - 1, 6, 1, None, 2**63], pa.uint64()),
    "not finite": pa.array([float("nan"), None, float("inf"), 1.0, 2.0, float("-inf"), None, 1.0]),
}
PLACES = np.array([2, 0, 1, 2, 0, 1, 1, 2])


@pytest.mark.parametrize("name", ARRAYS)
def test_values_of_every_type(name: str) -> None:
    array = ARRAYS[name]
    if name == "beyond int64":
        # Read as floats in one group, they are so in all.
        made = profiles("x", array, "numeric", grouped(PLACES), limit=LIMIT)
        assert [profile.integers for profile in made] == [False] * 3
    else:
        check(array, PLACES)
        check(array, np.sort(PLACES))


@given(
    st.lists(st.tuples(st.none() | st.text(max_size=2), st.integers(0, 4)), min_size=1, max_size=40)
)
def test_categories_by_table_and_by_sorting_are_the_same(
    rows: list[tuple[str | None, int]],
) -> None:
    array = pa.array([text for text, _ in rows], pa.string())
    places = np.unique([place for _, place in rows], return_inverse=True)[1]
    check(array, places)
    few = categories_by_group._MOST_CELLS
    categories_by_group._MOST_CELLS = -1
    try:
        check(pa.concat_arrays([array] * 3), np.tile(places, 3))
        check(array.slice(0, 1), places[:1] * 0)
    finally:
        categories_by_group._MOST_CELLS = few


@pytest.mark.parametrize("most", [-1, 1 << 20])
@pytest.mark.parametrize(
    ("kind", "words"),
    [(pa.int8(), 128), (pa.uint8(), 256), (pa.int32(), 300), (pa.uint64(), 300)],
)
def test_as_many_words_as_their_numbers_can_tell(
    kind: pa.DataType, words: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(categories_by_group, "_MOST_CELLS", most)
    indices = pa.array([*(at % words for at in range(400)), None, None], kind)
    array = pa.DictionaryArray.from_arrays(indices, pa.array([f"w{at}" for at in range(words)]))
    check(array, np.arange(402) % 3)
    check(array, np.arange(402) // 250)


def test_categories_beyond_the_cap_are_coarsened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 50)
    array = pa.array([f"name {at % 200}" for at in range(1_000)])
    check(array, np.arange(1_000) // 300 % 2)


def test_a_kind_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="column 'x' cannot be read as numeric: "):
        list(profiles("x", pa.array(["a", "b"]), "numeric", grouped(np.array([0, 1])), limit=9))


@given(
    st.lists(st.tuples(st.text(max_size=12), st.integers(0, 2)), min_size=1, max_size=60),
    st.integers(1, 12),
)
def test_what_is_told_of_all_names_at_once_is_what_is_told_of_each_group(
    rows: list[tuple[str, int]], most: int
) -> None:
    array = pa.array([text for text, _ in rows], pa.string())
    places = np.unique([place for _, place in rows], return_inverse=True)[1]
    looked, shapes.MOST_LOOKED = shapes.MOST_LOOKED, 30
    shapes._chances.cache_clear()
    try:
        for place, made in enumerate(categories_by_group.by_group(array, places, 3)[0]):
            alone = categories.from_array(array.take(from_numpy(np.flatnonzero(places == place))))
            for kept in (np.zeros(len(made.names), bool), np.arange(len(made.names)) < most):
                coarse, words = categories._coarsen(made, kept), made.words
                categories_by_group.settled(made)
                assert words is not None or not len(made.names)
                assert bits(coarse) == bits(categories._coarsen(made, kept))
                vars(made)["words"] = words
            assert made.total == alone.total
    finally:
        shapes.MOST_LOOKED = looked
        shapes._chances.cache_clear()
