"""The report as CSV: a row for every column and metric, for a spreadsheet or a data frame."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from driftcli.render.escape import spreadsheet_text, visible
from driftcli.render.look import Look
from driftcli.report.comparison import Column, Report, Score

if TYPE_CHECKING:
    from driftcli.report.timeline import PeriodScore

COLUMN_FIELDS = ("column", "kind", "column_status")
#: The same columns as `Report.to_pandas`.
HEADER = (*COLUMN_FIELDS, *Score.__struct_fields__)


def render(report: Report, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return one RFC 4180 record for each column and metric, whatever the look.

    An infinite score is `inf`, one that is not defined is empty. A column without scores has one
    record with empty metric fields. Text from data is visible on one line and never a formula.
    """
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for column in report.columns:
        writer.writerows(_records(column))
    return text.getvalue()


def _records(column: Column) -> Iterator[list[str]]:
    about = [spreadsheet_text(visible(column.name)), column.kind, column.status]
    for score in column.scores:
        yield [*about, *(field(score, name) for name in Score.__struct_fields__)]
    if not column.scores:
        yield [*about, *("" for _ in Score.__struct_fields__)]


def field(score: Score | PeriodScore, name: str) -> str:
    """Return a field of a score as CSV has it."""
    if name == "value" and score.infinite:
        return "inf"
    value = getattr(score, name)
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return spreadsheet_text(visible(value))
    return repr(value)
