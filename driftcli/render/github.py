"""The report as workflow commands of GitHub Actions, which make annotations of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from driftcli.render import Look, joint_words
from driftcli.render.escape import short_name
from driftcli.render.score_words import marked, reached
from driftcli.render.words import (
    VERDICTS,
    is_waived,
    message,
    reasons,
    summary_parts,
    verdict_word,
)
from driftcli.report.columns import Column, Status
from driftcli.report.comparison import Finding, Report, Verdict
from driftcli.report.joint import ColumnPair, Joint

Level = Literal["error", "warning", "notice"]
LEVELS: tuple[Level, ...] = ("error", "warning", "notice")
_LEVEL: dict[Status | Verdict, Level] = {
    "drift": "error",
    "unjudged": "warning",
    "warn": "warning",
    "inconclusive": "notice",
}
#: Of each level, GitHub shows as many annotations of one step.
MOST = 10


class Annotation(NamedTuple):
    """A message with a title; both are text as a person reads it."""

    level: Level
    title: str
    text: str


def render(report: Report, look: Look) -> str:
    """Return a command for the verdict and for each finding and column that is not ok.

    Of a level that has more of them than GitHub shows, the last says how many more there are;
    `look.show_all` writes them all, for the log.
    """
    return _commands(list(_annotations(report)), look)


def render_joint(joint: Joint, look: Look) -> str:
    """Return a command for the verdict on pairs and for each pair that is not ok, as `render`."""
    return _commands(list(_annotations_of_pairs(joint)), look)


def _commands(annotations: list[Annotation], look: Look) -> str:
    lines: list[str] = []
    for level in LEVELS:
        shown = [each for each in annotations if each.level == level]
        lines += map(_command, shown if look.show_all else _capped(shown))
    return "".join(f"{line}\n" for line in lines)


def _annotations(report: Report) -> Iterator[Annotation]:
    level = "error" if report.exit_code else _LEVEL.get(report.verdict, "notice")
    yield Annotation(level, verdict_word(report), " · ".join(summary_parts(report, hint=False)))
    for finding in report.findings:
        if finding.status in _LEVEL:
            title = finding.kind.replace("_", " ")
            yield Annotation(_level(finding), title, message(finding))
    for column in report.columns:
        if column.status in _LEVEL:
            title = f"{column.status}: {short_name(column.name)}"
            yield Annotation(_level(column), title, _why(column))


def _annotations_of_pairs(joint: Joint) -> Iterator[Annotation]:
    level = "error" if joint.exit_code else _LEVEL.get(joint.verdict, "notice")
    yield Annotation(
        level,
        f"pairs: {VERDICTS[joint.verdict]}",
        " · ".join(joint_words.summary_parts(joint, hint=False)),
    )
    for pair in joint.pairs:
        if pair.status in _LEVEL:
            title = f"{pair.status}: {joint_words.name(pair)}"
            yield Annotation(_level(pair), title, joint_words.why(pair) or pair.status)


def _level(each: Column | Finding | ColumnPair) -> Level:
    return "notice" if is_waived(each) else _LEVEL[each.status]


def _why(column: Column) -> str:
    scores = ", ".join(map(marked, reached(column)))
    return "; ".join(part for part in (reasons(column), scores) if part) or column.status


def _capped(annotations: list[Annotation]) -> list[Annotation]:
    if len(annotations) <= MOST:
        return annotations
    rest = len(annotations) - (MOST - 1)
    return [
        *annotations[: MOST - 1],
        Annotation(annotations[0].level, "and more", f"{rest:,} more"),
    ]


def _command(annotation: Annotation) -> str:
    """Return a workflow command, as the runner reads it.

    References
    ----------
    GitHub, "Workflow commands for GitHub Actions".
    """
    return f"::{annotation.level} title={_property(annotation.title)}::{_data(annotation.text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
