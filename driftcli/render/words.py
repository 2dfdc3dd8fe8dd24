"""What the readable formats show of a report, and how they sum it up in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from driftcli.render import Look
from driftcli.render.escape import name_text, sentence, shortened
from driftcli.render.figures import counted, share
from driftcli.report.columns import Column, Status
from driftcli.report.comparison import Finding, FindingKind, Report, Verdict
from driftcli.text import visible

if TYPE_CHECKING:
    from driftcli.report.history import ColumnTrend
    from driftcli.report.joint import ColumnPair, Joint
    from driftcli.report.timeline import Timeline, TimelineColumn

SIGNS: dict[Status | Verdict, str] = {
    "drift": "✗",
    "unjudged": "?",
    "warn": "!",
    "inconclusive": "?",
    "ok": "✓",
    "skipped": "–",
}
UNGATED_SIGN = "○"
#: Of a column that is not ok, and has a waiver.
WAIVED_SIGN = "~"
#: What a whole dataset, or a period or a run of it, is said to be.
VERDICTS: dict[str, str] = {
    "drift": "drift",
    "unjudged": "not judged",
    "warn": "warning",
    "inconclusive": "inconclusive",
    "ok": "no drift",
}
#: What columns are said to have done where they are counted.
COUNTED: dict[Status, str] = {
    "drift": "drifted",
    "warn": "warned",
    "inconclusive": "inconclusive",
    "ok": "unchanged",
    "skipped": "not compared",
}
#: Of what has a waiver and is not ok.
ACCEPTED = "accepted"

#: The word for "ok" where something changed beyond chance.
BELOW = "below the thresholds"

DEFAULT_METRICS = ("js_distance", "wasserstein", "kl")
#: Shown as shares before and after rather than as a score.
MISSING = "missing"

MOST_COLUMNS = 30
MOST_FINDINGS = 10
MOST_NAMES = 5
#: Characters that a program gets of a column or a finding.
LONGEST_TEXT = 600
#: Of the unchanged columns that a passed report still shows.
HIGHEST = 3

_CHANGED: tuple[Status, ...] = ("drift", "warn", "inconclusive")
#: Every kind of finding where several are counted: one, and more.
FINDINGS: dict[FindingKind, tuple[str, str]] = {
    "lost_column": ("lost column", "lost columns"),
    "new_column": ("new column", "new columns"),
    "type_change": ("changed type", "changed types"),
    "invalid_values": ("column with invalid values", "columns with invalid values"),
    "mixed_values": ("column of mixed values", "columns of mixed values"),
    "reading": ("note on how data is read", "notes on how data is read"),
    "binary_text": ("column of binary text", "columns of binary text"),
    "other_prefix": ("identifier with another prefix", "identifiers with other prefixes"),
    "collapsed_times": ("column of one time", "columns of one time"),
    "future_times": ("column with times to come", "columns with times to come"),
    "early_times": ("column of earlier times", "columns of earlier times"),
    "sentinel_times": ("sentinel with another share", "sentinels with other shares"),
    "moved_clock": ("column of times moved by hours", "columns of times moved by hours"),
    "partial_column": ("column that some files lack", "columns that some files lack"),
    "read_as": ("column read otherwise", "columns read otherwise"),
    "nothing_judged": ("nothing judged", "nothing judged"),
    "no_rows": ("side without rows", "sides without rows"),
    "few_rows": ("side with too few rows", "sides with too few rows"),
    "within_noise": ("note on too few rows", "notes on too few rows"),
    "row_count": ("unusual number of rows", "unusual numbers of rows"),
    "filter": ("note on rows left out", "notes on rows left out"),
    "footers": ("note on values that were not read", "notes on values that were not read"),
    "repeated_rows": ("side with repeated rows", "sides with repeated rows"),
    "stale": ("stale side", "stale sides"),
    "blocks": ("note on rows that move together", "notes on rows that move together"),
    "independent_rows": ("note on independent rows", "notes on independent rows"),
    "settings": ("setting without effect", "settings without effect"),
}


Listed = TypeVar("Listed", Column, "TimelineColumn")


class Shortlist(NamedTuple, Generic[Listed]):
    """The columns to show, the changed ones left out, and whether all shown are unchanged."""

    columns: tuple[Listed, ...]
    left_out: tuple[Listed, ...] = ()
    passed: bool = False

    @property
    def title(self) -> str:
        """What the columns are called above their names."""
        return "highest scores" if self.passed else "column"


def shortlist(columns: tuple[Listed, ...], look: Look) -> Shortlist[Listed]:
    """Return the columns worth showing: the changed ones, or the highest scores if none changed."""
    if look.show_all:
        return Shortlist(columns)
    changed = tuple(column for column in columns if column.status in _CHANGED)
    if not changed:
        scored = tuple(column for column in columns if column.gated and _has_scores(column))
        return Shortlist(scored[:HIGHEST], passed=True)
    return Shortlist(changed[:MOST_COLUMNS], changed[MOST_COLUMNS:])


def _has_scores(column: Column | TimelineColumn) -> bool:
    return bool(column.scores) if isinstance(column, Column) else column.status == "ok"


def left_out(columns: tuple[Column, ...]) -> str:
    """Return how many columns are left out, by what became of them."""
    counts = Counter(column.status for column in columns)
    parts = [f"{counts[each]:,} more {COUNTED[each]}" for each in _CHANGED if counts[each]]
    return f"+ {', '.join(parts)}" if parts else ""


def select_findings(
    report: Report | Timeline | Joint, look: Look
) -> tuple[tuple[Finding, ...], str]:
    """Return the findings to list, and in words how many are left out.

    One that is `ok` is a mere remark, and shown with `show_all` only; but what a column was
    read as, which rows were taken, and that rows move together, is always shown.
    """
    if look.show_all:
        return report.findings, ""
    listed = tuple(
        finding
        for finding in report.findings
        if finding.status != "ok" or finding.kind in ("read_as", "blocks", "filter", "footers")
    )
    rest = len(listed[MOST_FINDINGS:])
    return listed[:MOST_FINDINGS], f"+ {rest:,} more" if rest else ""


def metrics_shown(report: Report) -> tuple[str, ...]:
    """Return the metrics that have a place in the tables, the most important first."""
    chosen = report.settings.get("metrics") or DEFAULT_METRICS
    return tuple(metric for metric in chosen if metric != MISSING)


def is_waived(each: Column | Finding | TimelineColumn | ColumnTrend | ColumnPair) -> bool:
    """Return whether a person accepts what is wrong; what is ok needs nobody to."""
    return getattr(each, "waiver", None) is not None and each.status not in ("ok", "skipped")


def acceptance(each: Column | Finding | ColumnTrend | ColumnPair) -> str:
    """Return until when something wrong is accepted, and why; nothing where it is not."""
    if each.waiver is None or not is_waived(each):
        return ""
    return f"accepted until {visible(each.waiver.until)} ({sentence(each.waiver.why)})"


def sign(column: Column | TimelineColumn) -> str:
    """Return the sign of a column's status; one not gated, or waived, has its own."""
    if is_waived(column):
        return WAIVED_SIGN
    if column.status == "ok" and not column.gated:
        return UNGATED_SIGN
    return SIGNS[column.status]


