"""Datasets of the past as reference periods, as `drift calibrate` reads them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pyarrow as pa

from driftcli.calibration import PERIOD_POINTS, Reference, from_groups
from driftcli.config import ReadSettings
from driftcli.engine import GroupBy, RandomGrouping, Threads, by_period, profile
from driftcli.profile.calendar import Every
from driftcli.source import open_source


def by_time(
    data: Any,
    every: str = "1d",
    threads: int = 2,
    min_rows: int | None = None,
    types: Mapping[str, pa.DataType] | None = None,
) -> Reference:
    """Return the periods of the column `ts`."""
    length = Every.parse(every)
    groups = GroupBy("--time", partial(by_period, name="ts", every=length), PERIOD_POINTS)
    source = open_source(data, ReadSettings()).expecting(types or {})
    made = profile(source, {"ts": None}, groups, engine=Threads(threads))
    return from_groups(made, length.label, f"periods of {every}", min_rows)


def by_chance(data: Any, count: int, seed: int = 0, threads: int = 2) -> Reference:
    """Return random parts."""
    groups = GroupBy("chance", lambda _: RandomGrouping(count, seed), PERIOD_POINTS)
    made = profile(open_source(data, ReadSettings()), {}, groups, engine=Threads(threads))
    return from_groups(made, lambda key: f"split {key + 1}", "random splits")
