"""What formats for programs say in words: of a score, of a column, of the columns that drifted."""

from __future__ import annotations

from collections.abc import Iterator

from driftcli.render.escape import name_text, sentence, shortened
from driftcli.render.figures import noise_text, score_text
from driftcli.render.words import acceptance, is_waived, mark
from driftcli.report.comparison import Column, Finding, Report, Score

LONGEST_NAME = 60
LONGEST_TEXT = 600


def name(text: str) -> str:
    """Return a column's name or a source, visible and not too long for a line of prose."""
    return name_text(text, LONGEST_NAME)


def marked(score: Score) -> str:
    """Return a score with the sign of the threshold it reached: `kl 0.250 ▲`."""
    return f"{score.metric} {score_text(score)} {mark(score)}".rstrip()


def phrase(score: Score) -> str:
    """Return a score, the levels it is judged by, and what chance makes of it.

    Examples
    --------
    >>> phrase(Score(metric="kl", value=0.25, threshold=0.1, p_adjusted=4.2e-40, status="drift"))
    'kl 0.250 ▲, drifts from 0.1, p 4.2e-40'
    """
    return ", ".join([marked(score), *_levels(score)])


def _levels(score: Score) -> Iterator[str]:
    if score.warn_threshold is not None:
        yield f"warns from {score.warn_threshold:g}"
    if score.threshold is not None:
        yield f"drifts from {score.threshold:g}"
    if chance := noise_text(score):
        yield f"chance alone reaches {chance}"
    if score.p_adjusted is not None:
        yield f"p {score.p_adjusted:.2g}"


def reasons(column: Column) -> str:
    """Return a column's reasons in one line, before them until when it is accepted."""
    texts = filter(None, (acceptance(column), *map(sentence, column.reasons)))
    return shortened("; ".join(texts), LONGEST_TEXT)


def reached(column: Column) -> Iterator[Score]:
    """Yield the scores that reached a threshold."""
    return (score for score in column.scores if mark(score))


def message(finding: Finding) -> str:
    """Return a finding's message in one line, before it until when it is accepted."""
    texts = filter(None, (acceptance(finding), sentence(finding.message)))
    return shortened("; ".join(texts), LONGEST_TEXT)


def is_grave(finding: Finding) -> bool:
    """Return whether a finding alone keeps a comparison from passing: drift, or nothing judged."""
    unjudged = finding.kind == "nothing_judged" and finding.status != "ok"
    return (unjudged or finding.status == "drift") and not is_waived(finding)


def drifted(report: Report) -> list[str]:
    """Return the names of the columns that drifted, were lost or changed their type, each once.

    Those that are waived are not among them.
    """
    columns = [
        each.name for each in report.columns if each.status == "drift" and not is_waived(each)
    ]
    found = [
        each.column
        for each in report.findings
        if each.column is not None and each.status == "drift" and not is_waived(each)
    ]
    return list(dict.fromkeys(columns + found))
