"""How a CSV file is laid out: delimiter, header, where its records start, samples of them."""

import csv
import io
import re
from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from driftcli.config import ReadSettings, sign
from driftcli.errors import InputError, UsageError
from driftcli.source import csv_remedies as remedies
from driftcli.source.columns import checked_schema
from driftcli.source.csv_head import Head, read_head
from driftcli.source.csv_sniffing import SampleReading, TextSample, sniffed
from driftcli.source.files import File
from driftcli.source.records import (
    Dialect,
    codec,
    endless,
    last_end,
    without_comments,
    wrong_encoding,
)
from driftcli.source.text_types import NULL
from driftcli.text import quoted

#: Bytes of a sample that types are guessed from.
SAMPLE_BYTES = 128 << 10
#: A header of more columns is taken for a file of another kind.
COLUMNS = 1 << 20
#: Lines that the dialect is guessed from.
LINES = 2000
#: The line that Excel reads the delimiter from, above the header.
_SEP = re.compile(r'"?sep=(.)"?')


class Layout(Struct, frozen=True):
    """What the head of a file says. `body` is where its records start, in bytes of UTF-8.

    `notes` say what a reader should know of how that was found.
    """

    file: File
    names: tuple[str, ...]
    dialect: Dialect
    encoding: str
    body: int
    notes: tuple[str, ...] = ()


def csv_layout(file: File, read: ReadSettings, like: Layout | None = None) -> Layout:
    """Read the head of a file.

    Parameters
    ----------
    like
        Another file of the dataset, whose delimiter is tried first.

    Raises
    ------
    InputError
        When the header is missing or names a column twice.
    UsageError
        When a setting is no single character or no known encoding.
    """
    encoding = codec(read.encoding)
    signs = _signs(read)
    skip = read.skip or 0
    head = read_head(file, encoding, SAMPLE_BYTES, least=2 + skip)
    sample = _sample(head, skip, signs, read)
    if not sample.lines:
        raise InputError(f"{file.shown}: the file holds no header line and no data.")
    if read.delimiter is None:
        remedies.refuse_json(file, sample)
    named = _SEP.fullmatch(sample.lines[0]) if not signs.delimiter and read.skip is None else None
    if named:
        signs = replace(signs, delimiter=named[1].encode())
        sample = sample.below(1)
    found = _read_best(file, sample, signs, read, like)
    line = skip + sample.first + found.starts[0]
    start = head.after_lines(line)
    dialect = _dialect(signs, found, head)
    end = head.first_record(start, dialect)
    if end is None:
        raise endless(file, head.text[start:], line + 1, dialect)
    names = _header(file, _text(file, head.text[start:end], start), dialect)
    if len(names) == 1:
        dialect = replace(dialect, blank=b"")
    titles = line if found.starts[0] or named else 0
    told = remedies.notes(sample, found, names, signs, above=titles)
    return Layout(file, names, dialect, encoding, end, tuple(told))


def _signs(read: ReadSettings) -> Dialect:
    """Return the signs that are set; empty where one is guessed or there is none."""
    found = Dialect(
        delimiter=_one_byte(read.delimiter, "delimiter") if read.delimiter is not None else b"",
        quote=_one_byte(read.quote, "quote") if read.quote else b"",
        escape=_one_byte(read.escape, "escape") if read.escape else b"",
        comment=_one_byte(read.comment, "comment") if read.comment else b"",
    )
    given = [each for each in (found.delimiter, found.quote, found.comment) if each]
    if len(set(given)) < len(given):
        raise UsageError("delimiter, quote and comment must be different characters.")
    # A quote that is doubled is read as one anyway.
    return replace(found, escape=b"") if found.escape == found.quote else found


def _one_byte(text: str, setting: str) -> bytes:
    one = sign(text)
    if len(one) != 1 or not one.isascii() or one in "\r\n\0":
        raise UsageError(f"{setting} must be one ASCII character, not {quoted(text)}.")
    return one.encode()


def _sample(head: Head, skip: int, signs: Dialect, read: ReadSettings) -> TextSample:
    lines = head.lines(head.after_lines(skip), signs.comment, signs.quote, LINES)
    escapes = [signs.escape.decode()]
    if read.escape is None and any("\\" in line for line in lines):
        escapes.append("\\")
    return TextSample(lines, signs.quote.decode(), escapes, read.decimal, head.complete).below(0)


