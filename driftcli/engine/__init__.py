"""Where profiling runs: threads of this process."""

from driftcli.engine.grouping import SegmentCut, segment_cut
from driftcli.engine.groups import Part, profile_parts, profile_whole_and_parts
from driftcli.engine.periods import Cut, Every, RandomCut, TimeCut, time_cut
from driftcli.engine.sampling import Sample
from driftcli.engine.threads import (
    Forced,
    Progress,
    available_threads,
    in_order,
    keep_freed_memory,
    profile_source,
)

__all__ = [
    "Cut",
    "Every",
    "Forced",
    "Part",
    "Progress",
    "RandomCut",
    "Sample",
    "SegmentCut",
    "TimeCut",
    "available_threads",
    "in_order",
    "keep_freed_memory",
    "profile_parts",
    "profile_source",
    "profile_whole_and_parts",
    "segment_cut",
    "time_cut",
]
