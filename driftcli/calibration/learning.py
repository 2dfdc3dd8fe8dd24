"""From reference periods to thresholds, and to the alarms they would have raised."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from math import inf, isinf
from typing import Any

import numpy as np
from msgspec import Struct, field
from msgspec.structs import replace
from numpy.typing import NDArray

from driftcli.calibration import levels
from driftcli.calibration.reference import (
    FEWEST_PERIODS,
    Reference,
    check_count,
    gated_by_history,
    least_rows,
    of_one_kind_throughout,
    past_scores,
)
from driftcli.config import ResolvedColumn, Settings, resolve
from driftcli.metrics import METRICS
from driftcli.report.calibration import (
    Calibration,
    Learnt,
    ReferencePeriod,
    ThresholdOutcome,
    Ungated,
)

Scores = NDArray[np.float64]
Truths = NDArray[np.bool_]


class LearningRule(Struct, frozen=True):
    """How thresholds follow from scores.

    Attributes
    ----------
    warn_quantile, drift_quantile : float
        Of the scores of new periods, the share that is to stay below the thresholds.
    floor : float
        The least threshold, as a multiple of the one in force. History can show that a column
        hardly ever moves; it cannot show that a move too small to matter has begun to.
    """

    warn_quantile: float = 0.99
    drift_quantile: float = 0.999
    floor: float = 0.5


class Alarms(Struct, frozen=True):
    """Which periods alarm, in one column or in any: both of shape (periods,)."""

    default: Truths
    learnt: Truths


#: A threshold, and where it and the one in force alarm.
Found = tuple[Learnt, Alarms]
#: What was found of a column, or why nothing was.
OfColumn = tuple[list[Found], Ungated | None]
#: Maps work over columns, its results in their order.
InOrder = Callable[[Callable[[str], OfColumn], Iterable[str]], Iterable[OfColumn]]
#: Whether a threshold of a column and metric was set by hand.
HandSet = Callable[[str, str], bool]


def learn(
    reference: Reference,
    settings: Settings,
    rule: LearningRule,
    hand_set: HandSet,
    *,
    in_order: InOrder = map,
) -> Calibration:
    """Return the thresholds that history suggests for every gated score.

    Each period is scored against the union of all others, as a new one will be against the
    whole of history by `drift compare HISTORY NEW`. A score of the whole would count the period
    twice, on both sides, and come out too low.

    Parameters
    ----------
    in_order
        Maps work over columns, its results in their order: `map`, or the like on threads.
    """
    rules = resolve(settings, reference.columns)
    names = list(reference.columns)

    def work(name: str) -> OfColumn:
        return _column(name, reference, rules[name], settings, rule, hand_set)

    found = list(in_order(work, names))
    return calibration_of(
        rule,
        [each for some, _ in found for each in some],
        source=reference.source,
        way=reference.way,
        outside=reference.outside,
        periods=tuple(reference.periods),
        left_out=tuple(reference.left_out),
        ungated=tuple(reason for _, reason in found if reason is not None),
    )


def calibration_of(rule: LearningRule, found: Sequence[Found], **about: Any) -> Calibration:
    """Return the calibration of what was found; `about` are its further fields."""
    return Calibration(
        warn_quantile=rule.warn_quantile,
        drift_quantile=rule.drift_quantile,
        floor=rule.floor,
        default_alarms=_periods_with([alarms.default for _, alarms in found]),
        learnt_alarms=_periods_with([alarms.learnt for _, alarms in found]),
        thresholds=tuple(learnt for learnt, _ in found),
        **about,
    )


def _periods_with(alarms: Sequence[Truths]) -> int:
    """Return how many periods have an alarm in any score."""
    return int(np.any(alarms, axis=0).sum()) if alarms else 0


def _column(
    name: str,
    reference: Reference,
    rules: ResolvedColumn,
    settings: Settings,
    rule: LearningRule,
    hand_set: HandSet,
) -> OfColumn:
    profiles, reason = of_one_kind_throughout(reference.columns[name])
    filled = [each for each in profiles if each is not None]
    if reason is None and len(filled) < FEWEST_PERIODS:
        reason = f"only {len(filled)} periods have it"
    if reason is not None:
        return [], Ungated(column=name, reason=reason)
    gated = gated_by_history(name, filled, rules)
    wanted = [each for each in gated.thresholds if each in (settings.metrics or METRICS)]
    if not wanted:
        return [], Ungated(column=name, reason=gated.reason or "its metrics are not scored")
    past = past_scores(profiles, rules, gated, wanted)
    made = [
        each
        for metric in wanted
        if (
            each := learn_score(
                name,
                metric,
                past.scores[metric],
                gated.thresholds[metric],
                floor_of(metric, gated.thresholds[metric], settings, rule),
                rule,
                kept=hand_set(name, metric),
                error_bound=past.error_bounds[metric],
            )
        )
    ]
    return made, None


def floor_of(metric: str, of_column: float, settings: Settings, rule: LearningRule) -> float:
    """Return the floor: a share of what all columns are judged by, or of the column's own."""
    general = settings.thresholds.get(metric)
    drift = of_column if general is None or general.drift is None else general.drift
    return levels.rounded(rule.floor * drift)


