"""`drift compare`."""

from typing import Annotated

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Filtering, Judging, Showing, Text, settings
from driftcli.cli.timeout import timed
from driftcli.render import FORMATS

#: Click leaves the lines of a paragraph alone that begins with \\b.
EPILOG = """\
\b
Examples:
  drift compare base.parquet new.parquet
  drift compare 'lake/day=2025-01-*' lake/day=2025-02-01 --exclude '*_id'
  zcat new.csv.gz | drift compare base.csv - --threshold price.wasserstein=0.3
  drift compare base.csv new.csv --output json:report.json --fail-on warn
  drift compare base.parquet new.parquet --by country,device

\b
Exit codes: 0 no drift · 1 drift ·
2 could not tell (nothing judged, bad input or usage)
"""


@command
@timed
def compare(
    baseline: options.Baseline,
    current: options.Current,
    format_: Annotated[str | None, options.format_of(FORMATS["report"])] = None,
    output: options.Outputs = None,
    show_all: options.ShowAll = False,
    showing: Showing = Showing(),
    judging: Judging = Judging(),
    like: options.LikeTool = None,
    by: options.By = None,
    block: options.Block = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    rename: options.Rename = None,
    rows: Filtering = Filtering(),
    footers: options.Footers = False,
    sample: options.Sample = None,
    seed: options.Seed = 0,
    text: Text = Text(),
    details: Annotated[
        bool,
        typer.Option(
            "--details",
            help="Have the JSON report say what moved, as `drift explain`; HTML always does.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Judge how far the current data has drifted from the baseline.

    Prints a report and exits with 0 when nothing drifted, 1 when something did.
    """
    from driftcli.cli.output import refuse_data, targets, want_details, write
    from driftcli.cli.progress import progress_line
    from driftcli.engine import keep_freed_memory
    from driftcli.pipeline.comparing import run
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.selection import Selection

    parsing.check_stdin(baseline, current)
    files, shown = targets(output or [], format_)
    refuse_data(files, baseline, current)
    configuration = settings(
        config,
        text,
        judging,
        like=like,
        by=parsing.listed(by) or None,
        block=block,
        engine=engine,
        **rows.overrides(),
    )
    selection = Selection(
        columns=parsing.listed(columns),
        exclude=parsing.listed(exclude),
        rename=parsing.renames(rename),
    )
    details = details or want_details(files, shown)
    keep_freed_memory()
    with (
        progress_line() as progress,
        engine_for(configuration, (baseline, current), threads) as used,
    ):
        reading = Reading(sample, seed, threads, progress, engine=used, footers=footers)
        report = run(baseline, current, configuration, selection, reading, details=details).report
    write(report, files, shown, showing, show_all=show_all)
    return report.exit_code
