"""The Markdown of what was measured: how often each rule alarms, and how often it should not."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from math import sqrt
from statistics import median

from drifts import DRIFTS, NOTHING
from rules import RULES
from scipy.stats import binomtest
from trials import Outcome

OURS = "drift"
LISTED_ALARMS = 40
#: The quantile of the normal distribution that makes a difference more than sampling error.
SURE = 1.96
FEWER, FEWER_THAN_CAREFUL = "▽", "▼"
#: The share of unchanged columns up to which a rule that alarms on them can be taken seriously.
CAREFUL = 0.1

#: Effects over their threshold, from the largest on: where each range begins and what it is called.
RANGES = (
    (1.5, "one column drifts, by 1.5 × a threshold or more"),
    (1.2, "by 1.2 to 1.5 × a threshold"),
    (0.9, "about a threshold, by 0.9 to 1.2 ×"),
    (0.0, "by less than 0.9 × a threshold"),
)
#: Power is judged by these; nearer to a threshold, chance alone puts a score below it.
JUDGED = RANGES[0][0]

_OF_POWER = (
    "How often the changed column is found. “Effect / threshold” is what the change comes to in"
    " many rows: from 1 on it matters. It is judged where that is 1.5 or more; between 0.9 and 1.2"
    " a rule with a threshold finds or misses a column by chance, whatever its test."
)
_OF_RANGES = (
    "By drift; “of” says in how many of the trials the change comes to so much. “Inconclusive” is"
    " the share of which `drift` says that it cannot tell yet."
    f" {FEWER_THAN_CAREFUL} marks where `drift` finds fewer, by more than sampling error,"
    f" than a rule that alarms on at most {CAREFUL * 100:.0f} % of the unchanged columns of"
    f" that size, and {FEWER} where only rules that alarm more often find more."
)
_OF_WHAT_IS_SMALL = (
    "A find is no merit here."
    f" “{NOTHING}” are unchanged columns: what a rule finds there is what it finds anywhere."
)


def false_alarms(outcomes: Sequence[Outcome]) -> str:
    """Return the tables of the pairs in which nothing drifts."""
    return "\n\n".join(
        (
            "## False alarms: nothing drifts",
            "Pairs of datasets in which at least one column alarms:",
            _false_alarm_table(outcomes, "pairs", _alarming_pairs),
            "Columns that alarm:",
            _false_alarm_table(outcomes, "columns", _alarming_columns),
            "Columns that `drift` calls inconclusive, which is no alarm: "
            + "; ".join(_inconclusive(outcomes))
            + ".",
            *_listed_alarms(outcomes),
        )
    )


def _false_alarm_table(
    outcomes: Sequence[Outcome], unit: str, count: Callable[[Sequence[Outcome], str], list[bool]]
) -> str:
    lines = []
    for rows in _sizes(outcomes):
        pairs = [each for each in outcomes if each.trial.rows == rows]
        ours = count(pairs, OURS)
        others = [_percent(_share(count(pairs, rule))) for rule in RULES]
        lines.append((f"{rows:,}", f"{len(ours):,}", _with_interval(ours), *others))
    return _table(("rows a side", unit, "`drift` (95 % interval)", *RULES), lines)


def _alarming_pairs(pairs: Iterable[Outcome], rule: str) -> list[bool]:
    """Return for each pair whether one of its columns alarms."""
    return [any(alarming(pair, rule)) for pair in pairs]


def _alarming_columns(pairs: Iterable[Outcome], rule: str) -> list[bool]:
    """Return for each column of each pair whether it alarms."""
    return [alarm for pair in pairs for alarm in alarming(pair, rule)]


def alarming(outcome: Outcome, rule: str) -> list[bool]:
    """Return for each column that the rule looks at whether it alarms."""
    if rule == OURS:
        return [status == "drift" for status in outcome.statuses.values()]
    return [found[rule] for found in outcome.others.values()]


def _inconclusive(outcomes: Sequence[Outcome]) -> Iterator[str]:
    for rows in _sizes(outcomes):
        pairs = [each for each in outcomes if each.trial.rows == rows]
        statuses = [status for pair in pairs for status in pair.statuses.values()]
        doubtful = [status == "inconclusive" for status in statuses]
        yield f"{_percent(_share(doubtful))} at {rows:,} rows"


def _listed_alarms(outcomes: Sequence[Outcome]) -> Iterator[str]:
    found = [(each.trial, alarm) for each in outcomes for alarm in each.alarms]
    if not found:
        return
    yield f"The false alarms of `drift`, the first {LISTED_ALARMS} at most:"
    header = ("population", "rows", "repeat", "column", "metric", "score", "p", "p corrected")
    lines = [
        (
            trial.population,
            f"{trial.rows:,}",
            str(trial.repeat),
            alarm.column,
            alarm.metric,
            f"{alarm.score:.3g} ≥ {alarm.threshold:g}",
            f"{alarm.p_value:.1e}",
            f"{alarm.p_adjusted:.1e}",
        )
        for trial, alarm in islice(found, LISTED_ALARMS)
    ]
    yield _table(header, lines)


def power(outcomes: Sequence[Outcome]) -> str:
    """Return the tables of how often a change of one column is found."""
    nothing = [each for each in outcomes if each.trial.drift == NOTHING]
    drifted = [each for each in outcomes if each.trial.drift != NOTHING]
    parts = ["## Power", _OF_POWER, _summary_table(drifted), _OF_RANGES]
    above = float("inf")
    for least, name in RANGES:
        within = [each for each in drifted if least <= each.effect < above]
        above = least
        parts.append(f"### Power: {name}")
        if least:
            parts.append(_power_table(within, drifted, nothing))
        else:
            table = _power_table([*nothing, *within], [*nothing, *drifted], nothing)
            parts += [_OF_WHAT_IS_SMALL, table]
    return "\n\n".join(parts)


def _summary_table(drifted: Sequence[Outcome]) -> str:
    header = ("rows a side", "effect / threshold", "changes", "found", "inconclusive")
    ranges = (
        (f"{JUDGED:g} or more", JUDGED, float("inf")),
        ("1 or more", 1.0, float("inf")),
        ("0.9 to 1.2", 0.9, 1.2),
    )
    lines = []
    for rows in _sizes(drifted):
        for name, low, high in ranges:
            same = [
                each for each in drifted if each.trial.rows == rows and low <= each.effect < high
            ]
            if same:
                doubtful = ["inconclusive" in each.statuses.values() for each in same]
                found = _with_interval(_alarming_columns(same, OURS))
                lines.append(
                    (f"{rows:,}", name, f"{len(same):,}", found, _percent(_share(doubtful)))
                )
    return _table(header, lines)


def _power_table(
    outcomes: Sequence[Outcome], trials: Sequence[Outcome], nothing: Sequence[Outcome]
) -> str:
    header = ("drift", "of", "effect / threshold", "rows a side", "`drift`", "inconclusive", *RULES)
    lines = [
        _power_line(same, len(_of(trials, drift, rows)), _of(nothing, NOTHING, rows))
        for drift in DRIFTS
        for rows in _sizes(trials)
        if (same := _of(outcomes, drift, rows))
    ]
    return _table(header, lines)


def _power_line(same: Sequence[Outcome], trials: int, nothing: Sequence[Outcome]) -> Sequence[str]:
    trial = same[0].trial
    found = {rule: _alarming_columns(same, rule) for rule in (OURS, *RULES)}
    by_chance = {rule: _share(_alarming_columns(nothing, rule)) for rule in RULES}
    doubtful = [status == "inconclusive" for each in same for status in each.statuses.values()]
    counts = trial.drift != NOTHING and min(each.effect for each in same) >= 1
    return (
        trial.drift,
        f"{len(same)} of {trials}",
        f"{median(each.effect for each in same):.2g}",
        f"{trial.rows:,}",
        _percent(_share(found[OURS])) + (_mark(found, by_chance) if counts else ""),
        _percent(_share(doubtful)),
        *(_percent(_share(found[rule])) for rule in RULES),
    )


def _of(outcomes: Iterable[Outcome], drift: str, rows: int) -> list[Outcome]:
    return [each for each in outcomes if (each.trial.drift, each.trial.rows) == (drift, rows)]


def _mark(found: Mapping[str, Sequence[bool]], by_chance: Mapping[str, float]) -> str:
    """Return the sign for finding fewer than others; `by_chance` are their false alarms."""
    better = [rule for rule in RULES if fewer(found[OURS], found[rule])]
    if any(by_chance[rule] <= CAREFUL for rule in better):
        return f" {FEWER_THAN_CAREFUL}"
    return f" {FEWER}" if better else ""


def fewer(ours: Sequence[bool], theirs: Sequence[bool]) -> bool:
    """Return whether ours are surely fewer of the same trials: McNemar's test."""
    only_ours = sum(a and not b for a, b in zip(ours, theirs, strict=True))
    only_theirs = sum(b and not a for a, b in zip(ours, theirs, strict=True))
    return only_theirs - only_ours > SURE * sqrt(only_theirs + only_ours)


def _sizes(outcomes: Iterable[Outcome]) -> list[int]:
    return sorted({each.trial.rows for each in outcomes})


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags)


def _with_interval(flags: Sequence[bool]) -> str:
    """Return the share and its Wilson interval."""
    interval = binomtest(sum(flags), len(flags)).proportion_ci(method="wilson")
    return f"{_percent(_share(flags))} ({_percent(interval.low)} to {_percent(interval.high)})"


def _percent(share: float) -> str:
    """Return two significant digits, or whole percents from 10 % on."""
    percent = 100 * share
    return f"{percent:.0f} %" if percent >= 10 or percent == 0 else f"{percent:.2g} %"


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rule = ["---"] * len(header)
    return "\n".join("| " + " | ".join(line) + " |" for line in (header, rule, *lines))
