"""What the functions of the Python API share: their options as settings, and their errors."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from functools import wraps
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from driftcli.api.arguments import check_kinds
from driftcli.errors import DriftError, UsageError

if TYPE_CHECKING:
    from driftcli.config import Configuration
    from driftcli.pipeline.selection import Selection

#: Of a flag: not within a name.
_FLAG = re.compile(r"(?<![\w'\"-])--([a-z]+(?:-[a-z]+)*)(?![\w-])")
#: Arguments that are called otherwise than their flags.
_ARGUMENTS = {"metric": "metrics", "threshold": "thresholds"}

_P = ParamSpec("_P")
_R = TypeVar("_R")


def public(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Have an error that a caller can mend show the caller's line, and no frame of ours.

    What it says of flags it says of the arguments that stand for them. Arguments of another kind
    than their annotations name are refused.
    """
    names = tuple(signature(function).parameters)

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        __tracebackhide__ = True
        try:
            check_kinds(
                function.__annotations__, {**dict(zip(names, args, strict=False)), **kwargs}
            )
            return function(*args, **kwargs)
        except DriftError as error:
            error.args = (in_python(str(error), names),)
            raise error.with_traceback(None) from None

    return called


def in_python(text: str, arguments: Container[str]) -> str:
    """Return a sentence with the names of arguments in the place of flags.

    Flags that no argument stands for are of commands, and stay.

    >>> in_python("--no-gate: no column 'a--columns'; leave --all out", ["no_gate", "columns"])
    "no_gate: no column 'a--columns'; leave --all out"
    """
    from driftcli.config import ReadSettings

    def argument(flag: re.Match[str]) -> str:
        name = flag[1].replace("-", "_")
        name = _ARGUMENTS.get(name, name)
        if "read" in arguments and name in ReadSettings.__struct_fields__:
            return f"read.{name}"
        return name if name in arguments else flag[0]

    return _FLAG.sub(argument, text)


def configured(
    config: str | Path | None = None,
    thresholds: Mapping[str, float | str] | None = None,
    read: Mapping[str, object] | None = None,
    *,
    no_gate: Sequence[str] = (),
    pairs: bool = False,
    **overrides: Any,
) -> Configuration:
    """Return the settings of a file, with what a call says in their place."""
    from driftcli.config import load
    from driftcli.metrics import METRICS

    overrides |= {f"read.{key}": value for key, value in (read or {}).items()}
    levels = [f"{target}={level}" for target, level in (thresholds or {}).items()]
    return load(
        metrics=METRICS,
        config=config,
        overrides=overrides,
        thresholds=levels,
        no_gate=no_gate,
        named=str,
        pairs=pairs,
    )


def selected(
    columns: str | Sequence[str],
    exclude: str | Sequence[str],
    rename: Mapping[str, str] | None,
) -> Selection:
    """Return the columns that a call asks for, and their names."""
    from driftcli.pipeline.selection import Selection

    return Selection(
        columns=globs_of(columns), exclude=globs_of(exclude), rename=dict(rename or {})
    )


def globs_of(globs: str | Sequence[str]) -> tuple[str, ...]:
    """Return globs, of which one may come by itself."""
    return (globs,) if isinstance(globs, str) else tuple(globs)


def check_at_least(least: int, **numbers: int | None) -> None:
    """Refuse numbers that are less than they can be."""
    for name, number in numbers.items():
        if number is not None and number < least:
            raise UsageError(f"{name}={number}: must be at least {least}")


def name_of(engine: Any) -> str | None:
    """Return the engine that a caller names; objects have none."""
    return engine if isinstance(engine, str) else None
