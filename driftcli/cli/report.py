"""`drift report`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.cli import options
from driftcli.cli.command import command
from driftcli.cli.settings import Showing
from driftcli.errors import InputError
from driftcli.render import FORMATS

if TYPE_CHECKING:
    from driftcli.report.comparison import Report
    from driftcli.report.joint import Joint
    from driftcli.report.timeline import Timeline

EPILOG = """\
\b
Examples:
  drift report report.json --output report.html
  drift report report.json --format markdown
  drift report timeline.json --all

\b
Exit codes: 0 rendered, whatever the report says ·
2 could not (bad usage or input)
"""

_MAKE = "drift compare, timeline and joint with --format json write such files"


@command
def report(
    file: Annotated[
        str,
        typer.Argument(
            help="A report, a timeline or pairs in JSON; - reads standard input.",
            metavar="FILE.json",
            show_default=False,
        ),
    ],
    format_: Annotated[
        str | None,
        options.format_of(FORMATS["report"], "Of a timeline or pairs, theirs."),
    ] = None,
    output: options.Outputs = None,
    show_all: options.ShowAll = False,
    showing: Showing = Showing(),
) -> int:
    """Show a stored JSON report again, in any format.

    Renders and does not judge: exits with 0 whatever the verdict in it is.
    """
    from driftcli.cli.output import refuse_data, targets, write

    found = read(file)
    files, shown = targets(output or [], format_, FORMATS[found.document])
    refuse_data(files, file)
    write(found, files, shown, showing, show_all=show_all)
    return 0


def read(name: str) -> Report | Timeline | Joint:
    """Return the report, the timeline or the pairs that a JSON file holds.

    Raises
    ------
    InputError
        When the file cannot be read, or holds anything else.
    """
    import msgspec

    from driftcli.report.comparison import Report
    from driftcli.report.joint import Joint
    from driftcli.report.timeline import Timeline

    class Head(msgspec.Struct):
        schema: str = ""

    records = {
        "drift.report/1": Report,
        "drift.timeline/1": Timeline,
        "drift.joint/1": Joint,
    }
    data = _bytes(name)
    try:
        schema = msgspec.json.decode(data, type=Head).schema
        if schema not in records:
            raise InputError(f"{name}: {_other(schema, list(records))}; {_MAKE}")
        found: Report | Timeline | Joint = msgspec.json.decode(data, type=records[schema])
    except msgspec.ValidationError as error:
        raise InputError(f"{name}: not a report of drift: {error}; {_MAKE}") from error
    except RecursionError as error:
        raise InputError(f"{name}: not a report of drift: nested too deeply; {_MAKE}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: not whole JSON: {error}; write it again") from error
    return found


def _other(schema: str, known: list[str]) -> str:
    """Say what a document is that is none of the known ones."""
    if not schema:
        return "not a report of drift: it has no 'schema'"
    *some, last = known
    return f"its schema is '{schema}', and this version shows {', '.join(some)} and {last}"


def _bytes(name: str) -> bytes:
    if not name:
        raise InputError("a path is empty. Name a JSON report, or - for standard input.")
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"{name}: there is no such file; name a JSON report") from error
    except IsADirectoryError as error:
        raise InputError(f"{name}: this is a directory; name a JSON report in it") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{name}: cannot be read: {error}; name a JSON report") from error
