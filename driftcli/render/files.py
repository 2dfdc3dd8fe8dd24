"""Documents written to files, in the format that the suffix names."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path

from driftcli.errors import UsageError
from driftcli.render import FORMATS, SUFFIXES, render
from driftcli.report.documents import Document
from driftcli.writing import write_whole


def save(document: Document, path: str | PathLike[str]) -> None:
    """Write a document to a file, in the format of its suffix, whole or not at all.

    Raises
    ------
    UsageError
        When the suffix names no format of the document, or the file cannot be written.
    """
    target = Path(path)
    write_whole(target, render(document, form_of(target, FORMATS[document.document])))


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
