"""Where profiling runs: threads of this process."""

from driftcli.engine.cuts import Cut, RandomCut, TimeCut, time_cut
from driftcli.engine.every import Every
from driftcli.engine.memory import keep_freed_memory
from driftcli.engine.parts import Part, profile_parts, profile_whole_and_parts
from driftcli.engine.readings import Forced
from driftcli.engine.sampling import Sample
from driftcli.engine.segment_cut import SegmentCut, segment_cut
from driftcli.engine.threads import (
    Progress,
    available_threads,
    in_order,
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
