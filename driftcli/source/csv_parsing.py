"""Parsing chunks of CSV with Arrow, and saying where a chunk is damaged."""

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
from msgspec import Struct

from driftcli.errors import InputError
from driftcli.source.csv_head import holds_nul
from driftcli.source.csv_layout import Layout
from driftcli.source.csv_sniffing import FOOTER
from driftcli.source.records import BACKSLASH, SCAN_BYTES, Chunk, count_byte, wrong_encoding
from driftcli.source.text_types import FALSE, FALSE_EXPECTED, TRUE, TRUE_EXPECTED
from driftcli.text import cause

#: Bytes that Arrow parses at a time within a chunk: what is at hand stays in the cache. Each block
#: costs something per column too, so that wide files get larger ones.
PARSE_BYTES = 1 << 20
PARSE_COLUMN_BYTES = 4 << 10
#: A line that is longer, with the blank ones after it, is no footer.
_FOOTER_BYTES = 200
#: What Arrow says of a record that is longer than a block.
_LONGER = "straddling object"
_COLUMN = re.compile(r"In CSV column #(\d+): ")


class Form(Struct, frozen=True):
    """How values are written: the decimal point, texts that mean missing, 0 and 1 as booleans."""

    decimal: str
    null: tuple[str, ...]
    bits: bool


def read_table(
    data: bytes, layout: Layout, columns: Mapping[str, pa.DataType], form: Form
) -> pa.Table:
    """Parse some columns of whole records as the given types, in this thread.

    Raises
    ------
    ArrowInvalid
        When a value does not parse as its type, or a record is damaged.
    """
    block = max(PARSE_BYTES, PARSE_COLUMN_BYTES * len(columns))
    try:
        return _read_table(data, layout, columns, form, block)
    except pa.ArrowInvalid as error:
        if _LONGER not in str(error) or len(data) <= block:
            raise
    return _read_table(data, layout, columns, form, len(data))


def _read_table(
    data: bytes, layout: Layout, columns: Mapping[str, pa.DataType], form: Form, block: int
) -> pa.Table:
    dialect = layout.dialect
    return pc.read_csv(
        pa.py_buffer(data),
        read_options=pc.ReadOptions(
            use_threads=False, block_size=block, column_names=list(layout.names)
        ),
        parse_options=pc.ParseOptions(
            delimiter=dialect.delimiter.decode(),
            quote_char=dialect.quote.decode() or False,
            escape_char=dialect.escape.decode() or False,
            newlines_in_values=bool(dialect.quote),
            # In a file of one column an empty line is a missing value.
            ignore_empty_lines=len(layout.names) > 1,
        ),
        convert_options=pc.ConvertOptions(
            column_types=dict(columns),
            include_columns=list(columns),
            null_values=["", *form.null],
            strings_can_be_null=True,
            true_values=list(TRUE_EXPECTED if form.bits else TRUE),
            false_values=list(FALSE_EXPECTED if form.bits else FALSE),
            decimal_point=form.decimal,
        ),
    )


def plain_records(data: bytes, layout: Layout) -> tuple[bytes, str]:
    """Return records as Arrow reads them, and the last line if it only counts the others.

    Left out are that line, such as "(3 rows affected)", and the backslash with N that databases
    write for a missing value where a backslash escapes: Arrow would read it as "N".
    """
    data, footer = _without_footer(data, layout)
    if layout.dialect.escape == b"\\" and b"\\N" in data:
        beside = re.escape(layout.dialect.delimiter) + rb"\r\n"
        data = re.sub(rb"(?:\A|(?<=[%b]))\\N(?=[%b]|\Z)" % (beside, beside), b"", data)
    return data, footer


def _without_footer(data: bytes, layout: Layout) -> tuple[bytes, str]:
    if len(layout.names) == 1:  # there it is a value like any other
        return data, ""
    tail = data[-_FOOTER_BYTES:]
    end = len(tail.rstrip(b"\r\n"))
    start = tail.rfind(layout.dialect.newline, 0, end) + 1
    line = tail[start:end]
    cut = not start and len(data) > len(tail)
    if cut or line.count(layout.dialect.delimiter) >= len(layout.names) - 1:
        return data, ""
    text = line.decode(errors="replace").strip()
    return (data[: len(data) - len(tail) + start], text) if FOOTER.fullmatch(text) else (data, "")


