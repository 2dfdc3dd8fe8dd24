"""The timeline of what the user named: opened, read period by period, compared and judged."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from msgspec import structs
from msgspec.structs import replace

from driftcli.comparison.ahead import InOrder
from driftcli.comparison.timeline.compare import compare_periods
from driftcli.comparison.timeline.periods import JOINED_POINTS, POINTS, Periods
from driftcli.comparison.timeline.plan import Plan
from driftcli.config import Configuration
from driftcli.engine import GroupBy, by_period
from driftcli.engine.periods import Span
from driftcli.errors import InputError, UsageError
from driftcli.pipeline.blocks import drawn_for
from driftcli.pipeline.comparing import alike, compared
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.period_blocks import with_blocks
from driftcli.pipeline.profiling import profiled_by
from driftcli.pipeline.selection import Selection
from driftcli.pipeline.side_by_side import in_order_for
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Group, Profiled, merge
from driftcli.report.comparison import Finding
from driftcli.report.timeline import Timeline
from driftcli.text import shortened


def run(
    data: Any,
    configuration: Configuration,
    selection: Selection,
    plan: Plan,
    reading: Reading,
    *,
    baseline: Any = None,
) -> Timeline:
    """Return the timeline of a dataset.

    Parameters
    ----------
    baseline
        A span of time, such as "2013-01-01..2013-03-31"; or another dataset or a saved profile.

    Raises
    ------
    DriftError
        When data cannot be read, or a setting or the plan cannot be used.
    """
    if configuration.settings.like:
        raise UsageError("a timeline has no numbers of other tools; leave out `like`")
    selection = replace(selection, time=plan.time.name)
    span = Span.parse(baseline) if isinstance(baseline, str) else None
    groups = _group_by(plan, span)
    if configuration.settings.block is not None:
        reading = replace(reading, drawn_for=partial(drawn_for, configuration))
    if baseline is None or span is not None:
        made = profiled_by(data, configuration, selection, reading, groups)
        periods = _periods(made, plan) if span is None else _periods_and_span(made, plan)
        periods, found = with_blocks(periods, made, None, configuration, plan, span)
        in_order = _in_order(periods, reading)
        timeline = compare_periods(
            periods, plan, configuration.settings, span=baseline, in_order=in_order
        )
        return _with(timeline, found)
    p, q = compared(baseline, data, configuration, selection, reading, groups=(None, groups))
    periods, found = with_blocks(_periods(q, plan), q, p, configuration, plan, None)
    named = _named_as(q, p).whole
    timeline = compare_periods(
        periods,
        plan,
        configuration.settings,
        baseline=named,
        in_order=_in_order(periods, reading),
    )
    return _with(timeline, found)


def _in_order(periods: Periods, reading: Reading) -> InOrder:
    return in_order_for(len(periods.by_number) * len(periods.dataset.columns), reading.comparing)


def _with(timeline: Timeline, found: Sequence[Finding]) -> Timeline:
    return structs.replace(timeline, findings=(*timeline.findings, *found))


def _group_by(plan: Plan, span: Span | None) -> GroupBy:
    grouping = partial(
        by_period, name=plan.time.name, every=plan.every, zone=plan.time.zone, span=span
    )
    return GroupBy("--time", grouping, POINTS)


def _periods(made: Profiled, plan: Plan) -> Periods:
    """Return the periods of a dataset.

    Raises
    ------
    InputError
        When there are no rows with a time.
    """
    timed, untimed = _timed(made, plan)
    return Periods(_with_largest(made.whole, timed.values()), timed, untimed)


def _periods_and_span(made: Profiled, plan: Plan) -> Periods:
    """Return the periods of a dataset, with the rows of a span of time as the baseline.

    Raises
    ------
    InputError
        When there are no rows with a time, or none in the span.
    """
    timed, untimed = _timed(made, plan)
    within = {number: group for (number, inside), group in timed.items() if inside}
    numbers: dict[int, list[Group]] = {}
    for (number, _), group in timed.items():
        numbers.setdefault(number, []).append(group)
    if not within:
        first, last = (plan.every.label(each) for each in (min(numbers), max(numbers)))
        raise InputError(
            f"{made.whole.source}: no rows in the span of --baseline; they are of {first} to {last}"
        )
    return Periods(
        _with_largest(made.whole, timed.values()),
        {number: merge(some, POINTS) for number, some in numbers.items()},
        untimed,
        list(within),
        merge(within.values(), JOINED_POINTS),
    )


def _timed(made: Profiled, plan: Plan) -> tuple[dict[Any, Group], int]:
    """Return the groups whose rows have a time, and how many rows have none."""
    timed = {key: group for key, group in made.groups.items() if key is not None}
    if not timed:
        met = "" if made.whole.where is None else f" that meet {shortened(made.whole.where)}"
        raise InputError(f"{made.whole.source}: no rows{met} with a time in {plan.time.name!r}")
    return timed, made.whole.rows - sum(group.rows for group in timed.values())


def _with_largest(whole: DatasetProfile, groups: Iterable[Group]) -> DatasetProfile:
    """Return the profile of a dataset with each column as in the group with most of its rows."""
    largest: dict[str, ColumnProfile] = {}
    for group in groups:
        for name, column in group.columns.items():
            if name not in largest or column.rows > largest[name].rows:
                largest[name] = column
    return replace(whole, columns={name: largest[name] for name in whole.types if name in largest})


def _named_as(q: Profiled, p: Profiled) -> Profiled:
    """Return a baseline that was redacted with the names that the data has, in any period."""
    if p.whole.redacted is None:
        return p
    columns = merge(q.groups.values()).columns
    return alike(p, replace(q, whole=replace(q.whole, columns=columns)))[0]
