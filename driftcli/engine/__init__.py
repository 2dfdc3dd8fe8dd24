"""Where profiling runs: threads of this process."""

from driftcli.engine.memory import keep_freed_memory
from driftcli.engine.sampling import Sample
from driftcli.engine.threads import Progress, available_threads, profile_source

__all__ = ["Progress", "Sample", "available_threads", "keep_freed_memory", "profile_source"]
