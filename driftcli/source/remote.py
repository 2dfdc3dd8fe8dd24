"""Which files an address stands for, or which table."""

import re
from typing import Any

from driftcli.errors import InputError, MissingInputError
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
from driftcli.text import cause, named

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
    import pyarrow as pa
    from pyarrow.fs import FileSelector, FileSystem, FileType

    shown = named(uri)
    address, query = without_query(uri)
    try:
        base = address
        if wild := WILD.search(address):
            base = address[: wild.start()].rpartition("/")[0]
        if base.lower().startswith("abfs"):
            from driftcli.source.azure import check_access

            check_access(base + query, shown)
        filesystem, root = FileSystem.from_uri(base.replace(" ", "%20") + query)
        info = filesystem.get_file_info(root)
        if info.type == FileType.File and not is_metadata(root):
            return [File(root, shown, filesystem, info.size or 0)]
        if not wild and (table := _remote_table(uri, filesystem, root, info)):
            return table
        if info.type != FileType.Directory:
            raise MissingInputError(f"{shown}: no such file or directory. Check the address.")
        listed = filesystem.get_file_info(FileSelector(root, recursive=True))
        refuse_lake_below((each.path for each in listed), uri)
        refuse_remote_lake(filesystem, root, uri)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{shown}: cannot be opened: {cause(error)}. Check the address and your credentials."
        ) from error
    kept = [i for i in listed if i.type == FileType.File and not hidden_below(i.path, root)]
    files = sorted(
        (_under(i.path, i.size or 0, filesystem, root, base) for i in kept), key=lambda f: f.path
    )
    if not wild:
        return data_files(uri, files)
    pattern = translated(address[len(base) :].lstrip("/"))
    files = [f for f in files if pattern.fullmatch(f.path[len(root) :].lstrip("/"))]
    if not files:
        raise MissingInputError(f"{shown}: no file matches. Check the pattern and its quotes.")
    return files


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
