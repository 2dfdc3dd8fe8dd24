"""Scores as CSV, for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import Any

from driftcli.render import Look
from driftcli.render.escape import spreadsheet_text
from driftcli.report.columns import Column, Score
from driftcli.report.comparison import Report
from driftcli.report.joint import ColumnPair, Joint, PairScore
from driftcli.report.timeline import Cell, Period, PeriodScore, Timeline, TimelineColumn
from driftcli.text import visible

#: The same columns as `Report.to_pandas`.
_HEADER = ("column", "kind", "column_status", *Score.__struct_fields__)
_TIMELINE_HEADER = (
    *("period", "rows", "reference", "column", "kind", "column_status"),
    *PeriodScore.__struct_fields__,
)
_PAIR_HEADER = (
    *("first", "second", "pair_status", "jsd", "margins", "beyond", "lost"),
    *PairScore.__struct_fields__,
)


def table(header: Iterable[str], records: Iterable[Iterable[Any]]) -> str:
    """Return RFC 4180 records below a header.

    An infinite number is `inf`, what is not known is empty. Text from data is visible on one line
    and never a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(map(_cell, record) for record in records)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return spreadsheet_text(visible(value))
    return value.isoformat() if isinstance(value, date) else repr(value)


def render(report: Report, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return a record for each column and metric, whatever the look.

    A column without scores has one record with empty metric fields.
    """
    records = (record for column in report.columns for record in _of_column(column))
    return table(_HEADER, records)


def _of_column(column: Column) -> Iterator[list[Any]]:
    about = [column.name, column.kind, column.status]
    return _records(about, column.scores, Score.__struct_fields__)


def _records(
    about: list[Any], scores: Sequence[Score | PeriodScore | PairScore], fields: Sequence[str]
) -> Iterator[list[Any]]:
    for score in scores:
        infinite = {"value": math.inf} if score.infinite else {}
        yield [*about, *(infinite.get(name, getattr(score, name)) for name in fields)]
    if not scores:
        yield [*about, *(None for _ in fields)]


def render_timeline(timeline: Timeline, look: Look) -> str:  # noqa: ARG001  # as `render`
    """Return a record for each period, column and metric, whatever the look.

    A column that is not compared in a period has one record with empty metric fields.
    """
    records = (
        record
        for at, period in enumerate(timeline.periods)
        for column in timeline.columns
        if column.cells
        for record in _of_cell(period, column, column.cells[at])
    )
    return table(_TIMELINE_HEADER, records)


def _of_cell(period: Period, column: TimelineColumn, cell: Cell) -> Iterator[list[Any]]:
    about = [period.label, period.rows, period.reference, column.name, column.kind, cell.status]
    return _records(about, cell.scores, PeriodScore.__struct_fields__)


def render_joint(joint: Joint, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return a record for each pair and metric, whatever the look.

    Scores of all columns together follow, without names.
    """
    records = (record for pair in joint.pairs for record in _of_pair(pair))
    return table(_PAIR_HEADER, chain(records, _together(joint)))


def _together(joint: Joint) -> Iterator[list[Any]]:
    """Yield a record for each score of all columns together, which is of no pair."""
    for each in joint.judges:
        about = [None, None, each.status, None, None, None, None]
        for score in each.scores:
            yield [*about, *(getattr(score, name, None) for name in PairScore.__struct_fields__)]


def _of_pair(pair: ColumnPair) -> Iterator[list[Any]]:
    about = [*pair.columns, pair.status, pair.jsd, pair.margins, pair.beyond, pair.lost]
    return _records(about, pair.scores, PairScore.__struct_fields__)
