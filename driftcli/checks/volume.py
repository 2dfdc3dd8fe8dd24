"""Whether the number of rows is what the past runs of a check led to expect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from msgspec import Struct

from driftcli.config import Level
from driftcli.metrics.significance import student_tail
from driftcli.report.comparison import Finding

#: A day, and the rows of the run for it.
Counted = tuple[date, int]

#: How far back runs count: as far as a business stays what it was.
WINDOW = timedelta(weeks=8)
#: Runs for the same weekday that are enough, and runs for any days where these are too few.
_SAME, _ANY = 4, 14
#: Ordinary nights of quiet sources differ beyond chance, too, but not by so much.
_FACTOR = 1.5


class Usual(Struct, frozen=True):
    """What past runs led to expect: rows, their spread on the logarithmic scale, and of how many.

    `freedom` are the spread's degrees of freedom; `weekday` says of which days the runs were.
    """

    rows: float
    spread: float
    freedom: int
    runs: int
    weekday: str | None

    def p_value(self, rows: int) -> float:
        """Return the chance of a night as far from what is usual as one with `rows` rows.

        That is Student's t for one more draw; the median of n draws has some π/2n of their
        variance.
        """
        moved = abs(math.log(rows / self.rows))
        width = self.spread * math.sqrt(1 + math.pi / 2 / self.runs)
        if width > 0:
            return 2 * student_tail(moved / width, self.freedom)
        return 0.0 if moved else 1.0


def usual(past: Sequence[Counted], day: date) -> Usual | None:
    """Return what `past` runs led to expect for a day, or None where they are too few.

    Runs for the same weekday count where there are four, and all runs where there are fourteen.
    How far days of one weekday lie from each other is taken over all weekdays.
    """
    logs = [
        (each.weekday(), math.log(rows))
        for each, rows in past
        if rows and day - WINDOW <= each < day
    ]
    same_day = [value for weekday, value in logs if weekday == day.weekday()]
    if len(same_day) >= _SAME:
        weekdays = {weekday for weekday, _ in logs}
        groups = [[value for at, value in logs if at == weekday] for weekday in weekdays]
        return _usual(same_day, [group for group in groups if len(group) > 1], f"{day:%A}")
    if len(logs) >= _ANY:
        everything = [value for _, value in logs]
        return _usual(everything, [everything], None)
    return None


def _usual(
    same_day: Sequence[float], groups: Sequence[Sequence[float]], weekday: str | None
) -> Usual:
    squares = [(value - median(group)) ** 2 for group in groups for value in group]
    freedom = len(squares) - len(groups)
    spread = math.sqrt(sum(squares) / freedom)
    return Usual(math.exp(median(same_day)), spread, freedom, len(same_day), weekday)


def unusual(rows: int, expected: Usual, status: Level, alpha: float) -> list[Finding]:
    """Return the finding that the rows are beyond what is usual, if they are and it matters."""
    factor = rows / expected.rows
    matters = max(factor, 1 / factor) >= _FACTOR if rows else False
    if status == "ok" or not matters or expected.p_value(rows) > alpha:
        return []
    on = f" on a {expected.weekday}" if expected.weekday else ""
    message = (
        f"the current data has {rows:,} row{'' if rows == 1 else 's'}, × {factor:.2g} of the"
        f" {round(expected.rows):,} usual{on} (the median of {expected.runs} runs)"
    )
    return [Finding(kind="row_count", column=None, status=status, message=message)]
