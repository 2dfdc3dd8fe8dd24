"""What a column is said to be, everywhere on the page: one word, one sign and one class a state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import compress
from typing import Any, NamedTuple, Protocol

from driftcli.render.figures import counted
from driftcli.render.words import (
    ACCEPTED,
    BELOW,
    COUNTED,
    HIGHEST,
    SIGNS,
    UNGATED_SIGN,
    WAIVED_SIGN,
)
from driftcli.render.words import is_waived as _is_waived
from driftcli.report.columns import Column, Status
from driftcli.report.timeline import TimelineColumn


class State(NamedTuple):
    """A state. `name` is its class, and what filters by it; one that is `quiet` is folded."""

    name: str
    sign: str
    word: str
    quiet: bool = False


class Panel(Protocol):
    """What a page says of one column."""

    @property
    def state(self) -> State:
        """The state of the column."""


class StateCount(NamedTuple):
    """How many columns are in a state."""

    state: State
    number: int


def by_status(status: Status) -> State:
    """Return the state of what nothing but its status is known of."""
    return State(status, SIGNS[status], COUNTED[status], quiet=status in ("ok", "skipped"))


WAIVED = State("waived", WAIVED_SIGN, ACCEPTED)
SMALL = State("small", SIGNS["ok"], BELOW)
UNGATED = State("ungated", UNGATED_SIGN, "not gated", quiet=True)
#: All states, those first that ask for attention.
STATES = (
    by_status("drift"),
    by_status("warn"),
    by_status("inconclusive"),
    WAIVED,
    SMALL,
    by_status("ok"),
    UNGATED,
    by_status("skipped"),
)


def state(column: Column | TimelineColumn) -> State:
    """Return the state of a column."""
    if _is_waived(column):
        return WAIVED
    if column.status == "ok" and isinstance(column, Column) and column.changes:
        return SMALL
    if column.status == "ok" and not column.gated:
        return UNGATED
    return by_status(column.status)


def counts(states: Iterable[State]) -> list[StateCount]:
    """Return how many are in each state, of those that occur."""
    found = Counter(states)
    return [StateCount(each, found[each]) for each in STATES if found[each]]


def folding(columns: Iterable[Column | TimelineColumn]) -> dict[str, Any]:
    """Return which lines of a table are folded, by name, and what that is in words.

    The quiet ones are, but a few where all are quiet.
    """
    states = [state(each) for each in columns]
    passed = all(each.quiet for each in states)
    folds = [at >= HIGHEST if passed else each.quiet for at, each in enumerate(states)]
    return {"folds": folds, "folded": folded(compress(states, folds))}


def parted(panels: Sequence[Panel]) -> dict[str, Any]:
    """Return the panels of a page, by name: those in sight, and those that are folded."""
    quiet = [each for each in panels if each.state.quiet]
    return {
        "panels": [each for each in panels if not each.state.quiet],
        "quiet_panels": quiet,
        "folded_panels": folded(each.state for each in quiet),
    }


def folded(states: Iterable[State], noun: str = "column") -> str:
    """Return what is folded, in words: `5 columns: 4 unchanged, 1 not gated`."""
    found = counts(states)
    if not found:
        return ""
    parts = ", ".join(f"{each.number:,} {each.state.word}" for each in found)
    if len(found) == 1:
        return f"{counted(found[0].number, noun)} {found[0].state.word}"
    return f"{counted(sum(each.number for each in found), noun)}: {parts}"
