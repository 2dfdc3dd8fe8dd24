"""One dataset through time: its periods, each compared with a baseline or an earlier period."""

from driftcli.periods.against import Plan, plan
from driftcli.periods.comparing import compare_periods
from driftcli.periods.periods import Periods, read_periods
from driftcli.periods.run import Clock, run

__all__ = ["Clock", "Periods", "Plan", "compare_periods", "plan", "read_periods", "run"]
