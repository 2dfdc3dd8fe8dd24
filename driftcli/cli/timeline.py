"""`drift timeline`."""

from __future__ import annotations

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Judging, Showing, Text, settings
from driftcli.cli.timeout import timed
from driftcli.render import FORMATS

EPILOG = """\
\b
Examples:
  drift timeline sales.parquet --time ts --every 1d
  drift timeline sales.parquet --time ts --baseline 2025-01-01..2025-03-31
  drift timeline sales.parquet --time ts --baseline base.profile --last 1
  drift timeline sales.parquet --time ts --every 1h --against season:7d -f csv

\b
Exit codes: 0 no drift · 1 drift in a period ·
2 could not tell (nothing judged, bad input or usage)
"""


def _ways(start: str) -> list[str]:
    from driftcli.comparison.timeline.plan import WAYS

    return [name for name in WAYS if name.startswith(start)]


@command
@timed
def timeline(
    data: Annotated[
        str, typer.Argument(help="The dataset, as for compare.", metavar="DATA", show_default=False)
    ],
    time: Annotated[
        str,
        typer.Option(
            help="The time column; rows may come in any order.",
            metavar="COLUMN",
            show_default=False,
            rich_help_panel=Heading.PERIODS,
        ),
    ],
    every: Annotated[
        str,
        typer.Option(
            help="The length of a period: a number and h, d, w (from Monday) or mo.",
            metavar="LENGTH",
            rich_help_panel=Heading.PERIODS,
        ),
    ] = "1d",
    window: Annotated[
        str | None,
        typer.Option(
            help="Compare rolling windows of this length, one ending with each period.",
            metavar="LENGTH",
            rich_help_panel=Heading.PERIODS,
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            help="What each period is compared with: first (the default), previous, season:7d (the"
            " one 7 days before), or the baseline.",
            metavar="WAY",
            autocompletion=_ways,
            rich_help_panel=Heading.PERIODS,
        ),
    ] = None,
    baseline: Annotated[
        str | None,
        typer.Option(
            help="Compare with this: a span of the same data, as 2025-01-01..2025-03-31 (either"
            " end may be left out), another dataset, or a saved profile.",
            metavar="BASELINE",
            rich_help_panel=Heading.PERIODS,
        ),
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            help="Cut instants by the clock of a zone, such as Europe/Berlin; in UTC by default.",
            metavar="ZONE",
            rich_help_panel=Heading.PERIODS,
        ),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option(
            callback=options.at_least(1),
            help="Judge and show only the last N periods; all are read.",
            metavar="N",
            rich_help_panel=Heading.PERIODS,
        ),
    ] = None,
    format_: Annotated[str | None, options.format_of(FORMATS["timeline"])] = None,
    output: options.Outputs = None,
    show_all: options.ShowAll = False,
    showing: Showing = Showing(),
    judging: Judging = Judging(),
    block: options.Block = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    rename: options.Rename = None,
    where: options.RowsWhere = None,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Compare the periods of a dataset, and date each change.

    Prints a heat strip of each column and exits with 1 when one drifted in a period, else with 0.
    """
    from driftcli.cli.output import refuse_data, targets, write
    from driftcli.cli.progress import progress_line
    from driftcli.comparison.timeline.plan import TimeColumn, plan
    from driftcli.engine import keep_freed_memory
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.selection import Selection
    from driftcli.pipeline.timeline import run

    parsing.check_stdin(data, baseline or "")
    files, shown = targets(output or [], format_, FORMATS["timeline"])
    refuse_data(files, data, baseline or "")
    given = baseline is not None
    asked = plan(TimeColumn(time, timezone), every, window, against, last, baseline=given)
    configuration = settings(
        config, text, judging, where=parsing.condition(where), block=block, engine=engine
    )
    selection = Selection(
        columns=parsing.listed(columns),
        exclude=parsing.listed(exclude),
        rename=parsing.renames(rename),
    )
    keep_freed_memory()
    with progress_line() as progress, engine_for(configuration, (data, baseline), threads) as used:
        reading = Reading(threads=threads, progress=progress, engine=used)
        found = run(data, configuration, selection, asked, reading, baseline=baseline)
    write(found, files, shown, showing, show_all=show_all)
    return found.exit_code
