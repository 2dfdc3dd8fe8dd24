"""One column's profile: rows, missing, what did not parse, and its numbers or categories."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from msgspec.structs import replace

from driftcli.arrays import from_numpy, to_numpy
from driftcli.errors import InputError
from driftcli.profile import categories, numeric
from driftcli.profile.calendar import PER_SECOND
from driftcli.profile.categories import Categories
from driftcli.profile.kinds import Kind, is_list, kind_of, type_name
from driftcli.profile.numeric import Numbers
from driftcli.profile.points import BUILD_POINTS, MAX_POINTS


class Invalid(Struct, frozen=True):
    """Values that could not be read as the column's type; `first_row` counts rows from 0."""

    count: int
    first_value: str
    first_row: int


class ColumnProfile(Struct, frozen=True):
    """The summary of one column that everything else works on.

    Attributes
    ----------
    type : str
        The column's Arrow type, as text.
    rows, missing : int
        All rows, and those without a value (what did not parse is not missing).
    integers : bool
        Whether the numbers are of an integer type.
    time_unit : str or None
        For timestamps, the unit of the points since the epoch: "s", "ms", "us" or "ns".
    zone : str or None
        For timestamps, the time zone, if any; the points are UTC then.
    values : Numbers or Categories
        The distribution of what is neither missing nor invalid: of the numbers of elements of
        lists; empty where values are of a type that cannot be compared.
    text : bool
        Whether the values are binary, and all of them text in UTF-8.
    unread : bool
        Whether its values were not read: of them, `values` has the extremes at most.
    missing_known : bool
        Whether `missing` is known; it is 0 where it is not.
    older : bool
        Whether it was saved by a version that did not keep the shape of texts, and that took
        other columns for identifiers: it is judged as it was then.
    """

    kind: Kind
    type: str
    rows: int
    missing: int
    values: Numbers | Categories
    invalid: Invalid | None = None
    integers: bool = False
    time_unit: str | None = None
    zone: str | None = None
    text: bool = False
    unread: bool = False
    missing_known: bool = True
    older: bool = False

    @property
    def numbers(self) -> Numbers:
        """The distribution of a column that holds numbers, times or lists."""
        assert isinstance(self.values, Numbers)
        return self.values

    @property
    def per_second(self) -> int:
        """How many units of the points make one of a report's: ticks in a second, else 1."""
        return PER_SECOND[self.time_unit or "s"]


def unread(column: ColumnProfile) -> ColumnProfile:
    """Return a column of whose values no more is known than their extremes."""
    values = type(column.values)()
    if isinstance(column.values, Numbers) and column.kind != "list":
        values = Numbers(low=column.values.low, high=column.values.high)
    return replace(column, values=values, invalid=None, text=False, unread=True)


def known_of(extremes: ColumnProfile, rows: int, missing: int | None) -> ColumnProfile:
    """Return a column of so many rows, whose values were not read.

    Parameters
    ----------
    extremes
        The profile of its smallest and its largest values, if they are known.
    missing
        Rows without a value; None where that is not known.
    """
    values = extremes.values
    if isinstance(values, Numbers) and (values.positive_infinity or values.negative_infinity):
        # Infinities are no extremes, and hide those that are.
        extremes = replace(extremes, values=Numbers())
    return replace(
        unread(extremes), rows=rows, missing=missing or 0, missing_known=missing is not None
    )


class _UnfitError(Exception):
    """Values that cannot be read as the kind that was asked for."""


def kind_name(side: "ColumnProfile") -> str:
    """Return what messages call the kind of a column's values."""
    return {
        "numeric": "numbers",
        "categorical": "categories",
        "timestamp": "times",
        "list": "lists",
        "unsupported": "values that are not compared",
    }[side.kind]


