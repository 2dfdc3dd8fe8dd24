"""`drift calibrate`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.cli import history_store, options, parsing
from driftcli.cli.command import command
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Text, settings
from driftcli.errors import UsageError
from driftcli.pipeline import calibrating
from driftcli.render import FORMATS
from driftcli.writing import write_whole

if TYPE_CHECKING:
    from driftcli.calibration import Calibration, LearningRule
    from driftcli.config import Configuration

EPILOG = """\
\b
Examples:
  drift calibrate history.parquet --time ts --every 1d --dry-run
  drift calibrate 2025-01.csv 2025-02.csv 2025-03.csv 2025-04.csv
  drift calibrate base.parquet --splits 30 --output drift.toml
  drift calibrate --from-history orders --dry-run
"""

_SPLITS = 20


@command
def calibrate(
    baseline: Annotated[
        list[str] | None,
        typer.Argument(
            help="The past: one dataset, as for compare, to be cut into periods; or one dataset a"
            " period, at least three.",
            metavar="BASELINE...",
            show_default=False,
        ),
    ] = None,
    time: Annotated[
        str | None,
        typer.Option(
            help="Cut the dataset into periods of this time column.",
            metavar="COLUMN",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option(
            help="The length of a period, 1d by default: a number and h, d, w (from Monday) or mo.",
            metavar="LENGTH",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    splits: Annotated[
        int | None,
        typer.Option(
            callback=options.at_least(3),
            help="Without a time column, cut one dataset into this many random parts; 20 by"
            " default.",
            metavar="N",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    from_history: Annotated[
        str | None,
        typer.Option(
            help="Learn from the scores that runs of this check recorded, and write to its table.",
            metavar="CHECK",
            rich_help_panel=Heading.HISTORY,
        ),
    ] = None,
    with_drifted: Annotated[
        bool,
        typer.Option(
            "--with-drifted",
            help="Learn from runs that drifted or warned, too: false alarms.",
            rich_help_panel=Heading.HISTORY,
        ),
    ] = False,
    store: history_store.Store = None,
    seed: Annotated[
        int,
        typer.Option(
            callback=options.at_least(0),
            help="The seed of --splits, 0 by default.",
            show_default=False,
            metavar="N",
            rich_help_panel=Heading.INPUT,
        ),
    ] = 0,
    warn_quantile: Annotated[
        float,
        typer.Option(
            help="Of new periods, the share to stay below the warn level.",
            metavar="Q",
            rich_help_panel=Heading.THRESHOLDS,
        ),
    ] = 0.99,
    drift_quantile: Annotated[
        float,
        typer.Option(
            help="Of new periods, the share to stay below the drift level.",
            metavar="Q",
            rich_help_panel=Heading.THRESHOLDS,
        ),
    ] = 0.999,
    floor: Annotated[
        float,
        typer.Option(
            help="The lowest threshold to set, as a multiple of the one in force.",
            metavar="X",
            rich_help_panel=Heading.THRESHOLDS,
        ),
    ] = 0.5,
    min_rows: Annotated[
        int | None,
        typer.Option(
            callback=options.at_least(1),
            help="Leave out periods of fewer rows; by default a fifth of the median, at least 30.",
            metavar="N",
            rich_help_panel=Heading.INPUT,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print what was learnt and write nothing.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    format_: Annotated[
        str | None,
        options.format_of(
            FORMATS["calibration"],
            "Prints what was learnt; --dry-run does so anyway, as a table.",
            default="",
        ),
    ] = None,
    show_all: Annotated[
        bool,
        typer.Option(
            "--all",
            "-a",
            help="Show the thresholds that do not change, too.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            help="The file to write or update: the configuration in force, or drift.toml.",
            metavar="FILE",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = None,
    config: options.Config = None,
    columns: options.Columns = None,
    exclude: options.Exclude = None,
    where: options.DataWhere = None,
    text: Text = Text(),
    engine: options.Engine = None,
    threads: options.Threads = None,
) -> int:
    """Learn thresholds from history, and write them to drift.toml.

    Each past period is scored against all others, as new data will be against all of them. What
    a check recorded are scores against its own baselines.
    """
    from driftcli.calibration import (
        LearningRule,
        TomlFile,
        entries,
        learn,
        learn_recorded,
        uncalibrated,
    )
    from driftcli.cli.progress import progress_line
    from driftcli.engine import in_order, keep_freed_memory
    from driftcli.pipeline.elsewhere import engine_for
    from driftcli.pipeline.inputs import Reading
    from driftcli.pipeline.selection import Selection

    shown = format_ or ("table" if dry_run else None)
    check_source(baseline, from_history, output, with_drifted=with_drifted)
    check_ways(baseline or [], time, every, splits)
    rule = LearningRule(warn_quantile, drift_quantile, floor)
    check_rule(rule)
    configuration = settings(config, text, where=parsing.condition(where), engine=engine)
    check = from_history
    in_force = configuration if check is None else calibrating.configured(configuration, check)
    inside = () if check is None else ("checks", check)
    path = _target(output, configuration)
    file = TomlFile.at(path, inside)
    before = file if configuration.path is None else TomlFile.at(configuration.path, inside)
    judged = uncalibrated(in_force.settings, before.calibrated)
    selection = Selection(columns=parsing.listed(columns), exclude=parsing.listed(exclude))
    if check is None:
        keep_freed_memory()
        periods = calibrating.Past(time, every or "1d", splits or _SPLITS, seed, min_rows)
        with (
            progress_line() as progress,
            engine_for(configuration, baseline or (), threads) as used,
        ):
            reading = Reading(threads=threads, progress=progress, engine=used)
            reference = calibrating.read(baseline or [], configuration, selection, periods, reading)
        learnt = learn(
            reference, judged, rule, file.hand_set, in_order=partial(in_order, threads=threads)
        )
    else:
        with history_store.open_store(store, configuration) as history:
            found = calibrating.recorded(history, check, selection, with_drifted=with_drifted)
        set_by_hand = calibrating.either(file, TomlFile.at(path))
        learnt = learn_recorded(found, judged, rule, set_by_hand, min_rows=min_rows)
    _show(learnt, shown, show_all=show_all)
    if not dry_run:
        made = list(entries(learnt))
        write_whole(path, file.with_entries(made))
        _tell(learnt, path, len(made))
    return 0


def _target(output: str | None, configuration: Configuration) -> Path:
    from driftcli.cli.output import checked

    path = configuration.path or Path("drift.toml")
    if path.parent == Path.cwd():
        path = Path(path.name)
    return checked(str(path) if output is None else output)


def _show(learnt: Calibration, format_: str | None, *, show_all: bool) -> None:
    from driftcli.cli.output import show

    if format_ is not None:
        show(learnt, format_, show_all=show_all)


def _tell(learnt: Calibration, path: Path, count: int) -> None:
    from driftcli.cli.output import tell_configured
    from driftcli.render.figures import counted

    kept = sum(each.outcome == "kept" for each in learnt.thresholds)
    by_hand = f", {kept} kept as set by hand" if kept else ""
    tell_configured(path, f": {counted(count, 'threshold')} from {learnt.way}{by_hand}")


def check_source(
    baseline: list[str] | None,
    check: str | None,
    output: str | None,
    *,
    with_drifted: bool,
) -> None:
    """Refuse a past that is named twice or not at all, and options of the other kind."""
    if check is None:
        if not baseline:
            raise UsageError("name the past: a dataset, files, or a check with --from-history")
        if with_drifted:
            raise UsageError("--with-drifted is about runs; name their check with --from-history")
        return
    if baseline:
        raise UsageError("--from-history takes the place of BASELINE; give one")
    if output is not None:
        raise UsageError("--from-history writes to the configuration that has the check; no -o")


def check_ways(
    baseline: list[str], time: str | None, every: str | None, splits: int | None
) -> None:
    """Refuse ways to cut the past that do not go together; recorded runs are not cut."""
    if not baseline and any(each is not None for each in (time, every, splits)):
        raise UsageError("--time, --every and --splits cut data; recorded runs are as they are")
    if time is not None and splits is not None:
        raise UsageError("--time and --splits are two ways to cut a dataset; give one")
    if every is not None and time is None:
        raise UsageError("--every cuts by a time column; name it with --time")
    if len(baseline) > 1 and (time is not None or splits is not None):
        way = "--splits" if time is None else "--time"
        raise UsageError(f"{way} cuts one dataset; name several files by a glob or a directory")


def check_rule(rule: LearningRule) -> None:
    """Refuse quantiles and a floor out of range."""
    for name, share in (("warn", rule.warn_quantile), ("drift", rule.drift_quantile)):
        if not 0 < share < 1:
            raise UsageError(f"--{name}-quantile {share:g}: must lie between 0 and 1")
    if rule.warn_quantile > rule.drift_quantile:
        raise UsageError("--warn-quantile must not lie above --drift-quantile")
    if not 0 <= rule.floor < float("inf"):
        raise UsageError(f"--floor {rule.floor:g}: must be a number of at least 0")
