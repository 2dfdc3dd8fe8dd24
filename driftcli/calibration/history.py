"""Scores of the past: each reference period against all the others, as a new one would be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from math import nan

import numpy as np
from numpy.typing import NDArray

from driftcli.calibration.others import each_with_others
from driftcli.comparison.columns import paired
from driftcli.comparison.roles import Role, role_of
from driftcli.comparison.scores import measure
from driftcli.comparison.shapes import measure_shape, scored_sides
from driftcli.comparison.verdict import Gates, gates_of, levels_for
from driftcli.config import ResolvedColumn
from driftcli.metrics import METRICS, Metric
from driftcli.profile.column import ColumnProfile, kind_name, merge
from driftcli.profile.numeric import Numbers

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Gated:
    """The metrics of a column that can make it drift, with their drift thresholds in force.

    `reason` says why there are none.
    """

    role: Role
    gates: Gates
    thresholds: Mapping[str, float]
    reason: str | None = None


@dataclass(frozen=True)
class History:
    """A column's scores by metric, each of shape (periods,); NaN where one is not defined.

    `error_bounds` are the largest known of each metric, None where no bound is known.
    """

    scores: Mapping[str, Scores]
    error_bounds: Mapping[str, float | None]


def of_one_kind(
    profiles: Sequence[ColumnProfile | None],
) -> tuple[Sequence[ColumnProfile | None], str | None]:
    """Return the profiles as one kind, or the reason why they cannot be.

    A period in which all values are missing has no type of its own and takes the others'.
    """
    typed = [each for each in profiles if each is not None and each.type != "null"]
    if not typed:
        return profiles, "no values"
    like = typed[0]
    for each in typed:
        if each.kind != like.kind:
            return profiles, f"its type changes: {kind_name(like)} and {kind_name(each)}"
    return [
        replace(like, rows=each.rows, missing=each.missing, values=type(like.values)())
        if each is not None and each.type == "null"
        else each
        for each in profiles
    ], None


def gated(name: str, profiles: Sequence[ColumnProfile], rules: ResolvedColumn) -> Gated:
    """Return what gates a column whose baseline is all of history.

    Of a column whose values are not gated (a timestamp, an identifier) nothing is learnt.
    """
    whole = merge(profiles)
    role = role_of(name, whole, None, rules)
    gates = gates_of(role, whole, rules)
    if gates.reason is not None:
        return Gated(role, gates, {}, gates.reason)
    levels = {name: levels_for(metric, gates) for name, metric in METRICS.items()}
    thresholds = {
        name: each.drift
        for name, each in levels.items()
        if each.drift is not None and _defined(METRICS[name], profiles[0], role)
    }
    return Gated(role, gates, thresholds, None if thresholds else "no metric has a drift threshold")


def _defined(metric: Metric, side: ColumnProfile, role: Role) -> bool:
    numeric = isinstance(side.values, Numbers) or role == "text"
    return numeric or not metric.numeric_only


def scores(
    profiles: Sequence[ColumnProfile | None],
    rules: ResolvedColumn,
    gated: Gated,
    metrics: Collection[str],
) -> History:
    """Return the scores of each period (as the current data) against all others (the baseline).

    Parameters
    ----------
    profiles
        One a period, of one kind; None where there is none.
    """
    made = {name: np.full(len(profiles), nan) for name in metrics}
    bounds: dict[str, float | None] = dict.fromkeys(metrics, 0.0)
    there = [i for i, each in enumerate(profiles) if each is not None]
    filled = [each for each in profiles if each is not None]
    for place, (period, others) in zip(there, each_with_others(filled), strict=True):
        sides = scored_sides(others, period, gated.role)
        measured = measure(*sides, paired(*sides, rules), rules, metrics)
        for each in (*measured, *measure_shape(others, period, gated.gates, metrics)):
            name, bound = each.metric.name, bounds[each.metric.name]
            made[name][place] = each.value
            known = bound is not None and each.error_bound is not None
            bounds[name] = max(bound, each.error_bound) if known else None  # type: ignore[type-var]  # both are numbers
    return History(made, bounds)
