"""Documents written to files, in the format that the suffix names."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path, PurePath

from driftcli.errors import UsageError
from driftcli.render import FORMATS, SUFFIXES, render
from driftcli.report.documents import Document
from driftcli.text import safe
from driftcli.writing import without_query, write_to


def save(document: Document, path: str | PathLike[str]) -> None:
    """Write a document to a file or an object of a store, in the format of its suffix.

    Raises
    ------
    UsageError
        When the suffix names no format of the document, or it cannot be written.
    """
    form = form_of(os.fspath(path), FORMATS[document.document])
    write_to(path, render(document, form))


def form_of(
    path: str | Path, formats: Collection[str], suffixes: Mapping[str, str] = SUFFIXES
) -> str:
    """Return the format that the suffix of a file names.

    Raises
    ------
    UsageError
        When it names none of `formats`.
    """
    suffix = PurePath(without_query(str(path))[0]).suffix
    form = suffixes.get(suffix.lower())
    if form is None or form not in formats:
        known = ", ".join(suffix for suffix, each in suffixes.items() if each in formats)
        wrong = f"no format has the suffix {suffix!r}" if suffix else "has no suffix"
        raise UsageError(f"{safe(str(path))}: {wrong}; known: {known}")
    return form
