"""One column of both datasets: scored, with its noise, its pictures and what moved in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import isnan
from typing import Protocol, TypeVar

from msgspec import structs
from msgspec.structs import replace

from driftcli.comparison import histograms
from driftcli.comparison.blocks import Alike, AnyNoise, BothBlocks, NoiseOfBlocks, noise_of
from driftcli.comparison.changes import changes_of
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.pair import CategoricalPair, NumericPair, pair_categories, pair_numbers
from driftcli.comparison.path_keys import REASON, by_construction
from driftcli.comparison.precision import with_truths
from driftcli.comparison.reasons import notes, reasons, suspicions, type_change
from driftcli.comparison.roles import Role, kind_of, role_of
from driftcli.comparison.scores import Measured, as_listed, measure
from driftcli.comparison.shapes import (
    drawn_pair,
    measure_shape,
    scored_sides,
    shape_reasons,
    stats_of,
)
from driftcli.comparison.stats import bare_stats, column_stats
from driftcli.comparison.verdict import Gates, gates_of, levels_for, scored, worst
from driftcli.config import Levels, ResolvedColumn, Settings, resolve
from driftcli.errors import InputError
from driftcli.metrics import METRICS
from driftcli.profile.categories import Categories
from driftcli.profile.column import ENCRYPTED, ColumnProfile, as_categories
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.numeric import Numbers
from driftcli.profile.shelf import let_go
from driftcli.report.columns import Column, ColumnStats, Score
from driftcli.report.explanation import Explanation

Item = TypeVar("Item")
Result = TypeVar("Result")


class InOrder(Protocol):
    """Maps work over items, its results in their order: `map`, or the like on threads."""

    def __call__(
        self, work: Callable[[Item], Result], items: Iterable[Item], /
    ) -> Iterable[Result]:
        """Return what the work makes of each item."""


def unsettled(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settings: Settings,
    *,
    details: bool = False,
    in_order: InOrder = map,
) -> list[Column]:
    """Return the columns of both datasets as far as each can be judged by itself.

    Their statuses go by the thresholds alone: `settling.settle` judges them together, since
    p-values are corrected for all tests of a run.

    Raises
    ------
    InputError
        When the datasets have no column in common.
    """
    rules = resolve(settings, [*baseline.types, *current.types])
    shared = [name for name in baseline.types if name in current.types]
    if not shared:
        raise InputError(nothing_shared(baseline, current))

    def column(name: str) -> Column:
        made = _column(name, baseline, current, rules[name], settings, details=details)
        let_go(baseline.columns.get(name))
        let_go(current.columns.get(name))
        return made

    return list(in_order(column, shared))


def nothing_shared(baseline: DatasetProfile, current: DatasetProfile) -> str:
    """Say that two datasets have no column in common."""
    sides = (
        f"{side.source!r} has {', '.join(map(repr, list(side.types)[:5]))}"
        + (", …" if len(side.types) > 5 else "")
        for side in (baseline, current)
    )
    return f"no column in common: {'; '.join(sides)}; --rename OLD=NEW matches names"


def _column(
    name: str,
    baseline: DatasetProfile,
    current: DatasetProfile,
    rules: ResolvedColumn,
    settings: Settings,
    *,
    details: bool,
) -> Column:
    p, q = baseline.columns.get(name), current.columns.get(name)
    if by_construction(name, baseline, current, rules):
        return _key(name, baseline, current)
    if p is None or q is None:
        return _unsupported(name, baseline, current, settings)
    p, q = of_one_kind(p, q)
    if p.kind != q.kind:
        return _changed_type(name, p, q, settings)
    blocks = baseline.blocks, current.blocks
    return _scored(name, p, q, rules, settings, blocks, details=details)


def _key(name: str, baseline: DatasetProfile, current: DatasetProfile) -> Column:
    """Return a column that says which folders were chosen."""
    p, q = (
        column_stats(side.columns[name]) if name in side.columns else _nothing_known(name, side)
        for side in (baseline, current)
    )
    kind = next((s.columns[name].kind for s in (baseline, current) if name in s.columns), None)
    return Column(
        name=name,
        kind=kind or "unsupported",
        status="skipped",
        gated=False,
        notes=(REASON,),
        baseline=p,
        current=q,
    )


def _scored(  # noqa: PLR0913 - both sides, and how they are judged
    name: str,
    p: ColumnProfile,
    q: ColumnProfile,
    rules: ResolvedColumn,
    settings: Settings,
    blocks: BothBlocks,
    *,
    details: bool,
) -> Column:
    role = role_of(name, p, q, rules, texts=not settings.like)
    gates = gates_of(role, p, rules)
    sides = scored_sides(p, q, role)
    pair = paired(*sides, rules)
    wanted = settings.metrics or METRICS
    if settings.like:
        from driftcli.comparison.other_tools import measure_like, settings_of

        rules = settings_of(settings.like, p, rules)
        measured = measure_like(settings.like, p, q, pair, rules, wanted)
    else:
        measured = measure(*sides, pair, rules, wanted)
    measured = as_listed((*measured, *measure_shape(p, q, gates, wanted)))
    alike = scored_as(p, role), scored_as(q, role)
    noise = noise_of(name, NoiseOfColumn(*sides, pair, rules), blocks, alike)
    scores = _with_noise(measured, gates, noise)
    p_stats, q_stats = (stats_of(side, role) for side in (p, q))
    status = worst(score.status for score in scores)
    counted = p.unread and bool(scores)
    empty = pair is None and status == "ok" and not counted
    moved = (
        *reasons(p_stats, q_stats, p, pair, scores),
        *shape_reasons(p, q, role, scores),
    )
    suspected = tuple(suspicions(p, q))
    hour_of_day, weekday = histograms.clocks(p, q) if p.kind == "timestamp" else (None, None)
    drawn = drawn_pair(p, q, pair, role)
    explained = _explained(*sides, drawn) if details and drawn else None
    if explained and pair and isinstance(noise, NoiseOfBlocks):
        explained = _with_blocks(explained, name, noise, blocks, pair)
    return Column(
        name=name,
        kind=kind_of(role, p),
        status="skipped" if empty else status,
        gated=gates.any or (counted and gates.missing),
        identifier=role in ("identifier", "older"),
        reasons=(*suspected, *moved) if moved else (),
        notes=(*notes(p, q, p_stats, q_stats, gates.reason, pair), *(() if moved else suspected)),
        changes=tuple(changes_of(*sides, pair, measured, noise))
        if pair and gates.values and role != "text"
        else (),
        baseline=p_stats,
        current=q_stats,
        scores=scores,
        design_effect=noise.design_effect
        if gates.any and isinstance(noise, NoiseOfBlocks)
        else None,
        distribution=histograms.distribution(sides[0], drawn) if drawn else None,
        hour_of_day=hour_of_day,
        weekday=weekday,
        details=explained,
    )


def scored_as(whole: ColumnProfile, role: Role) -> Alike:
    """Return what gives a part of a column's rows the kind that all of them have."""

    def scored_as(part: ColumnProfile) -> ColumnProfile:
        if (part.kind, part.type) != (whole.kind, whole.type):
            part = of_one_kind(part, whole)[0]
        return scored_sides(part, part, role)[0]

    return scored_as


