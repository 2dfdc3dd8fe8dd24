"""What moved, in words: whole sentences for changes made by hand."""

import numpy as np
import pyarrow as pa
import pytest

from driftcli.api.compare import compare
from driftcli.comparison.figures import number, percent


def only(baseline, current, **options):
    (column,) = compare(pa.table({"x": baseline}), pa.table({"x": current}), **options).columns
    return column


def rows(**counts):
    return [name for name, count in counts.items() for _ in range(count)]


def test_a_mean_that_moved_is_named():
    p = np.tile(np.arange(100.0), 10)
    assert only(p, p * 0.5 + 10).reasons == (
        "mean 49.5 → 34.75",
        "sd 28.87 → 14.43",
    )


def test_a_mean_that_moved_little_beside_the_wider_sides_spread_is_not_named():
    p = np.tile(np.linspace(-1, 1, 100), 10)
    q = np.tile(np.append(np.linspace(-1, 1, 98), [-82, 82]), 10)
    assert only(p, q + 0.1 * p.std()).reasons[0] == "sd 0.5832 → 11.61"


def test_values_beyond_the_range_are_named():
    p = np.tile(np.arange(100.0), 10)
    found = only(p, p + 30).reasons
    assert found == (
        "mean 49.5 → 79.5",
        "30 % of values above the baseline's maximum 99",
    )
    assert only(p, p - 30).reasons == (
        "mean 49.5 → 19.5",
        "30 % of values below the baseline's minimum 0",
    )


def test_disjoint_ranges_are_named():
    assert only([1, 2, 3] * 20, [11, 12, 13] * 20).reasons == (
        "all values above the baseline's maximum: 1 to 3 → 11 to 13",
    )
    assert only([5.0, 5.0] * 20, [4.5, 4.25] * 20).reasons == (
        "all values below the baseline's minimum: 5 → 4.25 to 4.5",
    )


@pytest.mark.parametrize(
    ("base", "new", "said"),
    [
        ([1e6 + 0.1] * 50, [1e6 + 0.2] * 50, "1,000,000.1 → 1,000,000.2"),
        ([0.1, 0.1 + 1e-9] * 50, [0.1 + 1e-6, 0.1 + 2e-6] * 50, "0.1 → 0.100001 to 0.100002"),
        ([2**62] * 50, [2**62 + 2] * 50, "4,611,686,018,427,387,904 → 4,611,686,018,427,387,906"),
        ([1e300] * 50, [1.00001e300] * 50, "1e+300 → 1.00001e+300"),
    ],
)
def test_numbers_take_as_many_digits_as_tell_them_apart(base, new, said):
    [reason] = only(base, new).reasons
    assert reason == f"all values above the baseline's maximum: {said}"


def test_a_value_that_became_common_is_named():
    p = np.tile(np.arange(-50.0, 50.0), 10)
    q = np.concatenate([np.zeros(250), p[250:]])
    found = only(p, q)
    assert found.status == "drift"
    # Of the other 750 rows, from the middle of the third hundred on, 8 are zero too.
    assert found.reasons == ("value 0: 1.0 % → 26 %",)


def test_categories_that_came_went_and_changed_are_named():
    p = rows(EV=150, petrol=600, diesel=250)
    q = rows(petrol=600, diesel=280, YX=120)
    assert only(p, q).reasons == ("new: 'YX' 12 %", "lost: 'EV' 15 %")
    q = rows(EV=400, petrol=350, diesel=250)
    assert only(p, q).reasons == (
        "category 'EV' 15 % → 40 %",
        "category 'petrol' 60 % → 35 %",
    )


def test_many_small_new_categories_are_counted():
    p = rows(a=1000)
    q = rows(a=900) + [f"n{number}" for number in range(100)]
    assert only(p, q).reasons == (
        "new: 100 categories, 10 % of the rows",
        "category 'a' 100 % → 90 %",
    )


def test_long_names_are_shortened():
    found = only(rows(a=10), ["b" * 200] * 10)
    assert found.reasons[0] == f"new: '{'b' * 60}…' 100 %"


def test_missing_and_nonfinite_values_are_named():
    p = [1.0, 2.0] * 50
    assert only(p, [None] * 10 + p[10:]).reasons == ("missing 0 % → 10 %",)
    q = [float("nan")] * 5 + [float("inf")] * 20 + p[25:]
    assert only(p, q).reasons == ("NaN or infinite 0 % → 25 %",)


def test_a_changed_type_is_named():
    found = only([1, 2], ["a", "b"])
    assert found.reasons == ("type int64 → string: numbers (1, 2) became categories ('a', 'b')",)
    assert (found.status, found.scores) == ("drift", ())


def test_no_reason_is_given_where_nothing_drifted():
    assert only([1.0, 2.0] * 50, [1.0, 2.0] * 50).reasons == ()


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0 %"),
        (1.0, "100 %"),
        (0.00001, "< 0.01 %"),
        (0.99999, "> 99.9 %"),
        (0.0004, "0.04 %"),
        (0.0123, "1.2 %"),
        (0.123, "12 %"),
        (0.996, "99.6 %"),
    ],
)
def test_percentages_are_zero_and_a_hundred_only_when_exact(share, text):
    assert percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (7, "7"),
        (0.1 + 0.2, "0.3"),
        (12345.678, "12,346"),
        (1_234_567, "1,234,567"),
        (2**60, "1.153e+18"),
        ("2024-01-02T03:04:05.678+00:00", "2024-01-02 03:04:05"),
    ],
)
def test_statistics_are_shown_with_four_digits(value, text):
    assert number(value) == text
