"""The segments of two datasets side by side, those of few rows in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from driftcli.engine import Part
from driftcli.engine.segment_cut import Keys, label
from driftcli.profile.column import ColumnProfile, merge
from driftcli.profile.dataset import DatasetProfile

#: Segments that stand alone; the smallest of more share one, so that a report stays readable.
MOST_ALONE = 200
#: What segments are called that share one; no other is called so.
OTHER = "(other)"


@dataclass(frozen=True)
class Segmented:
    """A dataset as a whole and by segments."""

    whole: DatasetProfile
    segments: Mapping[Keys, Part]


@dataclass(frozen=True)
class Rows:
    """The rows of a segment on one side, and the profiles of their columns."""

    rows: int
    columns: Mapping[str, ColumnProfile]


@dataclass(frozen=True)
class Pair:
    """A segment on both sides. Rare ones that share it are counted in `pooled`; it has no keys."""

    keys: Keys | None
    p: Rows
    q: Rows
    pooled: int = 0

    @property
    def label(self) -> str:
        """What people call the segment."""
        return OTHER if self.keys is None else label(self.keys)


def paired_segments(p: Segmented, q: Segmented, min_rows: int) -> list[Pair]:
    """Return the segments of both sides, the largest first, and at last what rare ones share.

    Rare are segments with fewer than `min_rows` rows on the larger side, and all beyond the
    `MOST_ALONE` largest. One that is alone in being rare stands alone.
    """
    everything = [
        Pair(keys, _rows(p.segments.get(keys)), _rows(q.segments.get(keys)))
        for keys in {**p.segments, **q.segments}
    ]
    everything.sort(key=lambda pair: (-_larger(pair), pair.label))
    common = [pair for pair in everything if _larger(pair) >= min_rows][:MOST_ALONE]
    rare = everything[len(common) :]
    return [*common, *(rare if len(rare) < 2 else [_pooled(rare)])]


def _larger(pair: Pair) -> int:
    return max(pair.p.rows, pair.q.rows)


def _rows(part: Part | None) -> Rows:
    return Rows(0, {}) if part is None else Rows(part.rows, part.columns)


def _pooled(rare: Sequence[Pair]) -> Pair:
    p, q = _joined([pair.p for pair in rare]), _joined([pair.q for pair in rare])
    return Pair(None, p, q, pooled=len(rare))


def _joined(parts: Sequence[Rows]) -> Rows:
    columns: dict[str, list[ColumnProfile]] = {}
    for part in parts:
        for name, profile in part.columns.items():
            columns.setdefault(name, []).append(profile)
    rows = sum(part.rows for part in parts)
    return Rows(rows, {name: merge(some) for name, some in columns.items()})
