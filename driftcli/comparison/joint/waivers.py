"""Waivers of pairs: what people accept is shown as before, and no longer fails the report."""

from __future__ import annotations

import msgspec
from msgspec import structs

from driftcli.comparison.joint.compare import summary_of, verdict_of
from driftcli.comparison.verdict import exit_code
from driftcli.config import Settings
from driftcli.report.joint import Joint, PairWaivers, pair_waiver_of


def waived(joint: Joint, waivers: PairWaivers) -> Joint:
    """Return the report with its verdict, exit code and summary as if what is waived were not.

    Pairs keep their status and get the waiver.
    """
    if not waivers:
        return joint
    pairs = tuple(
        structs.replace(pair, waiver=pair_waiver_of(pair.columns, waivers)) for pair in joint.pairs
    )
    left = [*(pair for pair in pairs if pair.waiver is None), *joint.judges]
    settings = msgspec.convert(joint.settings, Settings)
    verdict = verdict_of([*pairs, *joint.judges], joint.findings, settings)
    return structs.replace(
        joint,
        verdict=verdict,
        exit_code=exit_code(verdict, left, settings, [each.status for each in joint.findings]),
        summary=summary_of(joint.summary.columns, pairs),
        pairs=pairs,
    )
