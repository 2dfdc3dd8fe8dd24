"""The verdict: a score drifts when it reaches its threshold and chance does not explain it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isinf, isnan
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from driftcli.comparison.roles import MAX_REPEATS, Role
from driftcli.comparison.scores import Measured
from driftcli.config import Levels, ResolvedColumn, Settings
from driftcli.metrics import METRICS, Basis, Metric
from driftcli.metrics.significance import Noise
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import SEVERITY, Column, Score, Status
from driftcli.report.comparison import Finding, Verdict
from driftcli.report.instruments import Critic, Discriminator
from driftcli.report.joint import ColumnPair
from driftcli.report.segments import Segments

#: What columns and findings come to.
Standing = Literal["ok", "inconclusive", "warn", "drift"]

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


#: What was judged: columns, or pairs and more of them together.
Judged = Sequence[Column] | Sequence[ColumnPair | Discriminator | Critic]


def exit_code(
    verdict: Verdict,
    judged: Judged,
    settings: Settings,
    besides: Iterable[Status] = (),
) -> Literal[0, 1, 2]:
    """Return the exit code: 1 where a comparison fails, 2 where it could not tell.

    `besides` are the statuses of what is no column: of findings, segments and periods.
    """
    if settings.fail_on == "never":
        return 0
    if verdict == "unjudged" and settings.nothing_judged == "error":
        return 2
    statuses = {*besides, *(each.status for each in judged)}
    return 1 if _fails(verdict, statuses, judged, settings) else 0


def _fails(
    verdict: Verdict, statuses: Collection[Status], judged: Judged, settings: Settings
) -> bool:
    if settings.strict and (verdict == "unjudged" or "inconclusive" in statuses):
        return True
    if settings.fail_on == "change" and _any_change(judged):
        return True
    warns = verdict == "warn" or (verdict == "unjudged" and settings.nothing_judged == "warn")
    return verdict == "drift" or (warns and settings.fail_on != "drift")


def _any_change(judged: Judged) -> bool:
    return any(score.significant for each in judged for score in each.scores)


#: Those of what is only reported.
NO_LEVELS = Levels()

#: What concerns no value itself: thresholds of these alone do not ask for values to be gated.
_OF_ROWS = (Basis.MISSING, Basis.NONFINITE, Basis.REPEATS, Basis.FORM)

_OLDER = (
    "identifier: its values are not gated; a profile of an earlier version lacks its form: make"
    " that again to have form and repeats judged"
)


class Gates(Struct, frozen=True):
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
    if side.unread:
        return Gates(rules.thresholds, values=False)
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
    levels = gates.levels.get(metric.name, NO_LEVELS)
    if metric.basis in (Basis.MISSING, Basis.NONFINITE):
        return levels if gates.missing else NO_LEVELS
    if metric.basis in (Basis.REPEATS, Basis.FORM):
        gated = gates.repeats if metric.basis is Basis.REPEATS else gates.form
        return levels if gated else NO_LEVELS
    if not gates.values or (metric.basis is Basis.SUPPORT and metric.name not in gates.extremes):
        return NO_LEVELS
    return levels
