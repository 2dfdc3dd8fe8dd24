"""Documents as JSON, with nothing left out, and as JSON Lines, for logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from driftcli.render import Look
from driftcli.report.columns import SEVERITY
from driftcli.report.comparison import Report
from driftcli.report.documents import Document
from driftcli.report.joint import Joint
from driftcli.report.run import Run

_OF_COLUMN = ("kind", "status", "gated", "reasons", "notes", "waiver", "since")
_OF_PAIR = ("columns", "status", "reason", "waiver", "since", "lost", "correlation", "scores")
_OF_CHECK = (
    *("check", "outcome", "exit_code", "day", "since", "runs", "error", "problems"),
    *("baseline", "current", "started", "finished", "seconds", "attempts", "reports"),
)
#: Statuses of what is told of.
_WRONG = [each for each in SEVERITY if each not in ("ok", "skipped")]


def render(document: Document, look: Look) -> str:
    r"""Return a document as one RFC 8259 text: what `drift schema` describes.

    Characters that act on a terminal are `\u` escapes, which any parser undoes; with
    `look.ascii_only` so is all that is not ASCII. A lone surrogate, which JSON cannot carry, is
    replaced by its visible escape.
    """
    return _harmless(document.to_json(), ascii_only=look.ascii_only)


#: Line breaks, and what ASCII prints.
_PLAIN = b"\n" + bytes(range(0x20, 0x7F))


def _harmless(text: str, *, ascii_only: bool) -> str:
    """Return JSON with its unprintable characters escaped; line breaks are only layout here."""
    # Nearly all of it is plain: what is not is looked for among bytes, and few are left.
    for character in set(text.encode().translate(None, _PLAIN).decode()):
        if not character.isprintable() or (ascii_only and not character.isascii()):
            text = text.replace(character, _escape(character))
    return text


def _escape(character: str) -> str:
    """Return the escapes of a character's UTF-16 code units."""
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def lines(records: Iterable[Any], look: Look) -> str:
    """Return an RFC 8259 document a line, each of which can be read without the others."""
    encoded = (msgspec.json.encode(record).decode() for record in records)
    return _harmless("".join(f"{line}\n" for line in encoded), ascii_only=look.ascii_only)


def render_lines(report: Report, look: Look) -> str:
    """Return a line for the comparison, and one for each column and finding that is not ok.

    Fields are those of the JSON report; of the scores there are those that are gated. With
    `look.show_all`, columns and findings that are ok have lines, too, and columns all scores.
    """
    return lines(_events(report, look), look)


def render_joint_lines(joint: Joint, look: Look) -> str:
    """Return a line for the comparison of pairs, and one for each pair that is not ok.

    What judged all columns together has a line, too, where that is not ok.

    With `look.show_all`, pairs and findings that are ok have lines, too.
    """
    return lines(_events_of_pairs(joint, look), look)


def _events_of_pairs(joint: Joint, look: Look) -> Iterator[dict[str, Any]]:
    document = joint.to_dict()
    about = _about(document, "drift.joint-log/1")
    yield _of_run(document, about)
    for pair in document["pairs"]:
        if look.show_all or pair["status"] != "ok":
            yield {"event": "pair", **about, **{field: pair[field] for field in _OF_PAIR}}
    for name in ("discriminator", "critic"):
        found = document[name]
        if found and (look.show_all or found["status"] != "ok"):
            yield {"event": name, **about, **found}
    yield from _of_findings(document, about, look)


def _about(document: dict[str, Any], schema: str) -> dict[str, Any]:
    return {
        "schema": schema,
        "verdict": document["verdict"],
        "baseline": document["baseline"]["source"],
        "current": document["current"]["source"],
    }


def _of_run(document: dict[str, Any], about: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": "run",
        **about,
        "exit_code": document["exit_code"],
        "version": document["version"],
        "rows": {side: document[side]["rows"] for side in ("baseline", "current")},
        "summary": document["summary"],
    }


def _of_findings(
    document: dict[str, Any], about: dict[str, Any], look: Look
) -> Iterator[dict[str, Any]]:
    for finding in document["findings"]:
        if look.show_all or finding["status"] != "ok":
            yield {"event": "finding", **about, **finding}


def _events(report: Report, look: Look) -> Iterator[dict[str, Any]]:
    document = report.to_dict()
    about = _about(document, "drift.log/1")
    yield _of_run(document, about)
    for column in document["columns"]:
        if look.show_all or column["status"] != "ok":
            kept = {field: column[field] for field in _OF_COLUMN}
            scores = [each for each in column["scores"] if look.show_all or each["gated"]]
            yield {"event": "column", **about, "column": column["name"], **kept, "scores": scores}
    yield from _of_findings(document, about, look)


def render_run_lines(run: Run, look: Look) -> str:
    """Return a line for each check of a run.

    Fields are those of the JSON document; of a check's report there is what is not ok.
    """
    return lines(map(_check, run.to_dict()["checks"]), look)


def _check(check: dict[str, Any]) -> dict[str, Any]:
    return {
        "event": "check",
        "schema": "drift.run-log/1",
        **{field: check[field] for field in _OF_CHECK},
        **(_of_report(check["report"]) if check["report"] else {}),
        **(_of_joint(check["joint"]) if check["joint"] else {}),
    }


def _of_report(report: dict[str, Any]) -> dict[str, Any]:
    """Return the rows of a report, and its columns and findings by their status, if not ok."""
    return {
        "rows": {side: report[side]["rows"] for side in ("baseline", "current")},
        "columns": {
            status: [
                each["name"]
                for each in report["columns"]
                if each["status"] == status and not each["waiver"]
            ]
            for status in _WRONG
        },
        "findings": [each for each in report["findings"] if each["status"] in _WRONG],
    }


def _of_joint(joint: dict[str, Any]) -> dict[str, Any]:
    """Return the pairs of columns by their status, if not ok."""
    wrong = [each for each in joint["pairs"] if not each["waiver"]]
    return {
        "pairs": {
            status: [each["columns"] for each in wrong if each["status"] == status]
            for status in ("drift", "warn")
        }
    }
