"""The work of one check, done in a process of its own: read, compare, judge, write reports."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs
from msgspec.structs import replace

from driftcli.checks import pairs
from driftcli.checks.fingerprint import fingerprint
from driftcli.checks.freshness import lacking
from driftcli.checks.planned import Answer, PlannedCheck, Task, Window, since
from driftcli.checks.volume import unusual, usual
from driftcli.checks.writing import wants_details, written_of
from driftcli.comparison.verdict import exit_code, overall, with_segments
from driftcli.comparison.waivers import waived
from driftcli.config import Settings
from driftcli.engine import available_threads, keep_freed_memory
from driftcli.errors import (
    HistoryError,
    MissingInputError,
    UsageError,
    exit_code_and_message,
)
from driftcli.history.records import Streak
from driftcli.pipeline.comparing import Ran, run
from driftcli.pipeline.elsewhere import engine_for
from driftcli.pipeline.filters import same_filter
from driftcli.pipeline.inputs import Reading, where_of
from driftcli.pipeline.joint import run_before_pairs, run_beside
from driftcli.pipeline.merging import merge_all
from driftcli.pipeline.selection import Selection
from driftcli.profile import pair_tables
from driftcli.profile.blocks import NIGHT, Blocks, RowBlock
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.pair_tables import PairTables
from driftcli.profile.saved import decoded, file_of
from driftcli.report.columns import SEVERITY, Waiver, waiver_of
from driftcli.report.comparison import Finding, Report
from driftcli.report.joint import Joint
from driftcli.report.run import worst
from driftcli.text import scrubbed, shortened


def answer(task: Task) -> Answer:
    """Return what comes of a task; whatever goes wrong is an answer, too."""
    try:
        return _compared(task)
    except Exception as error:  # noqa: BLE001 - the boundary of the process
        code, text = exit_code_and_message(error)
        return Answer(
            exit_code=code,
            error=scrubbed(text),
            missing=isinstance(error, MissingInputError) and _has_baseline(task),
            trace=scrubbed("".join(traceback.format_exception(error))),
        )


def _compared(task: Task) -> Answer:
    planned = task.planned
    keep_freed_memory()
    prints = _fingerprints(task)
    ran, joint = _ran(task)
    profile = ran.current.whole
    report = _with_row_count(ran.report, task)
    report = _with_findings(report, lacking(profile, planned.configuration, planned.moment))
    report = _dated(waived(report, task.waivers), task.streaks, planned)
    joint = joint and pairs.judged(joint, task)
    documents = (report, joint) if joint else (report,)
    written, problems = written_of(documents, planned)
    return Answer(
        report=report,
        joint=joint,
        profile=file_of(profile),
        baseline_fingerprint=prints[0],
        current_fingerprint=prints[1],
        expired={
            **_needed(report, task.expired),
            **(pairs.needed(joint, task.expired_pairs) if joint else {}),
        },
        reports=written,
        problems=problems,
        exit_code=worst([each.exit_code for each in documents]),
    )


def _ran(task: Task) -> tuple[Ran, Joint | None]:
    planned = task.planned
    threads = max(1, (task.threads or available_threads()) // task.share)
    baseline = _baseline(task)
    with engine_for(planned.configuration, (baseline, planned.current), threads) as engine:
        given = (
            planned.current,
            planned.configuration,
            Selection(today=planned.day),
            Reading(threads=threads, engine=engine),
        )
        details = wants_details(planned)
        if not planned.configuration.running.joint:
            return run(baseline, *given, details=details), None
        if isinstance(baseline, DatasetProfile) and not baseline.pairs:
            return run_before_pairs(baseline, *given, details=details), None
        return run_beside(baseline, *given, details=details)


def _baseline(task: Task) -> str | DatasetProfile:
    """Return the baseline to compare with; one that is a window is merged of its profiles."""
    planned = task.planned
    if not isinstance(planned.baseline, Window):
        return planned.baseline
    if task.lost:
        raise HistoryError(task.lost)
    if nights := _nights(task):
        return _merged(nights, planned.baseline.text)
    if planned.first_baseline is not None:
        return planned.first_baseline
    where = planned.configuration.place(("baseline",))
    if task.profiles is None:
        raise UsageError(f"{where}: {planned.baseline.text!r} needs the history of earlier runs")
    first, last = planned.baseline.dates(planned.day)
    raise UsageError(
        f"{where}: no clean run{_of_filter(task)} from {first} to {last} to compare with;"
        " first_baseline names what to compare with until there is one"
    )


def _of_filter(task: Task) -> str:
    """Return which runs of those that there are would do."""
    where = where_of(task.planned.configuration, "baseline")
    return f" of rows where {shortened(where.text)}" if where and task.profiles else ""


def _nights(task: Task) -> list[DatasetProfile]:
    """Return the profiles of past runs that took the rows that the baseline is to have."""
    baseline = task.planned.baseline
    assert isinstance(baseline, Window)
    where = where_of(task.planned.configuration, "baseline")
    held = (decoded(data, baseline.text) for data in task.profiles or ())
    return [each for each in held if same_filter(each.where, where.text if where else None)]


def _merged(held: Sequence[DatasetProfile], text: str) -> DatasetProfile:
    """Return the profile of several runs: those with the columns that the newest one has."""
    columns = set(held[-1].types)
    alike = [profile for profile in held if set(profile.types) == columns]
    runs = f"{len(alike)} clean run{'' if len(alike) == 1 else 's'}"
    # A night repeats rows of its own: so many of the baseline's nights do each is the measure.
    repeated = [profile.repeated for profile in alike]
    known = None if None in repeated else sum(each or 0 for each in repeated)
    merged = replace(merge_all(alike), pairs=_pairs_of(alike))
    blocks = Blocks(NIGHT, tuple(RowBlock(each.source, each.rows, each.columns) for each in alike))
    return replace(merged, source=f"{text}, {runs}", repeated=known, blocks=blocks)


def _pairs_of(held: Sequence[DatasetProfile]) -> PairTables | None:
    """Return the tables of pairs of several runs: those with the cells that the newest one has."""
    return pair_tables.merge(pair_tables.alike([each.pairs for each in held if each.pairs]))


def _has_baseline(task: Task) -> bool:
    baseline = task.planned.baseline
    return isinstance(baseline, Window) or fingerprint(baseline) is not None


def _fingerprints(task: Task) -> tuple[str | None, str | None]:
    planned = task.planned
    if not isinstance(planned.baseline, Window):
        return fingerprint(planned.baseline), fingerprint(planned.current)
    if not task.profiles and planned.first_baseline:
        return fingerprint(planned.first_baseline), fingerprint(planned.current)
    return hashlib.sha256(b"".join(task.profiles or ())).hexdigest(), fingerprint(planned.current)


def _with_row_count(report: Report, task: Task) -> Report:
    """Return the report with its rows judged by past runs.

    Where these are enough they take the place of what the comparison says of few rows: it knows
    the baseline alone, which may be many nights.
    """
    expected = usual(task.counted, task.planned.day)
    if expected is None:
        return report
    check = task.planned.configuration
    found = unusual(report.current.rows, expected, check.running.row_count, check.settings.alpha)
    kept = tuple(each for each in report.findings if each.kind != "few_rows")
    changed = found or len(kept) < len(report.findings)
    return _judged_again(report, (*found, *kept)) if changed else report


def _with_findings(report: Report, found: Sequence[Finding]) -> Report:
    """Return the report with more findings on the whole dataset."""
    return _judged_again(report, (*found, *report.findings)) if found else report


def _judged_again(report: Report, found: Sequence[Finding]) -> Report:
    """Return the report with other findings, and what verdict and exit code these make."""
    settings = msgspec.convert(report.settings, Settings)
    verdict = overall(report.columns, found, settings)
    if report.segments:
        verdict = with_segments(verdict, report.segments)
    code = exit_code(verdict, report.columns, settings, [each.status for each in found])
    return structs.replace(
        report,
        findings=tuple(sorted(found, key=lambda each: SEVERITY[each.status])),
        verdict=verdict,
        # Small changes within segments, which may count, are not among the columns.
        exit_code=1 if report.exit_code == 1 and report.segments else code,
    )


def _dated(report: Report, streaks: Mapping[str, Streak], planned: PlannedCheck) -> Report:
    """Return the report whose columns that are not ok say since when that is so."""
    columns = tuple(
        structs.replace(column, since=since(column.status, streaks.get(column.name), planned.day))
        if column.status not in ("ok", "skipped")
        else column
        for column in report.columns
    )
    return structs.replace(report, columns=columns)


def _needed(report: Report, expired: Mapping[str, Waiver]) -> dict[str, Waiver]:
    """Return the expired waivers of columns that are not ok and that no other waiver covers."""
    found: list[tuple[str | None, Any]] = [(each.name, each) for each in report.columns]
    found += [(each.column, each) for each in report.findings]
    wrong = [
        name for name, each in found if each.status not in ("ok", "skipped") and each.waiver is None
    ]
    return {
        glob: waiver
        for glob, waiver in expired.items()
        if any(waiver_of(name, {glob: waiver}) for name in wrong)
    }
