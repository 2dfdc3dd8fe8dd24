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

    `value` is null when the score is infinite (`infinite` is then true). `error_bound` and
    `lower_bound` are as in a report. A score below its thresholds is not tested, and has neither
    `noise` nor p-values: in the correction for many tests it counts as one that chance explains
    in full. An inconclusive one has in `rows_needed` about how many rows a side would settle it.
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
    def highest(self) -> PeriodScore | None:
        """The score that is highest over its threshold, of the gravest status."""
        rank = {"drift": 3, "warn": 2, "inconclusive": 1}
        return max(
            self.scores, key=lambda each: (rank.get(each.status, 0), each.excess), default=None
        )


class Change(Struct, frozen=True, kw_only=True):
    """Periods in which a column drifted or warned, with none in between in which it did not.

    `first` and `last` are the first and the last of them. `ongoing` says that no later period
    came out otherwise. `periods` counts them; of those between that are not among them it cannot
    be told. `peak` is the period of the highest score; `reasons` say what had moved there.
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

    `cells` are those of the periods, in their order. `gated` says whether its values can drift;
    `notes` why not. `error_bound` is the largest known on a Wasserstein score, in baseline sd.
    """

    name: str
    kind: Kind
    status: Status
    gated: bool = True
    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    error_bound: float | None = None
    cells: tuple[Cell, ...]


class Period(Struct, frozen=True, kw_only=True):
    """One period, named by when it begins.

    `reference` is what it is compared with: another period (with windows, the last of them), or
    "baseline". `drifted` counts its drifted columns. A period that is not compared is `skipped`,
    and its `note` says why.
    """

    label: str
    rows: Count
    status: Status
    reference: str | None = None
    drifted: Count = 0
    note: str | None = None


class TimelineSummary(Struct, frozen=True, kw_only=True):
    """How many columns have each status, and of how many periods: shown, compared, drifted."""

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

    `data` is the dataset; `untimed` counts its rows whose time is missing, which belong to no
    period. `baseline` says what was named with `--baseline`, a span of time or another dataset.
    Columns and findings are listed worst first. `exit_code` is the one `drift timeline` ends
    with: 0 or 1, or 2 where nothing was judged.
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

    def _repr_html_(self) -> str:
        """Return the timeline as a notebook shows it: its summary and heat map, in a frame."""
        from driftcli.render.notebook import timeline_frame

        return timeline_frame(self)
