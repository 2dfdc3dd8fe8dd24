"""Timelines as text: one module a format, each a function of a timeline and a look."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from driftcli.render.look import DEFAULT_LOOK, Look
from driftcli.report.digits import rounded
from driftcli.report.timeline import Timeline

#: The formats of `drift timeline --format`, and the module that writes each.
FORMATS: dict[str, str] = {
    "table": "driftcli.render.terminal.timeline",
    "json": "driftcli.render.json_text",
    "markdown": "driftcli.render.timeline.markdown",
    "csv": "driftcli.render.timeline.csv_rows",
    "html": "driftcli.render.html.timeline",
}


class Renderer(Protocol):
    """What a module of `FORMATS` offers."""

    def render(self, report: Timeline, look: Look) -> str:
        """Return the timeline as text that ends with a line break."""


def render(timeline: Timeline, form: str = "table", look: Look = DEFAULT_LOOK) -> str:
    """Return the timeline in one of `FORMATS`, as text that ends with a line break.

    Text from data is harmless in every format, and figures have the digits of the JSON document.
    """
    renderer = cast("Renderer", import_module(FORMATS[form]))
    return renderer.render(rounded(timeline), look)
