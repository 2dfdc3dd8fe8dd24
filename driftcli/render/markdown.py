"""Reports and timelines as GitHub-flavoured Markdown, for a pull request's comment or a summary."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from driftcli.render import Look, instrument_words, joint_words, segment_words, timeline_words
from driftcli.render.escape import markdown_code, markdown_text, sentence, short_name, shortened
from driftcli.render.figures import change, extent, noise_text, score_text, share
from driftcli.render.score_words import LEVELS, MARKS, mark, thresholds, unplaced
from driftcli.render.terminal.bars import EMPTY, draw
from driftcli.render.terminal.strips import NO_ROWS, Scale, meanings, scale, strip
from driftcli.render.words import (
    LONGEST_TEXT,
    MISSING,
    SIGNS,
    UNGATED_SIGN,
    VERDICTS,
    WAIVED_SIGN,
    Shortlist,
    acceptance,
    is_waived,
    left_out,
    metrics_shown,
    missing_matters,
    select_findings,
    shortlist,
    sign,
    summary_parts,
    verdict_word,
    why,
)
from driftcli.report.columns import Column, Score
from driftcli.report.comparison import Dataset, Finding, Report
from driftcli.report.joint import ColumnPair, Joint, PairScore
from driftcli.report.segments import Segments
from driftcli.report.timeline import Timeline, TimelineColumn
from driftcli.text import visible

#: Signs that stand out between a code host's own.
_EMOJI = {
    SIGNS["drift"]: "❌",
    SIGNS["warn"]: "⚠️",
    SIGNS["inconclusive"]: "❔",
    SIGNS["ok"]: "✅",
    SIGNS["skipped"]: "➖",
    UNGATED_SIGN: "⚪",
    WAIVED_SIGN: "☑️",
}
_LONGEST_SOURCE = 120
#: Characters of a strip: a page is as wide as its reader's window.
_STRIP = 60
#: What stands for no rows: blanks in a code span may be lost.
_NO_ROWS = "–"


def render(report: Report, look: Look) -> str:
    """Return a heading with the verdict, the counts, the findings and a table of the columns."""
    shown = shortlist(report.columns, look)
    return _page(
        f"## {_EMOJI[SIGNS[report.verdict]]} {verdict_word(report).capitalize()}",
        markdown_text(" · ".join(summary_parts(report, hint=False))),
        f"{_side(report.baseline)} → {_side(report.current)}",
        _findings(report, look),
        _columns(shown, metrics_shown(report), look),
        left_out(shown.left_out),
        _legend(shown.columns),
        *(_segments(report.segments, look) if report.segments else ()),
    )


def _page(*blocks: str) -> str:
    """Return the blocks that say something, an empty line between them."""
    return "\n\n".join(filter(None, blocks)) + "\n"


def _side(side: Dataset) -> str:
    return f"{markdown_code(shortened(visible(side.source), _LONGEST_SOURCE))} ({extent(side)})"


def _findings(report: Report | Timeline | Joint, look: Look) -> str:
    """Return a line of a list for each finding."""
    listed, rest = select_findings(report, look)
    return "\n".join([*map(_finding, listed), *([f"- {rest}"] if rest else [])])


def _finding(finding: Finding) -> str:
    symbol = WAIVED_SIGN if is_waived(finding) else SIGNS[finding.status]
    accepted = acceptance(finding)
    lead = f"{_text(accepted)}; " if accepted else ""
    return f"- {_EMOJI[symbol]} {lead}{_message(finding)}"


def _message(finding: Finding) -> str:
    """Return a finding's message, the column that it names in backticks as code."""
    before, named, after = finding.message.partition(f"`{finding.column}`")
    code = _name(finding.column) if named and finding.column is not None else ""
    return _text(before) + (code or _text(named)) + _text(after)


def _text(text: str) -> str:
    return markdown_text(shortened(sentence(text), LONGEST_TEXT))


def _name(text: str) -> str:
    """Return a column's name as code, visible and not too long."""
    return markdown_code(short_name(text))


def _table(head: Sequence[str], rows: Iterable[Iterable[str]], right: Sequence[str] = ()) -> str:
    """Return a table; columns named in `right` hold numbers."""
    rule = ["--:" if each in right else "---" for each in head]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def _columns(selected: Shortlist[Column], metrics: tuple[str, ...], look: Look) -> str:
    """Return a row for each column that has something to say, as in the terminal."""
    columns = selected.columns
    if not columns:
        return ""
    shown = tuple(metric for metric in metrics if any(c.score(metric) for c in columns))
    placed = (*shown, MISSING) if missing_matters(columns) else shown
    scores = [markdown_text(metric) for metric in placed]
    head = ["", selected.title, "kind", *scores, "baseline", "current", "why"]
    return _table(head, (_cells(each, placed, notes=look.show_all) for each in columns), scores)


def _cells(column: Column, placed: tuple[str, ...], *, notes: bool) -> Iterator[str]:
    yield _EMOJI[sign(column)]
    yield _name(column.name)
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


