"""Where profiling runs: threads of this process."""

from driftcli.engine.sampling import Sample
from driftcli.engine.threads import Progress, available_threads, profile_source

__all__ = ["Progress", "Sample", "available_threads", "profile_source"]
