"""A column of the report as a row of the terminal table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from driftcli.render import Look
from driftcli.render.escape import name_text, to_ascii
from driftcli.render.figures import MOST_DECIMALS, change, decimals, noise_text, score_text
from driftcli.render.score_words import culprit, mark
from driftcli.render.terminal.bars import draw
from driftcli.render.terminal.grid import Field, Row
from driftcli.render.terminal.text import QUIET, Styled
from driftcli.render.words import MISSING, UNGATED_SIGN, missing_matters, sign
from driftcli.report.columns import Column, Score, Status
from driftcli.report.comparison import Verdict

STATUS_STYLES: dict[Status | Verdict, str] = {
    "drift": "bold red",
    "unjudged": "magenta",
    "warn": "yellow",
    "inconclusive": "magenta",
    "ok": "green",
    "skipped": "dim",
}
#: How far a score that reached no threshold stands out.
PLAIN = ""
_HIGHEST = "highest"
#: Fields of a high rank are left out when there is no room. The score that made the status always
#: has a place; others that reached their threshold are then named below the row, so that a third
#: metric is missed less than the bars.
HIGHEST_RANK, BARS_RANK, MISSING_RANK, KIND_RANK = 0, 2, 4, 8
METRIC_RANKS = (1, 3, 5)
NOISE_RANKS = (6, 7, 9)


def fields(columns: tuple[Column, ...], metrics: tuple[str, ...]) -> Iterator[Field]:
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


def rows(columns: tuple[Column, ...], metrics: tuple[str, ...], look: Look) -> list[Row]:
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
