"""A run for a terminal or a mail: a line for each check, and details of what failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from driftcli.render import LEAST_WIDTH, Look, joint_words
from driftcli.render import render as render_document
from driftcli.render.escape import sentence, short_name
from driftcli.render.figures import counted
from driftcli.render.terminal.text import (
    DOT,
    GAP,
    QUIET,
    STATUS_STYLES,
    Line,
    Styled,
    cell_len,
    fitted,
    for_terminal,
    joined,
    padded,
    paint,
    paragraph,
    spaced,
    wrapped,
)
from driftcli.render.words import (
    ACCEPTED,
    COUNTED,
    SIGNS,
    VERDICTS,
    drifted,
    is_grave,
    message,
)
from driftcli.report.comparison import Report, Verdict
from driftcli.report.history import Outcome
from driftcli.report.joint import Joint
from driftcli.report.run import OUTCOMES, CheckReport, Run
from driftcli.text import visible

#: An error looks as drift does: something is to be done.
_LOOKS: dict[Outcome, Verdict] = {
    "error": "drift",
    "drift": "drift",
    "unjudged": "unjudged",
    "warn": "warn",
    "inconclusive": "inconclusive",
    "ok": "ok",
}
_WORDS: dict[str, str] = {"error": "error", **VERDICTS}
_LONGEST_NAME = 40
_MOST_NAMES = 5
#: Of an error.
_MOST_LINES = 6


def render(report: Run, look: Look) -> str:
    """Return a line for each check, then the reports of those that failed, as `look` asks for.

    With `look.show_all` the reports of all checks follow, with `look.brief` none. With `look.timed`
    lines say how long a check took.
    """
    checks = report.checks
    following = (each for each in checks if _fails(each) or look.show_all)
    detailed = () if look.brief else tuple(following)
    parts = [paint(spaced([_lines(checks, look), _remarks(checks, look)]), color=look.color)]
    parts += [
        _details(each, document, look)
        for each in detailed
        for document in _documents(each)
        if look.show_all or document.exit_code
    ]
    if len(checks) > 1:
        parts.append(paint(_summary(report, look), color=look.color))
    return "\n".join(parts)


def _documents(check: CheckReport) -> list[Report | Joint]:
    return [each for each in (check.report, check.joint) if each]


def _fails(check: CheckReport) -> bool:
    """Return whether a report tells why a check failed."""
    return bool(check.exit_code) and check.exit_code in [e.exit_code for e in _documents(check)]


def _lines(checks: Sequence[CheckReport], look: Look) -> Iterator[Line]:
    names = [fitted(for_terminal(visible(each.check), look), _LONGEST_NAME) for each in checks]
    words = [for_terminal(_WORDS[each.outcome], look) for each in checks]
    width = max(map(cell_len, names))
    wide = max(map(cell_len, words))
    for each, label, word in zip(checks, names, words, strict=True):
        style = STATUS_STYLES[_LOOKS[each.outcome]]
        head = [
            Styled(for_terminal(SIGNS[_LOOKS[each.outcome]], look) + " ", style),
            padded(Styled(label, "bold"), width),
            Styled(GAP),
            padded(Styled(word, style), wide),
            Styled(GAP),
        ]
        seconds = f"{GAP}{each.seconds:,.1f} s" if look.timed else ""
        indent = sum(cell_len(piece.text) for piece in head)
        room = max(LEAST_WIDTH, look.room - indent - len(seconds))
        most = _MOST_LINES if each.error else 1
        first, *more = wrapped(for_terminal(_text(each), look), room, most, look.ellipsis) or [""]
        yield [*head, Styled(first), Styled(seconds, QUIET)]
        for line in more:
            yield [Styled(" " * indent), Styled(line)]


def _text(check: CheckReport) -> str:
    """Return what a line says of a check, behind its verdict."""
    since = ""
    if check.since and (check.runs or 0) > 1 and check.outcome != "ok":
        since = f" ({check.runs:,} runs since {check.since})"
    if check.report is None:
        return sentence(check.error or "") + since
    wrong = [*_wrong(check.report), *(_wrong_pairs(check.joint) if check.joint else ())]
    if not wrong:
        return ", ".join(_counts(check.report, check.joint)) + since
    *others, (last, names) = wrong
    return "; ".join([*(f"{text}{names}" for text, names in others), f"{last}{since}{names}"])


def _wrong(report: Report) -> Iterator[tuple[str, str]]:
    """Yield what is wrong, and the names of which columns that is so of."""
    for finding in report.findings:
        if finding.column is None and is_grave(finding):
            yield message(finding), ""
    if names := drifted(report):
        total = len({*names, *(column.name for column in report.columns)})
        yield _listed([short_name(each) for each in names], counted(total, "column"))


def _wrong_pairs(joint: Joint) -> Iterator[tuple[str, str]]:
    pairs = joint_words.drifted(joint)
    if pairs:
        names = [joint_words.name(each) for each in pairs]
        yield _listed(names, counted(joint.summary.pairs, "pair"))
    elif joint.verdict == "unjudged":
        yield ", ".join(joint_words.summary_parts(joint, hint=False)), ""


def _listed(names: Sequence[str], of: str) -> tuple[str, str]:
    shown = ", ".join([*names[:_MOST_NAMES], *(["…"] if len(names) > _MOST_NAMES else [])])
    return f"{len(names):,} of {of}", f": {shown}"


def _counts(report: Report, joint: Joint | None) -> Iterator[str]:
    """Yield how much was compared, and what of it is not ok although nothing drifted."""
    summary = report.summary
    yield counted(summary.columns - summary.skipped, "column")
    if joint:
        yield counted(joint.summary.pairs, "pair")
    yield counted(report.current.rows, "row")
    pairs = joint.summary if joint else None
    for number, word in (
        (summary.warn + (pairs.warn if pairs else 0), COUNTED["warn"]),
        (summary.inconclusive, COUNTED["inconclusive"]),
        (summary.waived + (pairs.waived if pairs else 0), ACCEPTED),
    ):
        if number:
            yield f"{number:,} {word}"


def _remarks(checks: Sequence[CheckReport], look: Look) -> Iterator[Line]:
    """Yield what went wrong besides, and the waivers that no longer hold."""
    for check in checks:
        texts = [sentence(each) for each in check.problems]
        for glob, waiver in check.expired.items():
            by = f" by {short_name(waiver.by)}" if waiver.by else ""
            ended = f"ended on {waiver.until}: {sentence(waiver.why)}"
            texts.append(f"the waiver of `{short_name(glob)}`{by} {ended}")
        for text in texts:
            yield from paragraph(f"{check.check}: {text}", look, margin=Styled("! ", "yellow"))


def _details(check: CheckReport, document: Report | Joint, look: Look) -> str:
    name = fitted(visible(check.check), _LONGEST_NAME)
    name += ": pairs" if isinstance(document, Joint) else ""
    heading = for_terminal(f"── {name} ", look)
    rule = heading + for_terminal("─", look) * max(0, min(look.room, 100) - cell_len(heading))
    return paint([[Styled(rule, "bold")]], color=look.color) + render_document(document, look=look)


def _summary(run: Run, look: Look) -> Iterator[Line]:
    status = _LOOKS[run.outcome]
    counts = [(sum(c.outcome == each for c in run.checks), _WORDS[each]) for each in OUTCOMES]
    parts = [f"{number:,} {word}" for number, word in counts if number]
    text = f"{counted(len(run.checks), 'check')}: {joined(parts, DOT, look)}"
    yield from paragraph(text, look, margin=Styled(SIGNS[status] + " ", STATUS_STYLES[status]))
