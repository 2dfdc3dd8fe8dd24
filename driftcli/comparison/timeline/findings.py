"""What is wrong besides the scores: columns that only one side has, types, values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcli.comparison import findings, settling, unjudged
from driftcli.comparison.timeline.periods import Periods
from driftcli.config import Settings
from driftcli.profile.calendar import Every
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.columns import Column
from driftcli.report.comparison import Finding
from driftcli.report.timeline import TimelineColumn

_UNSCORED = "no period has values that are judged"
_OF_COLUMNS = ("lost_column", "new_column", "type_change", "read_as")


def find(
    periods: Periods, every: Every, baseline: DatasetProfile | None, settings: Settings
) -> list[Finding]:
    """Return the findings, with the status that the settings give them.

    Columns are lost or new beside a baseline that is another dataset: all rows of one dataset
    have the same columns.
    """
    dataset = periods.dataset
    beside = findings.find(baseline, dataset, settings) if baseline else []
    return [
        *(each for each in beside if each.kind in _OF_COLUMNS),
        *_invalid(periods, every, settings),
        *findings.filters(*([baseline] if baseline else []), dataset),
        *findings.notes(dataset),
    ]


def nothing_judged(columns: Sequence[TimelineColumn], settings: Settings) -> Finding:
    """Return the finding that no column was judged in any period."""
    why = ((each.name, each.notes[0] if each.notes else _UNSCORED) for each in columns)
    scored = next((each for each in columns if each.cells and not each.gated), None)
    remedy = unjudged.remedy(scored.name, scored.kind, settings) if scored else unjudged.ACCEPTING
    return unjudged.finding(why, remedy, settings)


def too_few_rows(
    judged: Sequence[Sequence[Column | None]], periods: int, settings: Settings
) -> Iterator[Finding]:
    """Yield the finding that some periods have too few rows; `judged` are columns by period."""
    told = [[cell for cells in judged if (cell := cells[at])] for at in range(periods)]
    compared = [cells for cells in told if cells]
    few = sum(any(settling.too_few_rows(cells, settings)) for cells in compared)
    if few:
        yield settling.too_few_rows_in(few, len(compared), "period")


def _invalid(periods: Periods, every: Every, settings: Settings) -> Iterator[Finding]:
    for name, column in periods.dataset.columns.items():
        found = {
            number: invalid
            for number, group in sorted(periods.by_number.items())
            if name in group.columns and (invalid := group.columns[name].invalid)
        }
        first = next(iter(found), None)
        if first is not None:
            count = sum(each.count for each in found.values())
            yield Finding(
                kind="invalid_values",
                column=name,
                status=settings.type_change,
                message=f"`{name}`: {_counted(count)} not {column.type},"
                f" first {findings.first_value(found[first])} in {every.label(first)}",
            )


def _counted(count: int) -> str:
    return "1 value is" if count == 1 else f"{count:,} values are"
