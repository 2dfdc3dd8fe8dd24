"""Table formats that are folders of files with a log: Delta, Iceberg, Hudi.

Their folders hold files that the table has no more, so that reading them as loose files counts
rows that were removed.
"""

import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from driftcli.errors import InputError
from driftcli.text import named

_LOGS = {"_delta_log": "Delta", ".hoodie": "Hudi"}
_METADATA = "metadata"
#: What Iceberg calls the versions of a table's metadata.
_VERSION = re.compile(r"(v\d+|\d+-[0-9a-fA-F-]+)(\.gz)?\.metadata\.json(\.gz)?|version-hint\.text")


def refuse_lake(root: str, shown: str) -> None:
    """Raise the error for a local folder that is, or lies in, a table of such a format."""
    folder = Path(root).absolute()
    for each in (folder, *folder.parents):
        for log, name in _LOGS.items():
            if (each / log).is_dir():
                raise _refused(shown, name, f"{each}/{log}")
        versions = each / _METADATA
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
        if parts[-2:-1] == (_METADATA,) and _VERSION.fullmatch(parts[-1]):
            raise _refused(shown, "Iceberg", "/".join(parts[:-1]))


def refuse_remote_lake(filesystem: Any, root: str, shown: str) -> None:
    """Raise the error for a folder elsewhere that lies in a table of such a format."""
    from pyarrow.fs import FileSelector, FileType

    above = [str(each) for each in PurePosixPath(root).parents if str(each) not in (".", "/")]
    names = [f"{each}/{log}" for each in above for log in (*_LOGS, _METADATA)]
    for info in filesystem.get_file_info(names):
        if info.type != FileType.Directory:
            continue
        inside = filesystem.get_file_info(FileSelector(info.path)) if _is_metadata(info) else [info]
        refuse_lake_below((each.path for each in inside), shown)


def _is_metadata(info: Any) -> bool:
    return str(info.base_name) == _METADATA


def _refused(shown: str, name: str, log: str) -> InputError:
    return InputError(
        f"{named(shown)}: part of a table in {name} format ({named(log)}), which cannot be read "
        "yet. Its folder also holds files that the table has no more. Write the rows to compare "
        "to files of their own, or give them from Python as an Arrow table."
    )
