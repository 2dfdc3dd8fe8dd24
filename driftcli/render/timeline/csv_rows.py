"""The timeline as CSV: a row for every period, column and metric."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from driftcli.render.csv_rows import field
from driftcli.render.escape import spreadsheet_text, visible
from driftcli.render.look import Look
from driftcli.report.timeline import Cell, Period, PeriodScore, Timeline, TimelineColumn

HEADER = (
    *("period", "rows", "reference", "column", "kind", "column_status"),
    *PeriodScore.__struct_fields__,
)


def render(report: Timeline, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return one RFC 4180 record for each period, column and metric, whatever the look.

    An infinite score is `inf`, what is not known is empty. A column that is not compared in a
    period has one record with empty metric fields.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for at, period in enumerate(report.periods):
        for column in report.columns:
            if column.cells:
                writer.writerows(_records(period, column, column.cells[at]))
    return text.getvalue()


def _records(period: Period, column: TimelineColumn, cell: Cell) -> Iterator[list[str]]:
    about = [
        period.label,
        str(period.rows),
        period.reference or "",
        spreadsheet_text(visible(column.name)),
        column.kind,
        cell.status,
    ]
    for score in cell.scores:
        yield [*about, *(field(score, name) for name in PeriodScore.__struct_fields__)]
    if not cell.scores:
        yield [*about, *("" for _ in PeriodScore.__struct_fields__)]
