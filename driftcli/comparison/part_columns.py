"""One column where a part of its rows is compared: a period, or a segment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from math import isnan

from msgspec import Struct, structs

from driftcli.comparison.alike import of_one_kind, scored_as
from driftcli.comparison.blocks import AnyNoise, BothBlocks, noise_of
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.pair import paired
from driftcli.comparison.reasons import reasons
from driftcli.comparison.roles import Role, kind_of, role_of
from driftcli.comparison.scores import Measured, as_listed, measure
from driftcli.comparison.shapes import measure_shape, scored_sides, shape_reasons, stats_of
from driftcli.comparison.stats import bare_stats
from driftcli.comparison.verdict import Gates, gates_of, levels_for, reached, scored, worst
from driftcli.config import Levels, ResolvedColumn
from driftcli.metrics import METRICS
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import Column, ColumnStats, Score


class Rule(Struct, frozen=True):
    """How a column is judged wherever a part of its rows is compared.

    `role`, `gates` and `metrics`, those that can make it drift, are settled by the whole column:
    whether values name rows rather than describe them is nothing that a few rows could tell.
    `tested` asks for the noise of all scores: any change beyond it may count. `screened` spares
    that of tests of which chance plainly explains each score that reaches a threshold (see
    `NoiseOfColumn.plain`), so that none can drift.
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


def lightly_scored(  # noqa: PLR0913 - both sides, and how they are judged
    name: str,
    p: ColumnProfile,
    q: ColumnProfile,
    rule: Rule,
    *,
    words: bool = True,
    blocks: BothBlocks = (None, None),
    among: Callable[[NoiseOfColumn], AnyNoise] | None = None,
) -> Column:
    """Return a column with its gated scores; its status goes by the thresholds alone.

    With `words`, statistics are in full where a score reaches a threshold, and there are reasons;
    else there are just rows. Noise is by `blocks` where they are known; `among` makes the noise of
    rows that of what moves together in other ways.
    """
    p, q = of_one_kind(p, q)
    sides = scored_sides(p, q, rule.role)
    pair = paired(*sides, rule.rules)
    by_rows = NoiseOfColumn(*sides, pair, rule.rules)
    alike = scored_as(p, rule.role), scored_as(q, rule.role)
    noise = among(by_rows) if among else noise_of(name, by_rows, blocks, alike)
    measured = measure(*sides, pair, rule.rules, rule.metrics)
    measured = as_listed((*measured, *measure_shape(p, q, rule.gates, rule.metrics)))
    scores = tuple(_part_scores(measured, rule, noise))
    status = worst(score.status for score in scores)
    quiet = status == "ok" or not words
    stats = (_rows(p), _rows(q)) if quiet else (stats_of(p, rule.role), stats_of(q, rule.role))
    said = (
        ()
        if quiet
        else (*reasons(*stats, p, pair, scores), *shape_reasons(p, q, rule.role, scores))
    )
    return Column(
        name=name,
        kind=kind_of(rule.role, p),
        status="skipped" if status == "ok" and pair is None else status,
        gated=rule.gates.any,
        reasons=said,
        baseline=stats[0],
        current=stats[1],
        scores=scores,
    )


def _part_scores(measured: tuple[Measured, ...], rule: Rule, noise: AnyNoise) -> Iterator[Score]:
    """Yield the scores; where one reaches a threshold, all of its test have their noise."""
    statuses = [reached(each.value, levels_for(each.metric, rule.gates)) for each in measured]
    tested = {
        each.metric.asks
        for each, status in zip(measured, statuses, strict=True)
        if status != "ok" and not (rule.screened and noise.plain(each))
    }
    for each, status in zip(measured, statuses, strict=True):
        levels, defined = levels_for(each.metric, rule.gates), not isnan(each.value)
        if defined and (rule.tested or each.metric.asks in tested):
            yield scored(each, levels, noise.of(each))
        else:
            untested = scored(each, levels, None)
            yield structs.replace(untested, gated=defined, status=status)


def _rows(side: ColumnProfile) -> ColumnStats:
    return bare_stats(side.type, side.rows, side.missing)