def from_array(
    name: str,
    array: Any,
    kind: Kind,
    invalid: Invalid | None = None,
    *,
    limit: int = BUILD_POINTS,
) -> ColumnProfile:
    """Return the profile of one block of a column, about a million rows at a time.

    Numbers have at most `limit` points.

    Raises
    ------
    InputError
        When a forced `kind` does not fit the values.
    """
    invalid_count = invalid.count if invalid else 0
    missing = array.null_count
    if pa.types.is_dictionary(array.type) and array.dictionary.null_count:
        missing = int(pc.sum(pc.is_null(array.cast(array.type.value_type))).as_py() or 0)
    profile = ColumnProfile(
        kind=kind,
        type=type_name(array.type),
        rows=len(array),
        missing=missing - invalid_count,
        values=categories.EMPTY,
        invalid=invalid,
    )
    if kind == "unsupported":
        return replace(profile, text=_is_text(array))
    with fitting(name, kind):
        if kind == "categorical":
            return replace(profile, values=_categories(array))
        raw = raw_numbers(array, kind)
        values = numeric.from_values(raw.values, time_unit=raw.time_unit, limit=limit)
    return of_numbers(profile, raw, values)


@contextmanager
def fitting(name: str, kind: Kind) -> Iterator[None]:
    """Have an error of a kind that does not fit name the column."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, _UnfitError) as error:
        reason = str(error).splitlines()[0]
        hint = f"Its kind is set to be {kind}; see `kind` and `{kind}` in the settings."
        raise InputError(f"column {name!r} cannot be read as {kind}: {reason}. {hint}") from error


def as_categories(side: ColumnProfile) -> ColumnProfile:
    """Return a column of numbers as one of categories, as far as all of them are known.

    Elsewhere, and where it has categories already, return it as it is.
    """
    values = side.values
    if isinstance(values, Categories) or not values.points.exact or side.time_unit:
        return side
    names = from_numpy(values.points.values).cast(pa.string()).to_pylist()
    counts = dict(zip(names, values.points.counts.tolist(), strict=True))
    others = {"nan": values.nan, "inf": values.positive_infinity, "-inf": values.negative_infinity}
    counts |= {name: count for name, count in others.items() if count}
    return replace(side, kind="categorical", values=categories.from_counts(counts))


def merge(
    parts: Sequence[ColumnProfile], limit: int = MAX_POINTS, names: int | None = None
) -> ColumnProfile:
    """Return the profile of all rows of `parts`, in the order of the rows.

    There are at most `limit` points, and `names` as in `categories.merge`. The arguments are
    left as they are. Only the place of the first invalid value depends on the order.
    """
    if len(parts) == 1:
        return _within(parts[0], limit, names)
    first = _most_specific(parts)
    if isinstance(first.values, Numbers):
        values: Numbers | Categories = numeric.merge(
            [
                numeric.in_finer_ticks(part.values, first.per_second // part.per_second)
                for part in parts
                if isinstance(part.values, Numbers)
            ],
            limit,
        )
    else:
        values = categories.merge(
            [part.values for part in parts if isinstance(part.values, Categories)], names
        )
    return replace(
        first,
        rows=sum(part.rows for part in parts),
        missing=sum(part.missing for part in parts),
        values=values,
        invalid=_merged_invalid(parts),
        text=all(part.text or part.missing == part.rows for part in parts) and first.text,
        integers=all(part.integers or part.type == "null" for part in parts),
        older=any(part.older for part in parts),
    )


def _within(part: ColumnProfile, limit: int, names: int | None) -> ColumnProfile:
    """Return the profile of the same rows, with at most so many points and names."""
    values: Numbers | Categories
    if isinstance(part.values, Numbers):
        values = numeric.merge([part.values], limit)
    else:
        values = categories.merge([part.values], names)
    integers = part.integers or part.type == "null"
    if values is part.values and integers == part.integers:
        return part
    return replace(part, values=values, integers=integers)


def _most_specific(parts: Sequence[ColumnProfile]) -> ColumnProfile:
    """Return the part whose type describes all.

    A block of nulls says nothing, doubles win over integers, and finer times over coarser ones.
    """
    typed = [part for part in parts if part.type != "null"] or list(parts)
    if typed[0].kind == "unsupported":
        return next((part for part in typed if part.text), typed[0])
    if typed[0].time_unit:
        return max(typed, key=lambda part: part.per_second)
    return next((part for part in typed if not part.integers), typed[0])


def _merged_invalid(parts: Sequence[ColumnProfile]) -> Invalid | None:
    offset, count, first = 0, 0, None
    for part in parts:
        if part.invalid:
            count += part.invalid.count
            first = first or replace(part.invalid, first_row=part.invalid.first_row + offset)
        offset += part.rows
    return replace(first, count=count) if first else None


class Raw(NamedTuple):
    """Numbers or times of a column that are not null, in the order of the rows."""

    values: Any
    integers: bool
    time_unit: str | None = None
    zone: str | None = None


def raw_numbers(array: Any, kind: Kind) -> Raw:
    """Return the numbers of an array, or its times, as numpy has them."""
    if kind == "list":
        return Raw(*_number_array(_lengths(array)))
    if kind == "numeric":
        return Raw(*_number_array(array))
    if kind_of(array.type) == "categorical":
        array = array.cast(pa.timestamp("ns"))
    ticks, unit, zone = _ticks(array)
    return Raw(ticks, integers=True, time_unit=unit, zone=zone)


def of_numbers(profile: ColumnProfile, raw: Raw, values: Numbers) -> ColumnProfile:
    """Return a profile with the distribution of `raw` numbers, or of some of them."""
    return replace(
        profile,
        values=values,
        integers=raw.integers,
        time_unit=raw.time_unit,
        zone=raw.zone,
    )


def _number_array(array: Any) -> tuple[Any, bool]:
    """Return the values that are not null as a numpy array, and whether they are integers."""
    types = pa.types
    if types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    if types.is_null(array.type):
        return np.empty(0), True
    if types.is_duration(array.type) or types.is_time(array.type):
        return _seconds(array), False
    if types.is_timestamp(array.type) or types.is_date(array.type):
        return _ticks(array)[0], True
    array = _present(array)
    if types.is_uint64(array.type) and len(array) and pc.max(array).as_py() >= 2**63:
        return to_numpy(array), False
    if types.is_integer(array.type):
        array = array.cast(pa.int64())
    elif types.is_float16(array.type):
        array = array.cast(pa.float32())
    elif not types.is_floating(array.type):
        array = array.cast(pa.float64())
    values = to_numpy(array)
    return values, values.dtype.kind == "i"


def _lengths(array: Any) -> Any:
    """Return how many elements each list has."""
    if not is_list(array.type):
        raise _UnfitError(f"values of type {array.type} are no lists")
    return pc.list_value_length(array)


def _seconds(array: Any) -> Any:
    """Return durations and times of the day in seconds."""
    ticks = array.cast(pa.int32() if pa.types.is_time32(array.type) else pa.int64())
    return to_numpy(_present(ticks)) / PER_SECOND[array.type.unit]


def _ticks(array: Any) -> tuple[Any, str, str | None]:
    """Return times as int64 ticks since the epoch, their unit and their zone."""
    if kind_of(array.type) != "timestamp" and not pa.types.is_null(array.type):
        raise _UnfitError(f"values of type {array.type} are not times")
    if pa.types.is_date(array.type) or pa.types.is_null(array.type):
        array = array.cast(pa.timestamp("s"), safe=False)
    unit, zone = array.type.unit, array.type.tz
    return to_numpy(_present(array.cast(pa.int64()))), unit, zone


def _present(array: Any) -> Any:
    """Return the values that are not null; without nulls, the array itself and no copy."""
    return array.drop_null() if array.null_count else array


def _categories(array: Any) -> Categories:
    return _truths(array) if pa.types.is_boolean(array.type) else categories.from_array(array)


def _is_text(array: Any) -> bool:
    """Return whether values are binary, there are some, and all of them are text in UTF-8."""
    types = pa.types
    if not types.is_binary(array.type) and not types.is_large_binary(array.type):
        return False
    try:
        texts = _present(array).cast(pa.large_string())
    except pa.ArrowInvalid:
        return False
    controls = pc.match_substring_regex(texts, r"[\x00-\x08\x0e-\x1f\x7f]")
    return bool(pc.any(pc.greater(pc.binary_length(texts), 0)).as_py()) and not bool(
        pc.any(controls).as_py()
    )


def _truths(array: Any) -> Categories:
    true = pc.sum(array).as_py() or 0
    false = len(array) - array.null_count - true
    return categories.from_counts({"false": false, "true": true})
