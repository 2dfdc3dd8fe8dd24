"""Errors of work as values: they arrive from other processes, and which is first is known later."""

from __future__ import annotations

import pickle
import traceback
from socket import gethostname
from typing import Any

from msgspec import Struct

from driftcli.errors import DriftError, EngineError


class FailedUnit(Struct, frozen=True):
    """An error as a value, with the place of the unit it came of."""

    place: int
    error: Exception

    def __reduce__(self) -> tuple[Any, ...]:
        """Return it as it is sent."""
        return FailedUnit, (self.place, sent(self.error))


def sent(error: Exception) -> Exception:
    """Return an error that can be read where it arrives, and says how it came about."""
    if isinstance(error, DriftError):
        return error
    if isinstance(error, MemoryError):
        return EngineError(
            f"the worker on {gethostname()} is out of memory: give workers more, or fewer threads"
            " each"
        )
    try:
        made: Exception = pickle.loads(pickle.dumps(error))  # noqa: S301 - ours
    except Exception:  # noqa: BLE001 - of whatever library it is
        made = RuntimeError(f"{type(error).__name__}: {error}")
    if error.__traceback__ is not None:
        made.add_note(f"on {gethostname()}:\n{''.join(traceback.format_exception(error))}")
    return made
