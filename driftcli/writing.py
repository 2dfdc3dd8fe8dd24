"""Files that are written whole or not at all."""

import os
from pathlib import Path

from driftcli.errors import UsageError
from driftcli.temporary import clear, temporary


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is never seen half-written: temporary file, fsync, rename.

    A link stays and its file is replaced; a device or a pipe is written to as it is.

    Raises
    ------
    UsageError
        When it cannot be written.
    """
    data = content.encode() if isinstance(content, str) else content
    try:
        if is_device(path):
            path.write_bytes(data)
        else:
            _replace(path.resolve(), data)
    except OSError as error:
        raise unwritable(path, error) from error


def is_device(path: Path) -> bool:
    """Return whether a path is something that is no file and no place for one."""
    return path.exists() and not path.is_file()


def is_same(path: Path, name: str) -> bool:
    """Return whether a path and a name are of one file that exists."""
    try:
        return path.samefile(name)
    except OSError:  # one of them is no file, or not yet
        return False


def unwritable(name: str | Path, error: OSError) -> UsageError:
    """Return the error for what the operating system does not let us write."""
    reason = (error.strerror or type(error).__name__).lower()
    return UsageError(f"{name}: cannot be written: {reason}")


def _replace(path: Path, data: bytes) -> None:
    with temporary(path.parent) as made:
        with open(made.descriptor, "wb", closefd=False) as file:
            file.write(data)
            file.flush()
            os.fsync(made.descriptor)
        made.replace(path, _mode(path))
    clear(path.parent)


def _mode(path: Path) -> int:
    """Return the permissions the file has, or those that a new file would get."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
