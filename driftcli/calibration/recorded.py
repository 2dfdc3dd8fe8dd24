"""Thresholds from scores that runs of a check recorded, in the place of scores made for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from driftcli.calibration.learning import (
    Found,
    HandSet,
    Rule,
    calibration_of,
    floor_of,
    learn_score,
)
from driftcli.calibration.reference import FEWEST_PERIODS, check_count, least_rows
from driftcli.config import ResolvedColumn, Settings, resolve
from driftcli.report.calibration import Calibration, Period, Ungated

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class RecordedColumn:
    """The gated scores of one column by metric, each of shape (runs,); NaN where there is none.

    `gated` says whether its values were gated in the newest run, and `error_bounds` are the
    largest known of each metric.
    """

    gated: bool
    scores: Mapping[str, Scores]
    error_bounds: Mapping[str, float | None]


@dataclass(frozen=True)
class Recorded:
    """What runs of a check recorded, in the order of their days.

    `drifted` counts the runs that are not among them, as they drifted or warned.
    """

    check: str
    runs: Sequence[Period]
    columns: Mapping[str, RecordedColumn] = field(default_factory=dict)
    drifted: int = 0


def learn_recorded(
    recorded: Recorded,
    settings: Settings,
    rule: Rule,
    hand_set: HandSet,
    *,
    min_rows: int | None = None,
) -> Calibration:
    """Return the thresholds that the recorded scores suggest for every gated one.

    A run's scores are what a new run's will be: those against the baseline of the check.

    Raises
    ------
    InputError
        When there are too few runs.
    """
    fewest = least_rows(recorded.runs, min_rows)
    kept = np.array([each.rows >= fewest for each in recorded.runs], bool)
    runs = [each for each, keep in zip(recorded.runs, kept, strict=True) if keep]
    check_count(recorded.check, "recorded runs", len(runs), len(recorded.runs), fewest)
    rules = resolve(settings, recorded.columns)
    learnt: list[Found] = []
    ungated: list[Ungated] = []
    for name, column in recorded.columns.items():
        of_runs = replace(column, scores={m: each[kept] for m, each in column.scores.items()})
        found = _recorded_column(name, of_runs, rules[name], settings, rule, hand_set)
        learnt += found
        if not found:
            ungated.append(Ungated(column=name, reason=_reason(column)))
    return calibration_of(
        rule,
        learnt,
        source=recorded.check,
        way=f"{len(runs)} runs",
        periods=tuple(runs),
        left_out=tuple(each for each, keep in zip(recorded.runs, kept, strict=True) if not keep),
        drifted=recorded.drifted,
        ungated=tuple(ungated),
    )


def _recorded_column(
    name: str,
    column: RecordedColumn,
    rules: ResolvedColumn,
    settings: Settings,
    rule: Rule,
    hand_set: HandSet,
) -> Sequence[Found]:
    if not column.gated:
        return []
    found = []
    for metric, scores in column.scores.items():
        levels = rules.thresholds.get(metric)
        if levels is None or levels.drift is None:
            continue
        one = learn_score(
            name,
            metric,
            scores,
            levels.drift,
            floor_of(metric, levels.drift, settings, rule),
            rule,
            kept=hand_set(name, metric),
            error_bound=column.error_bounds[metric],
        )
        if one is not None:
            found.append(one)
    return found


def _reason(column: RecordedColumn) -> str:
    if not column.gated:
        return "its values are not gated"
    return f"fewer than {FEWEST_PERIODS} runs have a gated score of it"
