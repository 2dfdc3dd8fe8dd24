"""Where profiling runs: threads of this process."""

from driftcli.engine.memory import keep_freed_memory
from driftcli.engine.sampling import Sample
from driftcli.engine.threads import (
    GROUP_BYTES,
    GROUP_ROWS,
    Progress,
    available_threads,
    in_order,
    profile_source,
)

__all__ = [
    "GROUP_BYTES",
    "GROUP_ROWS",
    "Progress",
    "Sample",
    "available_threads",
    "in_order",
    "keep_freed_memory",
    "profile_source",
]
