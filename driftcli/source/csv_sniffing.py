"""What the first lines of a CSV file tell: its delimiter, its escape, where its header is.

A delimiter is taken only where it splits all sampled records into equally many fields, two at
least. Blanks and colons part words and times more often than fields: they are taken only where
what they part are numbers.
"""

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from msgspec import Struct
from msgspec.structs import replace

#: The delimiters that a header is searched for first, and others that stand in no text.
USUAL = ",;\t|"
RARE = "^~" + "".join(map(chr, [*range(1, 9), 11, 12, *range(14, 32)]))
#: Lines above a header, at most, and records that are looked at.
TITLES = 20
RECORDS = 200
_NUMBER = re.compile(
    r"[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|(?i:nan)|\d{4}-\d\d-\d\d"
)
_VALUE = re.compile(r"\W{0,3}\d")
CLOCK = re.compile(r"\d{1,2}(:\d\d){1,2}([.,]\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}( \d{3})+([.,]\d+)?")
_FRACTION = re.compile(r"\d[.eE]|[.-]\d")
FOOTER = re.compile(
    r"\(?\s*[\d.,' ]+ (?:rows?|records?|lines?)\b[^,;\t|]*"
    r"|(?:total|rows?|records?)(?: rows?| records?)?\s*[:=]\s*[\d.,' ]+",
    re.IGNORECASE,
)

Record = Sequence[str]


class SampleReading(Struct, frozen=True):
    """The sample as one delimiter reads it; `starts` are the lines that records start at."""

    delimiter: str
    escape: str
    records: Sequence[Record]
    starts: Sequence[int]

    @property
    def width(self) -> int:
        """The fields of each record when they are equally many, else 0."""
        widths = {len(record) for record in self.records}
        return widths.pop() if len(widths) == 1 else 0

    def below(self, titles: int) -> "SampleReading":
        """Return the same without its first records."""
        return SampleReading(
            self.delimiter, self.escape, self.records[titles:], self.starts[titles:]
        )


class TextSample(Struct, frozen=True):
    """The first lines of a file, without their ends, and what is known of how it is written.

    `escapes` are those to try. `complete` means that the file has no further lines, and `first`
    is how many lines stand above.
    """

    lines: Sequence[str]
    quote: str
    escapes: Sequence[str]
    decimal: str
    complete: bool
    first: int = 0

    def below(self, count: int) -> "TextSample":
        """Return the same without its first lines, and blank ones that follow."""
        while count < len(self.lines) and not self.lines[count].strip("\r"):
            count += 1
        return replace(self, lines=self.lines[count:], first=self.first + count)

    def read(self, delimiter: str, escape: str, *, strict: bool = False) -> SampleReading | None:
        """Return the sample as records; None when it cannot be read so."""
        reader = csv.reader(
            (line.replace("\r", " ") + "\n" for line in self.lines),
            delimiter=delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=escape or None,
            strict=strict,
        )
        previous = csv.field_size_limit(1 << 30)
        found, starts, line = [], [], 0
        try:
            for record in islice(reader, RECORDS):
                if record:
                    found.append(record)
                    starts.append(line)
                line = reader.line_num
        except csv.Error:
            return None
        finally:
            csv.field_size_limit(previous)
        whole = len(found) - (self._ends_in_footer(found) if self.complete else len(found) > 1)
        return SampleReading(delimiter, escape, found[:whole], starts[:whole])

    @staticmethod
    def _ends_in_footer(found: Sequence[Record]) -> bool:
        odd = len(found) > 2 and len(found[-1]) != len(found[-2])
        return odd and bool(FOOTER.fullmatch(found[-1][0].strip()))


def sniffed(
    sample: TextSample, preferred: Sequence[str], *, given: bool, titles: bool
) -> SampleReading | None:
    """Return how the sample is read best, its header first; None when nothing fits all of it.

    Parameters
    ----------
    preferred
        The delimiters that the header suggests, which are taken before others.
    given
        Whether the one preferred delimiter is the only one.
    titles
        Whether there may be lines above the header.
    """
    likely = [r for each in preferred for r in _readings(sample, each) if _is_table(r, least=1)]
    if likely:
        return likely[0]
    strong = [r for each in (preferred if given else USUAL + RARE) for r in _readings(sample, each)]
    found = _widest([r for r in strong if _is_table(r, least=2)])
    if found is None and not given:
        found = _widest([r for s in " :" for r in _readings(sample, s) if _is_measured(r, sample)])
    if found is None and titles:
        found = _widest([r for each in strong if (r := _below_titles(each)) is not None])
    return found


def _readings(sample: TextSample, delimiter: str) -> Iterator[SampleReading]:
    """Yield the sample as it is read with each escape; one that malforms quotes comes last."""
    found = [sample.read(delimiter, escape) for escape in sample.escapes]
    readings = [reading for reading in found if reading is not None]
    if len(readings) > 1 and sample.read(delimiter, sample.escapes[0], strict=True) is None:
        readings.reverse()
    yield from readings


def _is_table(reading: SampleReading, *, least: int) -> bool:
    rows = len(reading.records)
    return rows >= least and reading.width > 1 and not (rows > 2 and _is_padded(reading.records[0]))


def _is_padded(record: Record) -> bool:
    """Tell whether a record is a title that a spreadsheet filled up with empty fields."""
    return len(record) > 2 and bool(record[0].strip()) and not any(record[1:])


def _widest(readings: Sequence[SampleReading]) -> SampleReading | None:
    """Return the reading with most fields; None when several have."""
    if not readings:
        return None
    best = max(len(reading.records[0]) for reading in readings)
    widest = {r.delimiter: r for r in reversed(readings) if len(r.records[0]) == best}
    return next(iter(widest.values())) if len(widest) == 1 else None


def _is_measured(reading: SampleReading, sample: TextSample) -> bool:
    """Tell whether a table that blanks or colons part holds numbers, and is no column of phrases.

    Two fields may be a phrase, a time or a grouped number, so both must be numbers. Where blanks
    part them, some column must have fractions: "12 Jan 1990" has none.
    """
    if not _is_table(reading, least=2):
        return False
    header, *rows = reading.records
    whole = CLOCK if reading.delimiter == ":" else THOUSANDS
    if any(map(_NUMBER.fullmatch, header)) or all(
        whole.fullmatch(reading.delimiter.join(row)) for row in rows
    ):
        return False
    columns = [[field.replace(sample.decimal, ".") for field in c] for c in zip(*rows, strict=True)]
    numbers = [column for column in columns if all(map(_NUMBER.fullmatch, column))]
    if reading.delimiter == " " and not any(any(map(_FRACTION.search, c)) for c in numbers):
        return False
    return len(numbers) == len(columns) or (len(numbers) > 0 and len(columns) > 2)


def _below_titles(reading: SampleReading) -> SampleReading | None:
    """Return the table that starts below some lines with fewer fields, if its header shows.

    A header shows where it has names alone and some column below it has values alone.
    """
    widths = [len(record) for record in reading.records]
    width = widths[-1] if widths else 0
    above = [
        i for i, record in enumerate(reading.records) if len(record) != width or _is_padded(record)
    ]
    titles = above[-1] + 1 if above else 0
    below = reading.below(titles)
    if not 0 < titles <= TITLES or width < 2 or len(below.records) < 3:
        return None
    header, *rows = below.records
    named = all(map(str.strip, header)) and len(set(header)) == width
    if max(widths[:titles]) > width or not named or any(map(_VALUE.match, header)):
        return None
    columns = zip(*rows, strict=True)
    return (
        below if any(all(map(_VALUE.match, filter(None, c))) and any(c) for c in columns) else None
    )
