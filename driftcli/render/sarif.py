"""The report as SARIF 2.1.0, for code scanning: a rule for each metric and kind of finding."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

import msgspec

from driftcli.render import Look, joint_words
from driftcli.render.escape import name_text, sentence, short_name
from driftcli.render.score_words import phrase, reached
from driftcli.render.words import message, reasons
from driftcli.report.columns import Column, Score, Status, Waiver
from driftcli.report.comparison import Dataset, FindingKind, Report
from driftcli.report.joint import Joint
from driftcli.text import visible

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: dict[Status, Literal["error", "warning", "note"]] = {
    "drift": "error",
    "warn": "warning",
    "inconclusive": "note",
}
_KINDS: dict[FindingKind, str] = {
    "nothing_judged": "No column was judged",
    "lost_column": "The current data has lost a column",
    "new_column": "The current data has a new column",
    "type_change": "A column has another type than in the baseline",
    "invalid_values": "A column has values that are not of its type",
    "read_as": "A column is read as what its values are written like",
    "mixed_values": "A column is text because of a few of its values",
    "reading": "How data is read was guessed",
    "binary_text": "A column is text that is stored as binary, and not compared",
    "other_prefix": "All values of an identifier begin otherwise than before",
    "collapsed_times": "The times of a column are all one time, which they were not",
    "future_times": "A column holds times beyond the day of the run, which it did not",
    "early_times": "Times of a column are before the baseline's first: all, or some by far",
    "sentinel_times": "A time apart from all others holds another share of the rows",
    "moved_clock": "The hours of the day of a column are those of before, moved by some hours",
    "partial_column": "A column is not in all files of a side",
    "no_rows": "A side has no rows",
    "few_rows": "A side has too few rows",
    "within_noise": "The rows are too few to see changes at the thresholds",
    "filter": "Only some rows were taken",
    "footers": "No values were read",
    "repeated_rows": "More rows repeat an earlier one than in the baseline",
    "row_count": "The current data has far more or fewer rows than past runs",
    "stale": "The newest row of the current data is too old",
    "blocks": "Rows of the data move together",
    "independent_rows": "Rows are taken as independent",
    "settings": "A setting has no effect on this data",
}
_EXPLAIN = "`drift explain` shows what moved in a column."
_KIND_HELP = "drift.toml says which findings are drift: see `drift config`."
_PAIR_HELP = "`drift joint` shows how pairs of columns depend on each other."
_TOGETHER_HELP = "`drift joint` looks at all columns together where it is asked to."
#: GitHub shows no result without a region. A column has none; its header is the nearest.
_HEADER = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
_NO_FILE = re.compile(r"^-$|://|[*?\[]")


class Result(NamedTuple):
    """A score that reached a threshold, or a finding."""

    rule: str
    status: Status
    column: str | None
    text: str
    waiver: Waiver | None


def render(report: Report, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return a log with one run, whatever the look.

    References
    ----------
    OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01".
    """
    return _log(report, list(_rules(report)), list(_results(report)))


def render_joint(joint: Joint, look: Look) -> str:  # noqa: ARG001  # every renderer takes a look
    """Return a log with one run on pairs of columns, whatever the look."""
    return _log(joint, list(_rules_of_pairs()), list(_results_of_pairs(joint)))


def _log(report: Report | Joint, rules: list[dict[str, Any]], results: list[Result]) -> str:
    driver = {"name": "drift", "semanticVersion": report.version, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True, "exitCode": report.exit_code}],
        "results": list(_located(report, results, [rule["id"] for rule in rules])),
        "properties": {"verdict": report.verdict},
    }
    document = msgspec.json.encode({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})
    return msgspec.json.format(document, indent=2).decode() + "\n"


def _rules(report: Report) -> Iterator[dict[str, Any]]:
    metrics = dict.fromkeys(score.metric for each in report.columns for score in each.scores)
    for metric in metrics:
        short = f"The score {metric} of a column reached a threshold"
        yield _rule(metric, short, f"`drift metrics` says what {metric} measures; {_EXPLAIN}")
    for kind, short in _KINDS.items():
        yield _rule(kind, short, _KIND_HELP)


