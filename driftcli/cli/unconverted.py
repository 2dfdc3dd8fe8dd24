"""Values of parameters that are what they should be as they are given.

Typer converts each value with Pydantic, also one that needs it not, and to import Pydantic takes
as long as to import NumPy.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from functools import partial
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

#: Numbers of which Python and Pydantic think alike.
_WHOLE = re.compile("[0-9]{1,18}")


class Unconverted:
    """A command of Typer that has values converted only where that changes them."""

    callback: Callable[..., Any] | None

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the parameters, of which values that nobody gave need nothing of Pydantic."""
        parameters: list[Any] = super().get_params(ctx)  # type: ignore[misc]  # as in Typer
        fresh = [each for each in parameters if "process_value" not in vars(each)]
        kinds = _kinds(self.callback) if fresh else {}
        for each in fresh:
            converted = each.process_value
            each.process_value = partial(_processed, each, kinds.get(each.name), converted)
        return parameters


def _kinds(callback: Callable[..., Any] | None) -> dict[str, Any]:
    parameters = inspect.signature(callback).parameters if callback else {}
    return {name: _kind(each.annotation) for name, each in parameters.items()}


def _kind(annotation: Any) -> Any:
    """Return the type of what is given: `str` of `Annotated[str | None, …]`."""
    while get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        some = [each for each in get_args(annotation) if each is not type(None)]
        return some[0] if len(some) == 1 else None
    return annotation


def _processed(
    param: Any, kind: Any, converted: Callable[[Any, Any], Any], ctx: Any, value: Any
) -> Any:
    if kind is int and isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if (param.required and param.value_is_missing(value)) or not _is(value, kind):
        return converted(ctx, value)
    return param.callback(ctx, param, value) if param.callback else value


def _is(value: Any, kind: Any) -> bool:
    if value is None:
        return True
    if kind == list[str]:
        return isinstance(value, list | tuple) and all(isinstance(each, str) for each in value)
    return kind in (bool, int, str) and type(value) is kind
