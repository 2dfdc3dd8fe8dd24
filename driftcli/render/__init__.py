"""Reports as text: one module a format, each a function of a report and a look.

A new format is one module with a `render(report, look)` and one entry in `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from driftcli.render.look import DEFAULT_LOOK, Look
from driftcli.report.comparison import Report
from driftcli.report.digits import rounded

__all__ = ["DETAILED", "FORMATS", "SUFFIXES", "Look", "render"]

#: The formats of `--format`, and the module that writes each; it is imported when asked for.
FORMATS: dict[str, str] = {
    "table": "driftcli.render.terminal.report",
    "json": "driftcli.render.json_text",
    "markdown": "driftcli.render.markdown",
    "csv": "driftcli.render.csv_rows",
    "jsonl": "driftcli.render.jsonl",
    "junit": "driftcli.render.junit",
    "github": "driftcli.render.github",
    "sarif": "driftcli.render.sarif",
    "prometheus": "driftcli.render.prometheus",
    "html": "driftcli.render.html",
}
#: The formats of files by their suffix.
SUFFIXES: dict[str, str] = {
    ".json": "json",
    ".jsonl": "jsonl",
    ".md": "markdown",
    ".csv": "csv",
    ".txt": "table",
    ".xml": "junit",
    ".sarif": "sarif",
    ".prom": "prometheus",
    ".html": "html",
}
#: The formats that show the details of columns: reports for them are made with details.
DETAILED = frozenset({"html"})


class Renderer(Protocol):
    """What a module of `FORMATS` offers."""

    def render(self, report: Report, look: Look) -> str:
        """Return the report as text that ends with a line break."""


def render(report: Report, form: str = "table", look: Look = DEFAULT_LOOK) -> str:
    """Return the report in one of `FORMATS`, as text that ends with a line break.

    Text from data is harmless in every format, and the result can always be encoded as UTF-8.
    Figures have the digits of the JSON document, so that one that was stored looks the same.

    Parameters
    ----------
    report
        What to show.
    form
        A name in `FORMATS`.
    look
        Width, colour and completeness. Each format takes of it what means something there.

    Raises
    ------
    ValueError
        When `form` is no format.
    """
    if form not in FORMATS:
        raise ValueError(f"no format {form!r}; there are {', '.join(FORMATS)}")
    renderer = cast("Renderer", import_module(FORMATS[form]))
    return renderer.render(rounded(report), look)
