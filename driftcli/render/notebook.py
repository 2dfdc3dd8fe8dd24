"""A report as a notebook shows it: the verdict, and the columns that changed, in a frame.

A frame keeps the styles of the report from those of the notebook, and has no script.
"""

from __future__ import annotations

from html import escape

from driftcli.render import DEFAULT_LOOK, words
from driftcli.report.comparison import Report
from driftcli.report.timeline import Timeline

#: Pixels of the frame: its head, a line of the table, and at most.
_HEAD, _LINE, _MOST = 250, 52, 620


def report_frame(report: Report) -> str:
    """Return a report as HTML for a notebook, in a frame."""
    from driftcli.render.html.page import document
    from driftcli.render.html.report import digest as shown

    lines = len(words.shortlist(report.columns, DEFAULT_LOOK).columns)
    return _frame(report.verdict, document("notebook.html", shown(report)), lines)


def timeline_frame(timeline: Timeline) -> str:
    """Return a timeline as HTML for a notebook, as `report_frame` does."""
    from driftcli.render.html.page import document
    from driftcli.render.html.timeline import digest as shown

    lines = len(words.shortlist(timeline.columns, DEFAULT_LOOK).columns)
    return _frame(timeline.verdict, document("notebook.html", shown(timeline)), lines)


def _frame(verdict: str, page: str, lines: int) -> str:
    height = min(_MOST, _HEAD + _LINE * lines)
    return (
        f'<iframe title="drift: {words.VERDICTS[verdict]}" sandbox="" width="100%"'
        f' height="{height}" style="border: 0" srcdoc="{escape(page)}"></iframe>\n'
    )
