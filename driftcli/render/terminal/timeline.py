"""The timeline for a terminal: a heat strip for each column, and since when it drifts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import chain

from driftcli.render import Look
from driftcli.render.escape import name_text
from driftcli.render.figures import extent
from driftcli.render.terminal.grid import LEGIBLE, Field
from driftcli.render.terminal.report import finding_lines, verdict_lines
from driftcli.render.terminal.strips import (
    UNGATED,
    Scale,
    counts,
    grid_lines,
    meanings,
    quiet_row,
    row,
    scale,
    strip,
    strip_axis,
)
from driftcli.render.terminal.text import (
    GAP,
    QUIET,
    Line,
    Styled,
    cell_len,
    fitted,
    for_terminal,
    joined,
    paint,
    paragraph,
    spaced,
)
from driftcli.render.timeline_words import (
    about,
    highest,
    score_words,
    summary_parts,
    when,
    why,
)
from driftcli.render.words import Shortlist, shortlist
from driftcli.report.timeline import Timeline, TimelineColumn
from driftcli.text import visible

_PASSED = "highest scores"
#: Cells of a sign and the blank behind it.
_SIGN = 2
#: Of more periods, a strip is not to be shorter than this for the sake of texts beside it.
_LEGIBLE_STRIP = 24


def render(timeline: Timeline, look: Look) -> str:
    """Return the timeline as lines of at most `look.room` cells, worst column first.

    Strips of more periods than fit show several in one cell, the worst of them.
    """
    selected = shortlist(timeline.columns, look)
    if look.brief:
        return paint(spaced(_in_brief(timeline, selected, look)), color=look.color)
    sections = (
        _header(timeline, look),
        finding_lines(timeline, look),
        _columns(timeline, selected, look),
        verdict_lines(timeline.verdict, summary_parts(timeline, hint=not look.show_all), look),
    )
    return paint(spaced(sections), color=look.color)


def _in_brief(
    timeline: Timeline, selected: Shortlist[TimelineColumn], look: Look
) -> Iterator[Iterator[Line]]:
    """Yield the findings and a line a column, and the verdict."""
    columns = iter(()) if selected.passed else _columns(timeline, selected, look)
    yield chain(finding_lines(timeline, look), columns)
    yield verdict_lines(timeline.verdict, summary_parts(timeline, hint=False), look)


def _header(timeline: Timeline, look: Look) -> Iterator[Line]:
    data = timeline.data
    rows = f" ({extent(data)})"
    source = fitted(for_terminal(visible(data.source), look), look.room - len(rows), look.ellipsis)
    yield [Styled(source, "bold"), Styled(rows, QUIET)]
    for text in about(timeline):
        yield from paragraph(text, look, margin=Styled(""), style=QUIET)


def _columns(timeline: Timeline, selected: Shortlist[TimelineColumn], look: Look) -> Iterator[Line]:
    """Yield the axis and the rows of the periods, and a line for each selected column."""
    columns = [each for each in selected.columns if each.cells]
    if not columns:
        return
    texts = _fitting(timeline, columns, look)
    labels = [period.label for period in timeline.periods]
    by = scale(len(labels), _room(timeline, columns, texts, look))
    strips = [strip(column.cells, timeline.periods, by) for column in columns]
    rows = [
        row(_standing(column), column.name, drawn, {k: v[at] for k, v in texts.items()}, look)
        for at, (column, drawn) in enumerate(zip(columns, strips, strict=True))
    ]
    volume = Styled(counts([period.rows for period in timeline.periods], by), QUIET)
    first = [] if look.brief else [quiet_row("rows", [volume])]

    def below(at: int, keys: Collection[str]) -> str:
        if selected.passed or look.brief or at < len(first):
            return ""
        return _below(columns[at - len(first)], dated="when" in keys)

    fields = _fields(strip_axis(labels, by.length(len(labels))), texts)
    yield from grid_lines(fields, first + rows, selected.title, look, below, GAP)
    if not look.brief:
        yield from _foot(selected, strips, by, look)


def _foot(
    selected: Shortlist[TimelineColumn], strips: Sequence[list[Styled]], by: Scale, look: Look
) -> Iterator[Line]:
    """Yield how many columns are left out, and what the characters of the strips mean."""
    if selected.left_out:
        text = f"+ {len(selected.left_out):,} more (--all shows them)"
        yield from paragraph(text, look, margin=Styled(GAP), style=QUIET)
    yield []
    drawn = (piece.text for shown in strips for piece in shown)
    yield from paragraph(_legend(drawn, by, look), look, margin=Styled(""), style=QUIET)


def _below(column: TimelineColumn, *, dated: bool) -> str:
    """Return what had moved, and when, where that has no place in the row."""
    return "; ".join(part for part in ("" if dated else when(column), why(column)) if part)


def _fitting(timeline: Timeline, columns: list[TimelineColumn], look: Look) -> dict[str, list[str]]:
    """Return the texts beside the strips, by field; fewer where strips would be too short."""
    scores = [score_words(each) if (each := highest(column)) else "" for column in columns]
    dates = [when(column) for column in columns]
    shown = {"when": dates, "score": scores}
    texts = {
        key: [for_terminal(text, look) for text in some] for key, some in shown.items() if any(some)
    }
    least = min(len(timeline.periods), _LEGIBLE_STRIP)
    for key in ("score", "when"):
        if _room(timeline, columns, texts, look) < least:
            texts.pop(key, None)
    return texts


def _room(
    timeline: Timeline, columns: list[TimelineColumn], texts: dict[str, list[str]], look: Look
) -> int:
    """Return how many characters a strip may take beside names and texts."""
    beside = sum(max(map(cell_len, shown)) + len(GAP) for shown in texts.values())
    longest = max(cell_len(_name(column, look)) for column in columns)
    name = max(len(_PASSED), min(longest, LEGIBLE))
    widest = min(len(strip_axis([period.label for period in timeline.periods], 0)), look.room // 2)
    return max(widest, look.room - _SIGN - name - len(GAP) - beside)


def _name(column: TimelineColumn, look: Look) -> str:
    return for_terminal(name_text(column.name), look)


def _fields(axis: str, texts: Collection[str]) -> list[Field]:
    headings = {"when": "when", "score": "highest"}
    beside = [Field(key, headings[key], rank) for rank, key in enumerate(texts, 1)]
    return [Field("strip", axis, 0), *beside]


def _standing(column: TimelineColumn) -> str:
    return UNGATED if column.status == "ok" and not column.gated else column.status


def _legend(drawn: Iterator[str], by: Scale, look: Look) -> str:
    parts = meanings(drawn)
    if by.together > 1:
        parts.append(f"a cell is {by.together:,} periods, the worst of them")
    return joined(parts, ";", look)
