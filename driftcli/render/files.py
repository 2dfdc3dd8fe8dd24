"""Documents written to files, in the format that the suffix names."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from os import PathLike
from pathlib import Path, PurePath

from driftcli.errors import UsageError
from driftcli.render import FORMATS, SUFFIXES, render
from driftcli.report.documents import Document
from driftcli.text import safe
from driftcli.writing import without_query, write_to

#: Not of an address (gs://bucket), nor a drive (C:).
_BEFORE_COLON = re.compile(r"([A-Za-z]{2,}):(?!//)")


def before_colon(name: str) -> str | None:
    """Return the word before the colon of a name, which is taken for a format; None without one.

    >>> before_colon("md:report.md"), before_colon("2025-01-31T06:00.md")
    ('md', None)
    """
    found = _BEFORE_COLON.match(name)
    return found[1] if found else None


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
