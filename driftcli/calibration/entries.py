"""What a calibration has to do with the settings: what it starts from, and what it writes."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import structs

from driftcli.calibration.levels import rounded
from driftcli.config import ColumnSettings, Levels, Settings, glob_of
from driftcli.config.edit import Entry
from driftcli.config.toml import toml_value
from driftcli.report.calibration import Calibration, Learnt


def uncalibrated(settings: Settings, calibrated: Collection[tuple[str, str]]) -> Settings:
    """Return the settings without thresholds that an earlier calibration wrote.

    Learnt from its own outcome, a second calibration of the same history would differ.
    """

    def without(glob: str, column: ColumnSettings) -> ColumnSettings:
        kept = {
            metric: levels
            for metric, levels in column.thresholds.items()
            if (glob, metric) not in calibrated
        }
        return structs.replace(column, thresholds=kept)

    return structs.replace(
        settings,
        columns={glob: without(glob, column) for glob, column in settings.columns.items()},
        # Those of a check's own table are among them.
        column_overrides=tuple(
            (glob, without(glob, column)) for glob, column in settings.column_overrides
        ),
    )


def entries(calibration: Calibration) -> Iterator[Entry]:
    """Yield the thresholds to write, those that were set by hand left out."""
    for each in calibration.thresholds:
        if each.outcome not in ("kept", "infinite"):
            value = toml_value(Levels(warn=each.warn, drift=each.drift))
            yield Entry(glob_of(each.column), each.metric, value, _note(each, calibration))


def _note(each: Learnt, calibration: Calibration) -> str:
    """Return the figures behind a threshold, in a few words."""
    unit = calibration.way.partition(" ")[2]
    way = f"{each.periods} {unit}"
    if each.highest is None or each.outcome == "off":
        return f"{way}, history reaches the highest score"
    return f"{way}, highest {rounded(each.highest):g}, expected alarms {each.odds}"