def _segments(found: Segments, look: Look) -> Iterator[str]:
    """Yield a heading, the mix, and tables of the segments and of what explains the whole."""
    heading = segment_words.heading(found)
    yield f"### {markdown_text(heading[:1].upper() + heading[1:])}"
    yield f"{_EMOJI[SIGNS[found.mix.status]]} {markdown_text(segment_words.mix(found))}"
    shown, rest = segment_words.selected(found, look)
    rows = [
        [
            _EMOJI[SIGNS[each.status]],
            markdown_code(segment_words.name(each.label)),
            markdown_text(segment_words.extent(each)),
            markdown_text(segment_words.columns(each)),
        ]
        for each in shown
    ]
    yield _table(["", "segment", "rows", "columns"], rows) if rows else ""
    yield markdown_text(rest)
    parts, more = segment_words.parts(found, look)
    head = ["drifted", "metric", "score", "= mix", "+ within", "mix share", "mostly within"]
    texts = [[markdown_code(each.name), *map(markdown_text, each[1:])] for each in parts]
    yield _table(head, texts) if texts else ""
    yield more


def render_timeline(timeline: Timeline, look: Look) -> str:
    """Return a heading with the verdict, the counts, the findings and a table of the columns."""
    selected = shortlist(timeline.columns, look)
    by = scale(len(timeline.periods), _STRIP)
    strips = [_strip(column, timeline, by) for column in selected.columns]
    about = markdown_text("; ".join(timeline_words.about(timeline)))
    return _page(
        f"## {_EMOJI[SIGNS[timeline.verdict]]} {VERDICTS[timeline.verdict].capitalize()}",
        markdown_text(" · ".join(timeline_words.summary_parts(timeline, hint=False))),
        f"{_side(timeline.data)}: {about}",
        _findings(timeline, look),
        _timeline_columns(timeline, selected, strips),
        f"+ {len(selected.left_out):,} more" if selected.left_out else "",
        markdown_text(_strip_legend(strips, by)),
    )


def _strip(column: TimelineColumn, timeline: Timeline, by: Scale) -> str:
    if not column.cells:
        return ""
    drawn = "".join(piece.text for piece in strip(column.cells, timeline.periods, by))
    return drawn.replace(NO_ROWS, _NO_ROWS)


def _timeline_columns(
    timeline: Timeline, selected: Shortlist[TimelineColumn], strips: list[str]
) -> str:
    if not selected.columns:
        return ""
    first, last = timeline.periods[0].label, timeline.periods[-1].label
    head = ["", selected.title, f"{first} to {last}", "highest", "when", "why"]
    return _table(head, map(_timeline_cells, selected.columns, strips))


def _timeline_cells(column: TimelineColumn, drawn: str) -> Iterator[str]:
    score = timeline_words.highest(column)
    yield _EMOJI[sign(column)]
    yield _name(column.name)
    yield f"`{drawn}`" if drawn else ""
    yield markdown_text(timeline_words.score_words(score)) if score else ""
    yield markdown_text(timeline_words.when(column))
    yield markdown_text(shortened(timeline_words.why(column), LONGEST_TEXT))


def _strip_legend(strips: list[str], by: Scale) -> str:
    parts = meanings(iter(strips))
    if _NO_ROWS in "".join(strips):
        parts.append(f"{_NO_ROWS} no rows")
    if by.together > 1:
        parts.append(f"a cell is {by.together:,} periods, the worst of them")
    return "; ".join(parts)


def render_joint(joint: Joint, look: Look) -> str:
    """Return a heading with the verdict, the counts and a table of the pairs."""
    selection = joint_words.select(joint, look)
    title = "highest scores" if selection.passed else "pair"
    head = ["", title, "dependence, bits", "correlation", "lost", "why"]
    rows = [list(_pair_cells(pair)) for pair in selection.pairs]
    unpaired = ", ".join(joint_words.unpaired(joint, look))
    return _page(
        f"## {_EMOJI[SIGNS[joint.verdict]]} {VERDICTS[joint.verdict].capitalize()}",
        markdown_text(" · ".join(joint_words.summary_parts(joint, hint=False))),
        f"{_side(joint.baseline)} → {_side(joint.current)}",
        _findings(joint, look),
        _table(head, rows, head[2:5]) if rows else "",
        f"+ {selection.left_out:,} more" if selection.left_out else "",
        "\n".join(map(_instrument, instrument_words.said(joint))),
        markdown_text(f"in no pair: {unpaired}") if unpaired else "",
    )


def _instrument(said: instrument_words.Said) -> str:
    sign = f"{_EMOJI[SIGNS[said.status]]} " if said.status else ""
    return f"- {sign}**{said.name}**: {markdown_text(' · '.join(said.parts))}"


def _pair_cells(pair: ColumnPair) -> Iterator[str]:
    yield _EMOJI[joint_words.sign(pair)]
    yield " × ".join(map(_name, pair.columns))
    yield _bold(joint_words.dependence(pair), joint_words.score(pair, "pair_dependence"))
    yield _bold(joint_words.correlation(pair), joint_words.score(pair, "pair_correlation"))
    yield markdown_text(share(pair.lost))
    yield _text(joint_words.why(pair))


def _bold(text: str, score: PairScore | None) -> str:
    sign = MARKS.get(score.status, "") if score else ""
    return f"**{markdown_text(text)}** {sign}" if sign else markdown_text(text)
