"""Waivers applied to a report: what people accept is shown as before, and no longer fails it."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec
from msgspec import structs

from driftcli.comparison import unjudged
from driftcli.comparison.compare import summary_of
from driftcli.comparison.verdict import exit_code, overall, standing, with_segments
from driftcli.config import Settings
from driftcli.report.columns import Column, Waiver, waiver_of
from driftcli.report.comparison import Finding, Report
from driftcli.report.segments import Segment, Segments

_Named = TypeVar("_Named", Column, Finding)


def waived(report: Report, waivers: Mapping[str, Waiver]) -> Report:
    """Return the report with its verdict, exit code and summary as if what is waived were not.

    Columns and findings keep their status and get the waiver. A lost column can be waived too.
    With segments, `fail_on = "change"` keeps the exit code: a report does not hold every small
    change within them.

    Parameters
    ----------
    waivers
        Keys are column names, or globs over them; a name comes before a glob, and a later glob
        before an earlier one.
    """
    if not waivers:
        return report
    settings = msgspec.convert(report.settings, Settings)
    columns = _marked(report.columns, waivers)
    findings = _marked(report.findings, waivers)
    if report.verdict == "drift":
        findings = (*findings, *unjudged.find(columns, findings, report.baseline, settings))
    judged = _left(columns)
    verdict = overall(judged, _left(findings), settings)
    besides = [each.status for each in _left(findings)]
    segments = report.segments and _waived_segments(report.segments, waivers, settings)
    if segments:
        verdict = with_segments(verdict, segments)
        inner = (each for segment in segments.segments for each in segment.columns)
        judged = [*judged, *_left([segments.mix]), *_left(list(inner))]
        besides += [each.status for each in segments.segments]
    kept = segments is not None and settings.fail_on == "change"
    return structs.replace(
        report,
        verdict=verdict,
        exit_code=report.exit_code if kept else exit_code(verdict, judged, settings, besides),
        summary=summary_of(columns),
        columns=columns,
        findings=findings,
        segments=segments,
    )


def _marked(found: Sequence[_Named], waivers: Mapping[str, Waiver]) -> tuple[_Named, ...]:
    return tuple(structs.replace(each, waiver=_waiver(each, waivers)) for each in found)


def _waiver(each: Column | Finding, waivers: Mapping[str, Waiver]) -> Waiver | None:
    return waiver_of(each.name if isinstance(each, Column) else each.column, waivers)


def _left(found: Sequence[_Named]) -> list[_Named]:
    return [each for each in found if each.waiver is None]


def _waived_segments(
    found: Segments, waivers: Mapping[str, Waiver], settings: Settings
) -> Segments:
    return structs.replace(
        found,
        mix=_marked([found.mix], waivers)[0],
        segments=tuple(_waived_segment(each, waivers, settings) for each in found.segments),
    )


def _waived_segment(segment: Segment, waivers: Mapping[str, Waiver], settings: Settings) -> Segment:
    if segment.status == "skipped":
        return segment
    columns = _marked(segment.columns, waivers)
    left = _left(columns)
    if len(left) == len(columns):
        return segment
    compared = segment.compared - (len(columns) - len(left))
    status = standing(left, [], settings, compared=compared)
    return structs.replace(segment, columns=columns, status=status)
