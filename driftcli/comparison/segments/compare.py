"""Two datasets compared as wholes, by the mix of their segments, and segment by segment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from msgspec import Struct, structs
from msgspec.structs import replace

from driftcli.comparison.ahead import InTurn, in_turn
from driftcli.comparison.alike import of_one_kind
from driftcli.comparison.block_findings import finding_within
from driftcli.comparison.blocks import BothBlocks
from driftcli.comparison.columns import unsettled
from driftcli.comparison.compare import report_of, severity
from driftcli.comparison.pair import paired
from driftcli.comparison.part_columns import PartScoring, Rule, rule_for
from driftcli.comparison.segments.decomposition import Whole, of_missing, of_values
from driftcli.comparison.settling import settle
from driftcli.comparison.unjudged import status_of_part
from driftcli.comparison.verdict import exit_code, with_segments
from driftcli.config import Settings, resolve
from driftcli.profile.categories import from_counts
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Group, Keys, Profiled, merge
from driftcli.report.columns import SEVERITY, Column
from driftcli.report.comparison import Report
from driftcli.report.segments import Decomposition, Segment, Segments


class _Shared(Struct, frozen=True):
    """A column that both datasets have, as a whole, and how it is judged in segments."""

    p: ColumnProfile
    q: ColumnProfile
    rule: Rule


def compare_segments(  # noqa: PLR0913 - what is compared, and what is known of it
    p: Profiled,
    q: Profiled,
    settings: Settings,
    *,
    details: bool = False,
    today: date | None = None,
    in_turn: InTurn = in_turn,
    within: Within | None = None,
) -> Report:
    """Return the report of `q` against `p`, its p-values corrected over wholes and segments.

    The groups of both are the segments that the columns of `settings.by` make.

    Parameters
    ----------
    in_turn
        Compares columns, of the wholes and then of segments.
    within
        Gives the blocks of both sides within segments, where rows of a block move together.

    Raises
    ------
    InputError
        When the datasets have no column in common.
    """
    by = settings.by
    pairs = paired_segments(p, q, settings.segment_rows)
    if within:
        pairs = [replace(pair, blocks=within(pair.members)) for pair in pairs]
    shared = _shared(p.whole, q.whole, by, settings)
    wholes = unsettled(p.whole, q.whole, settings, details=details, in_turn=in_turn)
    scored = _scored(pairs, shared, in_turn)
    settled = iter(settle([*wholes, _mix(p, q, by, settings), *chain(*scored)], settings))
    wholes = [next(settled) for _ in wholes]
    mix = next(settled)
    judged = [[next(settled) for _ in some] for some in scored]
    report = report_of(p.whole, q.whole, wholes, settings, today)
    few = finding_within({pair.label: pair.blocks for pair in pairs if pair.p.rows and pair.q.rows})
    report = structs.replace(report, findings=(*report.findings, *few))
    rows = p.whole.rows, q.whole.rows
    segments = [
        _segment(pair, by, some, rows, settings) for pair, some in zip(pairs, judged, strict=True)
    ]
    found = Segments(
        by=tuple(by),
        min_rows=settings.segment_rows,
        found=len({*p.groups, *q.groups}),
        mix=mix,
        segments=tuple(sorted(segments, key=_severity)),
        decompositions=tuple(_decompositions(report.columns, shared, pairs)),
    )
    return _with_segments(report, found, [*wholes, mix, *chain(*judged)], settings)


def _with_segments(
    report: Report, found: Segments, judged: Sequence[Column], settings: Settings
) -> Report:
    """Return the report with its segments: the worst of all is its verdict."""
    verdict = with_segments(report.verdict, found)
    return structs.replace(
        report,
        verdict=verdict,
        exit_code=exit_code(
            verdict,
            judged,
            settings,
            [
                *(each.status for each in report.findings),
                *(each.status for each in found.segments),
            ],
        ),
        segments=found,
    )


def _shared(
    p: DatasetProfile, q: DatasetProfile, by: Sequence[str], settings: Settings
) -> dict[str, _Shared]:
    """Return the columns that are compared in segments: all but those that make the segments.

    A column whose type changed has drifted in every segment, and is told of once.
    """
    rules = resolve(settings, p.types)
    found = {}
    for name, column in p.columns.items():
        if name in q.columns and name in p.types and name in q.types and name not in by:
            before, after = of_one_kind(column, q.columns[name])
            if before.kind == after.kind:
                rule = rule_for(name, before, after, rules[name], settings.metrics)
                rule = replace(rule, tested=settings.fail_on == "change")
                found[name] = _Shared(before, after, rule)
    return found


def _mix(p: Profiled, q: Profiled, by: Sequence[str], settings: Settings) -> Column:
    """Return the segments as one categorical column, judged by the settings of its name."""
    name = ",".join(by)
    return unsettled(_mixture(p, name), _mixture(q, name), settings)[0]


def _mixture(side: Profiled, name: str) -> DatasetProfile:
    counts = {label(keys): part.rows for keys, part in side.groups.items()}
    rows = sum(counts.values())
    # By name: their order must not tell which came first.
    values = from_counts(dict(sorted(counts.items())))
    column = ColumnProfile("categorical", "string", rows, 0, values)
    whole = side.whole
    return DatasetProfile(whole.source, whole.format, rows, {name: column}, {name: "string"})


def _scored(
    pairs: Sequence[Pair], shared: Mapping[str, _Shared], in_turn: InTurn
) -> list[list[Column]]:
    """Return by segment the columns that both sides have, as far as each can be judged."""
    held = [
        [name for name in shared if name in pair.p.columns and name in pair.q.columns]
        for pair in pairs
    ]
    at_work = (
        _at_work(name, pair, shared[name].rule)
        for pair, names in zip(pairs, held, strict=True)
        for name in names
    )
    columns = in_turn(at_work)
    return [[next(columns) for _ in names] for names in held]


def _at_work(name: str, pair: Pair, rule: Rule) -> PartScoring:
    p, q = of_one_kind(pair.p.columns[name], pair.q.columns[name])
    return PartScoring(name, p, q, rule, blocks=pair.blocks)


def _segment(
    pair: Pair,
    by: Sequence[str],
    columns: Sequence[Column],
    rows: tuple[int, int],
    settings: Settings,
) -> Segment:
    compared = [column for column in columns if column.status != "skipped"]
    return Segment(
        label=pair.label,
        keys=dict(zip(by, pair.keys, strict=True)) if pair.keys else {},
        status=status_of_part(columns, settings),
        presence="both" if pair.p.rows and pair.q.rows else "lost" if pair.p.rows else "new",
        pooled=pair.pooled,
        baseline_rows=pair.p.rows,
        current_rows=pair.q.rows,
        baseline=pair.p.rows / max(1, rows[0]),
        current=pair.q.rows / max(1, rows[1]),
        compared=len(compared),
        columns=tuple(sorted((each for each in compared if each.status != "ok"), key=severity)),
    )


def _severity(segment: Segment) -> tuple[int, tuple[int, float], int]:
    """Sort by status, then by the worst column, then by rows."""
    first = severity(segment.columns[0]) if segment.columns else (len(SEVERITY), 0.0)
    return SEVERITY[segment.status], first, -max(segment.baseline_rows, segment.current_rows)


def _decompositions(
    columns: Sequence[Column], shared: Mapping[str, _Shared], pairs: Sequence[Pair]
) -> Iterator[Decomposition]:
    """Yield the parts of what drifts as a whole: of its values, and of its missing ones."""
    labels = [pair.label for pair in pairs]
    for column in columns:
        if column.name not in shared:
            continue
        reached = {score.metric for score in column.scores if score.status in ("warn", "drift")}
        each = shared[column.name]
        p, q = ([getattr(pair, side).columns.get(column.name) for pair in pairs] for side in "pq")
        pair = paired(each.p, each.q, each.rule.rules)
        whole = Whole(column.name, each.p, each.q, pair, each.rule.rules)
        values = reached - {"missing", "nonfinite"}
        if values and (made := of_values(whole, p, q, labels)):
            yield made
        if "missing" in reached and (made := of_missing(whole, p, q, labels)):
            yield made


#: Segments that stand alone; the smallest of more share one, so that a report stays readable.
MOST_ALONE = 200
#: What segments are called that share one; no other is called so.
OTHER = "(other)"


#: What stands for a missing value; values that look like it are quoted.
MISSING = "(missing)"


def label(keys: Keys) -> str:
    """Return the values of a segment as one text, those in quotes that could be taken amiss.

    No two segments have the same text, and none has one in brackets that is not `MISSING`.
    """
    return ", ".join(MISSING if key is None else _quoted(key) for key in keys)


def _quoted(key: str) -> str:
    plain = key.strip() == key and key[:1] not in ("", "(", "'") and ", " not in key
    return key if plain else "'" + key.replace("'", "''") + "'"


#: A segment that a side does not have.
_NONE = Group()


class Pair(Struct, frozen=True):
    """A segment on both sides. Rare ones that share it are counted in `pooled`; it has no keys.

    `members` are the keys of all of them, and `blocks` those of its rows, where they are known.
    """

    keys: Keys | None
    p: Group
    q: Group
    members: Sequence[Keys]
    pooled: int = 0
    blocks: BothBlocks = (None, None)

    @property
    def label(self) -> str:
        """What people call the segment."""
        return OTHER if self.keys is None else label(self.keys)


#: Gives the blocks of both sides in the segments of some keys together.
Within = Callable[[Sequence[Keys]], BothBlocks]


def paired_segments(p: Profiled, q: Profiled, min_rows: int) -> list[Pair]:
    """Return the segments of both sides, the largest first, and at last what rare ones share.

    Rare are segments with fewer than `min_rows` rows on the larger side, and all beyond the
    `MOST_ALONE` largest. One that is alone in being rare stands alone.
    """
    everything = [
        Pair(keys, p.groups.get(keys, _NONE), q.groups.get(keys, _NONE), [keys])
        for keys in {**p.groups, **q.groups}
    ]
    everything.sort(key=lambda pair: (-_larger(pair), pair.label))
    common = [pair for pair in everything if _larger(pair) >= min_rows][:MOST_ALONE]
    rare = everything[len(common) :]
    return [*common, *(rare if len(rare) < 2 else [_pooled(rare)])]


def _larger(pair: Pair) -> int:
    return max(pair.p.rows, pair.q.rows)


def _pooled(rare: Sequence[Pair]) -> Pair:
    p, q = merge(pair.p for pair in rare), merge(pair.q for pair in rare)
    members = [keys for pair in rare for keys in pair.members]
    return Pair(None, p, q, members, pooled=len(rare))
