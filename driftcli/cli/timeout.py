"""`--timeout`: a command that ends in time, whatever it waits for."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from inspect import Parameter
from typing import TYPE_CHECKING, Any

from driftcli.cli import options, parsing
from driftcli.cli.command import parameters_of, with_parameters
from driftcli.errors import DriftError, UsageError

if TYPE_CHECKING:
    from types import FrameType


_TIMEOUT = Parameter("timeout", Parameter.KEYWORD_ONLY, default=None, annotation=options.Timeout)


class TimeoutReachedError(DriftError):
    """A command took longer than it may."""


def timed(function: Callable[..., int]) -> Callable[..., int]:
    """Give the function of a command the option --timeout, as its last."""

    def run(*, timeout: str | None = None, **given: Any) -> int:
        with ended_after(parsing.duration("--timeout", timeout)):
            return function(**given)

    return with_parameters(run, function, [*parameters_of(function), _TIMEOUT])


@contextmanager
def ended_after(duration: str | None) -> Iterator[None]:
    """Raise TimeoutReachedError in what is done within, once it has taken so long.

    Raises
    ------
    UsageError
        Where the operating system has no alarm.
    """
    if duration is None:
        yield
        return
    if not hasattr(signal, "setitimer"):
        raise UsageError("--timeout needs an alarm, which this operating system does not have")
    from driftcli.config.running import length

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutReachedError(f"took longer than --timeout {duration}, and was stopped")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, length(duration).total_seconds())
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
