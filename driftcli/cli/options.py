"""Options that several commands share."""

from pathlib import Path
from typing import Annotated, Any

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        help="Read settings from this drift.toml or pyproject.toml. Without it DRIFT_CONFIG names"
        " one, or the nearest one upwards from the working directory is used.",
        metavar="FILE",
        rich_help_panel="Settings",
    ),
]
Delimiter = Annotated[
    str | None,
    typer.Option(
        help="What stands between the fields; guessed when not given. '\\t' is a tab.",
        metavar="CHAR",
        rich_help_panel="Reading text files",
    ),
]
Quote = Annotated[
    str | None,
    typer.Option(
        help="What quotes a field, '\"' by default; '' for nothing.",
        metavar="CHAR",
        rich_help_panel="Reading text files",
    ),
]
Decimal = Annotated[
    str | None,
    typer.Option(
        help="The decimal sign, '.' by default.",
        metavar="CHAR",
        rich_help_panel="Reading text files",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        help="The encoding, utf-8 by default; a byte order mark wins.",
        metavar="NAME",
        rich_help_panel="Reading text files",
    ),
]
Null = Annotated[
    list[str] | None,
    typer.Option(
        "--null",
        help="A text that means a missing value, beside the empty field: NA, NULL, -. May repeat.",
        metavar="TEXT",
        rich_help_panel="Reading text files",
    ),
]
Debug = Annotated[
    bool, typer.Option("--debug", help="Show the traceback of an error.", hidden=True)
]


def reading(
    delimiter: str | None,
    quote: str | None,
    decimal: str | None,
    encoding: str | None,
    null: list[str] | None,
) -> dict[str, Any]:
    """Return the overrides of the options for reading text files."""
    return {
        "read.delimiter": "\t" if delimiter == "\\t" else delimiter,
        "read.quote": quote,
        "read.decimal": decimal,
        "read.encoding": encoding,
        "read.null": null or None,
    }
