"""`--by`: the mix of segments, what drifts within each, and what the mix explains."""

from driftcli.segments.run import run_by, run_by_keeping

__all__ = ["run_by", "run_by_keeping"]
