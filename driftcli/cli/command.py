"""What makes a command of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import is_dataclass
from functools import wraps
from inspect import Parameter
from typing import Any

from driftcli.cli import options
from driftcli.cli.boundary import Failed

_DEBUG = Parameter("debug", Parameter.KEYWORD_ONLY, default=False, annotation=options.Debug)


def command(function: Callable[..., int]) -> Callable[..., int]:
    """Make a command of a function that returns an exit code.

    Options that go together come as one parameter, a record that has them as fields. Errors pass
    Typer by; `--debug`, which every command takes, is for the process that tells of them, and
    for those that name it.
    """
    parameters = parameters_of(function)
    records: dict[str, Any] = {
        each.name: each.annotation for each in parameters if is_dataclass(each.annotation)
    }
    fields = {name: parameters_of(record) for name, record in records.items()}
    taken = {each.name: each for each in parameters}

    def run(*, debug: bool = False, **given: Any) -> int:
        if "debug" in taken:
            given["debug"] = debug
        try:
            made = {
                name: record(**{each.name: given.pop(each.name) for each in fields[name]})
                for name, record in records.items()
            }
            return function(**given, **made)
        except (Exception, KeyboardInterrupt) as error:
            raise Failed(error) from error

    shown = [part for each in parameters for part in fields.get(each.name, [each])]
    return with_parameters(run, function, shown if "debug" in taken else [*shown, _DEBUG])


def parameters_of(function: Callable[..., Any]) -> list[Parameter]:
    """Return the parameters of a function or record, their annotations evaluated."""
    return list(inspect.signature(function, eval_str=True).parameters.values())


def with_parameters(
    run: Callable[..., int], function: Callable[..., int], parameters: Sequence[Parameter]
) -> Callable[..., int]:
    """Return `run` in the name of a function, as one with these parameters."""
    run = wraps(function)(run)
    named = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in parameters]
    run.__signature__ = inspect.Signature(named, return_annotation=int)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in named}
    return run
