"""The report on pairs of columns, as the history of a check has it judged."""

from __future__ import annotations

from msgspec import structs

from driftcli.checks.planned import Task, since
from driftcli.comparison.joint.waivers import waived
from driftcli.report.columns import Waiver
from driftcli.report.joint import ColumnPair, Joint, PairWaivers, between, in_order, pair_waiver_of


def judged(joint: Joint, task: Task) -> Joint:
    """Return the report without what is accepted, whose pairs say since when they are not ok."""
    found = waived(joint, task.pair_waivers)
    return structs.replace(found, pairs=tuple(_dated(pair, task) for pair in found.pairs))


def _dated(pair: ColumnPair, task: Task) -> ColumnPair:
    if pair.status == "ok":
        return pair
    before = task.pair_streaks.get(in_order(*pair.columns))
    return structs.replace(pair, since=since(pair.status, before, task.planned.day))


def needed(joint: Joint, expired: PairWaivers) -> dict[str, Waiver]:
    """Return the expired waivers of pairs that are not ok and that no other waiver covers."""
    wrong = [pair.columns for pair in joint.pairs if pair.status != "ok" and pair.waiver is None]
    return {
        between(globs): waiver
        for globs, waiver in expired.items()
        if any(pair_waiver_of(columns, {globs: waiver}) for columns in wrong)
    }