def missing_matters(columns: tuple[Column, ...]) -> bool:
    """Return whether any column's share of missing values changed visibly."""
    return any(
        share(column.baseline.missing) != share(column.current.missing) for column in columns
    )


def named(names: Sequence[str]) -> list[str]:
    """Return the first few names, visible and not too long, and an ellipsis for the rest."""
    shown = [name_text(name, 32) for name in names[:MOST_NAMES]]
    return shown + ["…"] * (len(names) > MOST_NAMES)


def verdict_word(report: Report) -> str:
    """Return the word of the verdict: what changed below the thresholds is not "no drift"."""
    return BELOW if report.verdict == "ok" and changed(report) else VERDICTS[report.verdict]


def changed(report: Report) -> list[Column]:
    """Return the columns that changed beyond chance, if below all thresholds."""
    return [column for column in report.columns if column.status == "ok" and column.changes]


def change_text(column: Column) -> str:
    """Return what changed in a column, behind its name."""
    name = name_text(column.name, 32)
    return f"{name} {', '.join(sentence(each.message) for each in column.changes)}"


def summary_line(report: Report) -> str:
    """Return the verdict and the counts in one line."""
    return f"{verdict_word(report)}: {' · '.join(summary_parts(report, hint=False))}"


def summary_parts(report: Report, *, hint: bool) -> list[str]:
    """Return how many columns drifted, warned, stayed and so on, each as a few words.

    `hint` says how to see the unchanged ones.
    """
    summary = report.summary
    compared = counted(summary.columns - summary.skipped, "column")
    if summary.drift:
        lead = f"{summary.drift:,} of {compared} drifted{names(report, 'drift')}"
    elif summary.warn:
        lead = f"{summary.warn:,} of {compared} warned{names(report, 'warn')}"
    elif report.verdict == "unjudged":
        lead = f"none of {compared} judged"
    else:
        lead = f"{compared} compared"
    return [
        lead,
        *_segment_parts(report),
        *finding_parts(report),
        *_change_parts(report),
        *status_parts(report, small=len(changed(report)), hint=hint),
        *_other_parts(report),
    ]


