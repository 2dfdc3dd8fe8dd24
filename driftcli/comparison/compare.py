"""The comparison: every column scored and judged, and what is wrong besides the scores."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import msgspec

from driftcli.comparison import block_findings, findings, moments, unjudged
from driftcli.comparison.ahead import InTurn, in_turn
from driftcli.comparison.columns import unsettled
from driftcli.comparison.settling import settle, too_few_rows
from driftcli.comparison.stats import dataset_of
from driftcli.comparison.verdict import exit_code, overall
from driftcli.config import Settings
from driftcli.profile.dataset import DatasetProfile
from driftcli.report.columns import SEVERITY, Column
from driftcli.report.comparison import Report, Summary
from driftcli.version import __version__


def compare_profiles(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settings: Settings,
    *,
    details: bool = False,
    today: date | None = None,
    in_turn: InTurn = in_turn,
) -> Report:
    """Return the report of `current` against `baseline`, with what moved in `details` if asked.

    Times after `today` are to come; it is the day by the clock where it is None.

    Raises
    ------
    InputError
        When the datasets have no column in common.
    """
    columns = unsettled(baseline, current, settings, details=details, in_turn=in_turn)
    return report_of(baseline, current, settle(columns, settings), settings, today)


def report_of(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settled: Sequence[Column],
    settings: Settings,
    today: date | None = None,
) -> Report:
    """Return the report of columns that are judged, the worst first, beside all other findings."""
    columns = sorted(settled, key=severity)
    found = findings.find(baseline, current, settings)
    found += moments.find(baseline, current, settings, today)
    found += too_few_rows(columns, settings)
    found += unjudged.find(columns, found, dataset_of(baseline), settings)
    found += block_findings.finding(columns, (baseline.blocks, current.blocks))
    found.sort(key=lambda finding: SEVERITY[finding.status])
    verdict = overall(columns, found, settings)
    return Report(
        version=__version__,
        verdict=verdict,
        exit_code=exit_code(verdict, columns, settings, [each.status for each in found]),
        baseline=dataset_of(baseline),
        current=dataset_of(current),
        settings=_shown_settings(settings),
        summary=summary_of(columns),
        columns=tuple(columns),
        findings=tuple(found),
        ignored=tuple(dict.fromkeys([*baseline.left_out, *current.left_out])),
    )


def severity(column: Column) -> tuple[int, float]:
    """Sort by status, then by how far a score exceeds its threshold."""
    return SEVERITY[column.status], -(column.excess or 0.0)


def _shown_settings(settings: Settings) -> dict[str, Any]:
    shown: dict[str, Any] = msgspec.to_builtins(settings)
    return shown


def summary_of(columns: Sequence[Column]) -> Summary:
    """Return how many columns have each status, those that are waived and not ok apart."""
    waived = [each for each in columns if each.waiver and each.status not in ("ok", "skipped")]
    counts: Mapping[str, int] = {
        status: sum(each.status == status for each in columns)
        - sum(each.status == status for each in waived)
        for status in SEVERITY
    }
    compared = sum(each.waiver is None and each.status != "skipped" for each in columns)
    return Summary(
        columns=len(columns),
        **counts,
        waived=len(waived),
        drifted_share=counts["drift"] / compared if compared else 0.0,
    )
