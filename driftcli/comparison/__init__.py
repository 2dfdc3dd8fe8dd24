"""Two profiles and settings to a report: opens nothing, prints nothing."""

from driftcli.comparison.compare import compare_profiles

__all__ = ["compare_profiles"]
