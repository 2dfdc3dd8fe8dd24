"""What the readable formats say of a timeline: its periods, its columns, and the counts."""

from __future__ import annotations

from collections.abc import Iterator

from driftcli.render.escape import sentence
from driftcli.render.figures import counted, extent, number
from driftcli.render.words import VERDICTS, finding_parts, names, status_parts
from driftcli.report.timeline import DatedChange, PeriodScore, Timeline, TimelineColumn
from driftcli.text import visible

#: Errors of a Wasserstein distance from here on are shown: a hundredth of its default threshold.
_TOLD_ERROR = 0.001


def about(timeline: Timeline) -> Iterator[str]:
    """Yield what was compared with what, in visible text."""
    periods = timeline.periods
    first, last = periods[0].label, periods[-1].label
    yield (
        f"{counted(len(periods), 'period')} of {timeline.every} by {visible(timeline.time)}"
        f"{f' in {timeline.timezone}' if timeline.timezone else ''},"
        f" {first if first == last else f'{first} to {last}'};"
        f" {_each(timeline)} compared with {_reference(timeline)}"
    )
    if timeline.untimed:
        yield f"{counted(timeline.untimed, 'row')} without a time belong to no period"
    bound = max((each.error_bound or 0.0 for each in timeline.columns), default=0.0)
    if bound >= _TOLD_ERROR:
        yield f"wasserstein scores are known to ±{bound:.2g} baseline sd"


def _each(timeline: Timeline) -> str:
    return f"windows of {timeline.window} that end with each, all" if timeline.window else "each"


def _reference(timeline: Timeline) -> str:
    baseline = timeline.baseline
    if baseline is not None:
        return f"{visible(baseline.source)} ({extent(baseline)})"
    if timeline.against == "first":
        named = next((each.reference for each in timeline.periods if each.reference), "")
        return f"the first full one, {named}"
    if timeline.against == "previous":
        return "the one before"
    return f"the one {timeline.against.partition(':')[2]} before"


def score_words(score: PeriodScore) -> str:
    """Return a metric and its number: `js_distance 0.312`."""
    text = "∞" if score.infinite else number(score.number)
    return f"{score.metric} {'≥' if score.lower_bound and not score.infinite else ''}{text}"


def highest(column: TimelineColumn) -> PeriodScore | None:
    """Return the score of a column that is highest over its threshold, of the gravest status."""
    cells = (cell.highest for cell in column.cells if cell.status == column.status)
    return max(filter(None, cells), key=lambda score: score.excess, default=None)


def when(column: TimelineColumn) -> str:
    """Return the newest change of a column in words, and how many there were before it."""
    if not column.changes:
        count = sum(cell.status == "inconclusive" for cell in column.cells)
        return f"inconclusive in {counted(count, 'period')}" if count else ""
    *before, newest = column.changes
    more = f" and {len(before):,} before" if before else ""
    return _dated(newest) + more


def _dated(change: DatedChange) -> str:
    if change.ongoing:
        return f"since {change.first}"
    return change.first if change.first == change.last else f"{change.first} to {change.last}"


def why(column: TimelineColumn) -> str:
    """Return what had moved at the peak of the newest change, or why a column is not gated."""
    if column.changes and column.changes[-1].reasons:
        newest = column.changes[-1]
        return f"{newest.peak}: {'; '.join(sentence(each) for each in newest.reasons)}"
    return "; ".join(sentence(each) for each in column.notes)


def summary_line(timeline: Timeline) -> str:
    """Return the verdict and the counts in one line."""
    return f"{VERDICTS[timeline.verdict]}: {' · '.join(summary_parts(timeline, hint=False))}"


def summary_parts(timeline: Timeline, *, hint: bool) -> list[str]:
    """Return how many columns drifted, in how many periods, each as a few words."""
    counts = status_parts(timeline, small=0, hint=hint)
    skipped = timeline.summary.skipped
    rest = [f"{skipped:,} skipped"] if skipped else []
    return [_lead(timeline), *finding_parts(timeline), *counts, *rest]


def _lead(timeline: Timeline) -> str:
    summary = timeline.summary
    columns = counted(summary.columns, "column")
    if summary.drift:
        drifted = f"{summary.drift:,} of {columns} drifted{names(timeline, 'drift')}"
        return f"{drifted} in {summary.drifted_periods:,} of {counted(summary.compared, 'period')}"
    compared = counted(summary.compared, "period")
    if summary.warn:
        return f"{summary.warn:,} of {columns} warned{names(timeline, 'warn')} in {compared}"
    if timeline.verdict == "unjudged":
        return f"none of {columns} judged"
    return f"{columns} compared in {compared}"
