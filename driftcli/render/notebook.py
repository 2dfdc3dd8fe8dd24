"""A report as a notebook shows it: the verdict, and the columns that changed, in a frame.

A frame keeps the styles of the report from those of the notebook, and has no script.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from importlib.util import find_spec

from driftcli.render import digest
from driftcli.render.escape import shortened, visible
from driftcli.render.look import DEFAULT_LOOK
from driftcli.render.timeline import words
from driftcli.report import Report
from driftcli.report_timeline import Timeline

#: Pixels of the frame: its head, a line of the table, and at most.
_HEAD, _LINE, _MOST = 250, 52, 620
_LONGEST_NAME = 120


def report_frame(report: Report) -> str:
    """Return a report as HTML for a notebook: a frame, or without Jinja2 a plain table."""
    columns = digest.select(report, DEFAULT_LOOK).columns
    if find_spec("jinja2") is None:
        parts = digest.summary_parts(report, hint=False)
        lines = [(each.status, each.name, digest.why(each, notes=False)) for each in columns]
        return _table(digest.headline(report), parts, "why", lines)
    from driftcli.render.html.page import document
    from driftcli.render.html.sections import digest as shown

    return _frame(report.verdict, document("notebook.html", shown(report)), len(columns))


def timeline_frame(timeline: Timeline) -> str:
    """Return a timeline as HTML for a notebook, as `report_frame` does."""
    columns = words.select(timeline, DEFAULT_LOOK).columns
    if find_spec("jinja2") is None:
        parts = words.summary_parts(timeline, hint=False)
        lines = [(each.status, each.name, words.when(each)) for each in columns]
        title = f"{digest.SIGNS[timeline.verdict]} {digest.VERDICTS[timeline.verdict]}"
        return _table(title, parts, "when", lines)
    from driftcli.render.html.page import document
    from driftcli.render.html.timeline import digest as shown

    return _frame(timeline.verdict, document("notebook.html", shown(timeline)), len(columns))


def _frame(verdict: str, page: str, lines: int) -> str:
    height = min(_MOST, _HEAD + _LINE * lines)
    return (
        f'<iframe title="drift: {digest.VERDICTS[verdict]}" sandbox="" width="100%"'
        f' height="{height}" style="border: 0" srcdoc="{escape(page)}"></iframe>\n'
    )


def _table(
    title: str, parts: Iterable[str], last: str, lines: Iterable[tuple[str, str, str]]
) -> str:
    head = f"<p><strong>{title}</strong>: {escape(' · '.join(parts))}</p>"
    rows = [f"<tr><th>status</th><th>column</th><th>{last}</th></tr>"]
    for status, name, text in lines:
        shown = shortened(visible(name), _LONGEST_NAME) or "''"
        cells = (f"<td>{escape(each)}</td>" for each in (status, shown, text))
        rows.append(f"<tr>{''.join(cells)}</tr>")
    return "\n".join([head, "<table>", *rows, "</table>\n"])
