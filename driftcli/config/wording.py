"""How keys, values and expectations read in messages."""

from collections.abc import Sequence
from typing import Any

from driftcli.config.toml import toml_step
from driftcli.text import quoted, safe, scrubbed, shortened


def shown_key(key: Sequence[str]) -> str:
    """Return `toml_key(key)` with each step shortened, for messages."""
    return ".".join(shortened(toml_step(step)) for step in key)


def found(value: object) -> str:
    """Return what a message says was found in the place of the expected value."""
    if isinstance(value, str):
        return f"text {quoted(safe(value))}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return shortened(_printed(value))
    if isinstance(value, list | tuple):
        return (
            f"the list {shortened(scrubbed(_printed(list(value))))}" if value else "an empty list"
        )
    if isinstance(value, dict):
        return "a table" if value else "an empty table"
    return f"a {type(value).__name__}"


def _printed(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python refuses to print an integer of more than some 4,300 digits
        return "too long to show"


def expectation(annotation: Any) -> str:
    """Return in words what a field of type `annotation` takes.

    Examples
    --------
    >>> from driftcli.config.settings import Bins
    >>> expectation(Bins)
    'a whole number from 2 to 1000'
    """
    from msgspec import inspect

    return _in_words(inspect.type_info(annotation))


def _in_words(kind: Any) -> str:
    from msgspec import inspect

    match kind:
        case inspect.Metadata(type=inner, extra_json_schema=notes):
            return str((notes or {}).get("title") or _in_words(inner))
        case inspect.UnionType(types=types):
            some = [each for each in types if not isinstance(each, inspect.NoneType)]
            return " or ".join(map(_in_words, some))
        case inspect.LiteralType(values=values):
            *rest, last = map(repr, values)
            return f"{', '.join(rest)} or {last}"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low, le=None):
            return f"a whole number of at least {low}"
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=least, gt=bound, le=most, lt=limit):
            return _number_in_words(least, bound) + _limit_in_words(most, limit)
        case inspect.VarTupleType(item_type=item):
            return f"a list{_of_items(item)}"
        case inspect.DictType(value_type=item):
            return f"a table{_of_items(item)}"
    return "a text"


def _of_items(kind: Any) -> str:
    from msgspec import inspect

    if isinstance(kind, inspect.Metadata):
        return f", each {_in_words(kind)}"
    return " of texts" if isinstance(kind, inspect.StrType) else " of numbers"


def _number_in_words(least: float | None, bound: float | None) -> str:
    if least is not None:
        return f"a number of at least {least}"
    return "a number" if bound is None else f"a number above {bound}"


def _limit_in_words(most: float | None, limit: float | None) -> str:
    if most is not None:
        return f" and at most {most}"
    return "" if limit is None else f" and below {limit}"
