"""A sample of names by their hashes: the same however the rows were cut and merged."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.profile import sketch
from driftcli.profile.sketch import ALL, Sketch

SIZE = 6
ROWS = st.lists(st.integers(0, 40), min_size=1, max_size=80)


@pytest.fixture(autouse=True, scope="module")
def few_names():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "SIZE", SIZE)
        yield


def hash_of(name: int) -> int:
    return int(np.random.default_rng(name).integers(0, 2**64, dtype=np.uint64))


def of_rows(names: list[int]) -> Sketch:
    counts = Counter(hash_of(name) for name in names)
    return sketch.of(np.array(list(counts), np.uint64), np.array(list(counts.values()), np.int64))


def parts_of(side: Sketch) -> tuple[list[int], list[int], int, bool]:
    return side.hashes.tolist(), side.counts.tolist(), side.bound, side.keyed


@given(ROWS)
def test_it_holds_the_smallest_hashes_with_all_their_rows(rows: list[int]) -> None:
    made, truth = of_rows(rows), Counter(hash_of(name) for name in rows)
    smallest = sorted(truth)[:SIZE]
    assert made.hashes.tolist() == smallest
    assert made.counts.tolist() == [truth[each] for each in smallest]
    assert (made.share == 1) == (len(truth) <= SIZE)
    assert all(made.bound < each for each in truth if each not in smallest) or made.share == 1


@given(ROWS, ROWS, ROWS)
def test_merging_is_what_one_pass_would_have_made(a: list[int], b: list[int], c: list[int]) -> None:
    x, y, z = of_rows(a), of_rows(b), of_rows(c)
    expected = counted_below(a + b + c)
    for way in (
        sketch.merge([x, y, z]),
        sketch.merge([z, y, x]),
        sketch.merge([sketch.merge([x, y]), z]),
        sketch.merge([x, sketch.merge([y, z])]),
    ):
        assert dict(zip(way.hashes.tolist(), way.counts.tolist(), strict=True)) == expected
        assert way.bound == sketch.merge([x, y, z]).bound
        assert all(each <= way.bound for each in expected)
    assert parts_of(of_rows(a)) == parts_of(x)


def counted_below(rows: list[int]) -> dict[int, int]:
    truth = Counter(hash_of(name) for name in rows)
    return {each: truth[each] for each in sorted(truth)[:SIZE]}


@given(ROWS, ROWS)
def test_sides_are_compared_over_names_that_both_would_hold(a: list[int], b: list[int]) -> None:
    hashes, p_counts, q_counts, share = sketch.aligned(of_rows(a), of_rows(b))
    p, q = (Counter(hash_of(name) for name in rows) for rows in (a, b))
    bound = min(of_rows(a).bound, of_rows(b).bound)
    assert hashes.tolist() == sorted(each for each in {*p, *q} if each <= bound)
    assert p_counts.tolist() == [p[each] for each in hashes.tolist()]
    assert q_counts.tolist() == [q[each] for each in hashes.tolist()]
    assert share == (bound + 1) / 2**64


@given(ROWS, ROWS)
def test_hashes_with_a_key_still_merge_and_tell_the_same_names(a: list[int], b: list[int]) -> None:
    x, y = (sketch.keyed(of_rows(rows), b"key") for rows in (a, b))
    truth = Counter(hash_of(name) for name in a + b)
    bound = min(x.bound, y.bound)
    assert (bound + 1).bit_count() == 1
    hidden = sketch.keyed(
        Sketch(np.array(sorted(truth), np.uint64), np.array([truth[e] for e in sorted(truth)])),
        b"key",
    )
    merged = sketch.merge([x, y])
    expected = sketch.within(hidden, merged.bound)
    assert parts_of(merged) == parts_of(expected)


def test_a_key_leaves_nothing_of_a_hash_but_its_highest_bit() -> None:
    made = of_rows(list(range(SIZE)))
    one, other = sketch.keyed(made, b"one"), sketch.keyed(made, b"other")
    bits = sorted(each.bit_length() for each in made.hashes.tolist())
    for side in (one, other):
        assert sorted(each.bit_length() for each in side.hashes.tolist()) == bits
        assert not {*side.hashes.tolist()} & {*made.hashes.tolist()}
        assert side.bound == ALL
        assert side.keyed
    assert one.hashes.tolist() != other.hashes.tolist()


def test_the_number_of_names_is_told_within_what_chance_allows() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sketch, "SIZE", 1_000)
        rng = np.random.default_rng(5)
        for names in (500, 1_001, 30_000, 200_000):
            hashes = rng.integers(0, 2**64, names, np.uint64)
            fewest, largest = sketch.of(hashes, np.ones(names, np.int64)).names()
            assert fewest <= names <= largest
            assert largest <= 1.3 * names
