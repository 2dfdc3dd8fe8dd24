"""Which files a path, directory, glob, URI or `-` stands for, or which table."""

import difflib
import os
from collections.abc import Iterator
from glob import glob
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from driftcli.errors import InputError, MissingInputError
from driftcli.source.files import File, unreadable
from driftcli.source.lakes import Table, dated, refuse_lake, refuse_lake_below, table_in
from driftcli.source.listing import WILD, data_files, hidden, hidden_below, partition_of
from driftcli.source.piped import pipe, standard_input
from driftcli.source.remote import is_address, remote
from driftcli.text import named, quoted, safe, visible


def locate(path: str) -> list[File]:
    """Return the files that `path` stands for, sorted by path.

    Raises
    ------
    InputError
        When there is none, they cannot be listed, or it is a table, which is no files.
    """
    found = located(path)
    if isinstance(found, Table):
        raise InputError(f"{found.name}: a table in {found.kind} format, and no files.")
    return found


def located(path: str) -> list[File] | Table:
    """Return the files that `path` stands for, sorted by path, or the table that it is.

    Raises
    ------
    InputError
        When there is none, or they cannot be listed.
    """
    if not path:
        raise InputError("a path is empty. Name a file, a directory, a glob, a URI or -.")
    if is_address(path):
        return remote(path)
    try:
        if path == "-":
            return [_piped(path, standard_input())]
        return _on_disk(path)
    except OSError as error:  # a name that is too long, a loop of links
        raise unreadable(named(path), error) from error


def log_files(table: Table) -> list[File]:
    """Return the files of a table's log, sorted by path."""
    from pyarrow.fs import FileSelector, FileType

    if table.filesystem is None:
        return [_local(str(each), str(each)) for each in sorted(Path(table.log).iterdir())]
    listed = table.filesystem.get_file_info(FileSelector(table.log))
    paths = {each.path: each.size or 0 for each in listed if each.type == FileType.File}
    return [File(path, named(path), table.filesystem, paths[path]) for path in sorted(paths)]


def _on_disk(path: str) -> list[File] | Table:
    if table := table_in(path, path):
        return table
    if Path(path).is_dir():
        refuse_lake(path, path)
        return _of_directory(str(Path(path)), _below(path), path)
    if Path(path).is_file():
        return [_local(path, path)]
    if Path(path).exists():  # a pipe, such as <(zcat data.csv.gz)
        return [_piped(path, pipe(path))]
    if (asked := dated(path)) and (table := table_in(path, *asked)):
        return table
    if WILD.search(path):
        return _of_glob(path)
    raise MissingInputError(f"{named(path)}: no such file or directory{_neighbour(path)}")


def _local(path: str, shown: str) -> File:
    try:
        size = Path(path).stat().st_size
    except OSError as error:
        raise unreadable(named(shown), error) from error
    return File(path=path, shown=named(shown), size=size)


def _of_glob(pattern: str) -> list[File]:
    """Return the files that match, or those below the directories that do."""
    # Path.glob knows no pattern that starts at the root, and finds no folder through a link.
    found = sorted(glob(pattern, recursive=True))  # noqa: PTH207
    root = WILD.split(pattern, maxsplit=1)[0].rpartition(os.sep)[0]
    found = [path for path in found if not hidden_below(path, root)]
    refuse_lake(root or os.curdir, pattern)
    for folder in {Path(path) if Path(path).is_dir() else Path(path).parent for path in found}:
        refuse_lake(str(folder), pattern)
    files = [path for path in found if Path(path).is_file()]
    if files:
        return [replace(_local(path, path), partition=partition_of(path, root)) for path in files]
    below = {path for folder in found for path in _below(folder)}
    if below:
        return _of_directory(root, iter(below), pattern)
    raise MissingInputError(f"{named(pattern)}: no file matches. Check the pattern and its quotes.")


def _of_directory(root: str, paths: Iterator[str], name: str) -> list[File]:
    files = [_local(path, path) for path in sorted(paths)]
    return data_files(name, [replace(f, partition=partition_of(f.path, root)) for f in files])


def _below(root: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise unreadable(visible(error.filename), error) from error

    for folder, folders, names in os.walk(root, onerror=refuse):
        refuse_lake_below((str(Path(folder, name)) for name in (*folders, *names)), root)
        folders[:] = sorted(name for name in folders if not hidden(name))
        yield from (str(Path(folder, name)) for name in names if not hidden(name))


def _neighbour(path: str) -> str:
    """Return a hint at the nearest name beside `path`; none where it is an address gone wrong."""
    if safe(path) != path:
        return "."
    folder = Path(path).parent
    try:
        names = [entry.name for entry in folder.iterdir()]
    except OSError:
        return f"; there is no directory {quoted(folder)} either."
    near = difflib.get_close_matches(Path(path).name, names, n=1, cutoff=0.6)
    return f"; did you mean '{visible(folder / near[0])}'?" if near else "."


def _piped(path: str, kept: Any) -> File:
    return File(path=path, shown=named(path), size=kept.size, spool=kept)
