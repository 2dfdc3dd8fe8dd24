"""Where reports go: standard output, or files that are written whole or not at all."""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from driftcli.errors import UsageError
from driftcli.render import FORMATS, Look, render
from driftcli.report import Report

_BY_SUFFIX = {".json": "json", ".md": "markdown", ".csv": "csv", ".txt": "table"}
#: Wide enough for all columns of the table when nothing says how wide the reader's page is.
_PIPED_WIDTH = 120


@dataclass(frozen=True)
class Target:
    """A file to write, and the format to write it in."""

    path: Path
    format: str


def targets(outputs: list[str], format_: str | None) -> tuple[list[Target], str | None]:
    """Return the files to write, and the format for standard output (None: nothing goes there).

    `FORMAT:FILE` writes a file beside standard output, `FILE` instead of it.
    """
    files, instead = [], False
    for output in outputs:
        name, colon, path = output.partition(":")
        if colon and name in FORMATS:
            files.append(Target(_checked(path, output), name))
        else:
            path_ = _checked(output, output)
            files.append(Target(path_, format_ or _BY_SUFFIX.get(path_.suffix.lower(), "table")))
            instead = True
    return files, None if instead else format_ or "table"


def _checked(path: str, given: str) -> Path:
    """Refuse what cannot be written before any work is done."""
    target = Path(path)
    if not path:
        raise UsageError(f"--output {given!r}: no file is named")
    if target.is_dir():
        raise UsageError(f"--output {given!r}: this is a directory; name a file in it")
    if not target.parent.is_dir():
        raise UsageError(f"--output {given!r}: there is no directory '{target.parent}'")
    return target


def write_report(
    report: Report, files: list[Target], format_: str | None, *, show_all: bool
) -> None:
    """Write the report to the files, and to standard output in `format_`."""
    for target in files:
        write_whole(target.path, render(report, target.format, Look(show_all=show_all)))
    if format_:
        emit(render(report, format_, terminal_look(show_all=show_all)))


def terminal_look(*, show_all: bool = False) -> Look:
    """Return how a report looks best on this standard output."""
    terminal = sys.stdout.isatty()
    width = os.environ.get("COLUMNS", "")
    if terminal and not width.isdigit():
        width = str(os.get_terminal_size(sys.stdout.fileno()).columns)
    plain = "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb"
    return Look(
        show_all=show_all,
        width=int(width) if width.isdigit() and int(width) else _PIPED_WIDTH,
        color=terminal and not plain,
        ascii_only=not _can_print("✗▁█→", sys.stdout.encoding),
    )


def _can_print(text: str, encoding: str | None) -> bool:
    try:
        text.encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def emit(text: str) -> None:
    """Write to standard output; a reader that has gone away has seen enough."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except UnicodeEncodeError:
        sys.stdout.write(text.encode("ascii", "backslashreplace").decode())
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is never seen half-written: temporary file, fsync, rename.

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(_mode(path))
        Path(temporary).replace(path)
    except BaseException as error:
        Path(temporary).unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UsageError(f"{path}: cannot be written: {error.strerror}") from error
        raise


def _mode(path: Path) -> int:
    """Return the permissions the file has, or those that a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
