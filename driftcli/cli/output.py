"""Where reports go: standard output, or files that are written whole or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from driftcli.render import Look, render
from driftcli.writing import unwritable, write_whole

if TYPE_CHECKING:
    from pathlib import Path

    from driftcli.cli.settings import Showing
    from driftcli.cli.targets import Target
    from driftcli.profile.dataset import DatasetProfile
    from driftcli.report.comparison import ProfileSummary, Report
    from driftcli.report.run import Run
    from driftcli.report.timeline import Timeline

#: Wide enough for all columns of the table when nothing says how wide the reader's page is.
_PIPED_WIDTH = 120
#: No terminal is wider, and a table that is pads its lines for nothing.
_WIDEST = 10_000


def write_profile(
    profile: DatasetProfile, path: Path, *, points: int | None, redacted: bool = False
) -> None:
    """Write a profile to a file, with at most `points` points a column, and say so on stderr."""
    from driftcli.pipeline.comparing import salt
    from driftcli.profile.saved import POINTS, file_of
    from driftcli.render.escape import visible
    from driftcli.render.figures import counted

    write_whole(path, file_of(profile, points or POINTS, salt=salt() if redacted else None))
    what = f"{counted(len(profile.types), 'column')} of {counted(profile.rows, 'row')}"
    tell_written(path, f": {what}; `drift show {visible(str(path))}` prints it")


def tell_written(path: Path, more: str = "") -> None:
    """Say on stderr that a file was written, and `more` of it behind its name; a device is none."""
    import typer

    from driftcli.render.escape import visible
    from driftcli.writing import is_device

    if not is_device(path):
        typer.echo(f"drift: wrote {visible(str(path))}{more}", err=True)


def write_timeline(
    timeline: Timeline,
    files: Sequence[Target],
    format_: str | None,
    showing: Showing,
    *,
    show_all: bool,
) -> None:
    """Write the timeline to the files, and to standard output in `format_`."""
    from driftcli.render import timeline as forms

    shown = _unless_quiet(format_, timeline.exit_code, showing)
    _write(partial(forms.render, timeline), files, shown, showing, show_all=show_all)


def _unless_quiet(format_: str | None, exit_code: int, showing: Showing) -> str | None:
    return None if showing.quiet and not exit_code else format_


def write_run(
    run: Run,
    files: Sequence[Target],
    format_: str | None,
    showing: Showing,
    *,
    show_all: bool,
) -> None:
    """Write a run of checks to the files, and to standard output in `format_`.

    When quiet, nothing goes to standard output if all is well, and what is wrong otherwise.
    """
    from msgspec import structs

    from driftcli.render import run as forms

    _write(partial(forms.render, run), files, None, showing, show_all=show_all)
    if showing.quiet:
        run = structs.replace(run, checks=tuple(each for each in run.checks if each.exit_code))
    if run.checks:
        _write(partial(forms.render, run), (), format_, showing, show_all=show_all)


def _write(
    rendered: Callable[[str, Look], str],
    files: Sequence[Target],
    format_: str | None,
    showing: Showing,
    *,
    show_all: bool,
) -> None:
    """Write what is rendered in a format and with a look to the files and standard output."""
    for target in files:
        write_whole(target.path, rendered(target.format, Look(show_all=show_all)))
        if not showing.quiet:
            tell_written(target.path)
    if format_ == "table":
        look = terminal_look(showing.color, show_all=show_all, brief=showing.brief)
        emit_table(rendered(format_, look))
    elif format_:
        emit(rendered(format_, Look(show_all=show_all)))


def write_report(
    report: Report,
    files: Sequence[Target],
    format_: str | None,
    showing: Showing,
    *,
    show_all: bool,
) -> None:
    """Write the report to the files, and to standard output in `format_`.

    On standard output, `github` writes the files that a step of GitHub Actions has, too.
    """
    shown = _unless_quiet(format_, report.exit_code, showing)
    _write(partial(render, report), files, shown, showing, show_all=show_all)
    if format_ == "github":
        from driftcli.cli.github import tell_github

        written = next((file.path for file in files if file.format == "json"), None)
        tell_github(report, written, show_all=show_all)


def show_explanation(report: Report, format_: str, color: str | None) -> None:
    """Write the explanation of a report's one column to standard output, as a table or JSON."""
    if format_ == "json":
        emit(render(report, "json"))
        return
    from driftcli.render.terminal import explain

    emit_table(explain.render(report, terminal_look(color)))


def show_summary(
    summary: ProfileSummary, format_: str, color: str | None, *, show_all: bool
) -> None:
    """Write the summary of a dataset to standard output, as a table or JSON."""
    if format_ == "json":
        from driftcli.render import json_text

        emit(json_text.render(summary, Look()))
        return
    from driftcli.render.terminal import summary as table

    emit_table(table.render(summary, terminal_look(color, show_all=show_all)))


def terminal_look(color: str | None = None, *, show_all: bool = False, brief: bool = False) -> Look:
    """Return how a report looks best on this standard output; `color` is "always" or "never"."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    width = os.environ.get("COLUMNS", "")
    if terminal and not width.isdecimal():
        width = str(os.get_terminal_size(sys.stdout.fileno()).columns)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Look(
        show_all=show_all,
        width=min(int(width), _WIDEST) if width.isdecimal() and int(width) else _PIPED_WIDTH,
        color=color == "always" or (color is None and terminal and not plain),
        brief=brief,
        ascii_only=not _can_print("✗▁█→"),
        timed=terminal,
    )


def _encoding() -> str:
    """Return what the reader of standard output understands."""
    return getattr(sys.stdout, "encoding", None) or "utf-8"


def _can_print(text: str) -> bool:
    try:
        text.encode(_encoding())
    except UnicodeEncodeError:
        return False
    return True


def emit_table(text: str) -> None:
    """Write to standard output what people read, in what it understands."""
    emit(text, encoding=_encoding())


def emit(text: str, *, encoding: str = "utf-8") -> None:
    """Write to standard output; a reader that has gone away has seen enough.

    What other programs read is UTF-8 with its own line ends, whatever the terminal's are.

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    if sys.stdout is None:  # closed by who started us
        return
    try:
        if buffer := getattr(sys.stdout, "buffer", None):
            buffer.write(text.encode(encoding, "backslashreplace"))
        else:
            sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        # Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise unwritable("standard output", error) from error
