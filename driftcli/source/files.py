"""One file of a dataset: its bytes, its format, and how several are opened."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from errno import ENOMEM
from pathlib import Path, PurePosixPath
from socket import gethostname
from typing import Any, BinaryIO, TypeVar

from msgspec import Struct, field
from msgspec.structs import astuple, replace

from driftcli.errors import InputError
from driftcli.source.signatures import foreign, pointer
from driftcli.source.stores import in_full, meaning_of
from driftcli.text import cause

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
#: Files that are opened at a time elsewhere: what takes time is waiting.
REQUESTS = 16
#: Bytes of a file elsewhere up to which it is asked for once, and of all such that are held.
SMALL, HELD = 1 << 18, 64 << 20
#: Files of a dataset whose samples are looked at.
SAMPLED = 16
Sampled = TypeVar("Sampled")
#: How JSON begins; "[name]" is the head of a CSV file.
_JSON = re.compile(rb"\{|\[\s*[\[{]")


class File(Struct, frozen=True):
    """One file of a dataset.

    `filesystem` is None for local files. `partition` holds the Hive keys of its folders, as text,
    and `keys` their types, where they are known from other files than those that are read. `spool`
    holds what came through a pipe, which has no file of its own, or what was fetched.
    """

    path: str
    shown: str
    filesystem: Any = None
    size: int = 0
    partition: Mapping[str, str | None] = field(default_factory=dict)
    spool: Any = None
    keys: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        """Hash what can be: two that differ elsewhere may collide."""
        return hash((self.path, self.shown, self.size))

    def __reduce__(self) -> tuple[Callable[..., "File"], tuple[Any, ...]]:
        """Have it looked for by its absolute path wherever it is sent."""
        on_disk = self.filesystem is None and self.spool is None
        path = str(Path(self.path).absolute()) if on_disk else self.path
        held = self.spool if self.filesystem is None else None
        sent = replace(self, path=path, spool=held)
        return _received, astuple(sent)

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
            full = in_full(self.filesystem, self.path, error)
            raise unreadable(self.shown, full) from error
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
            full = in_full(self.filesystem, self.path, error)
            raise unreadable(self.shown, full) from error

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


def _received(*held: Any) -> File:
    """Return a file that was sent here, on whose disk it may not be, or another of its name."""
    file = File(*held)
    if file.filesystem is not None or file.spool is not None:
        return file
    try:
        size = Path(file.path).stat().st_size
    except OSError as error:
        raise InputError(
            f"{file.shown}: cannot be read on {gethostname()}: {cause(error)}. Name files by paths"
            " that all workers see, such as a shared folder or s3://…"
        ) from error
    if size != file.size:
        raise InputError(
            f"{file.shown}: {size:,} bytes on {gethostname()}, and {file.size:,} where it was"
            " named: not the same file. Name files that all workers see alike."
        )
    return file


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


def fetched(files: Sequence[File]) -> Sequence[File]:
    """Return files with what small ones hold, if they lie elsewhere: a request is what costs.

    Together they hold no more than `HELD` bytes; where there are more, all stay where they are.
    """
    small = [file for file in files if file.filesystem is not None and 0 < file.size <= SMALL]
    if not small or sum(file.size for file in small) > HELD:
        return files
    held = dict(zip((file.path for file in small), side_by_side(_held, small), strict=True))
    return [held.get(file.path, file) for file in files]


def _held(file: File) -> File:
    return replace(file, spool=file.read())


#: What Arrow says of memory that it does not get; blocks of rows take a thousandth of this.
_ASKED, _MOST_ASKED = re.compile(r"malloc of size (\d+)"), 4 << 30


def unreadable(shown: str, error: OSError) -> InputError:
    """Return the error for a file that the operating system or a store does not let us read."""
    refuse_no_memory(error)
    hint = " Check its permissions." if isinstance(error, PermissionError) else ""
    return InputError(f"{shown}: cannot be read: {meaning_of(error) or cause(error)}.{hint}")


def refuse_no_memory(error: BaseException) -> None:
    """Raise MemoryError where that is what a library or the system tells of, in its own way."""
    told = str(error)
    if (asked := _ASKED.search(told)) and int(asked[1]) > _MOST_ASKED:
        return  # a size that is damaged
    lacks = isinstance(error, MemoryError) or getattr(error, "errno", None) == ENOMEM
    if asked or lacks or os.strerror(ENOMEM) in told:
        raise MemoryError from error


def refuse_pointer(file: File) -> None:
    """Refuse what stands for the data of a file that cannot be read as what its name says.

    Raises
    ------
    InputError
        When it is such a thing.
    """
    if what := pointer(file.read(100)):
        raise InputError(f"{file.shown}: this is {what}.")
