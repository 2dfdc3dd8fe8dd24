"""The report: frozen records that are the JSON contract (`drift schema` prints their schema).

Every output format is a function of a `Report`, and nothing in a report depends on a format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from driftcli.report.columns import Column, Score, Status, Waiver
from driftcli.report.documents import Count, Readable, Share
from driftcli.report.segments import Segments

if TYPE_CHECKING:
    import pandas as pd

#: That on a whole dataset. Where nothing was judged there is none, and it is unjudged.
Verdict = Literal["ok", "inconclusive", "warn", "unjudged", "drift"]

#: Settings are no deeper than thresholds of columns with two levels each.
_MOST_LEVELS = 20

FindingKind = Literal[
    "lost_column",
    "new_column",
    "type_change",
    "invalid_values",
    "mixed_values",
    "reading",
    "binary_text",
    "other_prefix",
    "collapsed_times",
    "future_times",
    "early_times",
    "sentinel_times",
    "moved_clock",
    "partial_column",
    "read_as",
    "no_rows",
    "nothing_judged",
    "few_rows",
    "within_noise",
    "row_count",
    "repeated_rows",
    "filter",
    "footers",
    "stale",
    "blocks",
    "independent_rows",
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
    """Where a side came from.

    Attributes
    ----------
    source, format, rows, columns
        What it is called, what it is, and how large.
    sampled_rows
        The size of the sample that was scored, if any.
    where
        The condition that its rows meet, where others were left out.
    """

    source: str
    format: str
    rows: Count
    columns: Count
    sampled_rows: Count | None = None
    where: str | None = None


class Summary(Struct, frozen=True, kw_only=True):
    """How many columns have each status, and which share of those compared drifted.

    Attributes
    ----------
    columns
        All columns.
    drift, warn, inconclusive, ok, skipped, waived
        Columns of each status. One that has a waiver and is not ok is counted as `waived` alone.
    drifted_share
        The share of the columns that were compared and have no waiver that drifted.
    """

    columns: Count
    drift: Count
    warn: Count
    inconclusive: Count
    ok: Count
    skipped: Count
    waived: Count = 0
    drifted_share: Share = 0.0


class Report(Readable, frozen=True, kw_only=True):
    """The result of comparing a current dataset with its baseline.

    Attributes
    ----------
    schema, version
        What the document is, and the version of drift that made it.
    verdict, exit_code
        The verdict, and the code that `drift compare` ends with: 0 or 1, or 2 where nothing was
        judged.
    baseline, current
        Where the sides came from.
    settings, configured
        What was in force, and of it what a configuration file gave: the file, or its table, by
        dotted key.
    summary, columns, findings
        The columns counted, and columns and findings, the worst first.
    segments
        The segments, where they were asked for.
    ignored
        The columns that were left out of the comparison.
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
