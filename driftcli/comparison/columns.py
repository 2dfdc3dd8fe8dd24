"""The columns of both datasets: scored where they can be, and said why where they cannot."""

from __future__ import annotations

from driftcli.comparison.ahead import InTurn, in_turn
from driftcli.comparison.alike import of_one_kind
from driftcli.comparison.path_keys import REASON, by_construction
from driftcli.comparison.reasons import type_change
from driftcli.comparison.scoring import Scoring
from driftcli.comparison.stats import bare_stats, column_stats
from driftcli.config import ResolvedColumn, Settings, resolve
from driftcli.errors import InputError
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.kinds import ENCRYPTED
from driftcli.profile.shelf import let_go
from driftcli.report.columns import Column, ColumnStats


def unsettled(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settings: Settings,
    *,
    details: bool = False,
    in_turn: InTurn = in_turn,
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

    at_work = (
        _at_work(name, baseline, current, rules[name], settings, details=details) for name in shared
    )
    made = []
    for name, column in zip(shared, in_turn(at_work), strict=True):
        made.append(column)
        let_go(baseline.columns.get(name))
        let_go(current.columns.get(name))
    return made


def nothing_shared(baseline: DatasetProfile, current: DatasetProfile) -> str:
    """Say that two datasets have no column in common."""
    sides = (
        f"{side.source!r} has {', '.join(map(repr, list(side.types)[:5]))}"
        + (", …" if len(side.types) > 5 else "")
        for side in (baseline, current)
    )
    return f"no column in common: {'; '.join(sides)}; --rename OLD=NEW matches names"


def _at_work(
    name: str,
    baseline: DatasetProfile,
    current: DatasetProfile,
    rules: ResolvedColumn,
    settings: Settings,
    *,
    details: bool,
) -> Scoring | Column:
    """Return a column to be scored, or as the report shows it where its values are not."""
    p, q = baseline.columns.get(name), current.columns.get(name)
    if by_construction(name, baseline, current, rules):
        return _key(name, baseline, current)
    if p is None or q is None:
        return _unsupported(name, baseline, current, settings)
    p, q = of_one_kind(p, q)
    if p.kind != q.kind:
        return _changed_type(name, p, q, settings)
    blocks = baseline.blocks, current.blocks
    return Scoring(name, p, q, rules, settings, blocks, details)


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
