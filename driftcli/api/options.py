"""What the functions of the Python API share: their options as settings, and their errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from driftcli.errors import DriftError, UsageError

if TYPE_CHECKING:
    from driftcli.config import Configuration
    from driftcli.engine import Engine
    from driftcli.pipeline.selection import Selection

_P = ParamSpec("_P")
_R = TypeVar("_R")


def public(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Have an error that a caller can mend show the caller's line, and no frame of ours."""

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        __tracebackhide__ = True
        try:
            return function(*args, **kwargs)
        except DriftError as error:
            raise error.with_traceback(None) from None

    return called


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


def engine_of(
    engine: Any, configuration: Configuration, threads: int | None
) -> AbstractContextManager[Engine]:
    """Return the engine that a caller gave as an object, else that of the settings."""
    from driftcli.engine.choose import chosen

    named = engine is None or isinstance(engine, str)
    return chosen(configuration.running.engine if named else engine, threads)
