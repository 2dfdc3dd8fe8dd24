"""Files that are written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from driftcli.errors import UsageError


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


def write_to(name: str | os.PathLike[str], content: str | bytes) -> None:
    """Write what a path or the address of an object names, whole or not at all.

    Raises
    ------
    UsageError
        When it cannot be written.
    InputError
        When the store does not let us look at it.
    """
    text = os.fspath(name)
    if "://" not in text:
        write_whole(Path(text), content)
        return
    from driftcli.source.objects import place_at

    place = place_at(text)
    if place.is_local:
        write_whole(Path(place.path), content)
    else:
        place.write(content)


def without_query(name: str) -> tuple[str, str]:
    """Return a path or the address of an object, and the query behind this, `?` included."""
    if "://" not in name:
        return name, ""
    address, mark, query = name.partition("?")
    return address, mark + query


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


#: Of this host, since the locks of others may not be seen on what they share.
_PREFIX = f".drift-{hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]}-"
_NAME = re.compile(re.escape(_PREFIX) + r"[0-9a-f]{12}")


@dataclass
class Temporary:
    """A new file in a folder: `descriptor` is open for writing, and `name` is one nobody has."""

    descriptor: int
    name: Path
    named: bool

    def replace(self, path: Path, mode: int) -> None:
        """Become the file at `path`, at once and whole, with permissions."""
        self._get_name(mode)
        if os.name == "nt":  # an open file has its name for good
            self.close()
        self.name.replace(path)

    def appear(self, path: Path, mode: int) -> None:
        """Become the file at `path`, at once and whole, unless there is one.

        Raises
        ------
        FileExistsError
            When there is one.
        """
        self._get_name(mode)
        os.link(self.name, path)

    def _get_name(self, mode: int) -> None:
        if not self.named:
            # Only with a folder given does Python have the link followed to the open file.
            os.link(f"/proc/self/fd/{self.descriptor}", self.name, src_dir_fd=self.descriptor)
        self.name.chmod(mode)

    def close(self) -> None:
        """Close the file, and with it unlock it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1


@contextmanager
def temporary(folder: Path) -> Iterator[Temporary]:
    """Yield a new file in a folder, which is gone afterwards unless it took another's place."""
    made = _nameless(folder) or _named(folder)
    try:
        yield made
    finally:
        made.name.unlink(missing_ok=True)
        made.close()


def _nameless(folder: Path) -> Temporary | None:
    flags = getattr(os, "O_TMPFILE", None)
    if flags is None or not Path("/proc/self/fd").is_dir():
        return None
    try:
        descriptor = os.open(folder, flags | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    except OSError:  # not on this file system; or not in this folder, as is then told below
        return None
    _lock(descriptor)
    return Temporary(descriptor, _new_name(folder), named=False)


def _named(folder: Path) -> Temporary:
    while True:
        name = _new_name(folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        descriptor = os.open(name, flags, 0o600)
        _lock(descriptor)
        if _is(descriptor, name):
            return Temporary(descriptor, name, named=True)
        os.close(descriptor)  # cleared before it was locked


def _new_name(folder: Path) -> Path:
    return folder / f"{_PREFIX}{secrets.token_hex(6)}"


def _lock(descriptor: int) -> None:
    # A file system, or a whole system, without locks: nothing is cleared there either.
    with suppress(OSError, ModuleNotFoundError):
        from fcntl import LOCK_EX, flock

        flock(descriptor, LOCK_EX)


def _is(descriptor: int, name: Path) -> bool:
    """Return whether a name is of the open file."""
    try:
        return os.path.samestat(os.fstat(descriptor), name.lstat())
    except FileNotFoundError:
        return False


def clear(folder: Path) -> None:
    """Remove the temporary files in a folder that those who wrote them left, being killed."""
    left: list[Path] = []
    with suppress(OSError), os.scandir(folder) as entries:
        left = [Path(entry.path) for entry in entries if _NAME.fullmatch(entry.name)]
    for name in left:
        with suppress(OSError, ModuleNotFoundError):
            _clear(name)


def _clear(name: Path) -> None:
    from fcntl import LOCK_EX, LOCK_NB, flock

    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(name, flags)
    try:
        about = os.fstat(descriptor)
        if stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid():
            flock(descriptor, LOCK_EX | LOCK_NB)
            if _is(descriptor, name):
                name.unlink()
    finally:
        os.close(descriptor)
