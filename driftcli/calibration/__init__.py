"""Thresholds learnt from history: reference periods, their scores, and levels above them."""

from driftcli.calibration.entries import entries, uncalibrated
from driftcli.calibration.learning import Recorded, RecordedColumn, Rule, learn, learn_recorded
from driftcli.calibration.reference import Reference, from_cut, from_profiles
from driftcli.config.edit import TomlFile
from driftcli.report.calibration import Calibration, Learnt, Period

__all__ = [
    "Calibration",
    "Learnt",
    "Period",
    "Recorded",
    "RecordedColumn",
    "Reference",
    "Rule",
    "TomlFile",
    "entries",
    "from_cut",
    "from_profiles",
    "learn",
    "learn_recorded",
    "uncalibrated",
]
