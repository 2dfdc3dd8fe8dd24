"""What a calibration found: frozen records, which `--format json` prints."""

from __future__ import annotations

from typing import ClassVar, Literal

from msgspec import Struct

from driftcli.report.documents import Document

#: What became of a threshold: written, held at the floor, switched off because history reaches
#: the metric's highest value, left as set by hand, or not learnt since history was infinite.
ThresholdOutcome = Literal["learnt", "floor", "off", "kept", "infinite"]


class ReferencePeriod(Struct, frozen=True, kw_only=True):
    """A reference period and its rows."""

    label: str
    rows: int


class Learnt(Struct, frozen=True, kw_only=True):
    """What history says of one gated score of one column.

    Attributes
    ----------
    column, metric
        Which score it is.
    default
        The drift threshold in force without calibration.
    warn, drift
        The thresholds learnt; None where there is none.
    periods
        The periods in which the score is defined, k.
    highest
        The highest score of a period against all others; None when infinite.
    default_alarms, learnt_alarms
        Periods that reach the default threshold; and those that reach the one learnt from the
        other periods alone.
    expected_alarms
        The probability, at most, that a new period of the same kind reaches `drift`.
    outcome
        What became of the threshold.
    error_bound
        The largest bound known on the error of a score, for Wasserstein distances.
    """

    column: str
    metric: str
    default: float
    warn: float | None
    drift: float | None
    periods: int
    highest: float | None
    default_alarms: int
    learnt_alarms: int
    expected_alarms: float
    outcome: ThresholdOutcome
    error_bound: float | None = None

    @property
    def odds(self) -> str:
        """The probability of an alarm as people say it: `at most 1 in 53`."""
        return f"at most 1 in {1 / self.expected_alarms:.0f}"


class Ungated(Struct, frozen=True, kw_only=True):
    """A column for which nothing was learnt, and why."""

    column: str
    reason: str


class Calibration(Document, frozen=True, kw_only=True):
    """Everything that a calibration found.

    Attributes
    ----------
    schema
        What the document is.
    source, way
        What it was learnt from, and what its periods are, as in "52 periods of 1d".
    warn_quantile, drift_quantile, floor
        The quantiles of the scores of the past that thresholds are put at, and the least threshold.
    outside, drifted
        Rows without a time, and recorded runs that drifted or warned: nothing was learnt of either.
    default_alarms, learnt_alarms
        Periods with at least one alarm, in any column, under the default thresholds and under
        those learnt from the other periods alone.
    periods, left_out
        The periods that it was learnt from, and those with too few rows.
    thresholds, ungated
        What was learnt, and of which columns nothing was.
    """

    document: ClassVar[str] = "calibration"

    schema: Literal["drift.calibration/1"] = "drift.calibration/1"
    source: str
    way: str
    warn_quantile: float
    drift_quantile: float
    floor: float
    outside: int = 0
    drifted: int = 0
    default_alarms: int
    learnt_alarms: int
    periods: tuple[ReferencePeriod, ...]
    left_out: tuple[ReferencePeriod, ...]
    thresholds: tuple[Learnt, ...]
    ungated: tuple[Ungated, ...]
