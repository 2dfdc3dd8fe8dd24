"""Text files cut into chunks of whole records, read ahead only as asked.

One thread reads, decompresses, decodes and cuts; the costly parsing of the chunks is left to
others. A chunk starts at the start of a record and ends at the end of one.
"""

import codecs
import re
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from typing import Any

import numpy as np
from msgspec import Struct

from driftcli.errors import InputError, UsageError
from driftcli.source.files import File, refuse_pointer, unreadable
from driftcli.source.unpacking import unpacked
from driftcli.text import cause, quoted

#: Bytes of a chunk. Of 1 to 64 MB, 4 to 16 MB were the fastest, and they need little memory.
CHUNK_BYTES = 8 << 20
#: Bytes that are looked at in one go: what is at hand stays in the cache.
SCAN_BYTES = 128 << 10
#: A record longer than this is taken for an unclosed quote.
RECORD_BYTES = 64 << 20
#: The remedy where a quote follows a backslash.
BACKSLASH = r"Where a backslash escapes a quote, --escape '\' reads it."
_BOMS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


class Chunk(Struct, frozen=True):
    """Whole records of one file, in UTF-8. `line` is the file's line it starts at, from 1.

    Where what is counted are no lines of the file, `unit` says what they are.
    """

    data: bytes
    line: int
    offset: int
    unit: str = "line"

    @property
    def size(self) -> int:
        """Bytes of text."""
        return len(self.data)


class Dialect(Struct, frozen=True):
    """How the records of a file are written. What it does not have is empty.

    `blank` takes the place of a line that begins with `comment`: the end of a line keeps the count
    of lines, where an empty one is no record.
    """

    delimiter: bytes = b","
    quote: bytes = b'"'
    newline: bytes = b"\n"
    escape: bytes = b""
    comment: bytes = b""
    blank: bytes = b"\n"


