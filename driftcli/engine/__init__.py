"""Where profiling runs: threads of this process."""

from driftcli.engine.grouping import RandomGrouping, by_segment
from driftcli.engine.groups import GroupBy
from driftcli.engine.passes import Forced
from driftcli.engine.periods import by_period
from driftcli.engine.profiling import profile
from driftcli.engine.sampling import RowSample
from driftcli.engine.threads import Progress, available_threads, in_order, keep_freed_memory

__all__ = [
    "Forced",
    "GroupBy",
    "Progress",
    "RandomGrouping",
    "RowSample",
    "available_threads",
    "by_period",
    "by_segment",
    "in_order",
    "keep_freed_memory",
    "profile",
]
