"""The first records of a CSV file, read as far as they go and no further than a bound."""

from contextlib import closing

from msgspec import Struct

from driftcli.errors import InputError
from driftcli.source import records
from driftcli.source.files import File
from driftcli.source.records import Dialect, decoded, endless, quoted_spans, without_comments


class Head(Struct, frozen=True):
    """The first bytes of a file, in UTF-8, and whether they are all of it."""

    text: bytes
    complete: bool
    newline: bytes

    def after_lines(self, count: int) -> int:
        """Return where the line starts that `count` lines stand above."""
        end = 0
        for _ in range(count):
            end = self.text.find(self.newline, end) + 1
            if not end:
                return len(self.text)
        return end

    def lines(self, start: int, comment: bytes, quote: bytes, most: int) -> list[str]:
        """Return at most so many lines from `start`, without their ends; those of comment empty."""
        end = self._end_of_lines(start, most)
        dialect = Dialect(b"", quote, self.newline, comment=comment, blank=self.newline)
        text = without_comments(self.text[start:end], dialect, whole=True)
        lines = text.decode(errors="replace").split(self.newline.decode())
        return [line.removesuffix("\r") for line in (lines if lines[-1] else lines[:-1])]

    def _end_of_lines(self, start: int, most: int) -> int:
        end = start
        for _ in range(most):
            found = self.text.find(self.newline, end) + 1
            if not found:
                return len(self.text)
            end = found
        return end

    def first_record(self, start: int, dialect: Dialect) -> int | None:
        """Return where the record ends that starts at `start`; None when its quotes do not."""
        end = self.text.find(self.newline, start) + 1 or len(self.text)
        if not dialect.quote or dialect.quote not in self.text[start:end]:
            return end
        spans, unclosed = quoted_spans(self.text[start:], dialect)
        for first, last in spans:
            if start + first < end <= start + last:
                end = self.text.find(self.newline, start + last) + 1 or len(self.text)
        return None if unclosed is not None and start + unclosed < end else end


def read_head(file: File, encoding: str, size: int, least: int) -> Head:
    """Return pieces of `size` bytes until they hold `least` lines, after blank ones.

    Raises
    ------
    InputError
        When there are none, or they do not end within a bound.
    """
    pieces: list[bytes] = []
    length = feeds = returns = blank = 0
    with closing(decoded(file, encoding, size)) as stream:
        for piece in stream:
            if b"\0" in piece:
                before = blank + feeds + piece[: piece.index(b"\0")].count(b"\n")
                raise holds_nul(file, before + 1)
            pieces.append(piece)
            length += len(piece)
            body = piece if feeds or returns else piece.lstrip(b"\r\n")
            blank += (len(piece) - len(body)) and piece[: len(piece) - len(body)].count(b"\n")
            feeds += body.count(b"\n")
            returns += body.count(b"\r")
            if feeds >= least or (not feeds and returns > least):
                break
            if length > records.RECORD_BYTES:
                raise endless(file, b"", blank + (feeds or returns) + 1, Dialect())
        rest = next(stream, b"")
    text = b"".join(pieces)
    if not text.strip():
        raise InputError(f"{file.shown}: the file holds no header line and no data.")
    newline = b"\n" if feeds or blank or not returns else b"\r"
    return Head(text, not rest, newline)


def holds_nul(file: File, line: int) -> InputError:
    """Return the error for a file that holds NUL bytes."""
    return InputError(
        f"{file.shown}: line {line:,} holds a NUL byte, so this is not CSV text in the encoding "
        "assumed. Name its encoding (for example --encoding utf-16) or its format by suffix."
    )
