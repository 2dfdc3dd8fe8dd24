"""Documents written to files, in the format that the suffix names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from os import PathLike
from pathlib import Path

from driftcli.errors import UsageError
from driftcli.render import SUFFIXES
from driftcli.writing import write_whole


def save(
    path: str | PathLike[str], formats: Collection[str], rendered: Callable[[str], str]
) -> None:
    """Write a file whole or not at all: what `rendered` returns for the format of its suffix.

    Raises
    ------
    UsageError
        When the suffix names none of `formats`, or the file cannot be written.
    """
    target = Path(path)
    write_whole(target, rendered(form_of(target, formats)))


def form_of(path: Path, formats: Collection[str], suffixes: Mapping[str, str] = SUFFIXES) -> str:
    """Return the format that the suffix of a file names.

    Raises
    ------
    UsageError
        When it names none of `formats`.
    """
    form = suffixes.get(path.suffix.lower())
    if form is None or form not in formats:
        known = ", ".join(suffix for suffix, each in suffixes.items() if each in formats)
        named = f"no format has the suffix {path.suffix!r}" if path.suffix else "has no suffix"
        raise UsageError(f"{path}: {named}; known: {known}")
    return form
