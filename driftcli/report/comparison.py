"""The report: frozen records that are the JSON contract (`drift schema` prints their schema).

Every output format is a function of a `Report`, and nothing in a report depends on a format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from math import isnan
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import msgspec
from msgspec import Meta, Struct

from driftcli.report.documents import Gauged, Readable

if TYPE_CHECKING:
    import pandas as pd

Status = Literal["ok", "warn", "drift", "inconclusive", "skipped"]
#: That on a whole dataset. Where nothing was judged there is none, and it is unjudged.
Verdict = Literal["ok", "inconclusive", "warn", "unjudged", "drift"]
Kind = Literal["numeric", "categorical", "timestamp", "list", "text", "unsupported"]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
#: A number in the column's own unit, or an ISO 8601 time for a timestamp column.
Value = float | int | str | None

#: Settings are no deeper than thresholds of columns with two levels each.
_MOST_LEVELS = 20

#: Worst first: the order in which columns and findings are listed.
SEVERITY: dict[Status, int] = {"drift": 0, "warn": 1, "inconclusive": 2, "ok": 3, "skipped": 4}


class Score(Gauged, frozen=True, kw_only=True):
    """One metric of one column.

    `value` is null when the score is infinite (`infinite` is then true) or not defined.
    `error_bound` is the certified distance between `value` and the score of the full data:
    0 when the score is exact, null where no bound is known. `lower_bound` says that the true
    score can only be higher. `standard_error` is that of a score estimated from a sample of
    the names of a large vocabulary, and null of any other.

    Of gated scores, `noise` is the level that no drift stays below in 99 of 100 comparisons of
    as many rows, `p_value` the chance of such a score without drift, `p_adjusted` that corrected
    for all tests of the run, and `significant` says whether it is no more than alpha. An
    inconclusive score has in `rows_needed` about how many rows a side would settle it.
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

    `missing` is the share of rows without a value; `distinct` is exact when `distinct_exact`
    is true and a lower bound otherwise; `rounding` is the certified mean distance by which
    the profile moved the values, in the column's unit.
    """

    type: str
    rows: Count
    missing: Share
    missing_count: Count
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


class Distribution(Struct, frozen=True, kw_only=True):
    """Both sides over the same few cells, for drawing: shares of each side's values.

    `edges` bound the cells of a number or a time (the outer cells also hold what lies beyond);
    `labels` name the cells of a categorical column, the last of them "other" when `other`.
    """

    baseline: tuple[Share, ...]
    current: tuple[Share, ...]
    labels: tuple[str, ...] = ()
    edges: tuple[Value, ...] = ()
    other: bool = False

    def __post_init__(self) -> None:
        """Refuse sides of different cells, and cells without a name or without both edges."""
        _check_cells(self)


class Clock(Struct, frozen=True, kw_only=True):
    """How a timestamp column's values spread over hours of the day or days of the week.

    24 shares from midnight, or 7 from Monday, in UTC or the column's naive local time, and the
    Jensen-Shannon distance of the two sides (0 to 1).
    """

    baseline: tuple[Share, ...]
    current: tuple[Share, ...]
    js_distance: float | None

    def __post_init__(self) -> None:
        """Refuse what is neither hours nor weekdays."""
        if len(self.baseline) not in (7, 24) or len(self.baseline) != len(self.current):
            raise ValueError("neither 24 hours nor 7 days")


class Bins(Struct, frozen=True, kw_only=True):
    """Both sides over the same bins, for reading off: shares of each side's values.

    `edges` bound the bins of a number or a time, at round values: a bin holds its lower edge and
    not its upper one. `below` and `above` are what lies beyond them, baseline then current.
    `labels` name categories, the last bin sums up all others when `other`.
    """

    baseline: tuple[Share, ...]
    current: tuple[Share, ...]
    edges: tuple[Value, ...] = ()
    labels: tuple[str, ...] = ()
    other: bool = False
    below: tuple[Share, Share] = (0.0, 0.0)
    above: tuple[Share, Share] = (0.0, 0.0)

    def __post_init__(self) -> None:
        """Refuse sides of different bins, and bins without a name or without both edges."""
        _check_cells(self)


def _check_cells(cells: Distribution | Bins) -> None:
    named = len(cells.labels) or max(0, len(cells.edges) - 1)
    if len(cells.baseline) != len(cells.current) or named != len(cells.baseline):
        raise ValueError("as many shares as it has not cells")


class Quantile(Struct, frozen=True, kw_only=True):
    """The value that a share `level` of each side's values does not exceed.

    `difference` is current less baseline in the column's unit (seconds for times); null where
    it is beyond the largest float.
    """

    level: Share
    baseline: Value
    current: Value
    difference: float | None


class Contribution(Struct, frozen=True, kw_only=True):
    """A bin of the divergences, its part of the jsd, and its share of each side's values.

    A category has a `label`. Without one it is numbers or times from `low` to `high`, or
    `categories` rare ones that share a bin.
    """

    share: Share
    baseline: Share
    current: Share
    label: str | None = None
    low: Value = None
    high: Value = None
    categories: Count = 0


class Support(Struct, frozen=True, kw_only=True):
    """A category, or a range of numbers or times, that only one side has; its share there."""

    share: Share
    label: str | None = None
    low: Value = None
    high: Value = None


class Move(Struct, frozen=True, kw_only=True):
    """Rows that all move up or all move down: their share, from which range to which, how far.

    `distance` is their mean distance, positive when they move up, and `cost` what they add to
    W₁: `share` × |`distance`|. Both are in the column's unit, null beyond the largest float.
    """

    share: Share
    from_low: Value
    from_high: Value
    to_low: Value
    to_high: Value
    distance: float | None
    cost: float | None


class Transport(Struct, frozen=True, kw_only=True):
    """The optimal transport of the baseline to the current data, in the column's unit.

    `cost` is W₁: the sum of the costs of the moves, of what stayed (moved less than `small`) and
    of the `rest`. `witness` is the Kantorovich potential at the edges of the bins: its slope is
    +1 where rows move up and −1 where they move down, and its mean is W₁ higher in the current
    data than in the baseline.
    """

    cost: float | None
    small: float
    stayed: Share
    stayed_cost: float | None
    moves: tuple[Move, ...]
    rest: Share
    rest_cost: float | None
    witness: tuple[float | None, ...]


class Explanation(Struct, frozen=True, kw_only=True):
    """What moved in one column, for a person to read.

    `log_bins` are there for numbers that a logarithmic axis shows better: each is wider than the
    one before by the same ratio. `contributions` come largest first. `new` and `lost` list what
    only one side has, and `more_new` and `more_lost` count the categories beyond those listed.
    Only numbers have a `transport`, and only times a `coverage`: their ranges, gaps and overlaps
    in words.
    """

    bins: Bins
    log_bins: Bins | None = None
    quantiles: tuple[Quantile, ...] = ()
    contributions: tuple[Contribution, ...] = ()
    new: tuple[Support, ...] = ()
    lost: tuple[Support, ...] = ()
    more_new: Count = 0
    more_lost: Count = 0
    transport: Transport | None = None
    coverage: tuple[str, ...] = ()


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

    `gated` says whether more than missing values can make it drift. Scores and statistics of text
    are of its lengths in characters, but for `distinct` and `top`.
    `notes` say what a reader should know that is no reason to fail: why a column is not gated,
    or what its timestamps cover; `changes` what is real and below all thresholds. `details` are
    there when they were asked for. `design_effect` is how many rows count like one, where it is
    known which rows move together. The verdict leaves out a column with a `waiver`, whatever its
    status. `since` is the ISO date of the first of the runs in a row in which its status was this
    bad.
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


FindingKind = Literal[
    "lost_column",
    "new_column",
    "type_change",
    "invalid_values",
    "mixed_values",
    "binary_text",
    "other_prefix",
    "collapsed_times",
    "future_times",
    "early_times",
    "partial_column",
    "read_as",
    "no_rows",
    "nothing_judged",
    "few_rows",
    "row_count",
    "repeated_rows",
    "stale",
    "blocks",
    "settings",
]


class Finding(Struct, frozen=True, kw_only=True):
    """Something wrong that is not a score: a column lost or new, a type that changed, no rows.

    The verdict leaves out what a `waiver` of its column accepts.
    """

    kind: FindingKind
    column: str | None
    status: Status
    message: str
    waiver: Waiver | None = None


class Dataset(Struct, frozen=True, kw_only=True):
    """Where a side came from. `sampled_rows` is the size of the sample that was scored, if any."""

    source: str
    format: str
    rows: Count
    columns: Count
    sampled_rows: Count | None = None


class Summary(Struct, frozen=True, kw_only=True):
    """How many columns have each status, and which share of those compared drifted.

    A column that has a waiver and is not ok is counted as `waived`, and not by its status.
    """

    columns: Count
    drift: Count
    warn: Count
    inconclusive: Count
    ok: Count
    skipped: Count
    waived: Count = 0
    drifted_share: Share = 0.0


class Segment(Struct, frozen=True, kw_only=True):
    """The rows of one segment on both sides, and which of their columns drift.

    `keys` are the values that make the segment, by column, null where they are missing. Rare
    segments share one, which has no keys: `pooled` counts them. `baseline` and `current` are its
    shares of all rows. A segment that only one side has is `new` or `lost`, and skipped. `columns`
    are those of the `compared` that are not ok, worst first, with the gated scores only.
    """

    label: str
    keys: dict[str, str | None]
    status: Status
    presence: Literal["both", "new", "lost"]
    pooled: Count = 0
    baseline_rows: Count
    current_rows: Count
    baseline: Share
    current: Share
    compared: Count = 0
    columns: tuple[Column, ...] = ()


class WithinSegment(Struct, frozen=True, kw_only=True):
    """What the change within one segment adds to the score of a column: in its unit, as a share."""

    label: str
    within: float
    share: float


class Decomposition(Struct, frozen=True, kw_only=True):
    """A score of a column in two parts that add up to it (Kitagawa 1955).

    `mix` is due to segments that became commoner or rarer, `within` to change within them. The
    parts are in the score's `unit`; either may be negative, and the other then exceeds `total`.
    `error_bound` is how far each part of the full data can be from that given. `segments` are
    those whose own change weighs most, the heaviest first.
    """

    column: str
    metric: Literal["wasserstein", "wasserstein_raw", "missing"]
    unit: str | None
    total: float
    mix: float
    within: float
    mix_share: float
    within_share: float
    error_bound: float
    segments: tuple[WithinSegment, ...] = ()


class Segments(Struct, frozen=True, kw_only=True):
    """What `--by` tells: the mix of segments, each segment, and what the mix explains.

    `mix` is judged like a categorical column whose values are the segments. `segments` come worst
    first; one with fewer than `min_rows` rows on its larger side shares one with others of its
    kind. `decompositions` are of the columns that drift as a whole.
    """

    by: tuple[str, ...]
    min_rows: Count
    found: Count
    mix: Column
    segments: tuple[Segment, ...]
    decompositions: tuple[Decomposition, ...] = ()


class Report(Readable, frozen=True, kw_only=True):
    """The result of comparing a current dataset with its baseline.

    Columns and findings are listed worst first. `exit_code` is the one `drift compare` ends
    with: 0 or 1, or 2 where nothing was judged. `segments` are there when they were asked for.
    `ignored` are the columns that were left out of the comparison; `configured` names the
    settings that a configuration file gave, by dotted key, and the file or its table.
    """

    document: ClassVar[str] = "report"

    schema: Literal["drift.report/1"] = "drift.report/1"
    version: str
    verdict: Verdict
    exit_code: Literal[0, 1, 2]
    baseline: Dataset
    current: Dataset
    settings: dict[str, Any]
    summary: Summary
    columns: tuple[Column, ...]
    findings: tuple[Finding, ...] = ()
    segments: Segments | None = None
    ignored: tuple[str, ...] = ()
    configured: dict[str, str] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse settings that no report has."""
        check_settings(self.settings)

    def _summary(self) -> str:
        from driftcli.render.words import summary_line

        return summary_line(self)

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it: its summary and its columns, in a frame."""
        from driftcli.render.notebook import report_frame

        return report_frame(self)

    def to_pandas(self) -> pd.DataFrame:
        """Return one row per column and metric, infinite scores as `inf`.

        Needs pandas, which is imported here only.
        """
        import pandas as pd

        names = ["column", "kind", "column_status", *Score.__struct_fields__]
        rows = [
            {
                "column": column.name,
                "kind": column.kind,
                "column_status": column.status,
                **msgspec.structs.asdict(score),
                "value": score.number,
            }
            for column in self.columns
            for score in column.scores
        ]
        return pd.DataFrame(rows, columns=names)


def check_settings(settings: Mapping[str, Any]) -> None:
    """Refuse settings that are nested deeply, or whose metrics are no names.

    Raises
    ------
    ValueError
        Which msgspec makes a part of its own error.
    """
    metrics = settings.get("metrics") or []
    if not isinstance(metrics, list | tuple) or not all(isinstance(each, str) for each in metrics):
        raise ValueError("`metrics` must be a list of names - at `$.settings`")
    if _is_deep(settings, _MOST_LEVELS):
        raise ValueError("nested too deeply - at `$.settings`")


def _is_deep(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, Mapping) else value
    if not isinstance(inner, Iterable) or isinstance(inner, str):
        return False
    return levels == 0 or any(_is_deep(each, levels - 1) for each in inner)


class Explained(Report, frozen=True, kw_only=True):
    """The report of one column with its details: as text, what `drift explain` prints."""

    document: ClassVar[str] = "explanation"

    @classmethod
    def of(cls, report: Report) -> Explained:
        """Return a report as that of its one column."""
        return cls(**{name: getattr(report, name) for name in report.__struct_fields__})
