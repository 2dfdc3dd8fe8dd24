"""Thresholds learnt from history: reference periods, their scores, and levels above them."""

from driftcli.calibration.learning import Rule, learn
from driftcli.calibration.plan import entries, uncalibrated
from driftcli.calibration.recorded import Recorded, RecordedColumn, learn_recorded
from driftcli.calibration.reference import Reference, from_cut, from_profiles
from driftcli.calibration.tomlfile import TomlFile
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
