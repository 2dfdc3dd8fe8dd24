"""A run as JSON Lines, for logs: a line for each check."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from driftcli.render.json_text import harmless
from driftcli.render.look import Look
from driftcli.report.comparison import SEVERITY, Report, encoded
from driftcli.report.run import Run

SCHEMA = "drift.run-log/1"
_KEPT = (
    *("check", "outcome", "exit_code", "day", "since", "runs", "error", "problems"),
    *("baseline", "current", "started", "finished", "seconds", "attempts", "reports"),
)


def render(report: Run, look: Look) -> str:
    """Return an RFC 8259 document a line, each of which can be read without the others.

    Fields are those of the JSON document; of a check's report there is what is not ok.
    """
    lines = (msgspec.json.encode(event).decode() for event in _events(report))
    return harmless("".join(f"{line}\n" for line in lines), ascii_only=look.ascii_only)


def _events(run: Run) -> Iterator[dict[str, Any]]:
    document = msgspec.json.decode(encoded(run))
    for check, made in zip(document["checks"], run.checks, strict=True):
        yield {
            "event": "check",
            "schema": SCHEMA,
            **{field: check[field] for field in _KEPT},
            **(_of_report(made.report, check["report"]) if made.report else {}),
        }


def _of_report(report: Report, document: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of a report, and its columns and findings by their status, if not ok."""
    statuses = [each for each in SEVERITY if each not in ("ok", "skipped")]
    return {
        "rows": {"baseline": report.baseline.rows, "current": report.current.rows},
        "columns": {
            status: [
                each["name"]
                for each in document["columns"]
                if each["status"] == status and not each["waiver"]
            ]
            for status in statuses
        },
        "findings": [each for each in document["findings"] if each["status"] in statuses],
    }
