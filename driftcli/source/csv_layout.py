"""How a CSV file is laid out: delimiter, header, where its records start, samples of them."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from driftcli.config import ReadSettings
from driftcli.errors import InputError, UsageError
from driftcli.source.columns import checked_schema
from driftcli.source.files import File
from driftcli.source.records import Dialect, codec, decoded, last_end, wrong_encoding
from driftcli.source.text_types import NULL
from driftcli.source.wording import quoted

#: Bytes of a sample that types are guessed from.
SAMPLE_BYTES = 128 << 10
_TAB = ("\t", "\\t", "tab")


@dataclass(frozen=True)
class Layout:
    """What the head of a file says. `body` is where its records start, in bytes of UTF-8."""

    file: File
    names: tuple[str, ...]
    dialect: Dialect
    encoding: str
    body: int


def csv_layout(file: File, read: ReadSettings) -> Layout:
    """Read the head of a file.

    Raises
    ------
    InputError
        When the header is missing or names a column twice.
    UsageError
        When a setting is no single character or no known encoding.
    """
    encoding = codec(read.encoding)
    quote = _one_byte(read.quote, "quote") if read.quote else b""
    head, _ = _head(file, encoding)
    newline = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
    start, end = _first_record(head, Dialect(b",", quote, newline))
    line = _text(file, head[start:end])
    delimiter = _delimiter(file, line, read)
    dialect = Dialect(delimiter.encode(), quote, newline)
    names = _header(file, line, dialect)
    return Layout(file, names, dialect, encoding, end)


def _head(file: File, encoding: str) -> tuple[bytes, bool]:
    """Return the first bytes, at least one record, and whether they are the whole file."""
    head = b""
    with closing(decoded(file, encoding, SAMPLE_BYTES)) as pieces:
        for piece in pieces:
            head += piece
            if b"\0" in head:
                raise holds_nul(file, head[: head.index(b"\0")].count(b"\n") + 1)
            if head.lstrip(b"\r\n").count(b"\n") > 1:
                return head, False
    if not head.strip():
        raise InputError(f"{file.shown}: the file holds no header line and no data.")
    return head, True


def _first_record(head: bytes, dialect: Dialect) -> tuple[int, int]:
    """Return where the header starts, after blank lines, and ends, quoted newlines included."""
    start = len(head) - len(head.lstrip(b"\r\n"))
    end = start
    while True:
        end = head.find(dialect.newline, end) + 1
        if not end:
            return start, len(head)
        if not dialect.quote or head.count(dialect.quote, start, end) % 2 == 0:
            return start, end


def _text(file: File, line: bytes) -> str:
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise wrong_encoding(file, error.start, "utf-8") from error


def _delimiter(file: File, header: str, read: ReadSettings) -> str:
    """Return the delimiter set; else by suffix; else the comma; else what the header holds most."""
    if read.delimiter is not None:
        given = "\t" if read.delimiter in _TAB else read.delimiter
        return _fitting(_one_byte(given, "delimiter").decode(), file, header, read)
    if file.suffix == ".tsv":
        return "\t"
    bare = _unquoted(header, read)
    if "," in bare:
        return ","
    best = max(";\t|", key=bare.count)
    return best if best in bare else ","


def _unquoted(header: str, read: ReadSettings) -> str:
    quote = re.escape(read.quote)
    return re.sub(f"{quote}[^{quote}]*{quote}", "", header) if quote else header


def _fitting(given: str, file: File, header: str, read: ReadSettings) -> str:
    """Refuse a delimiter that the header does not hold though it holds another.

    Read with it, all columns would be one of free text, which no score can say anything about.
    """
    bare = _unquoted(header, read)
    other = max(",;\t|", key=bare.count)
    if given in bare or other not in bare:
        return given
    raise InputError(
        f"{file.shown}: the header holds no {quoted(given)} but {quoted(other)}: leave "
        "--delimiter out to have it guessed, or give the one that the file has."
    )


def _one_byte(text: str, setting: str) -> bytes:
    if len(text) != 1 or not text.isascii() or text in "\r\n\0":
        raise UsageError(f"{setting} must be one ASCII character, not {quoted(text)}.")
    return text.encode()


def _header(file: File, line: str, dialect: Dialect) -> tuple[str, ...]:
    previous = csv.field_size_limit(len(line) + 1)
    try:
        rows = csv.reader(
            io.StringIO(line, newline=""),
            delimiter=dialect.delimiter.decode(),
            quotechar=dialect.quote.decode() or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
        )
        names = tuple(next(rows, [line]))
    finally:
        csv.field_size_limit(previous)
    checked_schema(((name, NULL) for name in names), file.shown)
    return names


def holds_nul(file: File, line: int) -> InputError:
    """Return the error for a file that holds NUL bytes."""
    return InputError(
        f"{file.shown}: line {line:,} holds a NUL byte, so this is not CSV text in the encoding "
        "assumed. Name its encoding (for example --encoding utf-16) or its format by suffix."
    )


def samples(layout: Layout) -> Iterator[bytes]:
    """Yield records from the start of a file and, where one can seek, its middle and end."""
    head, complete = _head(layout.file, layout.encoding)
    records = head[layout.body :]
    yield records if complete else records[: last_end(records, layout.dialect)]
    yield from _distant_samples(layout)


def _distant_samples(layout: Layout) -> Iterator[bytes]:
    """Yield records from the middle and the end of a file that is stored as it is read.

    A guess must only see values that the column holds. So a sample is left out when its start may
    lie within quotes: then some line of it has an odd number of them.
    """
    file = layout.file
    plain_file = file.compression is None and layout.encoding == "utf-8"
    if not plain_file or file.size < 4 * SAMPLE_BYTES:
        return
    with closing(file.raw()) as stream:
        for place in (file.size // 2, file.size - SAMPLE_BYTES):
            stream.seek(place)
            lines = stream.read(SAMPLE_BYTES).split(layout.dialect.newline)[1:-1]
            quote = layout.dialect.quote
            if not quote or all(line.count(quote) % 2 == 0 for line in lines):
                yield layout.dialect.newline.join([*lines, b""])
