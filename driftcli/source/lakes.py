"""Table formats that are folders of files with a log: Delta, Iceberg, Hudi.

Their folders hold files that the table has no more, so that reading them as loose files counts
rows that were removed.
"""

import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from msgspec import Struct

from driftcli.errors import InputError
from driftcli.text import late, named

_LOGS = {"_delta_log": "Delta", ".hoodie": "Hudi"}
METADATA = "metadata"
HINT = "version-hint.text"
_NUMBER = late(r"v?(\d+)(?:-[0-9a-fA-F-]+)?(?:\.gz)?\.metadata\.json")
_FOLDERS = {**{name: log for log, name in _LOGS.items()}, "Iceberg": METADATA}
#: What Iceberg calls the versions of a table's metadata.
_VERSION = late(r"(v\d+|\d+-[0-9a-fA-F-]+)(\.gz)?\.metadata\.json(\.gz)?|version-hint\.text")
#: Formats whose tables are read; the others are refused.
_READ = ("Delta", "Iceberg")
#: A name with what is asked of a table behind it: a version, a time, a tag.
_DATED = late(r"(?P<root>.*[^/\\@])[/\\]*@(?P<at>[^/\\@]+)", re.DOTALL)


class Table(Struct, frozen=True):
    """A table that lies in a folder of its own.

    Attributes
    ----------
    kind
        Its format: "Delta" or "Iceberg".
    name
        What messages and reports call it: the path as the user gave it, without secrets.
    address
        The folder as the user gave it, without what is asked of the table.
    root, filesystem
        The folder, and where it lies; `filesystem` is None for local ones.
    at
        The version, time, snapshot, tag or branch that is asked for.
    metadata
        Of an Iceberg table, the file that says what it has, where one was named.
    """

    kind: str
    name: str
    address: str
    root: str
    filesystem: Any = None
    at: str | None = None
    metadata: str | None = None

    @property
    def log(self) -> str:
        """The folder that says what the table has."""
        return f"{self.root.rstrip('/')}/{_FOLDERS[self.kind]}"


def dated(path: str) -> tuple[str, str] | None:
    """Return a name's folder and what is asked of the table in it, None where nothing is.

    Examples
    --------
    >>> dated("lake/orders@v41"), dated("lake/orders")
    (('lake/orders', 'v41'), None)
    """
    found = _DATED.fullmatch(path)
    return (found["root"], found["at"]) if found else None


def table_in(path: str, root: str, at: str | None = None) -> Table | None:
    """Return the table that a local folder is, or a file of its metadata, if it can be read.

    Parameters
    ----------
    path
        What the user named.
    """
    if Path(root).is_file():
        found = _of_metadata(root)
        return Table("Iceberg", named(path), root, found, at=at, metadata=root) if found else None
    kind = next((name for log, name in _LOGS.items() if (Path(root) / log).is_dir()), None)
    if kind is None and _has_versions(Path(root) / METADATA):
        kind = "Iceberg"
    return Table(kind, named(path), root, root, at=at) if kind in _READ and kind else None


def remote_table_in(
    path: str, address: str, filesystem: Any, root: str, at: str | None = None
) -> Table | None:
    """Return the table that a folder elsewhere is, or a file of metadata, if it can be read."""
    from pyarrow.fs import FileType

    if found := _of_metadata(root):
        return Table("Iceberg", named(path), address, found, filesystem, at, root)
    place = root.rstrip("/")
    # Of a log, which may have very many entries, it is enough that there is one.
    if filesystem.get_file_info(f"{place}/_delta_log").type == FileType.Directory:
        return Table("Delta", named(path), address, root, filesystem, at)
    inside = _listed(filesystem, f"{place}/{METADATA}")
    if any(_VERSION.fullmatch(PurePosixPath(each).name) for each in inside):
        return Table("Iceberg", named(path), address, root, filesystem, at)
    return None


def is_metadata(path: str) -> bool:
    """Tell whether a file is of an Iceberg table's metadata, by its name."""
    return _of_metadata(path) is not None


def _of_metadata(path: str) -> str | None:
    """Return the folder of the table that a file of metadata is of, or where a copy of it lies."""
    parts = PurePosixPath(path.replace("\\", "/"))
    if parts.name == HINT or not _VERSION.fullmatch(parts.name):
        return None
    return str(parts.parent.parent if parts.parent.name == METADATA else parts.parent)


def newest(names: Iterable[str]) -> str | None:
    """Return the newest of the files of an Iceberg table's metadata, by the number in its name."""
    numbered = [(int(number[1]), name) for name in names if (number := _NUMBER.match(name))]
    return max(numbered, default=(0, None))[1]


def _has_versions(folder: Path) -> bool:
    return folder.is_dir() and any(_VERSION.fullmatch(entry.name) for entry in folder.iterdir())


def refuse_lake(root: str, shown: str) -> None:
    """Raise the error for a local folder that is, or lies in, a table of such a format."""
    folder = Path(root).absolute()
    for each in (folder, *folder.parents):
        for log, name in _LOGS.items():
            if (each / log).is_dir():
                raise _refused(shown, name, f"{each}/{log}")
        if _has_versions(each / METADATA):
            raise _refused(shown, "Iceberg", str(each / METADATA))


def refuse_lake_below(paths: Iterable[str], shown: str) -> None:
    """Raise the error where some of the paths below a folder are the log of such a table."""
    for path in paths:
        parts = PurePosixPath(path.replace("\\", "/")).parts
        for log, name in _LOGS.items():
            if log in parts:
                raise _refused(shown, name, "/".join(parts[: parts.index(log) + 1]))
        if parts[-2:-1] == (METADATA,) and _VERSION.fullmatch(parts[-1]):
            raise _refused(shown, "Iceberg", "/".join(parts[:-1]))


def refuse_remote_lake(filesystem: Any, root: str, shown: str) -> None:
    """Raise the error for a folder elsewhere that lies in a table of such a format."""
    above = [str(each) for each in PurePosixPath(root).parents if str(each) not in (".", "/")]
    names = [f"{each}/{log}" for each in above for log in (*_LOGS, METADATA)]
    if names:
        with ThreadPoolExecutor(len(names), "drift") as pool:
            for inside in pool.map(partial(_listed, filesystem), names):
                refuse_lake_below(inside, shown)


def _listed(filesystem: Any, folder: str) -> list[str]:
    """Return the paths in a folder elsewhere, none where there is no such folder.

    A store is asked once: whether there is a folder takes two requests.
    """
    from pyarrow.fs import FileSelector

    return [i.path for i in filesystem.get_file_info(FileSelector(folder, allow_not_found=True))]


def _refused(shown: str, name: str, log: str) -> InputError:
    what = f"{named(shown)}: part of a table in {name} format ({named(log)}), which cannot be read"
    if name in _READ:
        return InputError(
            f"{what} file by file: its folder also holds files that the table has no more. Name "
            "the table's own folder."
        )
    return InputError(
        f"{what} yet. Its folder also holds files that the table has no more. Write the rows to "
        "compare to files of their own, or give them from Python as an Arrow table."
    )
