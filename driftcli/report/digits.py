"""How many digits a document carries: those of figures end where those of the machine begin.

Sums differ in their last digits between kinds of processors. Nine significant digits are the same
on all, but for a figure that lies halfway between two of them. Verdicts are made of all digits, and
documents rounded when they are written, once and in every format.
"""

from functools import cache
from typing import Any, TypeVar, get_args

from msgspec import Struct, structs

DIGITS = 9

Record = TypeVar("Record", bound=Struct)


def rounded(record: Record) -> Record:
    """Return a record whose figures have `DIGITS` significant digits.

    Values of the data keep all of theirs, and so do settings.
    """
    # In documents of very many columns there are a hundred thousand records.
    made = {
        name: figure(value) if type(value) is float else _rounded(value)
        for name in _figures(type(record))
        if (value := getattr(record, name)) is not None
    }
    return structs.replace(record, **made) if made else record


def figure(value: float) -> float:
    """Return a figure with `DIGITS` significant digits."""
    return float(f"{value:.{DIGITS}g}")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return figure(value)
    if isinstance(value, tuple):
        # Most are of floats, in documents of very many columns half a million.
        return tuple([figure(each) if type(each) is float else _rounded(each) for each in value])
    return rounded(value) if isinstance(value, Struct) else value


@cache
def _figures(record: type[Struct]) -> tuple[str, ...]:
    """Return the fields that hold figures, or records that may have some."""
    return tuple(each.name for each in structs.fields(record) if _is_figure(each.type))


def _is_figure(type_: Any) -> bool:
    """Whether a field may hold figures: values of the data may be times, and so texts, too."""
    inner = get_args(type_)
    if isinstance(type_, type) and not inner:
        return issubclass(type_, float | Struct)
    return str not in inner and any(map(_is_figure, inner))
