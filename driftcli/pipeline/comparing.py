"""The whole comparison, from what the user named to the report: the data's one way through."""

from __future__ import annotations

import os
from functools import partial
from typing import Any, NamedTuple

from msgspec import structs
from msgspec.structs import replace

from driftcli.comparison import compare_profiles
from driftcli.config import Configuration, Settings, configured, notes
from driftcli.engine import GroupBy, by_segment
from driftcli.errors import UsageError
from driftcli.pipeline import blocks
from driftcli.pipeline.filters import check_filter
from driftcli.pipeline.footers import of_missing_alone, open_footers
from driftcli.pipeline.inputs import Input, Reading, is_stream, open_input
from driftcli.pipeline.selection import Choice, Selection, check_both
from driftcli.pipeline.side_by_side import in_turn_for
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.report.comparison import Finding, Report

#: Points of one segment's column, at most.
SEGMENT_POINTS = 1_024


class Ran(NamedTuple):
    """A comparison that was made: its report, and what was read of both sides."""

    report: Report
    baseline: Profiled
    current: Profiled


def run(
    baseline: Any,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    *,
    details: bool = False,
) -> Ran:
    """Read both datasets once and compare them, by segments too where the setting `by` asks it.

    Either may be a saved profile, a file or a `DatasetProfile`: it is then not read again. The
    report has `details` if asked.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    if reading.footers:
        configuration = of_missing_alone(configuration, reading)
    settings = configuration.settings
    _check(configuration, reading)
    selection = replace(selection, by=settings.by)
    drawn_for = partial(blocks.drawn_for, configuration)
    reading = replace(reading.counting(settings), drawn_for=drawn_for)
    groups = _segments(configuration) if settings.by else None
    p, q = alike(
        *compared(baseline, current, configuration, selection, reading, groups=(groups, groups))
    )
    p_whole, q_whole, found = blocks.with_blocks(p, q, configuration)
    sides = replace(p, whole=p_whole), replace(q, whole=q_whole)
    cut = blocks.cut_of(p, q, configuration)[0] if settings.by else None
    report = _report(*sides, cut, settings, selection, reading, details=details)
    # What is well is so whichever rows move together.
    alarms = any(each.status in ("warn", "drift", "inconclusive") for each in report.columns)
    if alarms and not (
        found or p_whole.blocks or q_whole.blocks or reading.sample or reading.footers
    ):
        found = list(filter(None, [blocks.unknown(p, q, configuration)]))
    report = structs.replace(report, findings=(*report.findings, *found))
    return Ran(_with_settings(report, configuration, p.whole, q.whole), p, q)


def _check(configuration: Configuration, reading: Reading) -> None:
    settings = configuration.settings
    if settings.by and reading.sample:
        raise UsageError(f"{configuration.place(('by',))}: takes all rows; leave out --sample")
    if settings.by and settings.like:
        raise UsageError(
            f"{configuration.place(('by',))}: segments have no numbers of other tools; leave out"
            " --like"
        )
    if settings.like:
        from driftcli.comparison.other_tools import check_like

        check_like(configuration)


def _segments(configuration: Configuration) -> GroupBy:
    where = configuration.place(("by",))
    grouping = partial(by_segment, names=configuration.settings.by, where=where)
    return GroupBy(where, grouping, SEGMENT_POINTS, whole=True)


def compared(
    baseline: Any,
    current: Any,
    configuration: Configuration,
    selection: Selection,
    reading: Reading,
    *,
    groups: tuple[GroupBy | None, GroupBy | None] = (None, None),
) -> tuple[Profiled, Profiled]:
    """Return the profiles of both datasets, of the columns that are selected.

    Parameters
    ----------
    groups
        The groups of rows to be profiled in the baseline and in the current data.

    Raises
    ------
    DriftError
        When data cannot be read or a setting cannot be used.
    """
    settings = configuration.settings
    opening = (
        partial(open_footers, selection=selection)
        if reading.footers
        else partial(open_input, engine=reading.engine)
    )

    def open_current() -> Input:
        opened = opening(current, configuration, "current", selection.rename)
        left_out = (*p_input.left_out, *opened.left_out)
        check_filter(opened, configuration, "current")
        check_both(p_input.names, opened.names, left_out, configuration, selection)
        return opened

    p_input = opening(baseline, configuration, "baseline")
    check_filter(p_input, configuration, "baseline")
    # Files are opened before any work is done.
    q_input = None if is_stream(current) else open_current()
    if reading.progress:
        reading.progress.expect(_size(p_input, q_input))
    left_out = (*p_input.left_out, *(q_input.left_out if q_input else ()))
    choice = Choice(settings, selection, left_out, p_input.held)
    reading = reading.telling(each.kept for each in (p_input, q_input) if each)
    p = p_input.profile(choice, reading, groups=groups[0])
    q = (q_input or open_current()).profile(choice, reading, p.whole, groups[1])
    return choice.of(p), choice.of(q)


def _size(*inputs: Input | None) -> int | None:
    """Return the bytes that are to be read, when they are known."""
    sizes = [each.size if each else None for each in inputs]
    return None if None in sizes else sum(size or 0 for size in sizes)


def alike(p: Profiled, q: Profiled) -> tuple[Profiled, Profiled]:
    """Bring a redacted profile and another side onto the same names of categories."""
    if p.whole.redacted is None and q.whole.redacted is None:
        return p, q
    from driftcli.profile import redact

    # Blocks have the names that the data has.
    wholes = replace(p.whole, blocks=None), replace(q.whole, blocks=None)
    p_whole, q_whole = redact.alike(*wholes, salt())
    return replace(p, whole=p_whole), replace(q, whole=q_whole)


def salt() -> str:
    """Return what category names are hashed with: a secret, and so no option of a command."""
    return os.environ.get("DRIFT_SALT", "")


def _report(  # noqa: PLR0913 - both sides, and how they are judged
    p: Profiled,
    q: Profiled,
    cut: blocks.Cut | None,
    settings: Settings,
    selection: Selection,
    reading: Reading,
    *,
    details: bool,
) -> Report:
    today, columns = selection.today, len(p.whole.types)
    segments = len({*p.groups, *q.groups}) if settings.by else 0
    in_turn = in_turn_for(columns * (1 + segments), reading.comparing)
    if not settings.by:
        return compare_profiles(
            p.whole, q.whole, settings, details=details, today=today, in_turn=in_turn
        )
    from driftcli.comparison.segments.compare import compare_segments
    from driftcli.pipeline.segment_blocks import within

    return compare_segments(
        p,
        q,
        settings,
        details=details,
        today=today,
        in_turn=in_turn,
        within=within(p, q, cut, settings.by) if cut else None,
    )


def _with_settings(
    report: Report, configuration: Configuration, p: DatasetProfile, q: DatasetProfile
) -> Report:
    """Return the report with what a file set, and what of it has no effect on this data."""
    names = dict.fromkeys(name for side in (p, q) for name in (*side.types, *side.left_out))
    found = [
        Finding(kind="settings", column=None, status="ok", message=note)
        for note in notes(configuration, names)
    ]
    return structs.replace(
        report, configured=configured(configuration), findings=(*report.findings, *found)
    )
