"""Settings: from `drift.toml`, pyproject.toml and flags to one frozen, validated record."""

from driftcli.config.settings import (
    DEFAULT_THRESHOLDS,
    Binning,
    ColumnSettings,
    FailOn,
    ForcedKind,
    Level,
    Levels,
    ReadSettings,
    Scale,
    Settings,
)

__all__ = [
    "DEFAULT_THRESHOLDS",
    "Binning",
    "ColumnSettings",
    "FailOn",
    "ForcedKind",
    "Level",
    "Levels",
    "ReadSettings",
    "Scale",
    "Settings",
]
