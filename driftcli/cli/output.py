"""Where documents go: standard output, or files in formats, refused before any work."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from driftcli.errors import UsageError, nearest
from driftcli.render import DETAILED, FORMATS, SUFFIXES, Look, render
from driftcli.render.files import before_colon, form_of
from driftcli.writing import is_device, is_same, unwritable, write_whole

if TYPE_CHECKING:
    from driftcli.cli.settings import Showing
    from driftcli.profile.dataset import DatasetProfile
    from driftcli.report.comparison import Report
    from driftcli.report.documents import Document
    from driftcli.report.joint import Joint
    from driftcli.report.run import Run
    from driftcli.report.timeline import Timeline
    from driftcli.source.objects import Place

#: Wide enough for all columns of the table when nothing says how wide the reader's page is.
_PIPED_WIDTH = 120
#: No terminal is wider, and a table that is pads its lines for nothing.
_WIDEST = 10_000


#: Where something is written: a file, or an object of a store.
Output: TypeAlias = "Path | Place"


class Target(Struct, frozen=True):
    """A file or an object to write, and the format to write it in."""

    path: Output
    format: str


def targets(
    outputs: Sequence[str], format_: str | None, formats: Collection[str] = FORMATS["report"]
) -> tuple[list[Target], str | None]:
    """Return the files to write, and the format for standard output (None: nothing goes there).

    `FORMAT:FILE` writes a file beside standard output, `FILE` instead of it, in the format that is
    asked for or that its suffix names; a device takes a table.

    Raises
    ------
    UsageError
        When there is no such format, a file cannot be written, two formats have the same one, or a
        format needs a package that is not there.
    """
    if format_ is not None and format_ not in formats:
        raise UsageError(f"--format {format_!r}: {nearest(format_, formats)}")
    files: list[Target] = []
    instead = False
    for output in outputs:
        name, colon, path = output.partition(":")
        if output in ("", "-"):
            raise UsageError(f"--output {output!r}: name a file; without one the report is printed")
        if colon and name in formats:
            if not path:
                raise UsageError(f"--output {output!r}: name a file, as in {name}:FILE")
            files.append(Target(placed(path), name))
        elif before_colon(output):
            raise UsageError(f"--output {output!r}: {_no_format(output, formats)}")
        else:
            file = placed(output)
            files.append(Target(file, format_ or _form_of(file, formats)))
            instead = True
    if len({file.path for file in files}) < len(files):
        raise UsageError("--output: the same file is named twice; each report needs its own")
    shown = None if instead else format_ or "table"
    return files, shown


def _no_format(output: str, formats: Collection[str]) -> str:
    name = output.partition(":")[0]
    meant = SUFFIXES.get(f".{name.lower()}", name.lower())
    hint = f"did you mean {meant!r}?" if meant in formats else nearest(meant, formats)
    return f"no format {name!r} (a file of this name is {'./' + output!r}); {hint}"


def _form_of(path: Output, formats: Collection[str]) -> str:
    if not isinstance(path, Path):
        return form_of(Path(path.path), formats)
    # /dev/stdout is a file where it is redirected to one.
    device = is_device(path) or path.is_relative_to("/dev")
    return "table" if device else form_of(path, formats)


def asked(files: Sequence[Target], shown: str | None) -> set[str]:
    """Return the formats that are asked for."""
    return {file.format for file in files} | ({shown} if shown else set())


def want_details(files: Sequence[Target], shown: str | None) -> bool:
    """Return whether a format that is asked for shows the details of columns."""
    return not DETAILED.isdisjoint(asked(files, shown))


def placed(name: str) -> Output:
    """Return where a file or an object is to be written; refuse what cannot be before any work.

    Raises
    ------
    DriftError
        When it cannot be.
    """
    from driftcli.source.remote import is_address

    if before_colon(name):
        raise UsageError(
            f"--output {name!r}: no format can be chosen here;"
            f" a file of this name is {'./' + name!r}"
        )
    if not is_address(name):
        return checked(name)
    from driftcli.source.objects import place_at

    place = place_at(name, "--output")
    return checked(place.path) if place.is_local else place


def checked(name: str) -> Path:
    """Return the path of a file to write; what cannot be written is refused before any work.

    Raises
    ------
    UsageError
        When it cannot be.
    """
    path = Path(name)
    if not name or name == "-":
        raise UsageError(f"--output {name!r}: name a file")
    try:
        if path.is_dir():
            raise UsageError(f"--output {name}: this is a directory; name a file in it")
        if not path.parent.is_dir():
            raise UsageError(f"--output {name}: there is no directory '{path.parent}'; make it")
        if not os.access(path if is_device(path) else path.parent, os.W_OK):
            raise UsageError(f"--output {name}: no permission to write there; name another place")
    except OSError as error:  # the name is too long
        raise unwritable(path, error) from error
    return path


def _is_of(path: Output, name: str) -> bool:
    return is_same(path, name) if isinstance(path, Path) else path.is_of(name)


def _whole_name(path: Output | None = None) -> str:
    """Return the name of a file wherever it is asked for; empty for none."""
    return str(path.absolute() if isinstance(path, Path) else path or "")


def write_at(path: Output, content: str | bytes) -> None:
    """Write a file or an object, whole or not at all."""
    if isinstance(path, Path):
        write_whole(path, content)
    else:
        path.write(content)


def refuse_to_replace(path: Output, data: Sequence[str]) -> None:
    """Refuse to write a profile over the data it is made of; a profile may be brought up to date.

    Raises
    ------
    UsageError
        When the path is that of data.
    """
    from driftcli.profile.saved import SUFFIX

    for name in data:
        if not name.endswith(SUFFIX) and _is_of(path, name):
            raise UsageError(f"--output {path}: this is the data; name another file")


def refuse_data(files: Sequence[Target], *data: str) -> None:
    """Refuse to write a report over the data it is about: both may be CSV.

    Raises
    ------
    UsageError
        When the path of a file is that of data.
    """
    for file in files:
        for name in data:
            if _is_of(file.path, name):
                raise UsageError(f"--output {file.path}: this is the data; name another file")


def write_profile(
    profile: DatasetProfile, path: Output, *, points: int | None, redacted: bool = False
) -> None:
    """Write a profile to a file, with at most `points` points a column, and say so on stderr."""
    from driftcli.pipeline.comparing import salt
    from driftcli.profile.saved import POINTS, file_of
    from driftcli.render.figures import counted
    from driftcli.text import visible

    write_at(path, file_of(profile, points or POINTS, salt=salt() if redacted else None))
    what = f"{counted(len(profile.types), 'column')} of {counted(profile.rows, 'row')}"
    if profile.kept:
        blocks = counted(profile.kept.rows.size, "block")
        what += f", in {blocks} by {visible(profile.kept.called)}"
    if profile.rows_kept and not redacted:
        what += f", with {counted(profile.rows_kept.keys.size, 'row')} kept"
    tell_written(path, f": {what}; `drift show {shlex.quote(visible(str(path)))}` prints it")


def tell(message: str) -> None:
    """Say something on stderr, if there is something to say."""
    import typer

    if message:
        typer.echo(f"drift: {message}", err=True)


def tell_written(path: Output, more: str = "") -> None:
    """Say on stderr that a file was written, and `more` of it behind its name; a device is none."""
    import typer

    from driftcli.text import visible

    if not isinstance(path, Path) or not is_device(path):
        typer.echo(f"drift: wrote {visible(str(path))}{more}", err=True)


def tell_configured(path: Path, more: str = "") -> None:
    """Say on stderr that a configuration was written, and how to see what it sets."""
    from driftcli.text import visible

    found = path.name in ("drift.toml", "pyproject.toml")
    named = "" if found else f" --config {visible(str(path))}"
    tell_written(path, f"{more}; `drift config{named}` shows what is in force")


def write(
    document: Report | Timeline | Joint | Run,
    files: Sequence[Target],
    form: str | None,
    showing: Showing,
    *,
    show_all: bool,
) -> None:
    """Write a document to the files, and to standard output in a format (None: nothing goes there).

    When quiet, standard output has nothing of what is well. On it, `github` writes the files that
    a step of GitHub Actions has, too.
    """
    for target in files:
        write_at(target.path, render(document, target.format, Look(show_all=show_all)))
        if not showing.quiet:
            tell_written(target.path)
    loud = _alarming(document) if showing.quiet else document
    if loud and form:
        show(loud, form, color=showing.color, show_all=show_all, brief=showing.brief)
    if form == "github":
        from driftcli.cli.github import tell_github
        from driftcli.report.comparison import Report
        from driftcli.report.joint import Joint

        assert isinstance(document, Report | Joint)  # no others have the format
        written = [file.path for file in files if file.format == "json"]
        tell_github(document, _whole_name(*written[:1]), show_all=show_all)


def _alarming(document: Report | Timeline | Joint | Run) -> Document | None:
    """Return what is not well of a document: of a run, the checks that are not."""
    from msgspec import structs

    from driftcli.report.run import Run

    if not document.exit_code:
        return None
    if isinstance(document, Run):
        wrong = tuple(each for each in document.checks if each.exit_code)
        return structs.replace(document, checks=wrong)
    return document


def show(
    document: Document,
    form: str,
    *,
    color: str | None = None,
    show_all: bool = False,
    brief: bool = False,
) -> None:
    """Write a document to standard output; a table as it looks best there."""
    if form == "table":
        look = terminal_look(color, show_all=show_all, brief=brief)
        emit_table(render(document, form, look))
    else:
        emit(render(document, form, Look(show_all=show_all)))


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
