"""Which files a path, directory, glob, URI or `-` stands for, and what their format is."""

import difflib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from glob import glob
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeVar
from urllib.parse import unquote

from driftcli.errors import InputError, MissingInputError
from driftcli.source.lakes import (
    Table,
    dated,
    is_metadata,
    refuse_lake,
    refuse_lake_below,
    refuse_remote_lake,
    remote_table_in,
    table_in,
)
from driftcli.source.piped import pipe, standard_input
from driftcli.source.signatures import foreign
from driftcli.text import cause, named, quoted, safe, visible

FORMATS = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
}
#: The suffix of saved profiles, which are taken where a folder has nothing else.
PROFILE = ".profile"
COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".bz2": "bz2", ".xz": "xz", ".zip": "zip"}
MAGIC = {b"PAR1": "parquet", b"PARE": "parquet", b"ARRO": "arrow", b"\xff\xff\xff\xff": "arrow"}
#: How Hive writes a missing partition value.
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
#: Files that are opened at a time elsewhere: what takes time is waiting.
REQUESTS = 16
#: Files of a dataset whose samples are looked at.
SAMPLED = 16
Sampled = TypeVar("Sampled")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
#: How JSON begins; "[name]" is the head of a CSV file.
_JSON = re.compile(rb"\{|\[\s*[\[{]")
_WILD = re.compile(r"[*?\[]")
_QUERY = re.compile(r"\?[A-Za-z][\w.-]*=.*\Z", re.DOTALL)


@dataclass(frozen=True)
class File:
    """One file of a dataset.

    `filesystem` is None for local files. `partition` holds the Hive keys of its folders, as text,
    and `keys` their types, where they are known from other files than those that are read. `spool`
    holds what came through a pipe, which has no file of its own.
    """

    path: str
    shown: str
    filesystem: Any = field(default=None, hash=False)
    size: int = 0
    partition: Mapping[str, str | None] = field(default_factory=dict, hash=False)
    spool: Any = field(default=None, hash=False)
    keys: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def suffix(self) -> str:
        """Its suffix in lower case, without that of a compression."""
        return _suffixes(self.path)[0]

    @property
    def compression(self) -> str | None:
        """The compression its name tells."""
        return COMPRESSIONS.get(_suffixes(self.path)[1])

    @property
    def is_utf8(self) -> bool:
        """Whether its path can be passed to Arrow, which takes UTF-8 only."""
        return self.path.isascii() or self.path.encode(errors="replace").decode() == self.path

    def raw(self) -> BinaryIO:
        """Open its bytes as stored."""
        if self.spool is not None:
            return self._unspooled()
        try:
            if self.filesystem is None:
                return Path(self.path).open("rb", buffering=0)
            opened: BinaryIO = self.filesystem.open_input_file(self.path)
        except OSError as error:
            raise unreadable(self.shown, error) from error
        return opened

    def read(self, size: int = -1, *, start: int = 0) -> bytes:
        """Return its bytes as stored, or at most `size` of them, from the one at `start` on."""
        with self.raw() as stream:
            try:
                stream.seek(start)
                return stream.read(size) if size >= 0 else stream.read()
            except OSError as error:
                raise unreadable(self.shown, error) from error

    def native(self) -> Any:
        """Open its bytes as a file of Arrow's, by memory map when it is local."""
        import pyarrow as pa

        if self.spool is not None:
            return self._unspooled()
        try:
            if self.filesystem is None and not self.is_utf8:
                return pa.PythonFile(Path(self.path).open("rb"), mode="r")
            if self.filesystem is None:
                return pa.memory_map(self.path) if self.size else pa.BufferReader(b"")
            return self.filesystem.open_input_file(self.path)
        except OSError as error:
            raise unreadable(self.shown, error) from error

    def _unspooled(self) -> BinaryIO:
        import pyarrow as pa

        opened: BinaryIO = pa.BufferReader(self.spool)
        return opened

    def format(self) -> str:
        """Return "parquet", "arrow", "csv" or "jsonl": by suffix, else by what it begins with."""
        known = FORMATS.get(self.suffix)
        if self.compression:
            return self._packed_format(known)
        if known in ("parquet", "arrow"):
            return known
        head = self.read(4096)
        if what := foreign(head, self.suffix):
            raise InputError(f"{self.shown}: this is {what}.")
        magic = MAGIC.get(head[:4])
        if known and magic:
            raise InputError(
                f"{self.shown}: the suffix says {known}, but this is {magic} data. Rename the file."
            )
        text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        return magic or known or ("jsonl" if _JSON.match(text) else "csv")

    def _packed_format(self, known: str | None) -> str:
        if what := foreign(b"", self.suffix):
            raise InputError(f"{self.shown}: this is {what}.")
        if self.compression == "zip" and known is None:
            from driftcli.source.unpacking import member_name

            known = FORMATS.get(_suffixes(member_name(self))[0])
        if known in ("parquet", "arrow"):
            raise InputError(
                f"{self.shown}: {known} data that is packed as a whole cannot be read. Unpack it; "
                "its own compression makes it as small."
            )
        return known or "csv"


