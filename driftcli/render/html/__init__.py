"""The report as one HTML page that opens offline: no file, font or script from elsewhere.

`page` puts the templates, the style and the script together. `sections` says what they show of a
report, from `overview`, `rows`, `panel` and `segments`; `timeline` says it of a timeline. The other
modules draw. All of it is imported when a page is made: Jinja2 takes its time.
"""

from __future__ import annotations

from driftcli.render import Look
from driftcli.report.comparison import Report


def render(report: Report, look: Look) -> str:
    """Return the report as one HTML document.

    All columns are listed. The worst `panel.MOST_PANELS` are drawn, and all with `look.show_all`.
    What `Column.details` hold is drawn where they are there.
    """
    from driftcli.render.html.page import document
    from driftcli.render.html.report import whole

    return document("report.html", whole(report, look))
