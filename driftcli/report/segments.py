"""What `--by` tells of a comparison: the segments, their mix, and what it explains."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from driftcli.report.columns import Column, Status
from driftcli.report.documents import Count, Share


class Segment(Struct, frozen=True, kw_only=True):
    """The rows of one segment on both sides, and which of their columns drift.

    Attributes
    ----------
    label, keys
        Its name, and the values that make it, by column, null where they are missing.
    status, presence
        What became of it. A segment that only one side has is `new` or `lost`, and skipped.
    pooled
        The number of rare segments that share this one, which has no keys.
    baseline_rows, current_rows, baseline, current
        Its rows, and its shares of all rows.
    compared, columns
        How many columns were compared, and those that are not ok, worst first, with the gated
        scores only.
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

    Attributes
    ----------
    column, metric, unit
        Which score it is.
    total
        The score.
    mix, mix_share
        The part due to segments that became commoner or rarer, in the unit and as a share.
    within, within_share
        The part due to change within them. Either may be negative, the other then exceeds `total`.
    error_bound
        How far each part of the full data can be from that given.
    segments
        Those whose own change weighs most, the heaviest first.
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

    Attributes
    ----------
    by
        The columns whose values make the segments.
    min_rows
        A segment with fewer rows on its larger side shares one with others of its kind.
    found
        The number of segments.
    mix
        Judged like a categorical column whose values are the segments.
    segments
        The segments, worst first.
    decompositions
        What the mix explains of the columns that drift as a whole.
    """

    by: tuple[str, ...]
    min_rows: Count
    found: Count
    mix: Column
    segments: tuple[Segment, ...]
    decompositions: tuple[Decomposition, ...] = ()
