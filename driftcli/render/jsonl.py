"""The report as JSON Lines, for logs: the run, the columns that are not ok, and the findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from driftcli.render.json_text import harmless
from driftcli.render.look import Look
from driftcli.report.comparison import Report

SCHEMA = "drift.log/1"
_OF_COLUMN = ("kind", "status", "gated", "reasons", "notes", "waiver", "since")


def render(report: Report, look: Look) -> str:
    """Return an RFC 8259 document a line, each of which can be read without the others.

    Fields are those of the JSON report; of the scores there are those that are gated. With
    `look.show_all`, columns and findings that are ok have lines, too, and columns all scores.
    """
    lines = (msgspec.json.encode(event).decode() for event in _events(report, look))
    return harmless("".join(f"{line}\n" for line in lines), ascii_only=look.ascii_only)


def _events(report: Report, look: Look) -> Iterator[dict[str, Any]]:
    document = report.to_dict()
    about = {
        "schema": SCHEMA,
        "verdict": document["verdict"],
        "baseline": document["baseline"]["source"],
        "current": document["current"]["source"],
    }
    yield {
        "event": "run",
        **about,
        "exit_code": document["exit_code"],
        "version": document["version"],
        "rows": {side: document[side]["rows"] for side in ("baseline", "current")},
        "summary": document["summary"],
    }
    for column in document["columns"]:
        if look.show_all or column["status"] != "ok":
            kept = {field: column[field] for field in _OF_COLUMN}
            scores = [each for each in column["scores"] if look.show_all or each["gated"]]
            yield {"event": "column", **about, "column": column["name"], **kept, "scores": scores}
    for finding in document["findings"]:
        if look.show_all or finding["status"] != "ok":
            yield {"event": "finding", **about, **finding}
