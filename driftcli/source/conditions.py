"""What a filter asks of rows: as a mask of those it keeps, and as what it may be within ranges.

Logic has three values, as in SQL: a comparison with a missing value is neither true nor false.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import reduce
from itertools import product
from typing import Any, Protocol

import pyarrow as pa
from msgspec import Struct

from driftcli.arrays import null, scalar, scalar_of
from driftcli.source.literals import Literal, MismatchError, family, plain, value_of
from driftcli.text import quoted, visible

#: Columns of some rows by name.
Arrays = Mapping[str, Any]
#: What a condition may be for some rows.
Outcomes = frozenset[bool | None]
_ALL: Outcomes = frozenset({True, False, None})
#: More than any decimal has.
_DIGITS = Context(prec=100)
_KERNELS = {
    "=": "equal",
    "!=": "not_equal",
    "<": "less",
    "<=": "less_equal",
    ">": "greater",
    ">=": "greater_equal",
}


class Range(Struct, frozen=True):
    """What is known of a column's values in some rows without reading them.

    Attributes
    ----------
    low, high
        Bounds of the values, as `literals.plain` has them; None where they are not known.
    missing
        Whether there may be missing values.
    present
        Whether there may be others.
    """

    kind: pa.DataType
    low: Any = None
    high: Any = None
    missing: bool = True
    present: bool = True

    @classmethod
    def of(cls, value: pa.Scalar) -> Range:
        """Return the range of a column that has one value."""
        own = plain(value, value.type)
        return cls(value.type, own, own, missing=own is None, present=own is not None)


Ranges = Mapping[str, Range]


class Condition(Protocol):
    """A condition on rows."""

    def columns(self) -> Iterator[str]:
        """Yield the names of the columns that it asks about."""

    def mask(self, arrays: Arrays) -> Any:
        """Return for each row whether it holds, null where that is not known."""

    def outcomes(self, ranges: Ranges) -> Outcomes:
        """Return what it may be for rows within ranges; what is not there is not known."""


@dataclass(frozen=True)
class Comparison:
    """A column compared with a value."""

    column: str
    sign: str
    literal: Literal
    bare: bool = field(default=False, compare=False)
    """Whether it was written as the name of the column alone."""

    def columns(self) -> Iterator[str]:
        """Yield the column."""
        yield self.column

    def mask(self, arrays: Arrays) -> Any:
        """Compare each row."""
        values = arrays[self.column]
        value = self._value(values.type)
        return _compared(values, self.sign, value)

    def outcomes(self, ranges: Ranges) -> Outcomes:
        """Compare with the bounds."""
        known = ranges.get(self.column)
        if known is None:
            return _ALL
        value = self._value(known.kind)
        found = _within(known, self.sign, value) if known.present else frozenset[bool]()
        return frozenset[bool | None](found) | ({None} if known.missing else set())

    def _value(self, kind: pa.DataType) -> Any:
        if self.bare and family(kind) not in ("truths", "nulls"):
            raise MismatchError(
                f"column {quoted(self.column)} is {visible(kind)}, and a name alone must be one of"
                " booleans; compare it with a value"
            )
        return value_of(self.literal, self.column, kind)


def _within(known: Range, sign: str, value: Any) -> frozenset[bool]:
    low, high = known.low, known.high
    if value is None or low is None or high is None or any(map(_is_nan, (low, high))):
        return frozenset({True, False})
    holds: dict[str, tuple[bool, bool]] = {  # may be true, may be false
        "=": (low <= value <= high, not low == value == high),
        "<": (low < value, high >= value),
        "<=": (low <= value, high > value),
        ">": (high > value, low <= value),
        ">=": (high >= value, low < value),
    }
    true, false = holds[sign] if sign != "!=" else holds["="][::-1]
    # Bounds leave out what is not a number, which equals nothing.
    nan = {sign == "!="} if pa.types.is_floating(known.kind) else set()
    return frozenset({each for each, may in ((True, true), (False, false)) if may} | nan)


def _is_nan(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def _compared(values: Any, sign: str, value: Any) -> Any:
    import pyarrow.compute as pc

    kind = values.type
    if value is None:
        return pa.nulls(len(values), pa.bool_())
    held: Any
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        held = stepped(kind, sign, value)
    elif pa.types.is_date(kind):
        return _compared(values.cast(pa.timestamp("ms")), sign, value)
    elif family(kind) in ("times", "times of day"):
        held = _ticks(kind, sign, value)
    else:
        held = scalar_of(value, kind)
    if isinstance(held, bool):
        return pc.if_else(values.is_null(), null(pa.bool_()), scalar(held))
    return pc.call_function(_KERNELS[sign], [values, held])


def stepped(kind: pa.DataType, sign: str, number: Decimal) -> Any:
    """Return the value of a type of whole steps that is compared as a number is, or the answer."""
    places = kind.scale if pa.types.is_decimal(kind) else 0
    step = Decimal(1).scaleb(-places)
    up = sign in ("<", ">=")
    try:
        value = number.quantize(step, ROUND_CEILING if up else ROUND_FLOOR, _DIGITS)
        if value != number and sign in ("=", "!="):
            return sign == "!="
        return scalar_of(value if places else int(value), kind)
    except (ArithmeticError, pa.ArrowException, OverflowError):  # beyond what the type can hold
        return sign == "!=" or (number > 0) == (sign in ("<", "<="))


def _ticks(kind: pa.DataType, sign: str, value: int) -> Any:
    """Return the same of times, whose steps are their unit."""
    size = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[kind.unit]
    whole = -(-value // size) if sign in ("<", ">=") else value // size
    if whole * size != value and sign in ("=", "!="):
        return sign == "!="
    bits = 31 if pa.types.is_time32(kind) else 63
    if not -(2**bits) <= whole < 2**bits:
        return sign == "!=" or (whole > 0) == (sign in ("<", "<="))
    ticks = scalar_of(whole, pa.int32() if bits == 31 else pa.int64())
    return ticks.cast(kind)


class ColumnComparison(Struct, frozen=True):
    """A column compared with another."""

    left: str
    sign: str
    right: str

    def columns(self) -> Iterator[str]:
        """Yield both columns."""
        yield from (self.left, self.right)

    def mask(self, arrays: Arrays) -> Any:
        """Compare each row."""
        import pyarrow.compute as pc

        left, right = arrays[self.left], arrays[self.right]
        try:
            if family(left.type) == family(right.type) != "":
                return pc.call_function(_KERNELS[self.sign], _alike(left, right))
        except pa.ArrowException:
            pass  # times with a zone against those without
        raise MismatchError(
            f"column {quoted(self.left)} is {visible(left.type)}, and column {quoted(self.right)} "
            f"is {visible(right.type)}: they cannot be compared"
        )

    def outcomes(self, ranges: Ranges) -> Outcomes:  # noqa: ARG002 - as of the others
        """Return that nothing is known."""
        return _ALL


def _alike(left: Any, right: Any) -> list[Any]:
    """Return two columns to compare: long integers do not become doubles by themselves."""
    if pa.types.is_floating(left.type) == pa.types.is_floating(right.type):
        return [left, right]
    return [each.cast(pa.float64(), safe=False) for each in (left, right)]


class Pattern(Struct, frozen=True):
    """A column of texts that match a pattern: `%` is any text, `_` one character."""

    column: str
    pattern: str

    def columns(self) -> Iterator[str]:
        """Yield the column."""
        yield self.column

    def mask(self, arrays: Arrays) -> Any:
        """Match each row."""
        import pyarrow.compute as pc

        values = arrays[self.column]
        if pa.types.is_null(values.type):
            return pa.nulls(len(values), pa.bool_())
        if family(values.type) != "text":
            raise MismatchError(
                f"column {quoted(self.column)} is {visible(values.type)}; `like` is for text"
            )
        return pc.match_like(values, self.pattern)

    def outcomes(self, ranges: Ranges) -> Outcomes:
        """Match where there is one value."""
        known = ranges.get(self.column)
        if known is None or known.low != known.high or known.low is None:
            return _ALL
        one = self.mask({self.column: pa.repeat(scalar_of(known.low, known.kind), 1)})[0].as_py()
        return frozenset({one, None} if known.missing else {one})


class Missing(Struct, frozen=True):
    """A column whose value is missing."""

    column: str

    def columns(self) -> Iterator[str]:
        """Yield the column."""
        yield self.column

    def mask(self, arrays: Arrays) -> Any:
        """Return which values are missing."""
        return arrays[self.column].is_null()

    def outcomes(self, ranges: Ranges) -> Outcomes:
        """Return whether there are missing values and others."""
        known = ranges.get(self.column)
        if known is None:
            return frozenset({True, False})
        both = ((True, known.missing), (False, known.present))
        return frozenset(each for each, may in both if may)


class Not(Struct, frozen=True):
    """A condition that does not hold."""

    part: Condition

    def columns(self) -> Iterator[str]:
        """Yield its columns."""
        return self.part.columns()

    def mask(self, arrays: Arrays) -> Any:
        """Return where it is known not to hold."""
        import pyarrow.compute as pc

        return pc.invert(self.part.mask(arrays))

    def outcomes(self, ranges: Ranges) -> Outcomes:
        """Turn each around."""
        return frozenset(None if each is None else not each for each in self.part.outcomes(ranges))


class Joined(Struct, frozen=True):
    """Conditions of which all must hold, or `any_of` them."""

    parts: tuple[Condition, ...]
    any_of: bool = False

    def columns(self) -> Iterator[str]:
        """Yield their columns."""
        for part in self.parts:
            yield from part.columns()

    def mask(self, arrays: Arrays) -> Any:
        """Join what each says."""
        import pyarrow.compute as pc

        join: Callable[[Any, Any], Any] = pc.or_kleene if self.any_of else pc.and_kleene
        return reduce(join, (part.mask(arrays) for part in self.parts))

    def outcomes(self, ranges: Ranges) -> Outcomes:
        """Join what each may be, as if they were independent."""
        found: Outcomes = frozenset({not self.any_of})
        for part in self.parts:
            found = frozenset(map(self._joined, product(found, part.outcomes(ranges))))
        return found

    def _joined(self, both: tuple[bool | None, bool | None]) -> bool | None:
        if self.any_of in both:
            return self.any_of
        return None if None in both else not self.any_of


def compared(condition: Condition) -> Iterator[str]:
    """Yield the columns that are compared with another."""
    if isinstance(condition, ColumnComparison):
        yield from condition.columns()
    parts = condition.parts if isinstance(condition, Joined) else ()
    for part in (condition.part,) if isinstance(condition, Not) else parts:
        yield from compared(part)


def decoded(array: Any) -> Any:
    """Return an array whose values can be compared: no dictionary, no half precision."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    return array.cast(pa.float32()) if pa.types.is_float16(array.type) else array
