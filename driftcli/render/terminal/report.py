"""The report for a terminal: what people read, and what they show to others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from driftcli.render import Look
from driftcli.render.escape import name_text, sentence, to_ascii
from driftcli.render.figures import MOST_DECIMALS, change, decimals, noise_text, score_text
from driftcli.render.score_words import LEVELS, MARKS, culprit, doubt, mark, thresholds, unplaced
from driftcli.render.terminal import segments
from driftcli.render.terminal.bars import draw
from driftcli.render.terminal.grid import LEGIBLE, Field, Row, fit
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    MOST_LINES,
    QUIET,
    STATUS_STYLES,
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
    MISSING,
    SIGNS,
    UNGATED_SIGN,
    VERDICTS,
    WAIVED_SIGN,
    Shortlist,
    acceptance,
    configured,
    is_waived,
    left_out,
    metrics_shown,
    missing_matters,
    select_findings,
    settings_file,
    shortlist,
    sign,
    summary_parts,
    verdict_word,
    why,
)
from driftcli.report.columns import Column, Score
from driftcli.report.comparison import Report, Verdict
from driftcli.report.explanation import Clock

if TYPE_CHECKING:
    from driftcli.report.joint import Joint
    from driftcli.report.timeline import Timeline

#: How far a score that reached no threshold stands out.
PLAIN = ""
_HIGHEST = "highest"
#: Fields of a high rank are left out when there is no room. The score that made the status always
#: has a place; others that reached their threshold are then named below the row, so that a third
#: metric is missed less than the bars.
HIGHEST_RANK, BARS_RANK, MISSING_RANK, KIND_RANK = 0, 2, 4, 8
METRIC_RANKS = (1, 3, 5)
NOISE_RANKS = (6, 7, 9)
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


def finding_lines(report: Report | Timeline | Joint, look: Look) -> Iterator[Line]:
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
    lines = _rows(columns, metrics, look)
    grid = fit(_fields(columns, metrics), lines, shown.title, look.room, look.ellipsis)
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


def _fields(columns: tuple[Column, ...], metrics: tuple[str, ...]) -> Iterator[Field]:
    """Yield the fields that the columns have something to show in, from left to right."""
    if any(map(culprit, columns)):
        yield Field(_HIGHEST, _HIGHEST, HIGHEST_RANK)
    yield Field("kind", "kind", KIND_RANK)
    for place, metric in enumerate(metrics):
        if any(column.score(metric) for column in columns):
            # Metrics beyond the third come after everything else.
            known = place < len(METRIC_RANKS)
            rank = METRIC_RANKS[place] if known else NOISE_RANKS[-1] + 2 * place
            yield Field(metric, metric, rank, right=True)
            if any(noise_text(column.score(metric)) for column in columns):
                rank = NOISE_RANKS[place] if known else rank + 1
                yield Field(_noise_key(metric), "noise", rank, right=True, beside=metric)
    if missing_matters(columns):
        yield Field(MISSING, MISSING, MISSING_RANK, right=True)
    if any(column.distribution for column in columns):
        yield Field("baseline", "baseline", BARS_RANK)
        yield Field("current", "current", BARS_RANK)


def _rows(columns: tuple[Column, ...], metrics: tuple[str, ...], look: Look) -> list[Row]:
    """Return a row for each of the columns, with pieces for every possible field."""
    scores = {metric: _scores(columns, metric) for metric in metrics}
    scores |= {_noise_key(metric): _noises(columns, metric) for metric in metrics}
    missing = _missing(columns)
    return [
        _row(
            column,
            {metric: pieces[index] for metric, pieces in scores.items()},
            missing[index],
            look,
        )
        for index, column in enumerate(columns)
    ]


def _row(column: Column, scores: Mapping[str, Styled], missing: Styled, look: Look) -> Row:
    before, after = _bars(column)
    quiet = QUIET if column.status == "skipped" else PLAIN
    pieces = {
        _HIGHEST: Styled(culprit(column), STATUS_STYLES[column.status]),
        "kind": Styled(column.kind, QUIET),
        **scores,
        MISSING: missing,
        "baseline": Styled(before, QUIET),
        "current": Styled(after, STATUS_STYLES[column.status] if column.reasons else PLAIN),
    }
    name = Styled(name_text(column.name), "bold" if column.status == "drift" else quiet)
    symbol = sign(column)
    style = QUIET if symbol == UNGATED_SIGN else STATUS_STYLES[column.status]
    row = Row(Styled(symbol, style), name, pieces)
    return _ascii_row(row) if look.ascii_only else row


def _ascii_row(row: Row) -> Row:
    pieces = {key: _ascii(piece) for key, piece in row.pieces.items()}
    return Row(_ascii(row.sign), _ascii(row.name), pieces)


def _ascii(piece: Styled) -> Styled:
    return piece._replace(text=to_ascii(piece.text))


def _scores(columns: tuple[Column, ...], metric: str) -> list[Styled]:
    """Return a metric's scores with their points below each other."""
    texts = [score_text(column.score(metric)) for column in columns]
    widest = max(map(decimals, texts), default=0)
    if any(mark(column.score(metric)) for column in columns):
        widest = max(widest, MOST_DECIMALS)
    return _marked([text + " " * (widest - decimals(text)) for text in texts], columns, metric)


def _noise_key(metric: str) -> str:
    return f"noise of {metric}"


def _noises(columns: tuple[Column, ...], metric: str) -> list[Styled]:
    """Return the levels that scores of a metric reach without drift, their points aligned."""
    texts = [noise_text(column.score(metric)) for column in columns]
    widest = max(map(decimals, texts), default=0)
    return [Styled(text + " " * (widest - decimals(text)), QUIET) for text in texts]


def _missing(columns: tuple[Column, ...]) -> list[Styled]:
    changes = [change(column.baseline.missing, column.current.missing) for column in columns]
    marks = any(mark(column.score(MISSING)) for column in columns)
    return _marked([text + " " * marks for text in changes], columns, MISSING)


def _marked(texts: list[str], columns: tuple[Column, ...], metric: str) -> list[Styled]:
    """Return the texts with the marks of a metric's scores behind them, if any has one."""
    scores = [column.score(metric) for column in columns]
    slot = max((len(mark(score)) for score in scores), default=0)
    return [
        Styled(text + mark(score).ljust(slot), _score_style(score))
        for text, score in zip(texts, scores, strict=True)
    ]


def _score_style(score: Score | None) -> str:
    return STATUS_STYLES[score.status] if score and mark(score) else QUIET


def _bars(column: Column) -> tuple[str, str]:
    shape = column.distribution
    if shape is None:
        return "", ""
    return draw(shape.baseline, shape.current, ordered=not shape.labels)