def _suffixes(path: str) -> tuple[str, str]:
    """Return (suffix, compression suffix) of a path."""
    name = PurePosixPath(path.lower().replace("\\", "/"))
    if name.suffix in COMPRESSIONS:
        return PurePosixPath(name.stem).suffix, name.suffix
    return name.suffix, ""


def spread(items: Sequence[Sampled]) -> Sequence[Sampled]:
    """Return at most `SAMPLED` of a dataset's files, evenly spread: enough for a guess."""
    step = -(-len(items) // SAMPLED) or 1
    return items[::step]


def side_by_side(opened: Callable[[File], Sampled], files: Sequence[File]) -> list[Sampled]:
    """Return files opened, many at a time where each is a request or two over a network."""
    if len(files) < 2 or files[0].filesystem is None:
        return [opened(file) for file in files]
    with ThreadPoolExecutor(REQUESTS, "drift") as pool:
        return list(pool.map(opened, files))


def is_address(path: str) -> bool:
    """Tell whether a path is a URI."""
    return _URI.match(path) is not None


def is_pattern(path: str) -> bool:
    """Tell whether a path holds wildcards."""
    return _WILD.search(_without_query(path)[0]) is not None


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
    if _URI.match(path):
        return _remote(path)
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
    if _WILD.search(path):
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
    root = _WILD.split(pattern, maxsplit=1)[0].rpartition(os.sep)[0]
    found = [path for path in found if not _hidden_below(path, root)]
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
    return _data_files(name, [replace(f, partition=partition_of(f.path, root)) for f in files])


def _data_files(root: str, files: list[File]) -> list[File]:
    """Return those with a known suffix, else saved profiles, else those with none at all."""
    known = [f for f in files if f.suffix in FORMATS] or [f for f in files if f.suffix == PROFILE]
    kept = known or [f for f in files if not f.suffix]
    if not kept:
        raise MissingInputError(
            f"{named(root)}: the directory holds no data files ({', '.join(FORMATS)}; "
            "names that start with '.' or '_' are passed over)."
        )
    return kept


def _below(root: str) -> Iterator[str]:
    def refuse(error: OSError) -> None:
        raise unreadable(visible(error.filename), error) from error

    for folder, folders, names in os.walk(root, onerror=refuse):
        refuse_lake_below((str(Path(folder, name)) for name in (*folders, *names)), root)
        folders[:] = sorted(name for name in folders if not _hidden(name))
        yield from (str(Path(folder, name)) for name in names if not _hidden(name))


def _hidden(name: str) -> bool:
    """Tell whether a name is of no data, as Spark has it: a key may begin with an underscore."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def partition_of(path: str, root: str) -> dict[str, str | None]:
    """Return the Hive keys (`key=value` folders) between `root` and the file.

    Examples
    --------
    >>> partition_of("data/day=2024-01-01/part.parquet", "data")
    {'day': '2024-01-01'}
    """
    folders = path[len(root) :].replace("\\", "/").split("/")[:-1]
    keys = (folder.partition("=") for folder in folders if "=" in folder)
    return {unquote(k): None if v == HIVE_NULL else unquote(v) for k, _, v in keys}


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


def _remote(uri: str) -> list[File] | Table:
    """Return the files of a URI, which may hold wildcards or name a directory, or its table."""
    import pyarrow as pa
    from pyarrow.fs import FileSelector, FileSystem, FileType

    shown = named(uri)
    address, query = _without_query(uri)
    try:
        base = address
        if wild := _WILD.search(address):
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
    kept = [i for i in listed if i.type == FileType.File and not _hidden_below(i.path, root)]
    files = sorted(
        (_under(i.path, i.size or 0, filesystem, root, base) for i in kept), key=lambda f: f.path
    )
    if not wild:
        return _data_files(uri, files)
    pattern = translated(address[len(base) :].lstrip("/"))
    files = [f for f in files if pattern.fullmatch(f.path[len(root) :].lstrip("/"))]
    if not files:
        raise MissingInputError(f"{shown}: no file matches. Check the pattern and its quotes.")
    return files


def _without_query(uri: str) -> tuple[str, str]:
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


def _hidden_below(path: str, root: str) -> bool:
    """Tell whether a file or a folder between `root` and it is of no data."""
    below = path[len(root) :].replace("\\", "/")
    return any(_hidden(part) for part in below.split("/") if part)


def translated(pattern: str) -> re.Pattern[str]:
    """Return a glob as a regular expression in which `*` stays within a folder, `**` does not."""
    out, i = "", 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out, i = out + "(?:.*/)?", i + 3
        elif pattern.startswith("**", i):
            out, i = out + ".*", i + 2
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) > 0:
            inner = pattern[i + 1 : end].replace("\\", "\\\\")
            out, i = out + "[" + ("^" + inner[1:] if inner[0] == "!" else inner) + "]", end + 1
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(pattern[i], re.escape(pattern[i]))
            i += 1
    return re.compile(out, re.DOTALL)


def unreadable(shown: str, error: OSError) -> InputError:
    """Return the error for a file that the operating system does not let us read."""
    hint = " Check its permissions." if isinstance(error, PermissionError) else ""
    return InputError(f"{shown}: cannot be read: {cause(error)}.{hint}")
