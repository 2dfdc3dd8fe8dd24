"""What `--by` tells of a comparison: the segments, their mix, and what it explains."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from driftcli.report.columns import Column, Status
from driftcli.report.documents import Count, Share


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