def _read_best(
    file: File, sample: TextSample, signs: Dialect, read: ReadSettings, like: Layout | None
) -> SampleReading:
    """Return how the sample is read best or, where nothing fits all of it, as its header says.

    Raises
    ------
    InputError
        When what it is has a name, and a remedy.
    """
    given = signs.delimiter.decode()
    bare = _unquoted(sample.lines[0], read.quote)
    preferred = [given] if given else _preferred(file, bare, like)
    if not given:
        remedies.refuse_long_delimiter(file, sample)
    found = sniffed(sample, preferred, given=bool(given), titles=read.skip is None)
    if found is not None:
        return found
    if given:
        remedies.refuse_delimiter(file, given, bare)
    remedies.refuse_longer_rows(file, sample, preferred)
    plain = sample.read(preferred[0] if preferred else ",", sample.escapes[0])
    return plain or SampleReading(",", "", [sample.lines], [0])


def _preferred(file: File, header: str, like: Layout | None) -> list[str]:
    """Return the usual delimiters that the header holds, the most likely one first."""
    first = ["\t"] if file.suffix == ".tsv" else []
    first += [like.dialect.delimiter.decode()] if like else []
    signs = dict.fromkeys([*first, ",", *sorted(";\t|", key=header.count, reverse=True)])
    return [each for each in signs if each in header]


def _unquoted(header: str, quote: str) -> str:
    mark = re.escape(sign(quote))
    return re.sub(f"{mark}[^{mark}]*{mark}", "", header) if mark else header


def _dialect(signs: Dialect, found: SampleReading, head: Head) -> Dialect:
    return replace(
        signs,
        delimiter=found.delimiter.encode(),
        escape=found.escape.encode(),
        newline=head.newline,
        blank=head.newline,
    )


def _text(file: File, line: bytes, start: int) -> str:
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise wrong_encoding(file, start + error.start, "utf-8") from error


def _header(file: File, line: str, dialect: Dialect) -> tuple[str, ...]:
    if line.count(dialect.delimiter.decode()) >= COLUMNS:
        raise InputError(
            f"{file.shown}: the header has more than {COLUMNS:,} columns. This does not look like "
            "a table; check its format."
        )
    previous = csv.field_size_limit(len(line) + 1)
    try:
        rows = csv.reader(
            io.StringIO(line, newline=""),
            delimiter=dialect.delimiter.decode(),
            quotechar=dialect.quote.decode() or None,
            quoting=csv.QUOTE_MINIMAL if dialect.quote else csv.QUOTE_NONE,
            escapechar=dialect.escape.decode() or None,
        )
        names = tuple(next(rows, [line]))
    finally:
        csv.field_size_limit(previous)
    checked_schema(((name, NULL) for name in names), file.shown)
    return names


def samples(layout: Layout) -> Iterator[bytes]:
    """Yield records from the start of a file and, where one can seek, its middle and end."""
    head = read_head(layout.file, layout.encoding, SAMPLE_BYTES, least=2)
    records = without_comments(head.text[layout.body :], layout.dialect, whole=head.complete)
    yield records if head.complete else records[: last_end(records, layout.dialect)]
    yield from _distant_samples(layout)


def _distant_samples(layout: Layout) -> Iterator[bytes]:
    """Yield records from the middle and the end of a file that is stored as it is read.

    A guess must only see values that the column holds. So a sample is left out when its start may
    lie within quotes: then some line of it has an odd number of them. It is where quotes are
    escaped, too, and lines of comment are taken out.
    """
    file, dialect = layout.file, layout.dialect
    plain_file = file.compression is None and layout.encoding == "utf-8" and not dialect.escape
    if not plain_file or file.size < 4 * SAMPLE_BYTES:
        return
    for place in (file.size // 2, file.size - SAMPLE_BYTES):
        lines = file.read(SAMPLE_BYTES, start=place).split(dialect.newline)[1:-1]
        if dialect.comment:
            lines = [line for line in lines if not line.startswith(dialect.comment)]
        if not dialect.quote or all(line.count(dialect.quote) % 2 == 0 for line in lines):
            yield dialect.newline.join([*lines, b""])
