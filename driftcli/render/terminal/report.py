"""The report for a terminal: what people read, and what they show to others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from driftcli.render import Look
from driftcli.render.escape import name_text, sentence
from driftcli.render.score_words import LEVELS, MARKS, doubt, thresholds, unplaced
from driftcli.render.terminal import segments
from driftcli.render.terminal.bars import draw
from driftcli.render.terminal.cells import STATUS_STYLES, fields, rows
from driftcli.render.terminal.grid import LEGIBLE, fit
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    MOST_LINES,
    QUIET,
    Line,
    Styled,
    cell_len,
    fitted,
    for_terminal,
    header,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.words import (
    SIGNS,
    VERDICTS,
    WAIVED_SIGN,
    Shortlist,
    acceptance,
    configured,
    is_waived,
    left_out,
    metrics_shown,
    select_findings,
    settings_file,
    shortlist,
    summary_parts,
    verdict_word,
    why,
)
from driftcli.report.columns import Column
from driftcli.report.comparison import Report, Verdict
from driftcli.report.explanation import Clock

if TYPE_CHECKING:
    from driftcli.report.timeline import Timeline

#: Settings of a file that are listed.
_MOST_SETTINGS = 8


def render(report: Report, look: Look) -> str:
    """Return the report as lines of at most `look.room` cells, worst column first.

    Narrow terminals get fewer fields rather than broken lines. Without colour the text is the
    same, apart from the ANSI codes.
    """
    shown = shortlist(report.columns, look)
    if look.brief:
        return paint(spaced(_in_brief(report, shown, look)), color=look.color)
    sections = (
        header(report, look),
        finding_lines(report, look),
        _columns(shown, metrics_shown(report), look),
        _legend(shown.columns, look),
        *_segments(report, look),
        _configured(report, look),
        verdict_lines(
            report.verdict,
            summary_parts(report, hint=not look.show_all),
            look,
            word=verdict_word(report),
        ),
    )
    return paint(spaced(sections), color=look.color)


def _in_brief(report: Report, shown: Shortlist[Column], look: Look) -> Iterator[Iterator[Line]]:
    """Yield the findings and a line a column, and the verdict."""
    columns = () if shown.passed else shown.columns
    yield chain(
        finding_lines(report, look),
        (
            _in_a_line(each, (why(each, notes=False),), look)
            if each.status != "inconclusive" or is_waived(each)
            else _in_a_line(each, doubt(each), look)
            for each in columns
        ),
    )
    parts = summary_parts(report, hint=False)
    yield verdict_lines(report.verdict, parts, look, word=verdict_word(report))


def finding_lines(report: Report | Timeline, look: Look) -> Iterator[Line]:
    """Yield the findings, each behind the sign of its status."""
    listed, rest = select_findings(report, look)
    for finding in listed:
        symbol = WAIVED_SIGN if is_waived(finding) else SIGNS[finding.status]
        text = "; ".join(filter(None, (acceptance(finding), sentence(finding.message))))
        yield from paragraph(text, look, margin=Styled(f"{symbol} ", STATUS_STYLES[finding.status]))
    if rest:
        yield from paragraph(f"{rest} (--all shows them)", look, margin=Styled(GAP), style=QUIET)


def _columns(shown: Shortlist[Column], metrics: tuple[str, ...], look: Look) -> Iterator[Line]:
    """Yield a line for each selected column, and what there is to say about it below."""
    columns, doubtful = _parted(shown.columns, look)
    if columns:
        yield from _grid(shown, columns, metrics, look)
    yield from (_in_a_line(column, doubt(column), look) for column in doubtful)
    if rest := left_out(shown.left_out):
        text = f"{rest} (--all shows them)"
        yield from paragraph(text, look, margin=Styled(GAP), style=QUIET)


def _parted(columns: tuple[Column, ...], look: Look) -> tuple[tuple[Column, ...], ...]:
    """Return the columns with a row each, and those that are inconclusive, with a line each."""
    if look.show_all:
        return columns, ()
    return (
        tuple(each for each in columns if each.status != "inconclusive" or is_waived(each)),
        tuple(each for each in columns if each.status == "inconclusive" and not is_waived(each)),
    )


def _in_a_line(column: Column, parts: Sequence[str], look: Look) -> Line:
    """Return the one line of a column: as much of what there is to say as there is room for."""
    name = fitted(
        for_terminal(name_text(column.name), look),
        max(LEGIBLE, look.room // 4),
        look.ellipsis,
    )
    sign = WAIVED_SIGN if is_waived(column) else SIGNS[column.status]
    margin = Styled(f"{sign} ", STATUS_STYLES[column.status])
    room = look.room - cell_len(f"{margin.text}{name}{GAP}")
    text, *rest = (for_terminal(each, look) for each in parts)
    for part in rest:
        text = longer if cell_len(longer := f"{text}; {part}") <= room else text
    style = QUIET if column.status == "inconclusive" else ""
    return [margin, Styled(name), Styled(GAP), Styled(fitted(text, room, look.ellipsis), style)]


def _grid(
    shown: Shortlist[Column], columns: tuple[Column, ...], metrics: tuple[str, ...], look: Look
) -> Iterator[Line]:
    lines = rows(columns, metrics, look)
    grid = fit(fields(columns, metrics), lines, shown.title, look.room, look.ellipsis)
    yield grid.heading(shown.title)
    for column, line in zip(columns, lines, strict=True):
        yield grid.line(line)
        if not shown.passed:
            yield from _below(column, grid.keys, grid.indent + GAP, look)


def _legend(columns: tuple[Column, ...], look: Look) -> Iterator[Line]:
    """Yield what the marks beside the scores mean, for those that are there."""
    for status in LEVELS:
        reached = thresholds(columns, status)
        if reached:
            margin = Styled(f"{MARKS[status]} ", STATUS_STYLES[status])
            text = f"{VERDICTS[status]} at {joined(reached, DOT, look)}"
            yield from paragraph(text, look, margin=margin, style=QUIET)


def _configured(report: Report, look: Look) -> Iterator[Line]:
    """Yield which settings a configuration file gave."""
    if keys := configured(report):
        more = len(keys) - _MOST_SETTINGS
        shown = keys[:_MOST_SETTINGS] + ([f"and {more:,} more"] if more > 0 else [])
        text = f"{settings_file(report)} sets {joined(shown, ',', look)}"
        yield from paragraph(text, look, margin=Styled(""), style=QUIET)


def _segments(report: Report, look: Look) -> Iterator[Iterator[Line]]:
    """Yield the sections on segments, where these were asked for."""
    if report.segments is not None:
        yield segments.lines(report.segments, look)
        yield segments.decompositions(report.segments, look)


def _below(column: Column, placed: frozenset[str], indent: str, look: Look) -> Iterator[Line]:
    """Yield the reasons for a column's status, and a clock's face for a timestamp."""
    margin = Styled(indent)
    extra = joined(unplaced(column, placed), ",", look)
    both = "; ".join(part for part in (why(column, notes=look.show_all), extra) if part)
    if both:
        yield from paragraph(both, look, margin=margin)
    for label, clock in (("hour of day", column.hour_of_day), ("weekday", column.weekday)):
        if clock is not None:
            yield from _clock(label, clock, margin, look)


def _clock(label: str, clock: Clock, margin: Styled, look: Look) -> Iterator[Line]:
    before, after = draw(clock.baseline, clock.current)
    distance = "" if clock.js_distance is None else f"  js_distance {clock.js_distance:.3f}"
    text = for_terminal(f"{label:<11}  {before} → {after}{distance}", look)
    if len(margin.text) + cell_len(text) <= look.room:
        yield [margin, Styled(text, QUIET)]


def verdict_lines(
    verdict: Verdict, parts: Sequence[str], look: Look, *, word: str = ""
) -> Iterator[Line]:
    """Yield the verdict and the counts, wrapped below the verdict's word."""
    style = STATUS_STYLES[verdict]
    margin = Styled(f"{SIGNS[verdict]} ", style)
    word = word or VERDICTS[verdict]
    text = f"{word}: {joined(parts, DOT, look)}"
    for index, line in enumerate(paragraph(text, look, margin=margin, most=2 * MOST_LINES)):
        if index:
            yield line
        else:
            body = line[1].text
            yield [line[0], Styled(word, style), Styled(body.removeprefix(word))]
