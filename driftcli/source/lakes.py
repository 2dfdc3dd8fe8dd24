"""Table formats that are folders of files with a log: Delta, Iceberg, Hudi.

Their folders hold files that the table has no more, so that reading them as loose files counts
rows that were removed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from driftcli.errors import InputError
from driftcli.text import named

_LOGS = {"_delta_log": "Delta", ".hoodie": "Hudi"}
METADATA = "metadata"
_FOLDERS = {**{name: log for log, name in _LOGS.items()}, "Iceberg": METADATA}
#: What Iceberg calls the versions of a table's metadata.
_VERSION = re.compile(r"(v\d+|\d+-[0-9a-fA-F-]+)(\.gz)?\.metadata\.json(\.gz)?|version-hint\.text")
#: Formats whose tables are read; the others are refused.
_READ = ("Delta",)
#: A name with what is asked of a table behind it: a version, a time, a tag.
_DATED = re.compile(r"(?P<root>.*[^/\\@])[/\\]*@(?P<at>[^/\\@]+)", re.DOTALL)


@dataclass(frozen=True)
class Table:
    """A table that lies in a folder of its own.

    Attributes
    ----------
    kind
        Its format: "Delta".
    name
        What messages and reports call it: the path as the user gave it, without secrets.
    address
        The folder as the user gave it, without what is asked of the table.
    root, filesystem
        The folder, and where it lies; `filesystem` is None for local ones.
    at
        The version, time, tag or branch that is asked for.
    """

    kind: str
    name: str
    address: str
    root: str
    filesystem: Any = None
    at: str | None = None

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
    """Return the table that a local folder is, if it is one that can be read.

    Parameters
    ----------
    path
        What the user named.
    """
    kind = next((name for log, name in _LOGS.items() if (Path(root) / log).is_dir()), None)
    return Table(kind, named(path), root, root, at=at) if kind in _READ and kind else None


def remote_table_in(
    path: str, address: str, filesystem: Any, root: str, at: str | None = None
) -> Table | None:
    """Return the table that a folder elsewhere is, if it is one that can be read."""
    from pyarrow.fs import FileType

    logs = [log for log, name in _LOGS.items() if name in _READ]
    found = filesystem.get_file_info([f"{root.rstrip('/')}/{log}" for log in logs])
    for log, info in zip(logs, found, strict=True):
        if info.type == FileType.Directory:
            return Table(_LOGS[log], named(path), address, root, filesystem, at)
    return None


def refuse_lake(root: str, shown: str) -> None:
    """Raise the error for a local folder that is, or lies in, a table of such a format."""
    folder = Path(root).absolute()
    for each in (folder, *folder.parents):
        for log, name in _LOGS.items():
            if (each / log).is_dir():
                raise _refused(shown, name, f"{each}/{log}")
        versions = each / METADATA
        if versions.is_dir() and any(
            _VERSION.fullmatch(entry.name) for entry in versions.iterdir()
        ):
            raise _refused(shown, "Iceberg", str(versions))


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
    from pyarrow.fs import FileSelector, FileType

    above = [str(each) for each in PurePosixPath(root).parents if str(each) not in (".", "/")]
    names = [f"{each}/{log}" for each in above for log in (*_LOGS, METADATA)]
    for info in filesystem.get_file_info(names):
        if info.type != FileType.Directory:
            continue
        inside = filesystem.get_file_info(FileSelector(info.path)) if _is_metadata(info) else [info]
        refuse_lake_below((each.path for each in inside), shown)


def _is_metadata(info: Any) -> bool:
    return str(info.base_name) == METADATA


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
