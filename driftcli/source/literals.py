"""Values that a filter names, as values of the columns that they are compared with."""

import math
from contextlib import suppress
from datetime import UTC, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from typing import Literal as OneOf

import pyarrow as pa
from msgspec import Struct

from driftcli.arrays import scalar, scalar_of
from driftcli.source.columns import plain_type
from driftcli.text import quoted, visible

_NANOSECONDS = {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}
_DAY = 86_400 * 10**9
_TRUTHS = {"true": True, "false": False}


class MismatchError(Exception):
    """A filter that does not go with the columns of a dataset; its text says why."""


class Literal(Struct, frozen=True):
    """A value as a filter has it.

    A text may stand for anything that is written so; `date` and `time` are told to be such.
    """

    kind: OneOf["text", "number", "truth", "date", "time"]
    text: str

    def __str__(self) -> str:
        """Return the value as messages show it."""
        return self.text if self.kind in ("number", "truth") else quoted(self.text)


def family(kind: pa.DataType) -> str:
    """Return what the values of a type can be compared with: others of the same word."""
    t = pa.types
    kind = plain_type(kind.value_type if t.is_dictionary(kind) else kind)
    families = {
        "numbers": (t.is_integer, t.is_floating, t.is_decimal),
        "text": (t.is_string, t.is_large_string),
        "truths": (t.is_boolean,),
        "times": (t.is_timestamp, t.is_date),
        "times of day": (t.is_time,),
        "nulls": (t.is_null,),
    }
    found = (name for name, tests in families.items() if any(test(kind) for test in tests))
    return next(found, "")


def value_of(literal: Literal, column: str, kind: pa.DataType) -> Any:
    """Return a literal as a plain value: what `plain` makes of values of that type.

    Raises
    ------
    MismatchError
        When it is no such value.
    """
    what = family(kind)
    readers = {
        "numbers": _number,
        "text": _text,
        "truths": _truth,
        "times": _instant,
        "times of day": _time_of_day,
        "nulls": lambda *_: None,
    }
    if what not in readers:
        raise MismatchError(
            f"column {quoted(column)} is {visible(kind)}, of which a filter can only ask `is null`"
        )
    try:
        return readers[what](literal, kind)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise MismatchError(
            f"column {quoted(column)} is {visible(kind)}, and {literal} is no such value"
            f"{_hint(literal, what, kind)}"
        ) from error


def _hint(literal: Literal, what: str, kind: pa.DataType) -> str:
    if what == "text" and literal.kind in ("number", "truth"):
        return f"; '{literal.text}' in quotes is a text"
    if what == "numbers" and literal.text.lower() in _TRUTHS:
        return "; where truths are kept as numbers, 1 is true"
    if what == "numbers":
        return "; numbers are written 12 or -0.5"
    if what == "truths":
        return "; booleans are true or false"
    if what == "times of day":
        return "; times of day are written '06:30' or '06:30:00'"
    if what != "times":
        return ""
    if is_zoned(kind):
        return "; times are written '2025-01-31' or '2025-01-31T06:00:00Z'"
    told = "; the column has no zone, so leave out that of the time" if _has_zone(literal) else ""
    return told or "; times are written '2025-01-31' or '2025-01-31T06:00:00'"


def is_zoned(kind: pa.DataType) -> bool:
    """Return whether times of a type are instants."""
    return bool(pa.types.is_timestamp(kind) and kind.tz is not None)


def _has_zone(literal: Literal) -> bool:
    with suppress(ValueError):
        return datetime.fromisoformat(literal.text).tzinfo is not None
    return False


def _number(literal: Literal, kind: pa.DataType) -> Any:
    if literal.kind not in ("number", "text"):
        raise ValueError(literal.kind)
    if not pa.types.is_floating(kind):
        number = Decimal(literal.text)
        if not number.is_finite():
            raise ValueError(literal.text)
        return number
    # A column of less precision holds what is nearest to it.
    value = float(literal.text)
    if math.isnan(value):  # databases disagree on what it equals
        raise ValueError(literal.text)
    return scalar(value).cast(kind).as_py() if math.isfinite(value) else value


def _text(literal: Literal, _: pa.DataType) -> str:
    if literal.kind in ("number", "truth"):
        raise ValueError(literal.kind)
    return literal.text


def _truth(literal: Literal, _: pa.DataType) -> bool:
    if literal.kind not in ("truth", "text") or literal.text.lower() not in _TRUTHS:
        raise ValueError(literal.text)
    return _TRUTHS[literal.text.lower()]


def _instant(literal: Literal, kind: pa.DataType) -> int:
    """Return nanoseconds since 1970: of UTC where the column has a zone."""
    if literal.kind not in ("text", "date", "time"):
        raise ValueError(literal.kind)
    moment = datetime.fromisoformat(literal.text)
    if moment.tzinfo and not is_zoned(kind):
        raise ValueError(literal.text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    whole = moment.replace(microsecond=0)
    return int(whole.timestamp()) * 10**9 + moment.microsecond * 1000


def _time_of_day(literal: Literal, _: pa.DataType) -> int:
    at = time.fromisoformat(literal.text)
    if at.tzinfo or literal.kind not in ("text", "time"):
        raise ValueError(literal.text)
    seconds = at.hour * 3600 + at.minute * 60 + at.second
    return seconds * 10**9 + at.microsecond * 1000


def plain(value: Any, kind: pa.DataType) -> Any:
    """Return a value of a type so that all values of its family can be compared.

    Times are nanoseconds since 1970 or midnight. None for a null, and for what is not known of.

    Parameters
    ----------
    value
        As Python or as Arrow has it.
    """
    held = value if isinstance(value, pa.Scalar) else _held(value, kind)
    if not held.is_valid:
        return None
    if family(kind) in ("times", "times of day"):
        return held.value * _unit(kind)
    return held.as_py()


def _held(value: Any, kind: pa.DataType) -> pa.Scalar:
    """Return a value as a scalar; for numbers and texts pyarrow need not import pandas."""
    is_number = isinstance(value, int | float) and family(kind) == "numbers"
    is_text = isinstance(value, str) and family(kind) == "text"
    return scalar_of(value, kind) if is_number or is_text else pa.scalar(value, kind)


def _unit(kind: pa.DataType) -> int:
    if pa.types.is_date32(kind):
        return _DAY
    return _NANOSECONDS["ms" if pa.types.is_date64(kind) else kind.unit]
