"""The verdict: a score drifts when it reaches its threshold and chance does not explain it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, isinf, isnan, log, log10
from typing import Literal

import numpy as np
from msgspec import structs

from driftcli.comparison.reasons import could_be_chance, real_but_small
from driftcli.comparison.roles import MAX_REPEATS, Role
from driftcli.comparison.scores import Measured
from driftcli.config import Levels, ResolvedColumn, Settings
from driftcli.metrics import METRICS, Basis, Metric
from driftcli.metrics.significance import LEAST, LEVEL, Noise, adjusted
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import SEVERITY, Column, Score, Status
from driftcli.report.comparison import Finding, Verdict
from driftcli.report.segments import Segments

#: What columns and findings come to.
Standing = Literal["ok", "inconclusive", "warn", "drift"]

#: What is asked for beyond the rows at which noise stays below the threshold: the fitted tail of
#: the p-values is on the safe side.
_MARGIN = 2.0
#: More rows than any dataset has: noise far above a threshold asks for more, and up to infinity.
_MOST_ROWS = 2.0**63

_GRAVE: tuple[Verdict, ...] = ("drift", "unjudged", "warn", "inconclusive")


def scored(measured: Measured, levels: Levels, noise: Noise | None) -> Score:
    """Return the score of a report with the status that its thresholds alone would give it.

    `noise` is None where the score is not gated.
    """
    undefined = isnan(measured.value)
    gated = noise is not None and not undefined
    return Score(
        metric=measured.metric.name,
        value=None if undefined or isinf(measured.value) else measured.value,
        infinite=isinf(measured.value),
        unit=measured.unit,
        error_bound=measured.error_bound,
        lower_bound=measured.lower_bound,
        standard_error=measured.standard_error,
        warn_threshold=levels.warn,
        threshold=levels.drift,
        noise=noise.level if noise and not isinf(noise.level) else None,
        p_value=noise.p_value if noise else None,
        gated=gated,
        status=reached(measured.value, levels) if gated else "ok",
    )


def reached(value: float, levels: Levels) -> Status:
    """Return what thresholds make of a score; one of 0 asks for any difference at all."""
    if not value:
        return "ok"
    if levels.drift is not None and value >= levels.drift:
        return "drift"
    if levels.warn is not None and value >= levels.warn:
        return "warn"
    return "ok"


def worst(statuses: Iterable[Status]) -> Status:
    """Return the gravest of `statuses`; "ok" when there is none."""
    return min(statuses, key=SEVERITY.__getitem__, default="ok")


def settle(columns: Sequence[Column], settings: Settings) -> list[Column]:
    """Return the columns judged, their p-values corrected for all tests of the run.

    A score that reaches a threshold keeps its status where its corrected p-value is no more
    than alpha, and is inconclusive elsewhere. The columns may be those of several comparisons.
    A gated score without a p-value counts as a test whose p-value is 1.
    """
    tests = [
        (at, score.metric, 1.0 if score.p_value is None else score.p_value)
        for at, column in enumerate(columns)
        for score in column.scores
        if score.gated and not _is_certain(score)
    ]
    p_values = np.array([p_value for *_, p_value in tests])
    corrected = adjusted(p_values, settings.correction).tolist()
    found: list[dict[str, float]] = [{} for _ in columns]
    for (at, metric, _), p_adjusted in zip(tests, corrected, strict=True):
        found[at][metric] = p_adjusted
    return _with_changes(
        [_settled(column, own, settings.alpha) for column, own in zip(columns, found, strict=True)],
        settings.alpha,
    )


def _with_changes(columns: Sequence[Column], alpha: float) -> list[Column]:
    """Return the columns with those changes that are real, where nothing graver is said.

    By Bonferroni's correction, over all columns that are gated and have values: in a run without
    drift any is spoken of with a chance of at most alpha.
    """
    tested = sum(column.gated and bool(column.scores) for column in columns)
    settled = []
    for column in columns:
        corrected = (
            structs.replace(each, p_adjusted=min(1.0, each.p_value * tested))
            for each in column.changes
        )
        quiet = column.status == "ok" and alpha < 1
        kept = tuple(each for each in corrected if quiet and (each.p_adjusted or 0.0) <= alpha)
        settled.append(structs.replace(column, changes=kept) if column.changes else column)
    return settled


def _is_certain(score: Score) -> bool:
    """Return whether the score had to be 0, as of missing values where neither side has any.

    What cannot come out otherwise is no test, and does not count as one.
    """
    return score.p_value == 1 and not score.noise


def _settled(column: Column, corrected: Mapping[str, float], alpha: float) -> Column:
    if not column.scores:
        return column
    scores = tuple(
        _judged(score, column, corrected.get(score.metric, 1.0), alpha) if score.gated else score
        for score in column.scores
    )
    status = worst(score.status for score in scores)
    reasons, notes = column.reasons, column.notes
    if status == "inconclusive":
        reasons = (could_be_chance(scores), *reasons)
    if status == "ok" and any(score.significant for score in scores):
        notes = (*notes, real_but_small(scores))
    if status == "ok" and column.status == "skipped":
        status = "skipped"
    return structs.replace(column, status=status, scores=scores, reasons=reasons, notes=notes)


def _judged(score: Score, column: Column, p_adjusted: float, alpha: float) -> Score:
    judged = structs.replace(
        score,
        p_adjusted=p_adjusted,
        # Alpha 1 is to judge by thresholds alone, and calls nothing real.
        significant=p_adjusted <= alpha < 1,
    )
    if _is_usual(judged):
        return structs.replace(judged, status="ok")
    level = score.threshold if score.status == "drift" else score.warn_threshold
    if score.status == "ok" or not level or p_adjusted <= alpha:
        return judged
    rows = _rows_needed(judged, level, column, alpha)
    return structs.replace(judged, status="inconclusive", rows_needed=rows)


def _is_usual(score: Score) -> bool:
    """Return whether new or lost names of a large vocabulary are what any two samples have."""
    within = score.noise is not None and score.number <= score.noise
    return score.standard_error is not None and within


def _rows_needed(score: Score, threshold: float, column: Column, alpha: float) -> int | None:
    """Return about how many rows on each side would tell whether the score is chance.

    Noise falls with the root of the rows, that of a metric which grows with the square of small
    changes with the rows themselves; and it has to fall until a score at the threshold would be
    significant after the correction that this run makes. None where nobody has so many.
    """
    if score.noise is None or score.p_value is None or score.p_adjusted is None:
        return None
    sizes = [max(1, side.rows - side.missing_count) for side in (column.baseline, column.current)]
    excess = score.noise / threshold
    needed_p = max(LEAST, min(alpha * score.p_value / score.p_adjusted, 1 - LEVEL))
    stricter = log(needed_p) / log(1 - LEVEL)
    if not METRICS[score.metric].squared:
        excess *= excess
    rows = 2 / sum(1 / size for size in sizes) * max(_MARGIN, _MARGIN * excess * stricter)
    return _rounded_up(rows) if rows < _MOST_ROWS else None


def _rounded_up(rows: float) -> int:
    """Return a number of rows with two significant digits, none too few."""
    step: int = 10 ** max(0, int(log10(rows)) - 1)
    return ceil(rows / step) * step


def overall(columns: Sequence[Column], found: Sequence[Finding], settings: Settings) -> Verdict:
    """Return the verdict on the dataset."""
    return verdict_of(standing(columns, found, settings), found, settings)


def verdict_of(standing: Standing, found: Sequence[Finding], settings: Settings) -> Verdict:
    """Return the verdict of a standing: only drift stands where nothing was judged.

    Where that is accepted, a warning does, too.
    """
    if standing == "drift" or not any(each.kind == "nothing_judged" for each in found):
        return standing
    return "warn" if standing == "warn" and settings.nothing_judged == "ok" else "unjudged"


def standing(
    columns: Sequence[Column],
    found: Sequence[Finding],
    settings: Settings,
    *,
    compared: int | None = None,
) -> Standing:
    """Return what columns and findings come to: drift where enough columns drift.

    Fewer are a warning, and so is whatever else only warns. `compared` is how many columns there
    are in all, where `columns` are not all.
    """
    drifted = {column.name for column in columns if column.status == "drift"}
    lost = {each.column for each in found if each.kind == "lost_column"}
    drifted |= {each.column for each in found if each.column is not None and each.status == "drift"}
    statuses = {column.status for column in columns} | {each.status for each in found}
    if compared is None:
        compared = len([column for column in columns if column.status != "skipped"]) + len(lost)
    limit = settings.drifted_columns
    enough = limit if isinstance(limit, int) else limit * compared
    whole = any(each.column is None and each.status == "drift" for each in found)
    if whole or (drifted and len(drifted) >= enough):
        return "drift"
    if drifted or "warn" in statuses:
        return "warn"
    return "inconclusive" if "inconclusive" in statuses else "ok"


def with_segments(verdict: Verdict, found: Segments) -> Verdict:
    """Return the worst of the verdict on the whole, that on the mix, and those on the segments."""
    mix = "ok" if found.mix.waiver else found.mix.status
    statuses = {verdict, mix, *(each.status for each in found.segments)}
    return next((each for each in _GRAVE if each in statuses), "ok")


def exit_code(verdict: Verdict, columns: Sequence[Column], settings: Settings) -> Literal[0, 1, 2]:
    """Return the exit code: 1 where a comparison fails, 2 where it could not tell."""
    if settings.fail_on == "never":
        return 0
    if verdict == "unjudged" and settings.nothing_judged == "error":
        return 2
    return 1 if _fails(verdict, columns, settings) else 0


def _fails(verdict: Verdict, columns: Sequence[Column], settings: Settings) -> bool:
    if settings.strict and (
        verdict == "unjudged" or any(column.status == "inconclusive" for column in columns)
    ):
        return True
    if settings.fail_on == "change" and _any_change(columns):
        return True
    warns = verdict == "warn" or (verdict == "unjudged" and settings.nothing_judged == "warn")
    return verdict == "drift" or (warns and settings.fail_on != "drift")


def _any_change(columns: Sequence[Column]) -> bool:
    return any(score.significant for column in columns for score in column.scores)


#: What concerns no value itself: thresholds of these alone do not ask for values to be gated.
_OF_ROWS = (Basis.MISSING, Basis.NONFINITE, Basis.REPEATS, Basis.FORM)

_OLDER = (
    "identifier: its values are not gated; a profile of an earlier version lacks its form: make"
    " that again to have form and repeats judged"
)


@dataclass(frozen=True)
class Gates:
    """Which scores of a column can make it drift, and why the others cannot.

    Values of timestamps and identifiers always move on, and numbers find new extremes: these
    are gated only when the column's own settings ask for it. Repeats are gated where the baseline
    has hardly any, and forms of identifiers and text. Missing values always are, unless the
    column is not gated at all.
    """

    levels: Mapping[str, Levels]
    missing: bool = True
    values: bool = True
    repeats: bool = False
    form: bool = False
    extremes: frozenset[str] = frozenset()
    reason: str | None = None

    @property
    def any(self) -> bool:
        """Whether anything but missing values is gated."""
        return self.values or self.repeats or self.form


def gates_of(role: Role, side: ColumnProfile, rules: ResolvedColumn) -> Gates:
    """Return what is gated of a column whose baseline is `side`."""
    if rules.gate is False:
        return Gates(
            rules.thresholds, missing=False, values=False, reason="not gated: so configured"
        )
    if side.kind == "unsupported":
        reason = f"values of type {side.type} are not compared"
        return Gates(rules.thresholds, values=False, reason=reason)
    names = isinstance(side.values, Categories) and role != "text"
    extremes = rules.thresholds if names else rules.asked
    unique = role in ("identifier", "unique", "text") and _hardly_repeats(side)
    gates = Gates(
        rules.thresholds,
        repeats=unique or "repeats" in rules.asked,
        form=role in ("identifier", "text") or "form" in rules.asked,
        extremes=frozenset(extremes),
    )
    if rules.gate or any(METRICS[name].basis not in _OF_ROWS for name in rules.asked):
        return gates
    if side.kind == "timestamp":
        return replace(gates, values=False, reason="timestamp: its values are not gated")
    if role == "older":
        return replace(gates, values=False, reason=_OLDER)
    if role == "identifier":
        texts = isinstance(side.values, Categories)
        judged = "its repeats and its form" if texts else "its repeats"
        return replace(gates, values=False, reason=f"identifier: judged by {judged}")
    return gates


def _hardly_repeats(side: ColumnProfile) -> bool:
    held = side.values if isinstance(side.values, Categories) else side.values.points
    return held.repeats <= MAX_REPEATS * held.total


def levels_for(metric: Metric, gates: Gates) -> Levels:
    """Return the thresholds that gate a metric of a column; none where it is only reported."""
    levels = gates.levels.get(metric.name, Levels())
    if metric.basis in (Basis.MISSING, Basis.NONFINITE):
        return levels if gates.missing else Levels()
    if metric.basis in (Basis.REPEATS, Basis.FORM):
        gated = gates.repeats if metric.basis is Basis.REPEATS else gates.form
        return levels if gated else Levels()
    if not gates.values or (metric.basis is Basis.SUPPORT and metric.name not in gates.extremes):
        return Levels()
    return levels