def learn_score(  # noqa: PLR0913 - the figures of one line of the table
    column: str,
    metric: str,
    scores: Scores,
    default: float,
    least: float,
    rule: LearningRule,
    *,
    kept: bool,
    error_bound: float | None,
) -> Found | None:
    """Return what the scores of one metric of one column suggest, and where they alarm.

    Parameters
    ----------
    scores : shape (periods,)
        NaN where one is not defined.
    default
        The drift threshold in force.
    least
        The lowest threshold to learn.
    kept
        Whether the threshold was set by hand, and so stays.

    Returns
    -------
    None where there are too few scores.
    """
    defined = np.flatnonzero(~np.isnan(scores))
    if defined.size < FEWEST_PERIODS:
        return None
    known = scores[defined]
    highest = float(known.max())
    bound = METRICS[metric].upper_bound
    infinite = isinf(highest)
    drift = None if infinite else _threshold(np.sort(known), rule.drift_quantile, least, bound)
    warn = None if drift is None else _threshold(np.sort(known), rule.warn_quantile, least, bound)
    # What was set by hand stays, and what history cannot teach: these alarm as they did.
    held_out = known >= default
    if not (kept or infinite):
        held_out = _held_out_alarms(known, rule.drift_quantile, least, bound)
    alarms = Alarms(np.zeros(scores.size, bool), np.zeros(scores.size, bool))
    alarms.default[defined] = known >= default
    alarms.learnt[defined] = held_out
    learnt = Learnt(
        column=column,
        metric=metric,
        default=default,
        warn=warn if drift is not None and warn is not None and warn < drift else None,
        drift=drift,
        periods=int(known.size),
        highest=None if infinite else highest,
        default_alarms=int(alarms.default.sum()),
        learnt_alarms=int(alarms.learnt.sum()),
        expected_alarms=levels.exceedance(known.size, rule.drift_quantile),
        outcome=_outcome(drift, least, kept=kept, infinite=infinite),
        error_bound=error_bound,
    )
    return learnt, alarms


def _outcome(drift: float | None, least: float, *, kept: bool, infinite: bool) -> ThresholdOutcome:
    if kept:
        return "kept"
    if infinite:
        return "infinite"
    if drift is None:
        return "off"
    return "floor" if drift <= least else "learnt"


def _threshold(ordered: Scores, quantile: float, least: float, bound: float) -> float | None:
    at = float(levels.level(ordered, quantile))
    return levels.threshold(at, least, bound, float(ordered[-1]))


def _held_out_alarms(scores: Scores, quantile: float, least: float, bound: float) -> Truths:
    """Return which scores reach the threshold that the other scores alone would have set.

    Judged by thresholds that knew them, the periods of history could hardly alarm.
    """
    alarms = np.zeros(scores.size, bool)
    for place, rest in _without_each(scores):
        limit = _threshold(rest, quantile, least, bound)
        alarms[place] = scores[place] >= (inf if limit is None else limit)
    return alarms


def _without_each(scores: Scores) -> Iterator[tuple[int, Scores]]:
    """Yield the place of each score, and all others in order."""
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    for at, place in enumerate(order):
        yield int(place), np.delete(ordered, at)


class RecordedColumn(Struct, frozen=True):
    """The gated scores of one column by metric, each of shape (runs,); NaN where there is none.

    `gated` says whether its values were gated in the newest run, and `error_bounds` are the
    largest known of each metric.
    """

    gated: bool
    scores: Mapping[str, Scores]
    error_bounds: Mapping[str, float | None]


class Recorded(Struct, frozen=True):
    """What runs of a check recorded, in the order of their days.

    `drifted` counts the runs that are not among them, as they drifted or warned.
    """

    check: str
    runs: Sequence[ReferencePeriod]
    columns: Mapping[str, RecordedColumn] = field(default_factory=dict)
    drifted: int = 0


def learn_recorded(
    recorded: Recorded,
    settings: Settings,
    rule: LearningRule,
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
    more = ("more runs", *(["--with-drifted"] if recorded.drifted else []))
    check_count(recorded.check, "recorded runs", len(runs), len(recorded.runs), fewest, *more)
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
    rule: LearningRule,
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