def codec(encoding: str) -> str:
    """Return the canonical name of an encoding.

    Raises
    ------
    UsageError
        When there is no such encoding.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise UsageError(
            f"no encoding {quoted(encoding)}. Known are utf-8, latin-1, cp1252, …"
        ) from error
    return "utf-8" if name in ("ascii", "utf-8-sig") else name


def decoded(file: File, encoding: str, size: int) -> Generator[bytes]:
    """Yield the text of a file as UTF-8, decompressed, without byte order mark.

    UTF-8 is not checked here but by the parser. A UTF-16 mark is believed where nothing else was
    asked for.
    """
    decoder: Any = None
    position = 0
    with closing(unpacked(file)) as stream:
        while piece := _read(file, stream, size):
            if position == 0:
                encoding, piece_start = _marked(piece, codec(encoding))
                decoder = None if encoding == "utf-8" else codecs.getincrementaldecoder(encoding)()
                if decoder is None:
                    position += piece_start
                    piece = piece[piece_start:]
            yield piece if decoder is None else _recoded(file, decoder, piece, position, encoding)
            position += len(piece)
        if decoder is not None:
            _recoded(file, decoder, b"", position, encoding)


def _marked(head: bytes, encoding: str) -> tuple[str, int]:
    """Return (encoding, length of the byte order mark) from the first bytes of a file."""
    for mark, marked in _BOMS.items():
        if head.startswith(mark) and encoding in ("utf-8", marked):
            return marked, len(mark)
    return encoding, 0


def _recoded(file: File, decoder: Any, piece: bytes, position: int, encoding: str) -> bytes:
    """Return a piece as UTF-8; an empty one is the end of the file."""
    pending = len(decoder.getstate()[0])
    try:
        text: str = decoder.decode(piece, not piece)
    except UnicodeError as error:
        at = position - pending + getattr(error, "start", 0)
        raise wrong_encoding(file, at, encoding) from error
    return text.encode("utf-8", "surrogatepass")


def wrong_encoding(file: File, offset: int, encoding: str) -> InputError:
    """Return the error for bytes that are not text in the encoding."""
    return InputError(
        f"{file.shown}: byte {offset:,} is not {encoding} text. "
        "Name the file's encoding, for example --encoding latin-1."
    )


def _read(file: File, stream: Any, size: int) -> bytes:
    """Return `size` bytes; fewer only at the end of the file."""
    parts = []
    try:
        while size > 0 and (part := stream.read(size)):
            parts.append(part)
            size -= len(part)
    except OSError as error:
        if file.compression is None:
            raise unreadable(file.shown, error) from error
        refuse_pointer(file)
        raise InputError(
            f"{file.shown}: not a complete {file.compression} file: {cause(error)}. "
            "It may be truncated or not compressed at all."
        ) from error
    return parts[0] if len(parts) == 1 else b"".join(parts)


def chunks(
    file: File, pieces: Iterable[bytes], dialect: Dialect, *, skip: int = 0, unit: str = "line"
) -> Iterator[Chunk]:
    """Yield the records of a file in chunks as long as the pieces of its text, but for `skip`.

    Raises
    ------
    InputError
        When a quote is never closed or the file cannot be read.
    """
    held: list[bytes] = []
    line, offset = 1, 0
    for piece in pieces:
        dropped = min(skip, len(piece))
        line += count_byte(piece, dialect.newline, dropped)
        skip, offset = skip - dropped, offset + dropped
        ended = piece.rfind(dialect.newline, dropped) + 1
        # Joined only where a record may end, so that what has no end costs no more than its bytes.
        if ended:
            read = b"".join([*held, memoryview(piece)[dropped:ended]])
            data = without_comments(read, dialect)
            end = last_end(data, dialect)
            if end:
                chunk = Chunk(data[:end], line, offset, unit)
                yield chunk
                line += count_byte(chunk.data, dialect.newline)
                offset += end + len(read) - len(data)
            held, dropped = [data[end:]], ended
        held.append(piece[dropped:])
        if sum(map(len, held)) > RECORD_BYTES + len(piece):
            raise endless(file, b"".join(held), line, dialect)
    if rest := without_comments(b"".join(held), dialect, whole=True):
        if open_quote(rest, dialect) is not None:
            raise endless(file, rest, line, dialect)
        yield Chunk(rest, line, offset, unit)


def count_byte(data: bytes, byte: bytes, end: int = -1) -> int:
    """Return how often `byte` occurs before `end`; faster than `bytes.count` where frequent."""
    if byte not in data:
        return 0
    letters = np.frombuffer(data, np.uint8, end)
    pieces = range(0, letters.size, SCAN_BYTES)
    return sum(int(np.count_nonzero(letters[at : at + SCAN_BYTES] == byte[0])) for at in pieces)


def without_comments(data: bytes, dialect: Dialect, *, whole: bool = False) -> bytes:
    """Return `data`, from the start of a record, without its lines of comment.

    The last line stays unless the data is `whole`: more of it may follow.
    """
    mark, newline = dialect.comment, dialect.newline
    if not mark or not (data.startswith(mark) or newline + mark in data):
        return data
    end = len(data) if whole else data.rfind(newline) + 1
    line = rb"(?:\A|(?<=%b))%b[^%b]*%b?" % tuple(map(re.escape, (newline, mark, newline, newline)))
    # A quoted value is passed over as one, for it may hold what looks like a comment.
    either = (
        re.compile(rb"(" + line + rb")|" + _value(dialect)) if dialect.quote else re.compile(line)
    )
    kept = either.sub(
        lambda found: dialect.blank if found[0].startswith(mark) else found[0], data[:end]
    )
    return kept + data[end:]


def last_end(data: bytes, dialect: Dialect) -> int:
    """Return where the last complete record of `data` ends; 0 when none does.

    `data` starts at the start of a record. Even numbers of quotes, up to the last newline and in
    the line that it ends, mean that it is not inside them. An odd number is either a value with
    newlines or a stray quote within a value, where it is a character like any other: then the
    quoted values are looked up.
    """
    end = _line_end(data, len(data), dialect)
    if not dialect.quote or not end:
        return end
    line = data.rfind(dialect.newline, 0, end - 1) + 1
    even = data.count(dialect.quote, line, end) % 2 == 0
    if even and not dialect.escape and count_byte(data, dialect.quote, end) % 2 == 0:
        return end
    spans, unclosed = quoted_spans(data, dialect)
    end = _line_end(data, len(data) if unclosed is None else unclosed, dialect)
    for start, stop in reversed(spans):
        if stop < end:
            break
        if start < end:
            end = _line_end(data, start, dialect)
    return end


def _line_end(data: bytes, before: int, dialect: Dialect) -> int:
    """Return where the last line ends that ends up to `before`, by a newline not escaped."""
    end = data.rfind(dialect.newline, 0, before) + 1
    while dialect.escape and end and _is_escaped(data, end - 1, dialect.escape):
        end = data.rfind(dialect.newline, 0, end - 1) + 1
    return end


def _is_escaped(data: bytes, place: int, escape: bytes) -> bool:
    before = data[max(0, place - 64) : place]
    return (len(before) - len(before.rstrip(escape))) % 2 == 1


def open_quote(data: bytes, dialect: Dialect) -> int | None:
    """Return where a quoted value starts that `data`, from the start of a record, does not end."""
    if not dialect.quote:
        return None
    if not dialect.escape and count_byte(data, dialect.quote) % 2 == 0:
        return None
    return quoted_spans(data, dialect)[1]


def _value(dialect: Dialect) -> bytes:
    """Return the pattern of a quoted value; its last group is empty where it is not closed."""
    quote, escape = re.escape(dialect.quote), re.escape(dialect.escape)
    start = rb"(?:\A|(?<=[\r\n" + re.escape(dialect.delimiter) + rb"]))" + quote
    if escape:
        return start + rb"(?:[^%b%b]++|%b[\s\S]|%b%b)*+(%b?)" % (
            quote,
            escape,
            escape,
            *[quote] * 3,
        )
    return start + rb"[^%b]*+(?:%b%b[^%b]*+)*+(%b?)" % ((quote,) * 5)


def quoted_spans(data: bytes, dialect: Dialect) -> tuple[list[tuple[int, int]], int | None]:
    """Return (start, stop) of quoted values that hold newlines, and the start of an open one."""
    spans: list[tuple[int, int]] = []
    for match in re.finditer(_value(dialect), data):
        if not match[1]:
            return spans, match.start()
        if dialect.newline in match[0]:
            spans.append(match.span())
    return spans, None


def endless(file: File, data: bytes, line: int, dialect: Dialect) -> InputError:
    """Return the error for a record, from line `line` on, that does not end."""
    start = open_quote(data, dialect)
    if start is None:
        return InputError(
            f"{file.shown}: line {line:,} does not end within {RECORD_BYTES:,} bytes. "
            "This does not look like a text file of records; check its format."
        )
    line += count_byte(data, dialect.newline, start)
    text = f"{file.shown}: line {line:,}: a quote is opened and not closed. "
    if b"\\" + dialect.quote in data[start:] and not dialect.escape:
        return InputError(text + BACKSLASH)
    return InputError(text + "Close it, or turn quoting off with an empty quote character.")