def _with_noise(measured: tuple[Measured, ...], gates: Gates, noise: AnyNoise) -> tuple[Score, ...]:
    scores = []
    for each in measured:
        levels = levels_for(each.metric, gates)
        gated = levels != Levels() and not isnan(each.value)
        scores.append(scored(each, levels, noise.of(each) if gated else None))
    return tuple(scores)


def _explained(
    p: ColumnProfile, q: ColumnProfile, pair: NumericPair | CategoricalPair
) -> Explanation:
    from driftcli.comparison.explanation import explain

    return explain(p, q, pair)


def _with_blocks(
    explained: Explanation,
    name: str,
    noise: NoiseOfBlocks,
    blocks: BothBlocks,
    pair: NumericPair | CategoricalPair,
) -> Explanation:
    from driftcli.comparison.block_strip import block_strip

    return structs.replace(explained, blocks=block_strip(name, noise, blocks, pair))


def paired(
    p: ColumnProfile, q: ColumnProfile, rules: ResolvedColumn
) -> NumericPair | CategoricalPair | None:
    """Bring both sides onto common ground, or return None when one has no values to compare."""
    if isinstance(p.values, Categories) and isinstance(q.values, Categories):
        filled = p.values.total and q.values.total
        return pair_categories(p.values, q.values) if filled else None
    if isinstance(p.values, Numbers) and isinstance(q.values, Numbers):
        filled = p.values.points.values.size and q.values.points.values.size
        return pair_numbers(p, q, rules) if filled else None
    return None


