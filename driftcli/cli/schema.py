"""`drift schema`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.cli import options
from driftcli.cli.boundary import guarded
from driftcli.cli.panels import Panel
from driftcli.errors import UsageError, nearest

if TYPE_CHECKING:
    from msgspec import Struct


def records() -> dict[str, type[Struct]]:
    """Return the record of each document by its name."""
    from driftcli.report.comparison import DOCUMENTS
    from driftcli.report.history import Trends
    from driftcli.report.run import Run
    from driftcli.report.timeline import Timeline

    return {**DOCUMENTS, "timeline": Timeline, "run": Run, "history": Trends}


def _documents(start: str) -> list[str]:
    return [name for name in records() if name.startswith(start)]


@guarded
def schema(
    of: Annotated[
        str,
        typer.Option(
            help="report (the default), what compare and explain print; profile, what show prints;"
            " timeline; run; or history.",
            metavar="DOCUMENT",
            autocompletion=_documents,
            show_default=False,
            rich_help_panel=Panel.OUTPUT,
        ),
    ] = "report",
    debug: options.Debug = False,
) -> int:
    """Print the JSON Schema of a report, or of another document."""
    del debug
    import msgspec

    from driftcli.cli.output import emit
    from driftcli.report.comparison import schema_of

    known = records()
    if of not in known:
        raise UsageError(f"--of {of!r}: {nearest(of, known)}")
    document = msgspec.json.format(msgspec.json.encode(schema_of(known[of], of)), indent=2)
    emit(document.decode() + "\n")
    return 0
