"""What the readable formats say of pairs of columns: which are shown, and the counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from driftcli.render import Look, instrument_words
from driftcli.render.escape import sentence, short_name
from driftcli.render.figures import counted, number
from driftcli.render.words import (
    ACCEPTED,
    HIGHEST,
    MOST_COLUMNS,
    SIGNS,
    VERDICTS,
    WAIVED_SIGN,
    acceptance,
    is_waived,
    named,
)
from driftcli.report.joint import ColumnPair, Joint, PairScore
from driftcli.text import visible

#: Between the two names of a pair.
TIMES = " × "


class ShownPairs(NamedTuple):
    """The pairs to show, how many changed ones are left out, and if all shown are unchanged."""

    pairs: tuple[ColumnPair, ...]
    left_out: int
    passed: bool


def select(joint: Joint, look: Look) -> ShownPairs:
    """Return the pairs worth showing: the changed ones, or the highest scores if none changed."""
    if look.show_all:
        return ShownPairs(joint.pairs, 0, passed=False)
    changed = tuple(pair for pair in joint.pairs if pair.status != "ok")
    if not changed:
        return ShownPairs(joint.pairs[:HIGHEST], 0, passed=True)
    shown = changed[:MOST_COLUMNS]
    return ShownPairs(shown, len(changed) - len(shown), passed=False)


def name(pair: ColumnPair) -> str:
    """Return both names, visible."""
    return TIMES.join(short_name(each) for each in pair.columns)


def sign(pair: ColumnPair) -> str:
    """Return the sign of a pair's status; one that is waived has its own."""
    return WAIVED_SIGN if is_waived(pair) else SIGNS[pair.status]


def why(pair: ColumnPair) -> str:
    """Return what changed between two columns, behind until when it is accepted."""
    since = f"since {visible(pair.since)}" if pair.since else ""
    return "; ".join(filter(None, (acceptance(pair), sentence(pair.reason or ""), since)))


def drifted(joint: Joint) -> list[ColumnPair]:
    """Return the pairs that drifted and that no waiver accepts."""
    return [pair for pair in joint.pairs if pair.status == "drift" and not is_waived(pair)]


def score(pair: ColumnPair, metric: str) -> PairScore | None:
    """Return the score of a metric, if the pair has it."""
    return next((each for each in pair.scores if each.metric == metric), None)


def phrases(pair: ColumnPair) -> Iterator[str]:
    """Yield each score of a pair in a few words: `pair_dependence 0.103 bits, drift at 0.01`."""
    for each in pair.scores:
        unit = f" {each.unit}" if each.unit else ""
        level = "" if each.threshold is None else f", drift at {number(each.threshold)}"
        p_value = "" if each.p_adjusted is None else f", p {each.p_adjusted:.2g}"
        yield f"{each.metric} {number(each.number)}{unit}{level}{p_value}"


def dependence(pair: ColumnPair) -> str:
    """Return the bits of a pair's dependence that changed."""
    found = score(pair, "pair_dependence")
    return number(found.number) if found else "–"


def correlation(pair: ColumnPair) -> str:
    """Return the rank correlation before and after: `0.00 → 0.36`."""
    if pair.correlation is None:
        return "–"
    before, after = (f"{round(each, 2) + 0.0:.2f}" for each in pair.correlation)
    return f"{before} → {after}"


def thresholds(joint: Joint, status: str) -> list[str]:
    """Return the levels that scores of a status reached: `pair_dependence ≥ 0.01`."""
    reached = {
        each.metric: each.threshold if status == "drift" else each.warn_threshold
        for judged in (*joint.pairs, *joint.judges)
        for each in judged.scores
        if each.status == status
    }
    return [f"{metric} ≥ {level:g}" for metric, level in reached.items() if level is not None]


def unpaired(joint: Joint, look: Look) -> Iterator[str]:
    """Yield the reasons why columns are in no pair, each with the names of those columns."""
    reasons: dict[str, list[str]] = {}
    for each in joint.unpaired:
        reasons.setdefault(each.reason, []).append(each.column)
    for reason, names in reasons.items():
        shown = [short_name(each) for each in names] if look.show_all else named(names)
        yield f"{', '.join(shown)} ({sentence(reason)})"


def summary_line(joint: Joint) -> str:
    """Return the verdict and the counts in one line."""
    return f"{VERDICTS[joint.verdict]}: {' · '.join(summary_parts(joint, hint=False))}"


def summary_parts(joint: Joint, *, hint: bool) -> list[str]:
    """Return how many pairs drifted, each part as a few words."""
    summary = joint.summary
    pairs = f"{counted(summary.pairs, 'pair')} of {counted(summary.columns, 'column')}"
    if joint.verdict == "unjudged":
        some = counted(summary.columns, "column")
        if summary.columns < 2:
            return [f"{some} can be paired, and it takes two"]
        tested = any(each.p_value is not None for pair in joint.pairs for each in pair.scores)
        return [f"no pair of {some} {'has a threshold' if tested else 'could be tested'}"]
    changed = [f"{summary.drift:,} of {pairs} drifted"] if summary.drift else []
    if summary.warn:
        changed.append(f"{summary.warn:,} {'warned' if changed else f'of {pairs} warned'}")
    accepted = [f"{summary.waived:,} {ACCEPTED}"] if summary.waived else []
    together = instrument_words.summary_parts(joint)
    if not changed:
        more = ["--all shows them"] if hint and summary.pairs > HIGHEST else []
        return [f"{pairs} compared", *together, *accepted, *more]
    return [*changed, *together, *accepted]
