"""Tables of pairs as a profile's file keeps them, and files that no data has."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

import driftcli
from driftcli.comparison.joint.saved import kept_tables
from driftcli.errors import InputError
from driftcli.profile import dataset, pair_tables
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.pair_tables import MOST_PARTS, Gathering, PairCells, PairTables, merge
from driftcli.profile.saved import decoded, encoded, file_of

RNG = np.random.default_rng(0)
ROWS = pa.table(
    {
        "x": RNG.normal(size=500),
        "zero": np.where(RNG.random(500) < 0.5, 0.0, RNG.normal(size=500)),
        "city": RNG.choice([f"c{at}" for at in range(20)], 500),
        "small": pa.array(RNG.integers(0, 3, 500), mask=RNG.random(500) < 0.1),
        "one": np.ones(500),
        "id": [f"{at:08}" for at in range(500)],
    }
)


def held() -> DatasetProfile:
    return driftcli.Profile.of(ROWS)._held


def pairs_of(profile: DatasetProfile) -> PairTables:
    assert profile.pairs
    return profile.pairs


def test_cells_hold_all_rows_in_parts_that_are_about_as_large() -> None:
    kept = pairs_of(held())
    assert list(kept.cells) == ["x", "zero", "city", "small"]
    for first, second in combinations(kept.cells, 2):
        table = kept.table(first, second)
        assert table.shape == (1, kept.cells[first].size + 1, kept.cells[second].size + 1)
        assert table.sum() == 500
    of_x = kept.table("x", "small").sum(axis=(0, 2))
    assert of_x[:-1].min() >= 500 // 8 - 1
    assert of_x[-1] == 0
    assert kept.table("small", "x").sum(axis=(0, 2))[-1] == ROWS["small"].null_count
    assert 0.0 in kept.cells["zero"].highs.tolist()
    assert kept.cells["small"].single
    assert len(kept.cells["city"].names) == 7


def test_a_file_gives_them_back() -> None:
    saved = decoded(file_of(held()), "base.profile")
    before, after = pairs_of(held()), pairs_of(saved)
    assert encoded(saved) == file_of(held())
    assert before.rows == after.rows
    for name, cells in before.cells.items():
        assert np.array_equal(after.cells[name].highs, cells.highs)
        assert (tuple(after.cells[name].names), after.cells[name].single) == (
            tuple(cells.names),
            cells.single,
        )
    assert np.array_equal(after.counts, before.counts)


def cut_like(first: PairTables, part: pa.Table) -> PairTables:
    arrays = {name: part[name].combine_chunks() for name in NAMES}
    kinds = {name: "categorical" if name == "city" else "numeric" for name in arrays}
    columns = {name: (array, kinds[name]) for name, array in arrays.items()}
    return kept_tables(columns, part.num_rows, first)


def together(kept: PairTables) -> dict[tuple[str, str], list[list[int]]]:
    return {pair: kept.table(*pair).sum(axis=0).tolist() for pair in combinations(NAMES, 2)}


NAMES = ("x", "zero", "city", "small")


@given(
    cuts=st.lists(st.integers(1, 499), max_size=6, unique=True),
    order=st.randoms(use_true_random=False),
)
@settings(max_examples=40, deadline=None)
def test_parts_that_are_cut_alike_are_merged_to_the_tables_of_all_rows(cuts, order) -> None:
    first = pairs_of(held())
    ends = [0, *sorted(cuts), 500]
    parts = [cut_like(first, ROWS.slice(a, b - a)) for a, b in pairwise(ends)]
    untouched = together(parts[0])
    order.shuffle(parts)
    at = order.randrange(len(parts))
    some = [merge(each) for each in (parts[:at], parts[at:]) if each]
    made = merge([each for each in some if each])
    assert made
    assert together(made) == together(first)
    assert (made.rows, made.parts) == (500, len(parts))
    assert together(cut_like(first, ROWS.slice(0, ends[1]))) == untouched
    assert made.cells["small"].single


def test_parts_that_are_cut_otherwise_have_no_tables_together() -> None:
    first = pairs_of(held())
    other = cut_like(first.of(["city", "small"]), ROWS.slice(0, 250))
    made = merge([first, other])
    assert made
    assert list(made.cells) == ["city", "small"]
    assert made.table("city", "small")[0].tolist() == first.table("city", "small")[0].tolist()
    assert merge([first.of(["x", "zero"]), other]) is None
    assert merge([]) is None


def test_values_that_come_later_are_in_the_cells_there_are() -> None:
    first = pairs_of(held())
    later = pa.table(
        {
            "x": [-9.0, 9.0, None],
            "zero": [0.0, 0.0, 0.0],
            "city": ["c0", "new", None],
            "small": [0, 3, 1],
        }
    )
    made = cut_like(first, later)
    last = first.cells["x"].size - 1
    assert made.table("x", "small").sum(axis=(0, 2)).nonzero()[0].tolist() == [0, last, last + 1]
    assert not made.cells["small"].single
    assert made.table("city", "x").sum(axis=(0, 2))[-2:].tolist() == [1, 1]


def test_a_file_keeps_few_parts_apart() -> None:
    many = dataset.merge([held()] * 90)
    saved = pairs_of(decoded(encoded(many), "year.profile"))
    assert (pairs_of(many).parts, saved.parts, saved.rows) == (90, 23, 45_000)
    assert together(saved) == together(pairs_of(many))


@given(st.lists(st.integers(1, 90), min_size=1, max_size=6), st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_parts_as_they_come_are_put_together_as_a_file_would_put_all_of_them(sizes, order) -> None:
    kept = pairs_of(held())
    rng = np.random.default_rng(order)
    parts = [
        replace(kept, counts=rng.integers(0, 9, (size, kept.counts.shape[1]))) for size in sizes
    ]
    gathering = Gathering()
    for part in parts:
        gathering.add(part)
    found, whole = gathering.finish(), merge(parts)
    assert found
    assert whole
    assert found.rows == whole.rows
    profile = replace(held(), rows=whole.rows)
    saved = [encoded(replace(profile, pairs=each)) for each in (found, whole)]
    assert saved[0] == saved[1]
    assert found.parts <= MOST_PARTS


def test_where_one_part_has_none_as_they_come_there_are_none() -> None:
    kept = pairs_of(held())
    for parts in ([kept, None, kept], [kept.of(["x", "zero"]), kept.of(["city", "small"])], []):
        gathering = Gathering()
        for part in parts:
            gathering.add(part)
        assert gathering.finish() is None


def test_they_take_little_room() -> None:
    wide = pa.table({f"x{at}": RNG.normal(size=5_000) for at in range(20)})
    with_pairs = driftcli.Profile.of(wide)._held
    assert pairs_of(with_pairs).counts.shape == (1, 190 * 9 * 9)
    grown = len(file_of(with_pairs)) - len(file_of(replace(with_pairs, pairs=None)))
    assert grown < 61_000


def test_a_profile_that_keeps_rows_needs_none() -> None:
    assert driftcli.Profile.of(ROWS, keep_rows=100)._held.pairs is None


WRONG = {
    "more rows than it has": lambda kept: replace(kept, rows=501),
    "not of its rows": lambda kept: replace(kept, counts=kept.counts + 1),
    "below 0": lambda kept: replace(kept, counts=-kept.counts),
    "not in order": lambda kept: replace(
        kept, cells={**kept.cells, "x": PairCells(kept.cells["x"].highs[::-1])}
    ),
    "of numbers and of names": lambda kept: replace(
        kept, cells={**kept.cells, "city": kept.cells["city"]._replace(highs=np.arange(8.0))}
    ),
    "cells that cannot be": lambda kept: replace(
        kept, cells={**kept.cells, "city": kept.cells["city"]._replace(names=("a",) * 7)}
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_with_tables_that_cannot_be_is_refused(wrong: str) -> None:
    profile = held()
    data = encoded(replace(profile, pairs=WRONG[wrong](pairs_of(profile))))
    expected = "not of its rows" if wrong == "below 0" else wrong
    with pytest.raises(InputError, match=rf"no data has such a profile: .*{expected}"):
        decoded(data, "base.profile")


def test_tables_of_other_sizes_are_refused(monkeypatch) -> None:
    row = pair_tables._row
    monkeypatch.setattr(
        pair_tables,
        "_row",
        lambda kept, name: row(kept, name) | {"pair_counts": row(kept, name)["pair_counts"][:-1]},
    )
    profile = driftcli.Profile.of(ROWS.select(["x", "small"]))._held
    data = encoded(profile)
    with pytest.raises(InputError, match="not a profile that can be read"):
        decoded(data, "base.profile")
