"""A column of a few of the rows, scored as a whole dataset's column is, but for less.

Segments × columns are many. So only metrics that can make the column drift are scored, and noise
is drawn only for scores that reach a threshold: each of the others counts as a test that chance
explains in full, which makes the correction for many tests no milder.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import isnan

from msgspec import structs

from driftcli.comparison.column import of_one_kind, paired
from driftcli.comparison.gates import Gates, gates_of, levels_for
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.reasons import reasons
from driftcli.comparison.roles import Role, kind_of, role_of
from driftcli.comparison.scores import Measured, in_order, measure
from driftcli.comparison.shapes import measure_shape, scored_sides, shape_reasons, stats_of
from driftcli.comparison.verdict import reached, scored, worst
from driftcli.config import Levels, ResolvedColumn
from driftcli.metrics import METRICS
from driftcli.profile.column import ColumnProfile
from driftcli.report.comparison import Column, ColumnStats, Score


@dataclass(frozen=True)
class Rule:
    """How a column is judged wherever a part of its rows is compared.

    `role`, `gates` and `metrics`, those that can make it drift, are settled by the whole column:
    whether values name rows rather than describe them is nothing that a few rows could tell.
    `tested` asks for the noise of all scores: any change beyond it may count. `screened` spares
    that of scores which chance plainly explains (see `NoiseOfColumn.plain`), and which so cannot
    drift.
    """

    rules: ResolvedColumn
    gates: Gates
    role: Role
    metrics: Collection[str]
    tested: bool = False
    screened: bool = False


def rule_for(
    name: str,
    whole: ColumnProfile,
    current: ColumnProfile | None,
    rules: ResolvedColumn,
    wanted: Collection[str] | None,
) -> Rule:
    """Return how parts of a column are judged whose baseline is `whole`.

    `current` is all of the current data, where it is known at once, and `wanted` are the metrics
    to score, all when None.
    """
    role = role_of(name, whole, current, rules)
    gates = gates_of(role, whole, rules)
    metrics = [
        name
        for name, metric in METRICS.items()
        if (wanted is None or name in wanted) and levels_for(metric, gates) != Levels()
    ]
    return Rule(rules, gates, role, metrics)


def lightly_scored(
    name: str, p: ColumnProfile, q: ColumnProfile, rule: Rule, *, words: bool = True
) -> Column:
    """Return a column with its gated scores; its status goes by the thresholds alone.

    With `words`, statistics are in full where a score reaches a threshold, and there are reasons;
    else there are just rows.
    """
    p, q = of_one_kind(p, q)
    sides = scored_sides(p, q, rule.role)
    pair = paired(*sides, rule.rules)
    noise = NoiseOfColumn(*sides, pair, rule.rules)
    measured = measure(*sides, pair, rule.rules, rule.metrics)
    measured = in_order((*measured, *measure_shape(p, q, rule.gates, rule.metrics)))
    scores = tuple(_score(each, rule, noise) for each in measured)
    status = worst(score.status for score in scores)
    quiet = status == "ok" or not words
    stats = (_rows(p), _rows(q)) if quiet else (stats_of(p, rule.role), stats_of(q, rule.role))
    moved = (
        *reasons(*stats, p, pair, scores),
        *shape_reasons(p, q, rule.role, scores),
    )
    return Column(
        name=name,
        kind=kind_of(rule.role, p),
        status="skipped" if status == "ok" and pair is None else status,
        gated=rule.gates.any,
        reasons=() if quiet else moved,
        baseline=stats[0],
        current=stats[1],
        scores=scores,
    )


def _score(measured: Measured, rule: Rule, noise: NoiseOfColumn) -> Score:
    levels = levels_for(measured.metric, rule.gates)
    if isnan(measured.value):
        return scored(measured, levels, None)
    status = reached(measured.value, levels)
    if rule.tested or (status != "ok" and not (rule.screened and noise.plain(measured))):
        return scored(measured, levels, noise.of(measured))
    return structs.replace(scored(measured, levels, None), gated=True, status=status)


def _rows(side: ColumnProfile) -> ColumnStats:
    missing = side.missing / side.rows if side.rows else 0.0
    return ColumnStats(
        type=side.type,
        rows=side.rows,
        missing=missing,
        missing_count=side.missing,
        distinct=0,
        distinct_exact=False,
    )
