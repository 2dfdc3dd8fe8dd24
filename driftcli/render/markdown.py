"""The report as GitHub-flavoured Markdown, for a pull request's comment or a step summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from driftcli.render import segments_markdown
from driftcli.render.escape import markdown_code, markdown_text, sentence, shortened, visible
from driftcli.render.figures import change, extent, noise_text, score_text
from driftcli.render.look import Look
from driftcli.render.terminal.bars import EMPTY, draw
from driftcli.render.words import (
    LEVELS,
    MARKS,
    MISSING,
    SIGNS,
    UNGATED_SIGN,
    WAIVED_SIGN,
    acceptance,
    is_waived,
    mark,
    metrics_shown,
    missing_matters,
    select,
    select_findings,
    sign,
    summary_parts,
    thresholds,
    unplaced,
    verdict_word,
    why,
)
from driftcli.report.comparison import Column, Dataset, Finding, Report, Score

if TYPE_CHECKING:
    from driftcli.report.timeline import Timeline

#: Signs that stand out between a code host's own.
EMOJI = {
    SIGNS["drift"]: "❌",
    SIGNS["warn"]: "⚠️",
    SIGNS["inconclusive"]: "❔",
    SIGNS["ok"]: "✅",
    SIGNS["skipped"]: "➖",
    UNGATED_SIGN: "⚪",
    WAIVED_SIGN: "☑️",
}
LONGEST_NAME = 60
LONGEST_SOURCE = 120
LONGEST_TEXT = 600


def render(report: Report, look: Look) -> str:
    """Return a heading with the verdict, the counts, the findings and a table of the columns."""
    selection = select(report, look)
    blocks = (
        [f"## {EMOJI[SIGNS[report.verdict]]} {verdict_word(report).capitalize()}"],
        [markdown_text(" · ".join(summary_parts(report, hint=False)))],
        [f"{_side(report.baseline)} → {_side(report.current)}"],
        findings(report, look),
        _table(selection.columns, metrics_shown(report), look, passed=selection.passed),
        [selection.left_out] if selection.left_out else [],
        [_legend(selection.columns)],
        *_segments(report, look),
    )
    texts = ("\n".join(block) for block in blocks)
    return "\n\n".join(text for text in texts if text) + "\n"


def _segments(report: Report, look: Look) -> Iterator[list[str]]:
    if report.segments is not None:
        for block in segments_markdown.blocks(report.segments, look, EMOJI.__getitem__):
            yield [block]


def _side(side: Dataset) -> str:
    return f"{markdown_code(shortened(visible(side.source), LONGEST_SOURCE))} ({extent(side)})"


def findings(report: Report | Timeline, look: Look) -> Iterator[str]:
    """Yield a line of a list for each finding."""
    listed, rest = select_findings(report, look)
    for finding in listed:
        symbol = WAIVED_SIGN if is_waived(finding) else SIGNS[finding.status]
        accepted = acceptance(finding)
        lead = f"{_text(accepted)}; " if accepted else ""
        yield f"- {EMOJI[symbol]} {lead}{_message(finding)}"
    if rest:
        yield f"- {rest}"


def _message(finding: Finding) -> str:
    """Return a finding's message, the column that it names in backticks as code."""
    before, named, after = finding.message.partition(f"`{finding.column}`")
    code = markdown_code(name(finding.column)) if named and finding.column is not None else ""
    return _text(before) + (code or _text(named)) + _text(after)


def _text(text: str) -> str:
    return markdown_text(shortened(sentence(text), LONGEST_TEXT))


def name(text: str) -> str:
    """Return a column's name, visible and not too long."""
    return shortened(visible(text), LONGEST_NAME) or "''"


def _table(
    columns: tuple[Column, ...], metrics: tuple[str, ...], look: Look, *, passed: bool
) -> Iterator[str]:
    """Yield a row for each column that has something to say, as in the terminal."""
    if not columns:
        return
    shown = tuple(metric for metric in metrics if any(c.score(metric) for c in columns))
    placed = (*shown, MISSING) if missing_matters(columns) else shown
    title = "highest scores" if passed else "column"
    yield row(["", title, "kind", *map(markdown_text, placed), "baseline", "current", "why"])
    yield row(["---", "---", "---", *("--:" for _ in placed), "---", "---", "---"])
    for column in columns:
        yield row(_cells(column, placed, notes=look.show_all))


def row(cells: Iterable[str]) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cells)} |"


def _cells(column: Column, placed: tuple[str, ...], *, notes: bool) -> Iterator[str]:
    yield EMOJI[sign(column)]
    yield markdown_code(name(column.name))
    yield column.kind
    for metric in placed:
        score = column.score(metric)
        text = _missing(column) if metric == MISSING else score_text(score)
        yield _marked(text, score)
    yield from _bars(column)
    extra = ", ".join(unplaced(column, placed))
    parts = (why(column, notes=notes), extra)
    yield markdown_text(shortened("; ".join(part for part in parts if part), LONGEST_TEXT))


def _missing(column: Column) -> str:
    return change(column.baseline.missing, column.current.missing)


def _marked(text: str, score: Score | None) -> str:
    text = markdown_text(text)
    shown = f"**{text}** {mark(score)}" if mark(score) else text
    beside = "" if score is None or score.metric == MISSING else noise_text(score)
    return f"{shown} ({beside})" if beside else shown


def _bars(column: Column) -> Iterator[str]:
    """Yield both sides' bars; code spans lose blanks at their ends, so that these are dots."""
    shape = column.distribution
    bars = draw(shape.baseline, shape.current, ordered=not shape.labels) if shape else ("", "")
    for side in bars:
        yield f"`{side.replace(EMPTY, '·')}`" if side else ""


def _legend(columns: tuple[Column, ...]) -> str:
    reached = ((status, thresholds(columns, status)) for status in LEVELS)
    parts = [
        f"{MARKS[level]} {level} at {' · '.join(scores)}" for level, scores in reached if scores
    ]
    if any(score.noise is not None for column in columns for score in column.scores):
        parts.append("in brackets what chance alone reaches")
    return markdown_text("; ".join(parts))
