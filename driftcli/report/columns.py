"""One column of a comparison: its scores, its statistics, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from math import isnan
from typing import Literal

from msgspec import Struct

from driftcli.report.documents import Count, Gauged, Share, Value
from driftcli.report.explanation import Clock, Distribution, Explanation

Status = Literal["ok", "warn", "drift", "inconclusive", "skipped"]
Kind = Literal["numeric", "categorical", "timestamp", "list", "text", "unsupported"]
#: Worst first: the order in which columns and findings are listed.
SEVERITY: dict[Status, int] = {"drift": 0, "warn": 1, "inconclusive": 2, "ok": 3, "skipped": 4}


class Score(Gauged, frozen=True, kw_only=True):
    """One metric of one column.

    Attributes
    ----------
    metric, unit
        Its name, and the unit of the value: null where it has none.
    value, infinite
        The score, null when it is infinite (`infinite` is then true) or not defined.
    error_bound
        The certified distance between `value` and the score of the full data: 0 when the score is
        exact, null where no bound is known.
    lower_bound
        Whether the true score can only be higher.
    standard_error
        That of a score estimated from a sample of the names of a large vocabulary, else null.
    warn_threshold, threshold
        The levels from which on a gated score warns and drifts.
    noise
        The level that no drift stays below in 99 of 100 comparisons of as many rows.
    p_value, p_adjusted
        The chance of such a score without drift, and that of its test, corrected for all tests of
        the run: all scores of the values of a column are one test.
    significant
        Whether it is above its noise, and its test significant at alpha.
    rows_needed
        Of a score that reaches a threshold and may be chance, about how many rows a side would
        tell.
    gated, status
        Whether it may make the column drift, and what came of it.
    """

    metric: str
    value: float | None
    infinite: bool = False
    unit: str | None = None
    error_bound: float | None = None
    lower_bound: bool = False
    standard_error: float | None = None
    warn_threshold: float | None = None
    threshold: float | None = None
    noise: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    significant: bool | None = None
    rows_needed: int | None = None
    gated: bool = False
    status: Status = "ok"

    @property
    def level(self) -> float | None:
        """The threshold of a gated score, or its warning level where it has no other."""
        return super().level if self.gated else None


class CategoryShare(Struct, frozen=True, kw_only=True):
    """A category and how often it occurs, as a count and as a share of the values."""

    value: str
    count: Count
    share: Share


class ColumnStats(Struct, frozen=True, kw_only=True):
    """One side's summary of a column. Statistics describe the finite values.

    Attributes
    ----------
    type, rows
        The type of the values, and the rows, with a value or without.
    missing, missing_count
        The share of rows without a value, and their number; null where footers do not say.
    nan_count, positive_infinity_count, negative_infinity_count, invalid_count
        Values that are no finite numbers, or not of the type.
    distinct, distinct_exact
        The number of distinct values; where it is not exact, a lower bound.
    min, max, mean, sd, q25, median, q75
        Statistics, in the column's own unit; times as ISO 8601.
    rounding
        The certified mean distance by which the profile moved the values, in the column's unit.
    top
        The commonest categories.
    """

    type: str
    rows: Count
    missing: Share | None
    missing_count: Count | None
    nan_count: Count = 0
    positive_infinity_count: Count = 0
    negative_infinity_count: Count = 0
    invalid_count: Count = 0
    distinct: Count
    distinct_exact: bool = True
    min: Value = None
    max: Value = None
    mean: Value = None
    sd: float | None = None
    q25: Value = None
    median: Value = None
    q75: Value = None
    rounding: float = 0.0
    top: tuple[CategoryShare, ...] = ()


class Waiver(Struct, frozen=True, kw_only=True):
    """A person's word that a column may drift until a day, the last on which it holds.

    `until` is an ISO date, and `by` who recorded it.
    """

    until: str
    why: str
    by: str | None = None


def waiver_of(column: str | None, waivers: Mapping[str, Waiver]) -> Waiver | None:
    """Return the waiver of a column, from those by name or glob.

    A name comes before a glob, and a later glob before an earlier one.
    """
    if column is None:
        return None
    globs = (glob for glob in reversed(list(waivers)) if fnmatchcase(column, glob))
    return waivers.get(column) or next((waivers[glob] for glob in globs), None)


class Change(Struct, frozen=True, kw_only=True):
    """What is beyond chance and large in its own terms, in a column whose scores are all ok.

    `message` is one line of text: a category whose share at least doubled or halved, or a mean
    that moved by a tenth. `p_value` is the chance of that without drift, and `p_adjusted` that
    corrected for the columns that could have said so.
    """

    metric: str
    message: str
    p_value: float
    p_adjusted: float | None = None


class Column(Struct, frozen=True, kw_only=True):
    """One column of both datasets: its scores, its status and the reason in words.

    Attributes
    ----------
    name, kind, status
        What the column is, and what became of it.
    gated
        Whether more than missing values can make it drift.
    identifier
        Whether its values name rows rather than describe them.
    reasons, notes
        Why it has its status, and what a reader should know that is no reason to fail: why a
        column is not gated, or what its timestamps cover.
    changes
        What is real and below all thresholds.
    baseline, current, scores
        Statistics of both sides, and the scores. Of text they are those of its lengths in
        characters, but for `distinct` and `top`.
    design_effect
        How many rows count like one, where it is known which rows move together.
    distribution, hour_of_day, weekday
        How the values spread, for drawing.
    details
        What moved, where that was asked for.
    waiver
        A person's word that it may drift: the verdict leaves it out, whatever its status.
    since
        The ISO date of the first of the runs in a row in which its status was this bad.
    """

    name: str
    kind: Kind
    status: Status
    gated: bool = True
    identifier: bool = False
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    baseline: ColumnStats
    current: ColumnStats
    scores: tuple[Score, ...] = ()
    design_effect: float | None = None
    distribution: Distribution | None = None
    hour_of_day: Clock | None = None
    weekday: Clock | None = None
    details: Explanation | None = None
    waiver: Waiver | None = None
    since: str | None = None

    def score(self, metric: str) -> Score | None:
        """Return the score of `metric`, or None when the column has none."""
        return next((score for score in self.scores if score.metric == metric), None)

    @property
    def excess(self) -> float | None:
        """The highest gated score as a multiple of its level; None where nothing is gated."""
        gated = (each for each in self.scores if each.level is not None and not isnan(each.number))
        return max((each.excess for each in gated), default=None)
