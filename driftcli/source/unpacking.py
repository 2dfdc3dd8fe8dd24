"""Compressed files: those that Arrow unpacks, and xz and zip, which the standard library does."""

from contextlib import closing
from typing import Any

from msgspec import Struct

from driftcli.errors import InputError
from driftcli.source.files import File, refuse_pointer
from driftcli.text import cause, quoted


def unpacked(file: File) -> Any:
    """Open a file's bytes, decompressed as its name tells.

    A read of what is damaged raises an OSError, whatever the library.

    Raises
    ------
    InputError
        When the file is an archive of several, or one that cannot be unpacked.
    """
    if file.compression is None:
        return file.raw()
    if file.compression == "xz":
        return _xz(file)
    if file.compression == "zip":
        return _zip(file)
    import pyarrow as pa

    return pa.CompressedInputStream(file.native(), file.compression)


def member_name(file: File) -> str:
    """Return the name of the one file that a zip archive holds."""
    with closing(file.raw()) as raw:
        name: str = _only_member(file, _archive(file, raw)).filename
    return name


class _Stream(Struct, frozen=True):
    """A stream over the bytes of a file, whose library has errors of its own for damage."""

    stream: Any
    raw: Any
    errors: tuple[type[Exception], ...]

    def read(self, size: int) -> bytes:
        try:
            data: bytes = self.stream.read(size)
        except self.errors as error:
            raise OSError(cause(error)) from error
        return data

    def close(self) -> None:
        self.stream.close()
        self.raw.close()


def _xz(file: File) -> _Stream:
    try:
        import lzma
    except ImportError as error:
        raise InputError(
            f"{file.shown}: this Python was built without lzma. Unpack the file with xz -d."
        ) from error
    raw = file.raw()
    return _Stream(lzma.LZMAFile(raw), raw, (EOFError, lzma.LZMAError))


def _zip(file: File) -> _Stream:
    import zlib
    from zipfile import BadZipFile

    raw = file.raw()
    try:
        archive = _archive(file, raw)
        member = archive.open(_only_member(file, archive))
    except (RuntimeError, NotImplementedError) as error:
        raw.close()
        raise InputError(
            f"{file.shown}: this zip archive cannot be unpacked here: {cause(error)}. Unpack it."
        ) from error
    except InputError:
        raw.close()
        raise
    return _Stream(member, raw, (EOFError, BadZipFile, zlib.error))


def _archive(file: File, raw: Any) -> Any:
    from zipfile import BadZipFile, ZipFile

    try:
        return ZipFile(raw)
    except (BadZipFile, OSError) as error:
        refuse_pointer(file)
        raise InputError(
            f"{file.shown}: not a complete zip file: {cause(error)}. "
            "It may be truncated or not compressed at all."
        ) from error


def _only_member(file: File, archive: Any) -> Any:
    members = [
        each
        for each in archive.infolist()
        if not each.is_dir()
        and not any(part.startswith((".", "__MACOSX")) for part in each.filename.split("/"))
    ]
    if len(members) == 1:
        return members[0]
    first = f", first {quoted(members[0].filename)}" if members else ""
    raise InputError(
        f"{file.shown}: this zip archive holds {len(members)} files{first}. Unpack it and name "
        "the files, or zip one alone."
    )
