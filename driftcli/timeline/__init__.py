"""One dataset through time: its periods, each compared with a baseline or an earlier period."""

from driftcli.timeline.against import Plan, plan
from driftcli.timeline.comparing import compare_periods
from driftcli.timeline.periods import Periods, read_periods
from driftcli.timeline.run import Clock, run

__all__ = ["Clock", "Periods", "Plan", "compare_periods", "plan", "read_periods", "run"]
