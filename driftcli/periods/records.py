"""What was found of a column, as the records of the report."""

from __future__ import annotations

from collections.abc import Sequence

from driftcli.comparison.verdict import worst
from driftcli.periods.changes import Run, runs
from driftcli.periods.columns import Comparing
from driftcli.periods.slots import Slot
from driftcli.report.comparison import Column, Score
from driftcli.report.timeline import Cell, Change, PeriodScore, TimelineColumn

_SKIPPED = Cell(status="skipped")
#: Of more changes, only so many of the newest say what had moved.
_WORDS = 3


def column_record(
    column: Comparing,
    judged: Sequence[Column | None],
    slots: Sequence[Slot],
    labels: Sequence[str],
    *,
    steps: bool = False,
) -> TimelineColumn:
    """Return one column over all periods, with its changes dated; see `runs` for `steps`."""
    cells = tuple(_SKIPPED if each is None else _cell(each) for each in judged)
    found = list(runs(cells, steps=steps))
    there = [each for each in judged if each is not None]
    gates = column.rule.gates
    return TimelineColumn(
        name=column.windows.name,
        kind=column.kind,
        status=worst(cell.status for cell in cells) if there else "skipped",
        gated=gates.values,
        changes=tuple(
            _change(run, cells, column, slots, labels, words=at >= len(found) - _WORDS)
            for at, run in enumerate(found)
        ),
        notes=(gates.reason,) if gates.reason else (),
        error_bound=_largest_bound(cells),
        cells=cells,
    )


def _cell(column: Column) -> Cell:
    defined = (score for score in column.scores if score.gated)
    return Cell(status=column.status, scores=tuple(map(_score, defined)))


def _score(score: Score) -> PeriodScore:
    """Return a score; what was not tested has no p-value, not even a corrected one."""
    tested = score.p_value is not None
    return PeriodScore(
        metric=score.metric,
        value=score.value,
        status=score.status,
        infinite=score.infinite,
        unit=score.unit,
        threshold=score.threshold,
        warn_threshold=score.warn_threshold,
        error_bound=score.error_bound,
        lower_bound=score.lower_bound,
        noise=score.noise,
        p_value=score.p_value,
        p_adjusted=score.p_adjusted if tested else None,
        rows_needed=score.rows_needed,
    )


def _change(
    run: Run,
    cells: Sequence[Cell],
    column: Comparing,
    slots: Sequence[Slot],
    labels: Sequence[str],
    *,
    words: bool,
) -> Change:
    at = run.peak(cells)
    score = cells[at].highest
    assert score is not None, "a period that changed has scores"
    told = column.at(slots[at], words=True) if words else None
    return Change(
        first=labels[run.places[0]],
        last=labels[run.places[-1]],
        ongoing=run.ongoing,
        periods=len(run.places),
        status=cells[at].status,
        peak=labels[at],
        score=score,
        reasons=told.reasons if told else (),
    )


def _largest_bound(cells: Sequence[Cell]) -> float | None:
    bounds = (
        score.error_bound
        for cell in cells
        for score in cell.scores
        if score.metric == "wasserstein"
    )
    return max((bound for bound in bounds if bound is not None), default=None)
