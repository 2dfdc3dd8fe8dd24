"""Which files an address stands for, or which table."""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Any

from driftcli.errors import MissingInputError
from driftcli.source.files import File
from driftcli.source.lakes import (
    Table,
    dated,
    is_metadata,
    refuse_lake_below,
    refuse_remote_lake,
    remote_table_in,
)
from driftcli.source.listing import WILD, data_files, hidden_below, partition_of, translated
from driftcli.source.stores import looking_at, missing
from driftcli.text import named

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_QUERY = re.compile(r"\?[A-Za-z][\w.-]*=.*\Z", re.DOTALL)


def is_address(path: str) -> bool:
    """Tell whether a path is a URI."""
    return _URI.match(path) is not None


def is_pattern(path: str) -> bool:
    """Tell whether a path holds wildcards."""
    return WILD.search(without_query(path)[0]) is not None


def remote(uri: str) -> list[File] | Table:
    """Return the files of a URI, which may hold wildcards or name a directory, or its table."""
    from pyarrow.fs import FileSelector, FileType

    shown = named(uri)
    address, query = without_query(uri)
    base = address
    if wild := WILD.search(address):
        base = address[: wild.start()].rpartition("/")[0]
    with looking_at(base + query, shown) as (filesystem, root, info):
        if info.type == FileType.File and not is_metadata(root):
            return [File(root, shown, filesystem, info.size or 0)]
        if not wild and (table := _remote_table(uri, filesystem, root, info)):
            return table
        if info.type != FileType.Directory:
            raise MissingInputError(f"{shown}: {missing(filesystem, root)}. Check the address.")
        listed = filesystem.get_file_info(FileSelector(root, recursive=True))
        refuse_lake_below((each.path for each in listed), uri)
        refuse_remote_lake(filesystem, root, uri)
    kept = [i for i in listed if i.type == FileType.File and not hidden_below(i.path, root)]
    files = sorted(
        (_under(i.path, i.size or 0, filesystem, root, base) for i in kept), key=lambda f: f.path
    )
    if not wild:
        return data_files(uri, files)
    return _matching(files, root, address[len(base) :].strip("/"), uri)


def _matching(files: Sequence[File], root: str, pattern: str, uri: str) -> list[File]:
    """Return the files that match a pattern below `root`, or those below the folders that do."""
    matches = translated(pattern).fullmatch
    below = {file.path: file.path[len(root) :].lstrip("/") for file in files}
    if found := [file for file in files if matches(below[file.path])]:
        return found
    within = [
        f for f in files if any(matches(str(p)) for p in PurePosixPath(below[f.path]).parents)
    ]
    if not within:
        raise MissingInputError(f"{named(uri)}: no file matches. Check the pattern and its quotes.")
    return data_files(uri, within)


def without_query(uri: str) -> tuple[str, str]:
    """Return a URI and its query, `?` included: a `?` that no key follows is a wildcard."""
    found = _QUERY.search(uri) if is_address(uri) else None
    return (uri[: found.start()], found[0]) if found else (uri, "")


def _remote_table(uri: str, filesystem: Any, root: str, info: Any) -> Table | None:
    """Return the table that a URI names; one with a version behind it where it is no folder."""
    from pyarrow.fs import FileType

    if info.type != FileType.NotFound:
        return remote_table_in(uri, uri, filesystem, root)
    address, folder = dated(uri), dated(root)
    if address is None or folder is None:
        return None
    return remote_table_in(uri, address[0], filesystem, *folder)


def _under(path: str, size: int, filesystem: Any, root: str, base: str) -> File:
    shown = named(base.rstrip("/") + "/" + path[len(root) :].lstrip("/"))
    return File(path, shown, filesystem, size, partition_of(path, root))
