"""`drift joint`."""

from typing import Annotated, get_args

import typer

from driftcli.cli import options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Filtering, Judging, Showing, Text, settings
from driftcli.cli.timeout import timed
from driftcli.render import FORMATS
from driftcli.report.instruments import Lipschitz

LIPSCHITZ = get_args(Lipschitz)

EPILOG = """\
\b
Examples:
  drift joint base.parquet new.parquet
  drift joint base.csv new.csv --columns price,size,city
  drift joint base.csv new.csv --threshold pair_dependence=0.02
  drift joint base.csv new.csv --witness --discriminator

\b
Exit codes: 0 no drift · 1 drift ·
2 could not tell (no pair judged, bad input or usage)
"""


@command
@timed
def joint(
    baseline: Annotated[
        str,
        typer.Argument(
            help="What the data should look like, as for compare; saved profiles stand for one"
            " side, and those that keep rows (drift profile --keep-rows) for both.",
            metavar="BASELINE",
            show_default=False,
        ),
    ],
    current: options.Current,
    format_: Annotated[str | None, options.format_of(FORMATS["joint"])] = None,
    output: options.Outputs = None,
    show_all: Annotated[
        bool,
        typer.Option(
            "--all", "-a", help="Show the unchanged pairs too.", rich_help_panel=Heading.OUTPUT
        ),
    ] = False,
    showing: Showing = Showing(),
    threshold: Annotated[
        list[str] | None,
        typer.Option(
            "--threshold",
            "-t",
            help="The change from which on a pair drifts: pair_dependence=0.02 (in bits, 0.01 by"
            " default), pair_correlation=0.2 (0.1 by default), joint_jsd and joint_wasserstein of"
            " all together; off, or 0.01:0.05 (warn:drift). May repeat.",
            metavar="METRIC=LEVEL",
            rich_help_panel=Heading.THRESHOLDS,
        ),
    ] = None,
    witness: Annotated[
        bool,
        typer.Option(
            "--witness",
            help="Bound the distance of all numeric columns together from below.",
            rich_help_panel=Heading.TOGETHER,
        ),
    ] = False,
    discriminator: Annotated[
        bool,
        typer.Option(
            "--discriminator",
            help="Have a classifier guess which side rows are of, and judge by what it wins: the"
            " divergence of all columns together is as large at least. Takes scikit-learn.",
            rich_help_panel=Heading.TOGETHER,
        ),
    ] = False,
    critic: Annotated[
        bool,
        typer.Option(
            "--critic",
            help="Have a network tell the sides apart, and judge by what it certifies: the"
            " distance of all numeric columns together is as large at least. Takes PyTorch.",
            rich_help_panel=Heading.TOGETHER,
        ),
    ] = False,
    lipschitz: Annotated[
        str | None,
        typer.Option(
            help=f"How the slope of the critic is held: {', '.join(LIPSCHITZ[:-1])} or"
            f" {LIPSCHITZ[-1]}; {LIPSCHITZ[0]} by default.",
            metavar="WAY",
            callback=options.one_of("--lipschitz", LIPSCHITZ),
            autocompletion=options.completed(LIPSCHITZ),
            rich_help_panel=Heading.TOGETHER,
        ),
    ] = None,
    fail_on: options.FailOnLevel = None,
    strict: options.Strict = False,
    correction: options.CorrectionName = None,
    block: options.Block = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    rename: options.Rename = None,
    rows: Filtering = Filtering(),
    sample: Annotated[
        int | None,
        typer.Option(
            callback=options.at_least(1),
            help="Compare a uniform sample of N rows of each side; 50,000 by default.",
            metavar="N",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    seed: options.Seed = 0,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Judge how pairs of columns depend on each other.

    Sees what no single column shows, such as a price that no longer follows the size. Exits with
    1 when a pair drifted, or all columns together where that was asked, else with 0.
    """
    from driftcli.cli.output import refuse_data, targets, write
    from driftcli.cli.progress import progress_line
    from driftcli.engine import keep_freed_memory
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.joint import check_threshold, instruments, run
    from driftcli.pipeline.selection import Selection

    parsing.check_stdin(baseline, current)
    asked = instruments(
        witness=witness, discriminator=discriminator, critic=critic, lipschitz=lipschitz
    )
    for each in threshold or []:
        if "=" in each:  # without, it is refused by its form
            check_threshold(each.rpartition("=")[0].strip(), f"--threshold {each!r}", asked)
    files, shown = targets(output or [], format_, FORMATS["joint"])
    refuse_data(files, baseline, current)
    judging = Judging(threshold=threshold, fail_on=fail_on, strict=strict, correction=correction)
    configuration = settings(
        config, text, judging, pairs=True, block=block, engine=engine, **rows.overrides()
    )
    selection = Selection(
        columns=parsing.listed(columns),
        exclude=parsing.listed(exclude),
        rename=parsing.renames(rename),
    )
    keep_freed_memory()
    with (
        progress_line() as progress,
        engine_for(configuration, (baseline, current), threads) as used,
    ):
        reading = Reading(sample=sample, seed=seed, threads=threads, progress=progress, engine=used)
        found = run(baseline, current, configuration, selection, reading, asked)
    write(found, files, shown, showing, show_all=show_all)
    return found.exit_code
