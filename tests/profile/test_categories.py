"""Categories: exact up to a cap, mergeably coarsened beyond it."""

import math
import pickle
from collections import Counter

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.arrays import from_texts
from driftcli.metrics import divergence
from driftcli.profile import categories
from driftcli.profile.categories import aligned, from_array, from_counts, hashes, merge

#: Of "", "a" and "naïve 東京", made by this code once.
HASHES = [0, 9219217163027706111, 6337234440435130019]
TEXTS = st.lists(st.one_of(st.none(), st.sampled_from("abcdef"), st.text(max_size=5)), max_size=60)


def counted(side):
    return dict(zip(side.names.to_pylist(), side.counts.tolist(), strict=True))


def expected_counts(texts):
    return dict(Counter(text for text in texts if text is not None))


@given(TEXTS)
def test_counts_equal_a_counters(texts):
    array = pa.array(texts, pa.string())
    for encoded in (array, array.cast(pa.large_string()), array.dictionary_encode()):
        found = from_array(encoded)
        assert counted(found) == expected_counts(texts)
        assert found.exact
        assert found.distinct == len(found.names)
        assert found.repeats == found.total - found.distinct


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
def test_any_chunking_gives_the_same_counts(texts, one, other):
    array = pa.array(texts, pa.string())
    low, high = sorted((one, other))
    parts = [from_array(array[:low]), from_array(array[low:high]), from_array(array[high:])]
    for merged in (
        merge(parts),
        merge(parts[::-1]),
        merge([merge(parts[:2]), parts[2]]),
        merge([parts[0], merge(parts[1:])]),
    ):
        assert counted(merged) == expected_counts(texts)
        assert merged.repeats == merged.total - merged.distinct


@pytest.mark.parametrize("indices", [pa.int8(), pa.uint8(), pa.int32(), pa.uint64()])
def test_dictionaries_with_nulls_and_duplicates_count_by_value(indices):
    array = pa.DictionaryArray.from_arrays(
        pa.array([0, 1, 2, 3, None, 4, 1], indices), pa.array(["a", "b", None, "a", "unused"])
    )
    assert counted(from_array(array[:5])) == {"a": 2, "b": 1}
    assert counted(from_array(array)) == {"a": 2, "b": 2, "unused": 1}


def test_numbers_are_the_same_category_whatever_their_type():
    whole = [1, 2, 2, -7, 0]
    arrays = [pa.array(whole, kind) for kind in (pa.int8(), pa.int64(), pa.float32(), pa.float64())]
    assert [counted(from_array(array)) for array in arrays] == [
        {"1": 1, "2": 2, "-7": 1, "0": 1}
    ] * 4


def test_a_column_of_nulls_has_no_categories():
    assert from_array(pa.nulls(3)).total == 0
    assert from_array(pa.array([None, None], pa.string())).total == 0


def test_hashes_are_the_same_everywhere_and_always():
    # Profiles saved with these buckets must stay comparable.
    found = hashes(pa.array(["", "a", "naïve 東京"])).tolist()
    assert found == HASHES
    inside = pa.array(["x", "", "a", "naïve 東京", "y"])[1:4]
    assert hashes(inside).tolist() == HASHES


def test_hashes_of_similar_names_fill_all_buckets_evenly():
    names = pa.array([f"user-{number:06}" for number in range(100_000)])
    filled = np.bincount((hashes(names) % np.uint64(1000)).astype(int), minlength=1000)
    # 100 expected in each; a Poisson count is beyond 60 … 140 once in 10,000 times.
    assert filled.min() > 40
    assert filled.max() < 160


@pytest.fixture
def small_caps(monkeypatch):
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 40)
    monkeypatch.setattr(categories, "KEPT_CATEGORIES", 12)
    monkeypatch.setattr(categories, "BUCKETS", 16)


def zipf(seed, names=150, rows=6000, offset=0):
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, names + 1)
    at = rng.choice(names, rows, p=weights / weights.sum()) + offset
    return pa.array([f"n{each}" for each in at.tolist()])


def scores(p, q):
    shares = p / p.sum(), q / q.sum()
    return {
        "jsd": divergence.js_divergence(*shares),
        "tv": divergence.total_variation(*shares),
        "new": q[p == 0].sum() / q.sum(),
        "lost": p[q == 0].sum() / p.sum(),
    }


def exact_scores(left, right):
    p, q = Counter(left.to_pylist()), Counter(right.to_pylist())
    names = sorted({*p, *q})
    return scores(*(np.array([side[name] for name in names]) for side in (p, q)))


def test_beyond_the_cap_rows_are_conserved(small_caps):
    found = from_array(zipf(1))
    assert not found.exact
    assert len(found.names) == 12
    assert found.total == 6000
    assert found.distinct == len(set(zipf(1).to_pylist()))
    assert found.repeats == 6000 - found.distinct