def _change_parts(report: Report) -> Iterator[str]:
    found = changed(report)
    if found:
        shown = "; ".join(map(change_text, found[:HIGHEST]))
        rest = len(found[HIGHEST:])
        yield f"real but small: {shown}" + (f"; {rest:,} more" if rest else "")


def _segment_parts(report: Report) -> Iterator[str]:
    if report.segments is not None:
        from driftcli.render.segment_words import summary

        yield from summary(report.segments)


def names(report: Report | Timeline, status: Status) -> str:
    """Return the columns of a status in brackets, the first few by name."""
    found = [each.name for each in report.columns if each.status == status and not is_waived(each)]
    return f" ({', '.join(named(found))})" if found else ""


def finding_parts(report: Report | Timeline) -> Iterator[str]:
    """Yield how many findings of each kind there are, in a few words.

    That nothing was judged is the verdict's own word.
    """
    wrong = (each for each in report.findings if each.status != "ok" and not is_waived(each))
    counts = Counter(finding.kind for finding in wrong)
    if report.verdict == "unjudged":
        counts.pop("nothing_judged", None)
    for kind, (singular, plural) in FINDINGS.items():
        if counts[kind]:
            yield f"{counts[kind]:,} {singular if counts[kind] == 1 else plural}"


def status_parts(report: Report | Timeline, *, small: int, hint: bool) -> Iterator[str]:
    """Yield how many columns are of each status; `small` of the unchanged did change a little."""
    summary = report.summary
    ungated = sum(column.status == "ok" and not column.gated for column in report.columns)
    unchanged = summary.ok - ungated - small
    for count, text in (
        (summary.warn if summary.drift else 0, COUNTED["warn"]),
        (summary.inconclusive, COUNTED["inconclusive"]),
        (getattr(summary, "waived", 0), ACCEPTED),
        (unchanged, COUNTED["ok"] + (" (--all shows them)" if hint else "")),
        (ungated, "not gated"),
    ):
        if count:
            yield f"{count:,} {text}"


def _other_parts(report: Report) -> Iterator[str]:
    summary = report.summary
    if summary.skipped:
        yield f"{summary.skipped:,} {COUNTED['skipped']}"
    if report.ignored:
        yield f"{len(report.ignored):,} ignored ({', '.join(named(report.ignored))})"
    if report.configured:
        yield f"settings: {settings_file(report)}"


def settings_file(report: Report) -> str:
    """Return the configuration file, or the table in it, that gave settings."""
    return visible(max(report.configured.values(), key=len))


def configured(report: Report) -> list[str]:
    """Return the settings that a configuration file gave, by their keys."""
    return [visible(key) for key in report.configured]


def why(column: Column, *, notes: bool) -> str:
    """Return a column's reasons in one line, `notes` that are no reason to fail behind them."""
    texts = [*column.reasons, *(column.notes if notes else ())]
    return "; ".join(filter(None, (acceptance(column), *map(sentence, texts))))


def reasons(column: Column) -> str:
    """Return a column's reasons in one line that is not too long for a program's log."""
    return shortened(why(column, notes=False), LONGEST_TEXT)


def message(finding: Finding) -> str:
    """Return a finding's message in one line, behind until when it is accepted."""
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
