"""Where profiling runs: threads of this process, or whatever else is an `Engine`."""

from driftcli.engine.contract import Engine, Progress
from driftcli.engine.grouping import RandomGrouping, by_segment
from driftcli.engine.groups import GroupBy
from driftcli.engine.passes import Forced
from driftcli.engine.periods import by_period
from driftcli.engine.profiling import helped, profile
from driftcli.engine.sampling import RowSample
from driftcli.engine.threads import Threads, available_threads, in_order, keep_freed_memory

__all__ = [
    "Engine",
    "Forced",
    "GroupBy",
    "Progress",
    "RandomGrouping",
    "RowSample",
    "Threads",
    "available_threads",
    "by_period",
    "by_segment",
    "helped",
    "in_order",
    "keep_freed_memory",
    "profile",
]
