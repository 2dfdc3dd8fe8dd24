"""The timeline's report: frozen records that are the JSON contract of `drift timeline`.

`drift schema --of timeline` prints their schema.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from msgspec import Struct

from driftcli.report.columns import Kind, Status
from driftcli.report.comparison import Dataset, Finding, Verdict, check_settings
from driftcli.report.documents import Count, Gauged, Readable


class PeriodScore(Gauged, frozen=True, kw_only=True, omit_defaults=True):
    """One gated metric of one column in one period; what is not known is left out.

    Attributes
    ----------
    metric, unit
        Its name, and the unit of the value.
    value, infinite
        The score, null when it is infinite (`infinite` is then true).
    status, threshold, warn_threshold
        What came of it, and the levels from which on it drifts and warns.
    error_bound, lower_bound
        As in a report.
    noise, p_value, p_adjusted
        As in a report. A score below its thresholds is not tested, and has none: in the correction
        for many tests it counts as one that chance explains in full.
    rows_needed
        Of an inconclusive score, about how many rows a side would settle it.
    """

    metric: str
    value: float | None
    status: Status
    infinite: bool = False
    unit: str | None = None
    threshold: float | None = None
    warn_threshold: float | None = None
    error_bound: float | None = None
    lower_bound: bool = False
    noise: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    rows_needed: int | None = None


class Cell(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One column in one period. One that is not compared is `skipped` and has no scores."""

    status: Status
    scores: tuple[PeriodScore, ...] = ()

    @property
    def excess(self) -> float:
        """The highest score as a multiple of its level; 0 where there is none."""
        return max((each.excess for each in self.scores), default=0.0)

    @property
    def by_chance(self) -> bool:
        """Whether it is ok although a score reaches a threshold: so few rows cannot tell."""
        # What is plainly chance has no p-value.
        return self.status == "ok" and any(
            each.excess >= 1 and (each.rows_needed or each.p_value is None) for each in self.scores
        )

    @property
    def highest(self) -> PeriodScore | None:
        """The score that is highest over its threshold, of the gravest status."""
        rank = {"drift": 3, "warn": 2, "inconclusive": 1}
        return max(
            self.scores, key=lambda each: (rank.get(each.status, 0), each.excess), default=None
        )


class DatedChange(Struct, frozen=True, kw_only=True):
    """Periods in which a column drifted or warned, with none in between in which it did not.

    Attributes
    ----------
    first, last
        The first and the last of them.
    ongoing
        Whether no later period came out otherwise.
    periods
        Their number; of those between that are not among them it cannot be told.
    status
        The gravest.
    peak, score
        The period of the highest score, and that.
    reasons
        What had moved there.
    """

    first: str
    last: str
    ongoing: bool
    periods: Count
    status: Status
    peak: str
    score: PeriodScore
    reasons: tuple[str, ...] = ()


class TimelineColumn(Struct, frozen=True, kw_only=True):
    """One column over all periods.

    Attributes
    ----------
    name, kind, status
        What it is, and what became of it.
    gated, notes
        Whether its values can drift, and why not.
    changes
        When it drifted or warned.
    error_bound
        The largest known on a Wasserstein score, in baseline sd.
    cells
        What became of it in each period, in their order.
    """

    name: str
    kind: Kind
    status: Status
    gated: bool = True
    changes: tuple[DatedChange, ...] = ()
    notes: tuple[str, ...] = ()
    error_bound: float | None = None
    cells: tuple[Cell, ...]


class Period(Struct, frozen=True, kw_only=True):
    """One period.

    Attributes
    ----------
    label
        When it begins.
    rows
        Its rows.
    status, note
        What became of it. One that is not compared is `skipped`, and its note says why.
    reference
        What it is compared with: another period (with windows, the last of them), or "baseline".
    drifted
        The number of columns that drifted in it.
    """

    label: str
    rows: Count
    status: Status
    reference: str | None = None
    drifted: Count = 0
    note: str | None = None


class TimelineSummary(Struct, frozen=True, kw_only=True):
    """The columns and the periods, counted.

    Attributes
    ----------
    columns
        All columns.
    drift, warn, inconclusive, ok, skipped
        Columns of each status.
    periods, compared, drifted_periods
        The periods that are shown, those that were compared, and those in which a column drifted.
    """

    columns: Count
    drift: Count
    warn: Count
    inconclusive: Count
    ok: Count
    skipped: Count
    periods: Count
    compared: Count
    drifted_periods: Count


class Timeline(Readable, frozen=True, kw_only=True):
    """The result of comparing the periods of a dataset, each with what came before or a baseline.

    Attributes
    ----------
    schema, version
        What the document is, and the version of drift that made it.
    verdict, exit_code
        The verdict, and the code that `drift timeline` ends with: 0 or 1, or 2 where nothing was
        judged.
    data, untimed
        The dataset, and how many of its rows have no time and belong to no period.
    time, timezone, every, window, against
        What the periods are, and what each is compared with, as it was asked for.
    baseline
        What was named with `--baseline`: a span of time or another dataset.
    settings
        What was in force.
    summary, periods
        Columns and periods counted, and the periods in their order.
    columns, findings
        The worst first.
    """

    document: ClassVar[str] = "timeline"

    schema: Literal["drift.timeline/1"] = "drift.timeline/1"
    version: str
    verdict: Verdict
    exit_code: Literal[0, 1, 2]
    data: Dataset
    time: str
    timezone: str | None = None
    every: str
    window: str | None = None
    against: str
    baseline: Dataset | None = None
    untimed: Count = 0
    settings: dict[str, Any]
    summary: TimelineSummary
    periods: tuple[Period, ...]
    columns: tuple[TimelineColumn, ...]
    findings: tuple[Finding, ...] = ()

    def __post_init__(self) -> None:
        """Refuse cells that are not one for each period, and settings that no timeline has."""
        check_settings(self.settings)
        cells = {len(column.cells) for column in self.columns}
        if cells - {0, len(self.periods)}:
            raise ValueError("not a cell for each period - at `$.columns`")

    def _summary(self) -> str:
        from driftcli.render.timeline_words import summary_line

        return summary_line(self)