def test_names_that_keep_their_count_keep_it_whole(small_caps):
    rows = [zipf(seed) for seed in (1, 2, 3)]
    merged = merge([from_array(each) for each in rows])
    truth = Counter(name for each in rows for name in each.to_pylist())
    assert counted(merged).items() <= truth.items()
    assert merged.total == 18_000


@pytest.mark.parametrize("offset", [0, 3, 75, 150])
@pytest.mark.parametrize("names", [30, 150])
def test_scores_over_coarsened_categories_are_lower_bounds(small_caps, offset, names):
    left, right = zipf(4), zipf(5, names=names, offset=offset)
    _, p, q, _ = aligned(from_array(left), from_array(right))
    assert (p.sum(), q.sum()) == (6000, 6000)
    for metric, exact in exact_scores(left, right).items():
        assert scores(p, q)[metric] <= exact + 1e-12


@pytest.mark.parametrize("offset", [0, 3, 75, 150])
@pytest.mark.parametrize("names", [[5, 5], [5, 150], [150, 5], [150, 150]])
def test_both_sides_are_counted_over_the_names_that_both_know(small_caps, offset, names):
    left, right = zipf(4, names=names[0]), zipf(5, names=names[1], offset=offset)
    sides = [from_array(left), from_array(right)]
    assert [side.exact for side in sides] == [each == 5 for each in names]
    found = aligned(*sides)
    names = found.names.to_pylist()
    assert len(set(names)) == len(names)
    assert found.left.size == found.right.size
    for side, known, counts in zip(sides, found.known, (found.left, found.right), strict=True):
        own = side.names.filter(pa.array(known))
        assert set(own.to_pylist()) == set(names) & set(side.names.to_pylist())
        assert counts.sum() == side.total
        held = dict(zip(names, counts.tolist()[: len(names)], strict=True))
        assert all(held[name] == count for name, count in counted(side).items() if name in held)
    if all(side.exact for side in sides):
        assert set(names) == {*left.to_pylist(), *right.to_pylist()}


def test_coarsening_still_sees_what_the_common_names_do(small_caps):
    left, right = zipf(6), zipf(7, offset=1)
    _, p, q, _ = aligned(from_array(left), from_array(right))
    assert scores(p, q)["tv"] > 0.5 * exact_scores(left, right)["tv"]


def test_coarsened_parts_merge_in_any_order_to_lower_bounds(small_caps):
    rows = [zipf(8), zipf(9, names=25), zipf(10, offset=40)]
    a, b, c = map(from_array, rows)
    other = zipf(11, offset=5)
    exact = exact_scores(pa.concat_arrays(rows), other)
    for way in (merge([a, b, c]), merge([c, b, a]), merge([merge([a, b]), c])):
        assert way.total == 18_000
        assert way.distinct <= len({*pa.concat_arrays(rows).to_pylist()})
        _, p, q, _ = aligned(way, from_array(other))
        for metric, value in scores(p, q).items():
            assert value <= exact[metric] + 1e-12


def test_a_part_with_few_names_merges_with_a_coarsened_one_without_loss(small_caps):
    few = from_counts({"n0": 5, "n1": 7})
    both = merge([from_array(zipf(12)), few])
    truth = Counter(zipf(12).to_pylist()) + Counter({"n0": 5, "n1": 7})
    assert both.total == 6012
    assert counted(both)["n0"] == truth["n0"]


def test_merging_leaves_its_arguments_as_they_are(small_caps):
    parts = [from_array(zipf(13)), from_array(zipf(14, names=20)), from_array(zipf(15, offset=9))]
    before = [(side.names.to_pylist(), side.counts.copy(), side.buckets.copy()) for side in parts]
    merge(parts)
    aligned(parts[0], parts[1])
    for side, (names, counts, buckets) in zip(parts, before, strict=True):
        assert side.names.to_pylist() == names
        assert side.counts.tolist() == counts.tolist()
        assert side.buckets.tolist() == buckets.tolist()


def test_names_that_take_too_much_room_are_coarsened(monkeypatch):
    monkeypatch.setattr(categories, "MAX_NAME_BYTES", 4000)
    found = from_array(pa.array([str(digit) * 900 for digit in range(8)] * 3))
    assert not found.exact
    assert found.total == 24
    assert sum(map(len, found.names.to_pylist())) <= 1000


def test_equal_coarsened_columns_score_nothing(small_caps):
    left = from_array(zipf(16))
    _, p, q, _ = aligned(left, from_array(zipf(16)))
    assert math.isclose(scores(p, q)["jsd"], 0, abs_tol=1e-12)
    assert scores(p, q)["new"] == 0


def test_names_that_are_a_part_of_an_array_are_sent_without_the_rest():
    names = from_texts([f"name {at}" for at in range(10_000)])
    side = categories.Categories(names[40:42], np.array([3, 1]), distinct=2, repeats=2)
    sent = pickle.dumps(side)
    assert len(sent) < 2_000
    found = pickle.loads(sent)
    assert counted(found) == counted(side)
    assert (found.distinct, found.repeats, found.sketch) == (2, 2, None)
