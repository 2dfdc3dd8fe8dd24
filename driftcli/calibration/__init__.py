"""Thresholds learnt from history: reference periods, their scores, and levels above them."""

from driftcli.calibration.cuts import Cut, RandomCut, time_cut
from driftcli.calibration.every import Every
from driftcli.calibration.learning import Rule, learn
from driftcli.calibration.plan import entries, uncalibrated
from driftcli.calibration.records import Calibration, Learnt, Period
from driftcli.calibration.reference import Reference, from_cut, from_sources
from driftcli.calibration.tomlfile import TomlFile

__all__ = [
    "Calibration",
    "Cut",
    "Every",
    "Learnt",
    "Period",
    "RandomCut",
    "Reference",
    "Rule",
    "TomlFile",
    "entries",
    "from_cut",
    "from_sources",
    "learn",
    "time_cut",
    "uncalibrated",
]
