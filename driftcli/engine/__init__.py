"""Where profiling runs: threads of this process."""

from driftcli.engine.threads import Progress, available_threads, profile_source

__all__ = ["Progress", "available_threads", "profile_source"]
