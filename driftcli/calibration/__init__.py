"""Thresholds learnt from history: reference periods, their scores, and levels above them."""

from driftcli.calibration.entries import entries, uncalibrated
from driftcli.calibration.learning import (
    LearningRule,
    Recorded,
    RecordedColumn,
    learn,
    learn_recorded,
)
from driftcli.calibration.reference import (
    PERIOD_POINTS,
    Reference,
    from_groups,
    from_profiles,
)
from driftcli.config.edit import TomlFile
from driftcli.report.calibration import Calibration, Learnt, ReferencePeriod

__all__ = [
    "PERIOD_POINTS",
    "Calibration",
    "LearningRule",
    "Learnt",
    "Recorded",
    "RecordedColumn",
    "Reference",
    "ReferencePeriod",
    "TomlFile",
    "entries",
    "from_groups",
    "from_profiles",
    "learn",
    "learn_recorded",
    "uncalibrated",
]
