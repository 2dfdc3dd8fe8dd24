"""What all JSON documents have in common, and all records of scores."""

from __future__ import annotations

import math
from os import PathLike
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct

from driftcli.report.digits import rounded
from driftcli.text import without_surrogates

Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0)]
#: A number in the column's own unit, or an ISO 8601 time for a timestamp column.
Value = float | int | str | None


class Document(Struct, frozen=True, kw_only=True):
    """What a command prints as one JSON document. `document` names its kind."""

    document: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """Return the document as the dictionary that `--format json` prints."""
        document = msgspec.json.decode(_encoded(self))
        assert isinstance(document, dict)
        return document

    def to_json(self, *, indent: int = 2) -> str:
        """Return the document as one RFC 8259 text."""
        text = msgspec.json.format(_encoded(self), indent=indent)
        return text.decode() + "\n"


class Readable(Document, frozen=True, kw_only=True):
    """A document that people read, too: `str` is its table, and `repr` one line."""

    def _rendered(self, form: str) -> str:
        from driftcli.render import render

        return render(self, form)

    def _summary(self) -> str:
        """Return the verdict and what it rests on, as one line."""
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the verdict in one line: a notebook or a log shows no more unless asked."""
        return f"<{type(self).__name__}: {self._summary()}>"

    def __str__(self) -> str:
        """Return the table that the command prints."""
        return self._rendered("table")

    def _repr_html_(self) -> str:
        """Return the document as a notebook shows it: summary and changed columns, in a frame."""
        from driftcli.render.notebook import frame

        return frame(self)

    def to_html(self) -> str:
        """Return one HTML page that opens offline.

        It shows most of a comparison made with `details=True`.
        """
        return self._rendered("html")

    def to_markdown(self) -> str:
        """Return the document as Markdown."""
        return self._rendered("markdown")

    def save(self, path: str | PathLike[str]) -> None:
        """Write a file, or an object of a store, in the format that its suffix names.

        Raises
        ------
        UsageError
            When no format of this document has the suffix, or the file cannot be written.
        """
        from driftcli.render.files import save

        save(self, path)


def _encoded(document: Document) -> bytes:
    """Return a document as JSON: figures rounded, lone surrogates, which UTF-8 lacks, escaped."""
    document = rounded(document)
    try:
        return msgspec.json.encode(document)
    except UnicodeEncodeError:
        return msgspec.json.encode(_without_surrogates(msgspec.to_builtins(document)))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, dict):
        return {_without_surrogates(key): _without_surrogates(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_without_surrogates(each) for each in value]
    return value


class Scored(Struct, frozen=True, kw_only=True):
    """A score, and how far it is over the level it is judged by."""

    if TYPE_CHECKING:  # Each record has these fields in an order of its own.
        value: float | None
        infinite: bool

    @property
    def number(self) -> float:
        """The score as a float: `inf` when infinite, `nan` when not defined."""
        if self.infinite:
            return math.inf
        return math.nan if self.value is None else self.value


class Gauged(Scored, frozen=True, kw_only=True):
    """A score that thresholds may judge."""

    if TYPE_CHECKING:
        threshold: float | None
        warn_threshold: float | None

    @property
    def level(self) -> float | None:
        """The threshold, or the warning level where there is no other."""
        return self.warn_threshold if self.threshold is None else self.threshold

    @property
    def excess(self) -> float:
        """The score as a multiple of its level, 0 where there is none or no score."""
        if self.level is None or not self.number > 0:
            return 0.0
        return self.number / self.level if self.level else math.inf
