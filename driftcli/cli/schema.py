"""`drift schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from driftcli.cli import options
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.report.schemas import DOCUMENTS


def _listed() -> str:
    """Return the names of the documents, and of the commands that print them if not the same."""
    listed = [
        name if kind.commands == (name,) else f"{name} ({', '.join(kind.commands)})"
        for name, kind in DOCUMENTS.items()
    ]
    return ", ".join(listed)


@command
def schema(
    of: Annotated[
        str,
        typer.Option(
            help=f"Which document, with the command that prints it: {_listed()}.",
            metavar="DOCUMENT",
            callback=options.one_of("--of", DOCUMENTS),
            autocompletion=options.completed(DOCUMENTS),
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = "report",
) -> int:
    """Print the JSON Schema of a report, or of another document."""
    import msgspec

    from driftcli.cli.output import emit
    from driftcli.report.schemas import json_schema

    document = msgspec.json.format(msgspec.json.encode(json_schema(of)), indent=2)
    emit(document.decode() + "\n")
    return 0
