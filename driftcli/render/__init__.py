"""Documents as text: a function for each kind of document and format, of the document and a look.

A new format is a module with such a function, and an entry in `FORMATS`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from msgspec import Struct

from driftcli.report.digits import rounded

if TYPE_CHECKING:
    from driftcli.report.documents import Document

#: On fewer terminal cells a line of text is no longer legible.
LEAST_WIDTH = 20


class Look(Struct, frozen=True, kw_only=True):
    """How a document is shown, apart from what it says. A format takes what it has a use for.

    Attributes
    ----------
    show_all
        Show the unchanged columns as well, and all of the rest.
    brief
        Give each column, or each check of a run, one line of the table.
    width
        In terminal cells.
    color
        Whether to paint. The text is the same, apart from the ANSI codes.
    ascii_only
        For an encoding that has no block characters; the table and JSON heed it, while Markdown
        and CSV are meant for UTF-8.
    timed
        Say how long work took.
    check
        What a comparison is called where it is one of several.
    """

    show_all: bool = False
    brief: bool = False
    width: int = 100
    color: bool = False
    ascii_only: bool = False
    timed: bool = False
    check: str | None = None

    @property
    def room(self) -> int:
        """The cells a line may take, never fewer than `LEAST_WIDTH`."""
        return max(LEAST_WIDTH, self.width)

    @property
    def ellipsis(self) -> str:
        """What stands for text that is left out."""
        return "..." if self.ascii_only else "…"


DEFAULT_LOOK = Look()

_REPORT = {
    "table": "terminal.report.render",
    "json": "json_text.render",
    "markdown": "markdown.render",
    "csv": "csv_rows.render",
    "jsonl": "json_text.render_lines",
    "junit": "junit.render",
    "github": "github.render",
    "sarif": "sarif.render",
    "prometheus": "prometheus.render",
    "html": "html.report.render",
}
#: The formats of each kind of document, by `Document.document`, and the function that writes each.
FORMATS: dict[str, dict[str, str]] = {
    "report": _REPORT,
    "explanation": _REPORT | {"table": "terminal.explain.render"},
    "timeline": {
        "table": "terminal.timeline.render",
        "json": "json_text.render",
        "markdown": "markdown.render_timeline",
        "csv": "csv_rows.render_timeline",
        "html": "html.timeline.render",
    },
    "joint": {
        "table": "terminal.joint.render",
        "json": "json_text.render",
        "markdown": "markdown.render_joint",
        "csv": "csv_rows.render_joint",
        "jsonl": "json_text.render_joint_lines",
        "junit": "junit.render_joint",
        "github": "github.render_joint",
        "sarif": "sarif.render_joint",
        "prometheus": "prometheus.render_joint",
        "html": "html.joint.render",
    },
    "run": {
        "table": "terminal.run.render",
        "json": "json_text.render",
        "jsonl": "json_text.render_run_lines",
        "prometheus": "prometheus.render_run",
    },
    "profile": {"table": "terminal.summary.render", "json": "json_text.render"},
    "history": {"table": "terminal.history.render", "json": "json_text.render"},
    "calibration": {"table": "terminal.calibration.render", "json": "json_text.render"},
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


def render(document: Document, form: str = "table", look: Look = DEFAULT_LOOK) -> str:
    """Return a document in one of its formats, as text that ends with a line break.

    Text from data is harmless in every format, and the result can always be encoded as UTF-8.
    Figures have the digits of the JSON document, so that one that was stored looks the same.

    Raises
    ------
    ValueError
        When `form` is not among the document's `FORMATS`.
    """
    formats = FORMATS[document.document]
    if form not in formats:
        raise ValueError(f"no format {form!r}; there are {', '.join(formats)}")
    if form != "json":  # which rounds them itself
        document = rounded(document)
    module, _, function = formats[form].rpartition(".")
    written: str = getattr(import_module(f"{__name__}.{module}"), function)(document, look)
    return written
