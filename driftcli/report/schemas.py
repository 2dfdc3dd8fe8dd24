"""The documents by name, and their JSON Schemas, which `drift schema` prints."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from driftcli.report.documents import Document


class DocumentKind(NamedTuple):
    """A kind of document: the module and the class of its record, and the commands that print it.

    Modules are imported when a schema is asked for: the help of `drift schema` needs the names.
    """

    module: str
    record: str
    commands: tuple[str, ...]


DOCUMENTS: dict[str, DocumentKind] = {
    "report": DocumentKind("comparison", "Report", ("compare", "explain")),
    "timeline": DocumentKind("timeline", "Timeline", ("timeline",)),
    "joint": DocumentKind("joint", "Joint", ("joint",)),
    "profile": DocumentKind("summary", "ProfileSummary", ("show",)),
    "run": DocumentKind("run", "Run", ("run",)),
    "history": DocumentKind("history", "Trends", ("history",)),
    "calibration": DocumentKind("calibration", "Calibration", ("calibrate",)),
}


def record_of(name: str) -> type[Document]:
    """Return the record of a document by its name in `DOCUMENTS`."""
    kind = DOCUMENTS[name]
    record: type[Document] = getattr(import_module(f"driftcli.report.{kind.module}"), kind.record)
    return record


def json_schema(name: str = "report") -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a document by its name in `DOCUMENTS`."""
    import msgspec

    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"drift {name}",
        **msgspec.json.schema(record_of(name)),
    }