def _rule(name: str, short: str, long: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": short},
        "fullDescription": {"text": f"{short}."},
        "help": {"text": long},
    }


def _located(
    report: Report | Joint, results: list[Result], rules: list[str]
) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    artifact = _artifact(report.current)
    for result in results:
        digest = _fingerprint(result)
        seen[digest] += 1
        place = _logical(result.column)
        yield {
            "ruleId": result.rule,
            "ruleIndex": rules.index(result.rule),
            "level": _LEVELS[result.status],
            "message": {"text": _plain(result.text)},
            **({"locations": [artifact | place]} if artifact or place else {}),
            **({"suppressions": [_suppression(result.waiver)]} if result.waiver else {}),
            # The one fingerprint that GitHub heeds, in its form: a hash and which one of that.
            "partialFingerprints": {"primaryLocationLineHash": f"{digest}:{seen[digest]}"},
        }


def _suppression(waiver: Waiver) -> dict[str, Any]:
    why = f"until {visible(waiver.until)}: {sentence(waiver.why)}"
    return {"kind": "external", "status": "accepted", "justification": _plain(why)}


def _results(report: Report) -> Iterator[Result]:
    for finding in report.findings:
        if finding.status in _LEVELS:
            text = message(finding)
            yield Result(finding.kind, finding.status, finding.column, text, finding.waiver)
    for column in report.columns:
        for score in reached(column):
            text = _text(column, score)
            yield Result(score.metric, score.status, column.name, text, column.waiver)


def _rules_of_pairs() -> Iterator[dict[str, Any]]:
    yield _rule("pair_dependence", "Two columns depend on each other otherwise", _PAIR_HELP)
    yield _rule("pair_correlation", "The rank correlation of two columns changed", _PAIR_HELP)
    yield _rule("joint_jsd", "All columns together have another distribution", _TOGETHER_HELP)
    yield _rule("joint_wasserstein", "All numeric columns together moved", _TOGETHER_HELP)


def _results_of_pairs(joint: Joint) -> Iterator[Result]:
    for pair in joint.pairs:
        for score in pair.scores:
            if score.status in _LEVELS:
                text = f"`{joint_words.name(pair)}`: {joint_words.why(pair)}"
                # The names together are those of no column, and as a key of a result of no other.
                place = " × ".join(pair.columns)
                yield Result(score.metric, score.status, place, text, pair.waiver)
    for each in joint.judges:
        for bound in each.scores:
            if bound.status in _LEVELS:
                yield Result(bound.metric, bound.status, None, each.reason or "", None)


def _text(column: Column, score: Score) -> str:
    lead = f"`{short_name(column.name)}`: {phrase(score)}"
    why = reasons(column)
    return f"{lead}. {why}" if why else lead


def _plain(text: str) -> str:
    """Return a plain text message (SARIF 3.11.5, 3.11.6) without placeholders or links."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _fingerprint(result: Result) -> str:
    """Return what stays the same from run to run: which rule, and which column."""
    parts = f"{result.rule}\0{result.column}".encode(errors="surrogatepass")
    return hashlib.sha256(parts).hexdigest()[:16]


def _logical(column: str | None) -> dict[str, Any]:
    if column is None:
        return {}
    name = name_text(column)
    place = {"name": name, "fullyQualifiedName": name, "kind": "column"}
    return {"logicalLocations": [place]}


def _artifact(side: Dataset) -> dict[str, Any]:
    """Return the location of the data when they are one local file: a path with a suffix."""
    path = PurePosixPath(side.source)
    if side.format == "memory" or _NO_FILE.search(side.source) or not path.suffix:
        return {}
    uri = quote(str(path), errors="backslashreplace")
    uri = f"file://{uri}" if path.is_absolute() else uri
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": _HEADER}}
