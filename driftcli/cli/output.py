"""Where reports go: standard output, or files that are written whole or not at all."""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from driftcli.errors import UsageError
from driftcli.render import FORMATS, Look, render
from driftcli.report import Report

_BY_SUFFIX = {".json": "json", ".md": "markdown", ".csv": "csv", ".txt": "table"}
#: Wide enough for all columns of the table when nothing says how wide the reader's page is.
_PIPED_WIDTH = 120
#: No terminal is wider, and a table that is pads its lines for nothing.
_WIDEST = 10_000


@dataclass(frozen=True)
class Target:
    """A file to write, and the format to write it in."""

    path: Path
    format: str


def targets(outputs: Sequence[str], format_: str | None) -> tuple[list[Target], str | None]:
    """Return the files to write, and the format for standard output (None: nothing goes there).

    `FORMAT:FILE` writes a file beside standard output, `FILE` instead of it.

    Raises
    ------
    UsageError
        When a file cannot be written, or two formats have the same one.
    """
    files: list[Target] = []
    instead = False
    for output in outputs:
        name, colon, path = output.partition(":")
        if colon and name in FORMATS:
            files.append(Target(checked(path), name))
        else:
            file = checked(output)
            files.append(Target(file, format_ or _BY_SUFFIX.get(file.suffix.lower(), "table")))
            instead = True
    if len({file.path for file in files}) < len(files):
        raise UsageError("--output: the same file is named twice; each report needs its own")
    return files, None if instead else format_ or "table"


def checked(name: str) -> Path:
    """Return the path of a file to write; what cannot be written is refused before any work.

    Raises
    ------
    UsageError
        When it cannot be.
    """
    path = Path(name)
    if not name or name == "-":
        raise UsageError(f"--output {name!r}: name a file; without one the report is printed")
    try:
        if path.is_dir():
            raise UsageError(f"--output {name}: this is a directory; name a file in it")
        if not path.parent.is_dir():
            raise UsageError(f"--output {name}: there is no directory '{path.parent}'; make it")
        if not os.access(path if _is_device(path) else path.parent, os.W_OK):
            raise UsageError(f"--output {name}: no permission to write there; name another place")
    except OSError as error:  # the name is too long
        raise _unwritable(path, error) from error
    return path


def write_report(
    report: Report, files: Sequence[Target], format_: str | None, *, show_all: bool
) -> None:
    """Write the report to the files, and to standard output in `format_`."""
    for target in files:
        write_whole(target.path, render(report, target.format, Look(show_all=show_all)))
    if format_ == "table":
        emit(render(report, format_, terminal_look(show_all=show_all)), encoding=_encoding())
    elif format_:
        emit(render(report, format_, Look(show_all=show_all)))


def show_explanation(report: Report, format_: str) -> None:
    """Write the explanation of a report's one column to standard output, as a table or JSON."""
    if format_ == "json":
        emit(render(report, "json"))
        return
    from driftcli.render import explain

    emit(explain.render(report, terminal_look()), encoding=_encoding())


def terminal_look(*, show_all: bool = False) -> Look:
    """Return how a report looks best on this standard output."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    width = os.environ.get("COLUMNS", "")
    if terminal and not width.isdecimal():
        width = str(os.get_terminal_size(sys.stdout.fileno()).columns)
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Look(
        show_all=show_all,
        width=min(int(width), _WIDEST) if width.isdecimal() and int(width) else _PIPED_WIDTH,
        color=terminal and not plain,
        ascii_only=not _can_print("✗▁█→"),
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
            raise _unwritable("standard output", error) from error


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is never seen half-written: temporary file, fsync, rename.

    A link stays and its file is replaced; a device or a pipe is written to as it is.

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    try:
        if _is_device(path):
            path.write_bytes(text.encode())
        else:
            _replace(path.resolve(), text.encode())
    except OSError as error:
        raise _unwritable(path, error) from error


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".drift-")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode(path))
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _is_device(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _mode(path: Path) -> int:
    """Return the permissions the file has, or those that a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _unwritable(name: str | Path, error: OSError) -> UsageError:
    reason = (error.strerror or type(error).__name__).lower()
    return UsageError(f"{name}: cannot be written: {reason}")
