"""What a setting may be, in words, as its type in the code has it."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, inspect, structs

from driftcli.config.toml import toml_value


def setting_rows(record: type[Struct], leave_out: set[str]) -> dict[str, tuple[str, str]]:
    """Return the type in words and the default of each setting of a record."""
    defaults = structs.asdict(record())
    fields = inspect.type_info(record).fields  # type: ignore[attr-defined]
    return {
        each.name: (_words(each.type), _default(defaults[each.name]))
        for each in fields
        if each.name not in leave_out
    }


def _default(value: object) -> str:
    return "not set" if value is None else f"`{toml_value(value)}`"


def _words(type_: Any) -> str:
    match type_:
        case inspect.Metadata(type=inner, extra_json_schema=extra):
            return str(extra["title"]) if extra and "title" in extra else _words(inner)
        case inspect.UnionType(types=types):
            named = [_words(each) for each in types if not isinstance(each, inspect.NoneType)]
            return " or ".join(named)
        case inspect.LiteralType(values=values):
            # They are sorted there.
            *some, last = (f'`"{each}"`' for each in values)
            return f"{', '.join(some)} or {last}" if some else last
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"whole number{_range(type_)}"
        case inspect.FloatType():
            return f"number{_range(type_)}"
        case inspect.VarTupleType(item_type=item):
            return _several("list", _words(item))
        case inspect.DictType(value_type=value):
            return _several("table", _words(value))
        case inspect.StrType():
            return "text"
    raise AssertionError(type_)


def _several(held: str, word: str) -> str:
    return f"{held}, each {word}" if word.startswith("a ") else f"{held} of {word}s"


def _range(type_: Any) -> str:
    ends = [("at least", type_.ge), ("above", type_.gt), ("at most", type_.le), ("below", type_.lt)]
    told = ", ".join(f"{word} {end:g}" for word, end in ends if end is not None)
    return f" {told}" if told else ""
