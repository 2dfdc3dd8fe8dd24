"""Runs of checks as text: one module a format, each a function of a run and a look."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from driftcli.render.look import DEFAULT_LOOK, Look
from driftcli.report.run import Run

#: The formats of `drift run --format`, and the module that writes each.
FORMATS: dict[str, str] = {
    "table": "driftcli.render.terminal.run",
    "json": "driftcli.render.json_text",
    "jsonl": "driftcli.render.run.jsonl",
    "prometheus": "driftcli.render.run.prometheus",
}


class Renderer(Protocol):
    """What a module of `FORMATS` offers."""

    def render(self, report: Run, look: Look) -> str:
        """Return the run as text that ends with a line break."""


def render(run: Run, form: str = "table", look: Look = DEFAULT_LOOK) -> str:
    """Return the run in one of `FORMATS`, as text that ends with a line break.

    Text from data is harmless in every format.
    """
    renderer = cast("Renderer", import_module(FORMATS[form]))
    return renderer.render(run, look)
