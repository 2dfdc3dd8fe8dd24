"""What data was compared: a digest that changes when the data does, without reading it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from driftcli.errors import DriftError
from driftcli.profile.saved import SUFFIX
from driftcli.source.files import File
from driftcli.source.lakes import Table
from driftcli.source.locating import located, log_files


def fingerprint(data: str) -> str | None:
    """Return the SHA-256 over names, sizes and times of change of the files that `data` names.

    That of a saved profile is over its bytes, as a copy of it is the same baseline. None for
    standard input and pipes, which can be read once only, and where the files cannot be listed or
    read. Of a table with a log, it is that of the log's files.
    """
    if data == "-" or Path(data).is_fifo():
        return None
    try:
        found = located(data)
        files = log_files(found) if isinstance(found, Table) else found
        if len(files) == 1 and data.endswith(SUFFIX):
            return hashlib.sha256(files[0].read()).hexdigest()
        return hashlib.sha256(b"".join(_signs(files))).hexdigest()
    except (DriftError, OSError):
        return None


def _signs(files: Sequence[File]) -> Iterator[bytes]:
    changed: Iterator[int | None]
    if files[0].filesystem is None:
        changed = (Path(file.path).stat().st_mtime_ns for file in files)
    else:
        told = files[0].filesystem.get_file_info([file.path for file in files])
        changed = (each.mtime_ns for each in told)
    for file, at in zip(files, changed, strict=True):
        path = file.path if file.filesystem else str(Path(file.path).absolute())
        yield f"{path}\0{file.size}\0{at}\n".encode(errors="surrogateescape")
