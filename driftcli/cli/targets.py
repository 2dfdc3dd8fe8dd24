"""Which files a command is to write, and in which formats; refused before any work."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from driftcli.errors import UsageError, nearest
from driftcli.render import DETAILED, FORMATS
from driftcli.render.files import form_of
from driftcli.writing import is_device, is_same, unwritable


@dataclass(frozen=True)
class Target:
    """A file to write, and the format to write it in."""

    path: Path
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
        if colon and name in formats:
            files.append(Target(checked(path), name))
        else:
            file = checked(output)
            files.append(Target(file, format_ or _form_of(file, formats)))
            instead = True
    if len({file.path for file in files}) < len(files):
        raise UsageError("--output: the same file is named twice; each report needs its own")
    shown = None if instead else format_ or "table"
    return files, shown


def _form_of(path: Path, formats: Collection[str]) -> str:
    # /dev/stdout is a file where it is redirected to one.
    device = is_device(path) or path.is_relative_to("/dev")
    return "table" if device else form_of(path, formats)


def asked(files: Sequence[Target], shown: str | None) -> set[str]:
    """Return the formats that are asked for."""
    return {file.format for file in files} | ({shown} if shown else set())


def want_details(files: Sequence[Target], shown: str | None) -> bool:
    """Return whether a format that is asked for shows the details of columns."""
    return not DETAILED.isdisjoint(asked(files, shown))


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
        if not os.access(path if is_device(path) else path.parent, os.W_OK):
            raise UsageError(f"--output {name}: no permission to write there; name another place")
    except OSError as error:  # the name is too long
        raise unwritable(path, error) from error
    return path


def refuse_to_replace(path: Path, data: Sequence[str]) -> None:
    """Refuse to write a profile over the data it is made of; a profile may be brought up to date.

    Raises
    ------
    UsageError
        When the path is that of data.
    """
    from driftcli.profile.saved import SUFFIX

    for name in data:
        if not name.endswith(SUFFIX) and is_same(path, name):
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
            if is_same(file.path, name):
                raise UsageError(f"--output {file.path}: this is the data; name another file")
