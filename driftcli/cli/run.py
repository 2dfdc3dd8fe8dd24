"""`drift run`."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from driftcli.cli import options
from driftcli.cli.command import command
from driftcli.cli.history_store import Keeping, folder_of
from driftcli.cli.panels import Heading
from driftcli.cli.settings import Showing, settings
from driftcli.render import FORMATS

if TYPE_CHECKING:
    from datetime import datetime

    from driftcli.checks.planned import PlannedCheck

EPILOG = """\
\b
Examples:
  drift run
  drift run orders 'returns-*' --date 2025-03-01
  drift run --jobs 4 --quiet
  drift run --dry-run

\b
Exit codes, the worst of the checks: 0 no drift · 1 drift ·
2 could not tell (nothing judged, bad input or usage) · 70 a crash of our own
"""


@command
def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Checks of drift.toml, or globs over their names; all of them by default.",
            metavar="NAME...",
            show_default=False,
        ),
    ] = None,
    date: Annotated[
        str | None,
        typer.Option(
            help="Run for a past day, or an hour of it: 2025-03-01, 2025-03-01T05. Now by default.",
            metavar="TIME",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = None,
    jobs: Annotated[
        int,
        typer.Option(
            "--jobs",
            "-j",
            callback=options.at_least(1),
            help="Checks that run side by side, 1 by default; they share the threads.",
            metavar="N",
            show_default=False,
            rich_help_panel=Heading.RUNNING,
        ),
    ] = 1,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Print what would be compared, and read nothing.",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = False,
    format_: Annotated[
        str | None, options.format_of(FORMATS["run"], "jsonl has a line a check, for logs.")
    ] = None,
    output: options.Outputs = None,
    show_all: Annotated[
        bool,
        typer.Option(
            "--all",
            "-a",
            help="Show the reports of all checks, and the unchanged columns.",
            rich_help_panel=Heading.OUTPUT,
        ),
    ] = False,
    showing: Showing = Showing(),
    timeout: Annotated[
        str | None,
        typer.Option(
            help="Stop a check that takes longer, such as 30m, in the place of that in drift.toml.",
            metavar="DURATION",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = None,
    retry: Annotated[
        str | None,
        typer.Option(
            help="Wait so long for data that is not there yet, such as 2h, in the place of that in"
            " drift.toml.",
            metavar="DURATION",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = None,
    always: Annotated[
        bool,
        typer.Option(
            "--always",
            help="Notify although the state of a check did not change.",
            rich_help_panel=Heading.RUNNING,
        ),
    ] = False,
    keeping: Keeping = Keeping(),  # noqa: B008 - frozen
    config: options.Config = None,
    engine: options.Engine = None,
    threads: options.Threads = None,
    debug: options.Debug = False,
) -> int:
    """Run the checks of drift.toml, and exit with the worst code.

    Each check is a line. A check that cannot be done keeps no other from being done. Results are
    kept in the history as they come. Paths are relative to the folder of drift.toml.
    """
    from driftcli.checks.planned import planned_checks
    from driftcli.checks.run import run as run_checks
    from driftcli.cli.output import emit, targets, write

    files, shown = targets(output or [], format_, FORMATS["run"])
    configuration = settings(config, engine=engine, timeout=timeout, retry=retry)
    asked = planned_checks(configuration, names or [], _now(), date)
    if dry_run:
        emit("\n".join(map(_described, asked)))
        return 0
    command = ["drift", "run", *(names or []), *(["--date", date] if date else [])]
    with keeping.open(configuration) as store:
        made = run_checks(
            asked,
            folder_of(configuration),
            store.history,
            where=store.where,
            lost=store.lost,
            command=shlex.join(command),
            jobs=jobs,
            threads=threads,
            notify_on="always" if always else None,
            warn=_warn,
            trace=_warn if debug else _forget,
        )
    write(made, files, shown, showing, show_all=show_all)
    return made.exit_code


def _now() -> datetime:
    from datetime import UTC, datetime

    return datetime.now(UTC)


def _warn(text: str) -> None:
    from driftcli.text import scrubbed, visible

    for line in scrubbed(text).splitlines():
        typer.echo(f"drift: {visible(line)}", err=True)


def _forget(text: str) -> None:
    del text


def _described(planned: PlannedCheck) -> str:
    """Return what a check would compare, in lines."""
    from driftcli.text import safe, visible

    rows = [("baseline", planned.baseline_text), ("current", planned.current)]
    if planned.first_baseline is not None:
        rows.insert(1, ("first", planned.first_baseline))
    rows += [("report", path) for path in planned.written]
    zone = planned.configuration.running.timezone
    head = f"{planned.check}  {planned.moment:%Y-%m-%d %H:%M} {zone}\n"
    return head + "".join(f"  {name:<8}  {visible(safe(text))}\n" for name, text in rows)
