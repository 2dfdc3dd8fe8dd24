"""What kinds of values the arguments of the Python API take, by their annotations."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from numbers import Integral
from typing import Any

from driftcli.errors import UsageError
from driftcli.text import quoted


def check_kinds(annotations: Mapping[str, Any], arguments: Mapping[str, object]) -> None:
    """Refuse the first argument whose annotation names a kind that it is not of.

    Annotations that `_KINDS` does not have are left to who takes the value.

    Raises
    ------
    UsageError
        With the argument, its value and what is expected.
    """
    for name, value in arguments.items():
        annotation = str(annotations.get(name))
        kind = annotation.removesuffix(" | None")
        if kind not in _KINDS or (value is None and kind != annotation):
            continue
        expected, fits = _KINDS[kind]
        if not fits(value):
            raise UsageError(f"{name}={_as_given(value)}: expected {expected}")


def _as_given(value: object) -> str:
    return quoted(value) if isinstance(value, str) else quoted(repr(value))[1:-1]


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def _is_path(value: object) -> bool:
    return isinstance(value, str | os.PathLike)


def _are_names(value: object) -> bool:
    if isinstance(value, str | bytes) or not isinstance(value, Iterable):
        return False
    # An iterator can be gone through once only, by who takes it.
    return iter(value) is value or all(map(_is_text, value))


def _is_keyed(value: object) -> bool:
    return isinstance(value, Mapping) and all(map(_is_text, value))


_KINDS: Mapping[str, tuple[str, Callable[[Any], bool]]] = {
    "str": ("a text", _is_text),
    "int": ("a whole number", _is_whole),
    "str | Path": ("a path", _is_path),
    "str | os.PathLike[str]": ("a path", _is_path),
    "Sequence[str]": ("a list of names", _are_names),
    "str | Sequence[str]": ("a name or a list of names", lambda it: _is_text(it) or _are_names(it)),
    "Mapping[str, str]": (
        "a mapping of names to texts",
        lambda it: _is_keyed(it) and _are_names(it.values()),
    ),
    "Mapping[str, object]": ("a mapping of names to values", _is_keyed),
    "Mapping[str, float | str]": ("a mapping of names to levels", _is_keyed),
}
