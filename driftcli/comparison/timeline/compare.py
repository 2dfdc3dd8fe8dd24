"""All periods of a dataset compared and judged together: the timeline."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from driftcli.comparison.ahead import InOrder
from driftcli.comparison.settling import settle
from driftcli.comparison.stats import dataset_of
from driftcli.comparison.timeline import findings
from driftcli.comparison.timeline.columns import Comparing, column_record, comparing
from driftcli.comparison.timeline.periods import JOINED_POINTS, Periods
from driftcli.comparison.timeline.plan import Plan, Slot, slots
from driftcli.comparison.unjudged import is_judged, status_of_part
from driftcli.comparison.verdict import Standing, exit_code, verdict_of, worst
from driftcli.config import Settings, resolve
from driftcli.profile.blocks import Blocks
from driftcli.profile.column import ColumnProfile, merge
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Group
from driftcli.report.columns import SEVERITY, Column
from driftcli.report.comparison import Dataset, Finding
from driftcli.report.timeline import Period, Timeline, TimelineColumn, TimelineSummary
from driftcli.version import __version__


class Judged(Struct, frozen=True):
    """A column in each of the periods that are shown; None where it is not compared."""

    column: Comparing
    cells: Sequence[Column | None]


def compare_periods(
    periods: Periods,
    plan: Plan,
    settings: Settings,
    *,
    baseline: DatasetProfile | None = None,
    span: str | None = None,
    in_order: InOrder = map,
) -> Timeline:
    """Return the timeline of a dataset, its p-values corrected over all periods and columns.

    Parameters
    ----------
    baseline
        Another dataset that all periods are compared with.
    span
        What the baseline was called where it is a span of the periods.
    in_order
        Maps work over columns, its results in their order: `map`, or the like on processes.

    Raises
    ------
    UsageError
        When no period can be compared, or there are too many.
    """
    shown = slots(periods, plan)
    blocks = _blocks(periods, plan, shown)
    columns = _columns(periods, plan, settings, baseline, blocks)
    judged = _judged(columns, shown, settings, in_order)
    found = findings.find(periods, plan.every, baseline, settings)
    told = [_period(at, slot, periods, plan, judged, settings) for at, slot in enumerate(shown)]
    labels = [period.label for period in told]
    steps = plan.way == "previous"
    records = [
        column_record(each.column, each.cells, shown, labels, steps=steps) for each in judged
    ]
    records += _uncompared(periods.dataset, baseline, settings, {each.name for each in records})
    records.sort(key=_severity)
    cells = [cell for each in judged for cell in each.cells if cell]
    found += findings.too_few_rows([each.cells for each in judged], len(shown), settings)
    standing = _standing(told, found)
    if standing != "drift" and not any(is_judged(cell, settings) for cell in cells):
        found.append(findings.nothing_judged(records, settings))
    verdict = verdict_of(standing, found, settings)
    return Timeline(
        version=__version__,
        verdict=verdict,
        exit_code=exit_code(verdict, cells, settings, [period.status for period in told]),
        data=dataset_of(periods.dataset),
        time=plan.time.name,
        timezone=plan.time.zone,
        every=str(plan.every),
        window=None if plan.window == 1 else f"{plan.window * plan.every.count}{plan.every.unit}",
        against=plan.against,
        baseline=_baseline(baseline, periods.baseline, span),
        untimed=periods.untimed,
        settings=msgspec.to_builtins(settings),
        summary=_summary(records, told),
        periods=tuple(told),
        columns=tuple(records),
        findings=tuple(sorted(found, key=lambda each: SEVERITY[each.status])),
    )


def _blocks(periods: Periods, plan: Plan, shown: Sequence[Slot]) -> dict[int | None, Blocks]:
    """Return the blocks within windows by the last period of each, where they are known."""
    if periods.blocks is None:
        return {}
    compared = [slot for slot in shown if slot.note is None]
    ends = {end for slot in compared for end in (slot.number, slot.reference) if end is not None}
    made: dict[int | None, Blocks] = {
        end: periods.blocks(end - plan.window + 1, end) for end in sorted(ends)
    }
    return made if periods.baseline_blocks is None else {**made, None: periods.baseline_blocks}


def _columns(
    periods: Periods,
    plan: Plan,
    settings: Settings,
    baseline: DatasetProfile | None,
    blocks: Mapping[int | None, Blocks],
) -> list[Comparing]:
    """Return how each column is compared; those whose type changed are findings."""
    columns = periods.dataset.columns
    rules = resolve(settings, columns)
    fixed = _fixed(periods, baseline)
    names = [name for name in columns if fixed is None or name in fixed]
    made = (
        comparing(name, periods, plan, fixed[name] if fixed else None, rules[name], settings)
        for name in names
    )
    return [replace(each, blocks=blocks) for each in made if each is not None]


def _fixed(periods: Periods, baseline: DatasetProfile | None) -> Mapping[str, ColumnProfile] | None:
    if baseline is not None:
        columns = baseline.columns.items()
        return {name: merge([each], JOINED_POINTS) for name, each in columns}
    return None if periods.baseline is None else periods.baseline.columns


def _judged(
    columns: Sequence[Comparing], shown: Sequence[Slot], settings: Settings, in_order: InOrder
) -> list[Judged]:
    # The largest first, so that none is left to be waited for alone.
    order = sorted(range(len(columns)), key=lambda at: -columns[at].windows.nbytes)
    made = in_order(partial(_cells, shown), (columns[at].alone() for at in order))
    every = dict(zip(order, made, strict=True))
    compared = [cell for at in range(len(columns)) for cell in every[at] if cell]
    settled = iter(settle(compared, settings))
    return [
        Judged(column, [cell and next(settled) for cell in every[at]])
        for at, column in enumerate(columns)
    ]


def _cells(shown: Sequence[Slot], column: Comparing) -> list[Column | None]:
    return [column.at(slot) for slot in shown]


def _uncompared(
    dataset: DatasetProfile,
    baseline: DatasetProfile | None,
    settings: Settings,
    compared: Collection[str],
) -> Iterator[TimelineColumn]:
    """Yield the columns that have values which cannot be compared, ever or with the baseline's."""
    for name, type_ in dataset.types.items():
        if name in compared or (baseline is not None and name not in baseline.types):
            continue
        held = baseline and baseline.columns.get(name)
        column = dataset.columns.get(name)
        changed = baseline is not None and bool(column or held)
        yield TimelineColumn(
            name=name,
            kind=column.kind if column else "unsupported",
            status=settings.type_change if changed else "skipped",
            gated=changed and settings.type_change != "ok",
            notes=() if changed else (f"values of type {type_} are not compared",),
            cells=(),
        )