def of_one_kind(p: ColumnProfile, q: ColumnProfile) -> tuple[ColumnProfile, ColumnProfile]:
    """Give both sides of a column one kind where they differ in how it is stored alone.

    A column without any type (all of it missing) takes the kind of the other side, and numbers
    become categories where the other side stores the same type as a dictionary. Booleans that one
    side writes as numbers or in other words are booleans on both.
    """
    if p.type == "null" and q.type != "null":
        return emptied(p, q), q
    if q.type == "null" and p.type != "null":
        return p, emptied(q, p)
    if p.type == q.type and {p.kind, q.kind} == {"numeric", "categorical"}:
        return as_categories(p), as_categories(q)
    return with_truths(p, q)


def emptied(side: ColumnProfile, like: ColumnProfile) -> ColumnProfile:
    """Return a column without a value as one of another's kind."""
    return replace(
        like,
        type=side.type,
        rows=side.rows,
        missing=side.missing,
        values=type(like.values)(),
        invalid=None,
    )


def _changed_type(name: str, p: ColumnProfile, q: ColumnProfile, settings: Settings) -> Column:
    status = settings.type_change
    return Column(
        name=name,
        kind=p.kind,
        status=status,
        gated=status != "ok",
        reasons=(type_change(p, q),),
        baseline=column_stats(p),
        current=column_stats(q),
    )


def _unsupported(
    name: str, baseline: DatasetProfile, current: DatasetProfile, settings: Settings
) -> Column:
    """Return a column of which nothing is known, on one side or both."""
    changed = is_changed(name, baseline, current)
    types = f"type {baseline.types[name]} → {current.types[name]}, which cannot be compared"
    return Column(
        name=name,
        kind="unsupported",
        status=settings.type_change if changed else "skipped",
        gated=changed and settings.type_change != "ok",
        reasons=(types,) if changed else (),
        notes=(_why_not(name, baseline if name not in baseline.columns else current),),
        baseline=_nothing_known(name, baseline),
        current=_nothing_known(name, current),
    )


def _nothing_known(name: str, side: DatasetProfile) -> ColumnStats:
    return bare_stats(side.types[name], side.rows)


def is_changed(name: str, baseline: DatasetProfile, current: DatasetProfile) -> bool:
    """Return whether a column has values to compare on one side, and none on the other.

    Profiles of earlier versions know nothing of lists and of types that cannot be compared.
    """
    known = [side.columns[name] for side in (baseline, current) if name in side.columns]
    sealed = any(side.types[name].endswith(ENCRYPTED) for side in (baseline, current))
    return len(known) == 1 and (sealed or known[0].kind not in ("list", "unsupported"))


def _why_not(name: str, side: DatasetProfile) -> str:
    if side.types[name].endswith(ENCRYPTED):
        return "encrypted: neither its values nor what is missing is known"
    if name in side.columns or side.made_of is None:
        return f"values of type {side.types[name]} are not compared"
    return f"{side.source} was made by a version that kept nothing of it: make it again"
