"""The report as JUnit XML: a test case for each column, each finding, and the verdict."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree import ElementTree as ET

import msgspec

from driftcli.render import Look, joint_words
from driftcli.render.escape import name_text, sentence
from driftcli.render.score_words import phrase
from driftcli.render.words import acceptance, is_waived, message, reasons, summary_line
from driftcli.report.columns import Column, Status
from driftcli.report.comparison import Dataset, Finding, Report, Verdict
from driftcli.report.joint import ColumnPair, Joint
from driftcli.text import visible

#: The element that says how a test ended. Without one it passed.
_ENDED: dict[Status | Verdict, str] = {
    "drift": "failure",
    "unjudged": "error",
    "inconclusive": "skipped",
    "skipped": "skipped",
}

#: What becomes of the verdict's own test case, by exit code.
_VERDICTS: dict[int, Verdict] = {0: "ok", 1: "drift", 2: "unjudged"}


class Case(NamedTuple):
    """A test case: what became of it, why in one line, and all of it in several."""

    name: str
    status: Status | Verdict
    why: str
    text: str


def render(report: Report, look: Look) -> str:
    """Return one test suite that CI systems show as they show tests.

    What drifted failed; what is inconclusive or could not be compared was skipped; the rest passed,
    warnings and what a person accepts among it. The verdict's own test case fails when the exit
    code is 1, and is an error when that is 2. `look.show_all` gives the scores of all columns,
    too. Nothing took any time.
    """
    return _suite(report, list(_cases(report, look)))


def render_joint(joint: Joint, look: Look) -> str:
    """Return one test suite with a test case for each pair of columns, and for the verdict."""
    return _suite(joint, list(_cases_of_pairs(joint, look)))


def _suite(report: Report | Joint, cases: Sequence[Case]) -> str:
    ended = [_ENDED.get(case.status) for case in cases]
    counts = {
        "tests": str(len(cases)),
        "failures": str(ended.count("failure")),
        "errors": str(ended.count("error")),
        "time": "0",
    }
    root = ET.Element("testsuites", {"name": "drift", **counts})
    title = f"{visible(report.baseline.source)} → {visible(report.current.source)}"
    skipped = {"skipped": str(ended.count("skipped"))}
    suite = ET.SubElement(root, "testsuite", {"name": title, **counts, **skipped})
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", {"name": name, "value": value})
    for case in cases:
        _add(suite, case, _class_name(report))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _class_name(report: Report | Joint) -> str:
    """Return the name under which CI systems keep a test's history: that of the baseline.

    They take what stands before the last dot for a package. The current data is often named by
    its day, and would begin a new history with each.
    """
    return "drift." + visible(report.baseline.source).replace(".", "_")


def _properties(report: Report | Joint) -> Iterator[tuple[str, str]]:
    yield "version", report.version
    yield "verdict", report.verdict
    yield "exit_code", str(report.exit_code)
    yield from _side("baseline", report.baseline)
    yield from _side("current", report.current)
    for name, value in report.to_dict()["settings"].items():
        text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        yield f"settings.{visible(name)}", visible(text)


def _side(label: str, side: Dataset) -> Iterator[tuple[str, str]]:
    yield f"{label}.source", visible(side.source)
    yield f"{label}.rows", str(side.rows)
    if side.sampled_rows is not None:
        yield f"{label}.sampled_rows", str(side.sampled_rows)


def _cases(report: Report, look: Look) -> Iterator[Case]:
    summary = summary_line(report)
    yield Case("verdict", _VERDICTS[report.exit_code], summary, summary)
    yield from _cases_of_findings(report, look)
    for column in report.columns:
        name = f"column {_named(column.name)}"
        why = reasons(column) or column.status
        detailed = column.status != "ok" or look.show_all
        yield Case(name, _standing(column), why, _account(column) if detailed else "")


def _cases_of_pairs(joint: Joint, look: Look) -> Iterator[Case]:
    summary = joint_words.summary_line(joint)
    yield Case("verdict on pairs", _VERDICTS[joint.exit_code], summary, summary)
    yield from _cases_of_findings(joint, look)
    for pair in joint.pairs:
        why = joint_words.why(pair) or pair.status
        detailed = pair.status != "ok" or look.show_all
        account = "\n".join(filter(None, (joint_words.why(pair), *joint_words.phrases(pair))))
        name = f"pair {' × '.join(map(_named, pair.columns))}"
        yield Case(name, _standing(pair), why, account if detailed else "")


def _cases_of_findings(report: Report | Joint, look: Look) -> Iterator[Case]:
    for finding in report.findings:
        if finding.status != "ok" or look.show_all:
            text = message(finding)
            yield Case(_finding_name(finding), _standing(finding), text, text)


def _standing(each: Column | Finding | ColumnPair) -> Status:
    return "ok" if is_waived(each) else each.status


def _finding_name(finding: Finding) -> str:
    kind = finding.kind.replace("_", " ")
    return kind if finding.column is None else f"{kind} {_named(finding.column)}"


def _named(column: str) -> str:
    return name_text(column)


def _account(column: Column) -> str:
    """Return the reasons, notes and scores of a column, a line each."""
    words = map(sentence, (*column.reasons, *column.notes))
    scores = (phrase(score) for score in column.scores if score.gated)
    return "\n".join(filter(None, (acceptance(column), *words, *scores)))


def _add(suite: ET.Element, case: Case, class_name: str) -> None:
    named = {"name": case.name, "classname": class_name, "time": "0"}
    element = ET.SubElement(suite, "testcase", named)
    if ended := _ENDED.get(case.status):
        element = ET.SubElement(element, ended, {"type": case.status, "message": case.why})
    elif case.text:
        element = ET.SubElement(element, "system-out")
    # GitLab and Jenkins link files to a test that its text names so.
    element.text = case.text.replace("[[ATTACHMENT", "[ [ATTACHMENT") or None
