"""Blocks of rows in cells that merge: counts stay exact in whatever all parts can tell apart."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from driftcli.profile import cells, kept_counting, kept_merging
from driftcli.profile.blocks import Blocks, RowBlock
from driftcli.profile.calendar import Every
from driftcli.profile.cells import NameCells, NumberCells
from driftcli.profile.column import ColumnProfile, from_array
from driftcli.profile.kept import KeptBlocks

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
WORDS = st.text("abc", max_size=2)
ROWS = st.lists(st.tuples(st.none() | FLOATS | st.integers(-9, 9), st.none() | WORDS), max_size=40)


def profiles(rows: Sequence[tuple[float | None, str | None]]) -> dict[str, ColumnProfile]:
    numbers = pa.array([None if each is None else float(each) for each, _ in rows], pa.float64())
    words = pa.array([each for _, each in rows], pa.string())
    return {
        "number": from_array("number", numbers, "numeric"),
        "word": from_array("word", words, "categorical"),
    }


def one(rows: Sequence[tuple[float | None, str | None]], label: str = "part") -> KeptBlocks:
    return kept_counting.as_one(label, len(rows), profiles(rows))


def told(blocks: KeptBlocks) -> object:
    """Return all that blocks tell, whatever their order: parts have none."""
    number, word = blocks.columns["number"], blocks.columns["word"]
    assert isinstance(number.cells, NumberCells)
    assert isinstance(word.cells, NameCells)
    each = zip(
        blocks.rows.tolist(),
        number.cells.counts.tolist(),
        number.missing.tolist(),
        word.cells.counts.tolist(),
        word.missing.tolist(),
        strict=True,
    )
    extents = zip(number.cells.lows.tolist(), number.cells.highs.tolist(), strict=True)
    return list(extents), word.cells.names, sorted(each)


class TestCuts:
    @given(st.lists(FLOATS, min_size=2, unique=True), st.integers(2, 64))
    def test_they_are_in_order_between_values_and_no_more_than_asked_for(
        self, values: list[float], most: int
    ) -> None:
        ordered = np.unique(np.array(values) + 0.0)
        between = cells.cuts(ordered, np.ones(ordered.size, np.int64), most)
        assert between.size < most
        assert (np.diff(between) > 0).all()
        assert ((between > ordered[0]) & (between <= ordered[-1])).all()
        if ordered.size <= most:
            assert np.unique(np.searchsorted(between, ordered, side="right")).size == ordered.size

    def test_they_are_round(self) -> None:
        values = np.array([0.9, 3.7, 4.9, 9.7, 11.2])
        between = cells.cuts(values, np.ones(5, np.int64), 8)
        assert between.tolist() == [2.0, 4.0, 8.0, 10.0]

    def test_cells_hold_about_as_many_rows_each(self) -> None:
        values = np.sort(np.random.default_rng(0).lognormal(size=20_000))
        between = cells.cuts(values, np.ones(20_000, np.int64), 64)
        counts = np.diff(np.searchsorted(values, between), prepend=0, append=20_000)
        assert between.size == 63
        assert counts.max() < 2.5 * 20_000 / 64


@given(
    st.lists(st.lists(st.tuples(FLOATS, st.integers(1, 9)), max_size=40), min_size=1, max_size=5),
    st.integers(2, 12),
)
def test_columns_that_are_cut_at_once_have_the_cells_of_each_by_itself(
    columns: list[list[tuple[float, int]]], most: int
) -> None:
    points = []
    for column in columns:
        values, first = np.unique([value + 0.0 for value, _ in column], return_index=True)
        points.append((values, np.array([count for _, count in column], np.int64)[first]))
    for (values, counts), found in zip(points, cells.lone(points, most), strict=True):
        alone = NumberCells.of([(values, counts)], cells.cuts(values, counts, most))
        for field in ("lows", "highs", "means", "counts"):
            assert np.array_equal(getattr(found, field), getattr(alone, field))


def normal(rng: np.random.Generator, mean: float) -> NumberCells:
    values, counts = np.sort(rng.normal(mean, 1, 900)), np.ones(900, np.int64)
    return NumberCells.of([(values, counts)], cells.cuts(values, counts, 64))


class TestCells:
    def test_those_of_like_columns_stay_narrow_however_many_they_are(self) -> None:
        rng = np.random.default_rng(1)
        common, *_ = NumberCells.alike([normal(rng, mean) for mean in rng.normal(0, 0.3, 60)])
        middle = (common.lows > -1.5) & (common.highs < 1.5)
        assert middle.sum() > 12
        assert (common.highs - common.lows)[middle].max() < 0.3

    def test_those_of_columns_that_are_far_apart_are_kept_apart(self) -> None:
        """A level that differs from day to day by more than values of a day do."""
        rng = np.random.default_rng(2)
        common = NumberCells.alike([normal(rng, 20.0 * mean) for mean in range(30)])
        counts = np.concatenate([each.counts for each in common])
        few = replace(common[0], counts=counts).thinned(64)
        assert 31 < few.lows.size <= 64


class TestMerging:
    @given(st.lists(ROWS, min_size=2, max_size=4), st.randoms())
    def test_neither_order_nor_grouping_makes_a_difference(
        self, parts: list[list[tuple[float | None, str | None]]], random: object
    ) -> None:
        made = [one(rows) for rows in parts]
        whole = told(kept_merging.merge(made))
        assert told(kept_merging.merge([kept_merging.merge(made[:-1]), made[-1]])) == whole
        assert told(kept_merging.merge([made[0], kept_merging.merge(made[1:])])) == whole
        random.shuffle(made)  # type: ignore[attr-defined]  # of the random module
        assert told(kept_merging.merge(made)) == whole

    @given(st.lists(ROWS, min_size=1, max_size=5))
    def test_every_count_is_that_of_the_rows(
        self, parts: list[list[tuple[float | None, str | None]]]
    ) -> None:
        merged = kept_merging.merge([one(rows) for rows in parts])
        number, word = merged.columns["number"], merged.columns["word"]
        assert isinstance(number.cells, NumberCells)
        assert isinstance(word.cells, NameCells)
        extents = list(zip(number.cells.lows, number.cells.highs, strict=True))
        for at, rows in enumerate(parts):
            numbers = np.array([each for each, _ in rows if each is not None], float)
            words = [each for _, each in rows if each is not None]
            assert number.cells.counts[at].tolist() == [
                ((numbers >= low) & (numbers <= high)).sum() for low, high in extents
            ]
            assert number.cells.counts[at].sum() == numbers.size
            named = [words.count(name) for name in word.cells.names]
            assert word.cells.counts[at].tolist() == [*named, len(words) - sum(named)]
            assert number.missing[at] == len(rows) - numbers.size
            assert word.missing[at] == len(rows) - len(words)

    def test_means_are_those_of_the_rows_in_a_cell(self) -> None:
        merged = kept_merging.merge(
            [one([(1.0, None), (2.0, None)]), one([(2.0, None), (3.0, None)])]
        )
        cells_of = merged.columns["number"].cells
        assert isinstance(cells_of, NumberCells)
        assert cells_of.means.tolist() == [1.0, 2.0, 3.0]
        few = cells_of.thinned(2)
        assert few.lows.tolist() == [1.0, 2.0]
        assert few.highs.tolist() == [1.0, 3.0]
        assert few.means.tolist() == [1.0, pytest.approx((2 + 2 + 3) / 3)]


def days(numbers: Sequence[int], every: str = "1d", rows: int = 3) -> KeptBlocks:
    made = profiles([(1.0, "a")] * rows)
    each = tuple(RowBlock(str(number), rows, made, number) for number in numbers)
    return kept_counting.of_rows(Blocks("day", each, "at", every=Every.parse(every)), made)


class TestUnits:
    def test_the_rows_of_one_day_are_one_block(self) -> None:
        merged = kept_merging.merge([days([4, 5]), days([5, 6])])
        assert merged.numbers.tolist() == [4, 5, 6]
        assert merged.rows.tolist() == [3, 6, 3]
        assert (merged.kind, merged.column) == ("day", "at")
        assert list(merged.named()) == ["1970-01-05", "1970-01-06", "1970-01-07"]

    def test_the_longest_periods_count(self) -> None:
        merged = kept_merging.merge([days([4, 5, 6]), days([3], "2d")])
        assert (merged.kind, merged.numbers.tolist(), merged.rows.tolist()) == (
            "2 days",
            [2, 3],
            [6, 6],
        )

    def test_blocks_that_do_not_go_together_are_parts(self) -> None:
        merged = kept_merging.merge([days([4, 5]), one([(1.0, "a")], "other.profile"), days([5])])
        assert (merged.kind, merged.column) == ("part", None)
        assert list(merged.named()) == ["1970-01-05", "1970-01-06", "other.profile", "1970-01-06"]

    def test_more_days_than_are_kept_are_put_together(self) -> None:
        made = days(range(0, 2 * 401, 2), rows=1)
        assert (made.kind, made.rows.size) == ("4 days", 201)
        assert made.rows.sum() == 401

    def test_many_columns_have_fewer_cells_and_blocks(self) -> None:
        made = profiles([(each, "a") for each in range(100)])
        many = {f"{at}": made["number"] for at in range(1000)}
        each = tuple(RowBlock(str(day), 100, many, day) for day in range(100))
        small = kept_counting.of_rows(Blocks("day", each, "at", every=Every(1, "d")), many)
        assert (small.rows.size, small.columns["7"].cells.counts.shape) == (50, (50, 8))