def failed_column(error: pa.ArrowInvalid, names: Sequence[str]) -> str | None:
    """Return the column whose values did not convert, or None when something else was wrong."""
    found = _COLUMN.match(str(error))
    if found is None or "invalid UTF8" in str(error):
        return None
    return names[int(found[1])]


def damage(chunk: Chunk, layout: Layout, error: pa.ArrowInvalid) -> InputError:
    """Return the error for a chunk that is not CSV of the file's columns."""
    try:
        text = chunk.data.decode()
    except UnicodeDecodeError as wrong:
        return wrong_encoding(layout.file, chunk.offset + wrong.start, "utf-8")
    if b"\0" in chunk.data:
        at = chunk.data.index(b"\0")
        line = chunk.line + count_byte(chunk.data[:at], layout.dialect.newline)
        return holds_nul(layout.file, line)
    ragged = _ragged(text, layout)
    if ragged is None:
        return InputError(f"{layout.file.shown}: from line {chunk.line:,}: {cause(error)}.")
    line, found = ragged
    return InputError(
        f"{layout.file.shown}: line {chunk.line + line - 1:,}: {len(layout.names):,} values "
        f"expected, {found:,} found. {_remedy(text, layout)}"
    )


def _remedy(text: str, layout: Layout) -> str:
    """Return what is to be done where a record has another number of values than the header."""
    dialect = layout.dialect
    if dialect.quote and not dialect.escape and "\\" + dialect.quote.decode() in text:
        return BACKSLASH
    if len(layout.names) == 1:
        return (
            "Check the delimiter, or quote values that hold it. Lines above the header are passed "
            "over with --skip N, those that begin with # with --comment '#'."
        )
    return "Check the delimiter, or quote values that hold it."


def _ragged(text: str, layout: Layout) -> tuple[int, int] | None:
    """Return (line, values) of the first record with another number of values than the header."""
    quote = layout.dialect.quote.decode()
    lines = io.StringIO(text, newline="")
    previous = csv.field_size_limit(len(text) + 1)
    try:
        line = 1
        for record in (
            reader := csv.reader(
                lines,
                delimiter=layout.dialect.delimiter.decode(),
                quotechar=quote or None,
                escapechar=layout.dialect.escape.decode() or None,
                quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
            )
        ):
            if record and len(record) != len(layout.names):
                return line, len(record)
            line = reader.line_num + 1
    except csv.Error:
        return None
    finally:
        csv.field_size_limit(previous)
    return None


def may_hold_codes(data: bytes, layout: Layout) -> bool:
    """Tell whether a value may start with 0 and a digit, or 0x: a code rather than a number.

    Parsed as integers such values look like any other, so the bytes are searched for them.
    """
    dialect = layout.dialect
    before = {dialect.delimiter, dialect.newline, dialect.quote} - {b""}
    # The first value has nothing before it, so it gets a newline.
    if _hold_code(dialect.newline + data[:64], before):
        return True
    # Three bytes are looked at together: pieces overlap by two.
    pieces = range(0, len(data), SCAN_BYTES)
    return any(_hold_code(data[start : start + SCAN_BYTES + 2], before) for start in pieces)


def _hold_code(piece: bytes, before: Collection[bytes]) -> bool:
    """Tell whether a 0 that one of `before` precedes is followed by a digit or an x."""
    letters = np.frombuffer(piece, np.uint8)
    first, zero, after = letters[:-2], letters[1:-1], letters[2:]
    found = after - ord("0") < 10
    for letter in (letter for letter in b"xX" if letter in piece):
        found |= after == letter
    found &= zero == ord("0")
    starts = [first == byte[0] for byte in before if byte in piece]
    return bool(starts) and bool((found & reduce(np.bitwise_or, starts)).any())
