"""Settings: from `drift.toml`, pyproject.toml and flags to one frozen, validated record."""

from driftcli.config.columns import ResolvedColumn, check_columns, notes, resolve
from driftcli.config.load import Configuration, SettingInForce, configured, describe, load
from driftcli.config.running import Inputs, NotifyOn, RunSettings, length, masked
from driftcli.config.settings import (
    DEFAULT_THRESHOLDS,
    INDEPENDENT,
    JOINT_THRESHOLDS,
    REPEATED,
    Binning,
    ColumnSettings,
    Correction,
    FailOn,
    ForcedKind,
    Level,
    Levels,
    Like,
    ReadSettings,
    Scale,
    Settings,
)
from driftcli.config.signs import sign
from driftcli.config.starter import StarterColumn, glob_of, starter

__all__ = [
    "DEFAULT_THRESHOLDS",
    "INDEPENDENT",
    "JOINT_THRESHOLDS",
    "REPEATED",
    "Binning",
    "ColumnSettings",
    "Configuration",
    "Correction",
    "FailOn",
    "ForcedKind",
    "Inputs",
    "Level",
    "Levels",
    "Like",
    "NotifyOn",
    "ReadSettings",
    "ResolvedColumn",
    "RunSettings",
    "Scale",
    "SettingInForce",
    "Settings",
    "StarterColumn",
    "check_columns",
    "configured",
    "describe",
    "glob_of",
    "length",
    "load",
    "masked",
    "notes",
    "resolve",
    "sign",
    "starter",
]
