"""What each period is compared with: a fixed baseline, the first period, or an earlier one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from driftcli.engine import Every
from driftcli.errors import UsageError, nearest

Way = Literal["previous", "first", "baseline", "season"]
_SEASON = "season:"
#: What `--against` takes, with an example of a season.
WAYS = ("first", "previous", "baseline", "season:7d")


@dataclass(frozen=True)
class Plan:
    """How a timeline is cut and compared.

    Attributes
    ----------
    every : Every
        The length of a period.
    window : int
        The periods that are compared together, the last of them the one that is told of.
    against : str
        What a window is compared with, as `--against` takes it.
    way : str
        The kind of that.
    lag : int
        Of a season, its length in periods; else 0.
    last : int or None
        Judge only so many periods, the newest.
    """

    every: Every
    window: int = 1
    against: str = "first"
    way: Way = "first"
    lag: int = 0
    last: int | None = None


def plan(
    every: str, window: str | None, against: str | None, last: int | None, *, baseline: bool
) -> Plan:
    """Return the plan that options name; `baseline` says whether one was given.

    Raises
    ------
    UsageError
        When an option makes no sense, or two do not go together.
    """
    length = Every.parse(every)
    size = 1
    if window is not None:
        size = _count(Every.parse(window, "--window"), length, f"--window {window}")
    against = against or ("baseline" if baseline else "first")
    way, lag = _against(against, length)
    if baseline and way != "baseline":
        raise UsageError(f"--against {against} needs no --baseline; give one of the two")
    if way == "baseline" and not baseline:
        raise UsageError("--against baseline: name it with --baseline")
    if way == "season" and lag < size:
        raise UsageError(f"--against {against}: a season is no shorter than --window {window}")
    return Plan(length, size, against, way, lag, last)


def _against(text: str, every: Every) -> tuple[Way, int]:
    if text.startswith(_SEASON):
        season = Every.parse(text.removeprefix(_SEASON), "--against season:")
        return "season", _count(season, every, f"--against {text}")
    if text not in WAYS:
        raise UsageError(f"--against {text!r}: {nearest(text, WAYS)}")
    return text, 0  # type: ignore[return-value]  # one of them, as checked


def _count(length: Every, every: Every, given: str) -> int:
    """Return how many periods a length is."""
    count = every.within(length)
    if count is None:
        raise UsageError(f"{given} is no multiple of --every {every}")
    return count