def _period(
    at: int, slot: Slot, periods: Periods, plan: Plan, judged: Sequence[Judged], settings: Settings
) -> Period:
    cells = [cell for each in judged if (cell := each.cells[at])]
    status = status_of_part(cells, settings)
    note = slot.note or ("nothing to judge" if status == "skipped" else None)
    return Period(
        label=plan.every.label(slot.number),
        rows=periods.rows(slot.number),
        status=status,
        reference=None if note else _reference(slot, plan),
        drifted=sum(cell.status == "drift" for cell in cells),
        note=note,
    )


def _reference(slot: Slot, plan: Plan) -> str:
    return "baseline" if slot.reference is None else plan.every.label(slot.reference)


def _severity(column: TimelineColumn) -> tuple[int, float]:
    """Sort by status, then by the highest score over its threshold."""
    highest = (cell.excess for cell in column.cells)
    return SEVERITY[column.status], -max(highest, default=0.0)


def _standing(periods: Sequence[Period], found: Sequence[Finding]) -> Standing:
    """Return the gravest status of all periods, and of what is found besides."""
    status = worst([*(each.status for each in periods), *(each.status for each in found)])
    return "ok" if status == "skipped" else status


def _baseline(
    baseline: DatasetProfile | None, inside: Group | None, span: str | None
) -> Dataset | None:
    if baseline is not None:
        return dataset_of(baseline)
    if inside is None or span is None:
        return None
    return Dataset(source=span, format="span", rows=inside.rows, columns=len(inside.columns))


def _summary(columns: Sequence[TimelineColumn], periods: Sequence[Period]) -> TimelineSummary:
    counts = {status: sum(each.status == status for each in columns) for status in SEVERITY}
    return TimelineSummary(
        columns=len(columns),
        **counts,
        periods=len(periods),
        compared=sum(each.status != "skipped" for each in periods),
        drifted_periods=sum(each.status == "drift" for each in periods),
    )
