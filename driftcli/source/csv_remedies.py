"""What a CSV file is that cannot be read as it is, and what a reader should know of one that is."""

import json
import re
from collections.abc import Iterator, Sequence

from driftcli.errors import InputError
from driftcli.source.csv_sniffing import (
    CLOCK,
    RARE,
    RECORDS,
    THOUSANDS,
    USUAL,
    SampleReading,
    TextSample,
)
from driftcli.source.files import File
from driftcli.source.records import Dialect
from driftcli.text import quoted, visible

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d.*")


def refuse_delimiter(file: File, given: str, header: str) -> None:
    """Refuse a delimiter that the header does not hold though it holds another.

    Read with it, all columns would be one of free text, which no score can say anything about.
    """
    other = max(USUAL + RARE, key=header.count)
    if given not in header and other in header:
        raise InputError(
            f"{file.shown}: the header holds no {quoted(given)} but {quoted(other)}: leave "
            "--delimiter out to have it guessed, or give the one that the file has."
        )


def refuse_json(file: File, sample: TextSample) -> None:
    """Refuse JSON Lines by another name: its keys and values would be read as names of columns."""
    if all(map(_is_object, sample.lines[:2])):
        raise InputError(
            f"{file.shown}: read as csv by its name, but each line is a JSON object. "
            "Give the file the suffix .jsonl."
        )


def _is_object(line: str) -> bool:
    try:
        return line.startswith("{") and isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def refuse_long_delimiter(file: File, sample: TextSample) -> None:
    """Refuse fields that are parted by a sign written twice."""
    for sign in "|~^:":
        counts = {line.count(sign * 2) for line in sample.lines if line}
        alone = any(sign in line.replace(sign * 2, "") for line in sample.lines)
        if len(sample.lines) > 1 and len(counts) == 1 and min(counts) > 0 and not alone:
            raise InputError(
                f"{file.shown}: fields are parted by {quoted(sign * 2)}, two characters, and one "
                "is all that can be read. Replace them, for example with"
                f" sed 's/{visible(sign * 2)}/\\t/g'."
            )


def refuse_longer_rows(file: File, sample: TextSample, preferred: Sequence[str]) -> None:
    """Refuse rows with one field more than the header: a name, as R writes it, or an empty one."""
    marked = bool(sample.quote) and sample.lines[0].startswith(sample.quote)
    for delimiter in [*preferred, *USUAL, *(" " if marked else "")]:
        reading = sample.read(delimiter, sample.escapes[0])
        header, *rows = reading.records if reading and reading.records else [[]]
        if len(rows) < 2 or {len(row) for row in rows} != {len(header) + 1}:
            continue
        if not any(row[-1] for row in rows):
            raise InputError(
                f"{file.shown}: each row ends in {quoted(delimiter)}, and the header does not. "
                "Take it from the rows, or give the header a name more."
            )
        names = [row[0] for row in rows]
        counted = names == [str(number) for number in range(1, len(rows) + 1)]
        if counted or (marked and len(set(names)) == len(names)):
            raise InputError(
                f"{file.shown}: the header has {len(header):,} names and each row one field more, "
                "its name, as R's write.table() writes them. Write with row.names = FALSE, or with "
                "col.names = NA, which gives them a column."
            )


def notes(
    sample: TextSample, found: SampleReading, names: Sequence[str], signs: Dialect, *, above: int
) -> Iterator[str]:
    """Yield what was guessed beyond the usual, and what looks like a guess that failed."""
    if above:
        lines = "line 1 is" if above == 1 else f"lines 1 to {above:,} are"
        yield f"{lines} passed over, and line {above + 1:,} is the header; --skip N says otherwise"
    if found.escape and not signs.escape:
        yield "a backslash is read as an escape; --escape '' says otherwise"
    if found.delimiter not in USUAL and not signs.delimiter:
        yield f"fields are parted by {quoted(found.delimiter)}; --delimiter says otherwise"
    if len(names) == 1 and not signs.delimiter and (hint := _parts(sample)):
        yield f"{quoted(names[0])} is the only column, {hint}"


def _parts(sample: TextSample) -> str | None:
    """Return what seems to part the fields of a file that was read as one column."""
    header, *rows = [line for line in sample.lines if line.strip()][:RECORDS]
    if not rows or any(all(map(form.fullmatch, rows)) for form in (_MOMENT, CLOCK, THOUSANDS)):
        return None
    sign = _common_sign(header, rows)
    if sign:
        remedy = (
            f"--delimiter {quoted(sign)} reads them" if sign.isascii() else "write a ',' for it"
        )
        return f"and every line holds {quoted(sign)}: if it parts fields, {remedy}"
    words = {len(line.split()) for line in (header, *rows)}
    if len(words) == 1 and words.pop() > 1 and any("  " in line.strip() for line in rows):
        return (
            "and blanks align every line: if they part fields, tr -s ' ' ',' writes one delimiter"
        )
    return None


def _common_sign(header: str, rows: Sequence[str]) -> str | None:
    """Return a sign that each line holds equally often; else one of no text that all rows hold."""
    for sign in dict.fromkeys(header):
        wordlike = sign.isalnum() or sign in "\"'._-+"
        if not wordlike and {line.count(sign) for line in rows} == {header.count(sign)}:
            return sign
    return next((sign for sign in RARE if all(sign in line for line in rows)), None)
