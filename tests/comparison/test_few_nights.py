"""Recorded nights that are too few to tell how nights differ."""

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from driftcli.comparison.block_findings import finding_within
from driftcli.comparison.compare import compare_profiles
from driftcli.config import Settings
from tests.comparison.test_columns_in_blocks import dataset, drifted, judged, said, some_days

FEW = [1, 2, 3, 4]


def nights(days):
    """Return the profile of recorded nights, as a check with a baseline that follows has it."""
    whole = dataset(days)
    return replace(whole, blocks=replace(whole.blocks, kind="run"))


def night(seed, **changes):
    return dataset(some_days(seed, 1, **changes), blocks=False)


@pytest.mark.parametrize("number", FEW)
def test_nights_that_differ_as_nights_do_are_no_drift(number):
    alarms, by_rows = 0, 0
    for seed in range(15):
        before, after = some_days([0, seed], number), night([1, seed])
        alarms += bool(drifted(nights(before), after))
        by_rows += bool(drifted(dataset(before, blocks=False), after))
    assert alarms <= 1
    assert by_rows >= 8


@pytest.mark.parametrize("number", FEW)
def test_a_night_without_what_all_others_have_is_drift(number):
    before = nights(some_days(0, number))
    assert "noted" in drifted(before, night(1, missing=1.0))
    assert "port" in drifted(before, night(1, names=["other"] * 300))


@pytest.mark.parametrize("number", FEW)
def test_the_noise_is_never_less_than_that_of_rows(number):
    before, after = some_days(0, number), night(1, shift=0.5, missing=0.3)
    by_rows = judged(dataset(before, blocks=False), after)
    larger = 0
    for name, column in judged(nights(before), after).items():
        for rows, few in zip(by_rows[name].scores, column.scores, strict=True):
            assert rows.value == few.value
            assert (rows.noise or 0) <= (few.noise or 0)
            assert (rows.p_value or 0) <= (few.p_value or 0)
            larger += (rows.noise or 0) < (few.noise or 0)
    assert larger >= 6


def test_they_count_like_ten_rows_each_and_a_line_says_so():
    before, after = nights(some_days(0, 3)), night(1)
    assert said(before, after) == [
        "noise by run, 3 + 1: too few to tell how they differ, so that each counts like 10 rows"
    ]
    assert judged(before, after)["late"].design_effect == 30


def test_nights_of_fewer_rows_are_no_more_than_these():
    before, after = some_days(0, 2, rows=4, names=["a"] * 4), night(1, rows=4, names=["b"] * 4)
    assert judged(nights(before), after)["port"].design_effect == 1


def test_five_nights_tell_themselves():
    before, after = nights(some_days(0, 5)), night(1)
    assert "too few" not in said(before, after)[0]
    assert judged(before, after)["steady"].design_effect == 1


def test_the_same_nights_have_the_same_noise_in_any_order():
    days, after = some_days(0, 4), night(1, shift=0.5)
    found, other = (judged(nights(some), after)["late"].scores for some in (days, days[::-1]))
    assert found == other


def test_identifiers_and_columns_without_values_are_judged_as_ever():
    rng = np.random.default_rng(3)
    days = [
        pa.table(
            {"key": [f"{at}-{each:06d}" for each in rng.permutation(300)], "none": pa.nulls(300)}
        )
        for at in range(3)
    ]
    assert not drifted(nights(days[:2]), dataset(days[2:], blocks=False))


@pytest.mark.parametrize("number", FEW)
def test_they_are_shown_side_by_side(number):
    report = compare_profiles(nights(some_days(0, number)), night(1), Settings(), details=True)
    strip = next(each for each in report.columns if each.name == "late").details.blocks
    assert strip.of == "run"
    assert [len(side) for side in (strip.baseline, strip.current)] == [number, 1]


def test_segments_of_few_nights_are_named():
    few = nights(some_days(0, 2)).blocks
    (told,) = finding_within({"north": (few, None), "south": (few, None)})
    assert told.message == (
        "too few blocks (run) to tell how they differ in north, south: each counts like 10 rows"
    )
