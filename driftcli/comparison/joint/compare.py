"""The comparison of pairs: which columns are paired, and what all pairs come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import structs

from driftcli.arrays import concatenated
from driftcli.comparison.columns import nothing_shared
from driftcli.comparison.joint.blocks import RowsInBlocks
from driftcli.comparison.joint.cells import RowCells, cells_for, cells_of
from driftcli.comparison.joint.features import ColumnValues
from driftcli.comparison.joint.instruments import PAIRS_ALONE, Asked, Instruments, ask
from driftcli.comparison.joint.pairs import ALPHA, judged
from driftcli.comparison.joint.saved import HalfCells, HalfTables, half_cells
from driftcli.comparison.path_keys import REASON, by_construction
from driftcli.comparison.roles import role_of
from driftcli.comparison.settling import MOSTLY, too_few_rows_in
from driftcli.comparison.stats import dataset_of
from driftcli.comparison.verdict import exit_code, gates_of
from driftcli.config import INDEPENDENT, ResolvedColumn, Settings, resolve
from driftcli.errors import InputError, UsageError
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.groups import Profiled
from driftcli.report.comparison import Dataset, Finding, Verdict
from driftcli.report.instruments import Critic, Discriminator, JointScore
from driftcli.report.joint import ColumnPair, Joint, PairScore, PairSummary, Unpaired
from driftcli.version import __version__

#: Pairs that are compared at most: of 200 columns.
MOST_PAIRS = 19_900
_CONSTANT = "one value on both sides"
_IN_NO_TABLE = "the profile has no tables of it"
_NAMING = "identifier: it names rows"
_TEXT = "text: what it says is not compared"


def compare_pairs(
    baseline: Profiled,
    current: Profiled,
    settings: Settings,
    blocks: RowsInBlocks | None = None,
    found: Sequence[Finding] = (),
    instruments: Instruments = PAIRS_ALONE,
) -> Joint:
    """Return the report on all pairs of columns, from the rows drawn of both datasets.

    Parameters
    ----------
    blocks
        Which of these rows move together, where that is known.
    found
        What else there is to be said.
    instruments
        What else is asked, of all columns together.

    Raises
    ------
    InputError
        When the datasets have no column in common, or too few rows for an instrument.
    UsageError
        When there are too many pairs, or no column for an instrument.
    """
    if set(baseline.whole.types).isdisjoint(current.whole.types):
        raise InputError(nothing_shared(baseline.whole, current.whole))
    unpaired = {each.column: each for each in _unpaired(baseline.whole, current.whole, settings)}
    names = [name for name in baseline.whole.types if name not in unpaired]
    _check_number(len(names))
    telling = blocks if blocks and blocks.tell else None
    columns: Sequence[tuple[str, RowCells | HalfCells]]
    if tables := _half_tables(baseline, current):
        columns, lacking = _half_columns(names, baseline, current, tables)
        of_parts = (tables.kept.parts > 1 or tables.nights) and settings.block != INDEPENDENT
        parts = tables if of_parts and tables.tell else None
        pairs = judged(columns, settings, parts, tables, tables.few if of_parts else None)
        asked, found = Asked(), [tables.finding()] if of_parts else found
    else:
        columns, lacking = _columns(names, baseline, current)
        pairs = judged(columns, settings, telling)
        values = {name: _both_values(name, baseline, current) for name, _ in columns}
        asked = ask(instruments, values, settings, telling)
    unpaired |= {each.column: each for each in lacking}
    together = [*pairs, *asked.judges]
    said = (*found, *([blocks.finding()] if blocks else []), *_too_few_rows(pairs))
    verdict = verdict_of(together, said, settings)
    return Joint(
        version=__version__,
        verdict=verdict,
        exit_code=exit_code(verdict, together, settings, [each.status for each in said]),
        baseline=_dataset(baseline),
        current=_dataset(current),
        alpha=ALPHA,
        settings=msgspec.to_builtins(settings),
        summary=summary_of(len(columns), pairs),
        pairs=tuple(pairs),
        unpaired=tuple(unpaired.values()),
        findings=said,
        **asked._asdict(),
    )


def _columns(
    names: Sequence[str], baseline: Profiled, current: Profiled
) -> tuple[list[tuple[str, RowCells]], list[Unpaired]]:
    """Return the cells of columns, and those of which all rows are in one."""
    count = cells_for(min(_rows(side) for side in (baseline, current)))
    cells = {name: cells_of(*_both_values(name, baseline, current), count) for name in names}
    constant = [Unpaired(column=n, reason=_CONSTANT) for n, each in cells.items() if each.constant]
    return [(name, each) for name, each in cells.items() if not each.constant], constant


def _half_tables(baseline: Profiled, current: Profiled) -> HalfTables | None:
    """Return the tables that a side keeps in the place of rows."""
    sides = [side.whole.pairs if side.drawn is None else None for side in (baseline, current)]
    of_side = ((at, kept) for at, kept in enumerate(sides) if kept)
    return next((HalfTables(kept, at, _called(baseline, current)) for at, kept in of_side), None)


def _called(*sides: Profiled) -> str:
    """Return what is called that a side was merged of."""
    return next((side.whole.blocks.kind for side in sides if side.whole.blocks), "part")


def _half_columns(
    names: Sequence[str], baseline: Profiled, current: Profiled, tables: HalfTables
) -> tuple[list[tuple[str, HalfCells]], list[Unpaired]]:
    """Return the cells of columns, and those that are in no table."""
    count = cells_for(min(_rows(side) for side in (baseline, current)))
    drawn = current if tables.side == 0 else baseline
    kept = tables.kept
    columns, lacking = [], []
    for name in names:
        cells = None
        if name in kept.cells and len(kept.cells) > 1:
            array, kind = _values(name, drawn), drawn.whole.columns[name].kind
            rounded = "float" in (side.whole.types[name] for side in (baseline, current))
            cells = half_cells(kept, name, array, kind, count, rounded=rounded)
        if cells:
            columns.append((name, cells))
        else:
            lacking.append(Unpaired(column=name, reason=_IN_NO_TABLE))
    return columns, lacking


def verdict_of(
    together: Sequence[ColumnPair | Discriminator | Critic],
    found: Sequence[Finding],
    settings: Settings,
) -> Verdict:
    """Return the verdict on pairs and instruments; pairs that are waived have none."""
    if not any(_is_judged(score, settings) for each in together for score in each.scores):
        return "unjudged"
    left = [each for each in together if not isinstance(each, ColumnPair) or each.waiver is None]
    statuses = {each.status for each in (*left, *found)}
    words: tuple[Verdict, ...] = ("drift", "warn", "inconclusive")
    return next((word for word in words if word in statuses), "ok")


def _is_judged(score: PairScore | JointScore, settings: Settings) -> bool:
    """Return whether a score was tested, and can make what it is of drift or warn."""
    gated = (score.warn_threshold, score.threshold) != (None, None)
    return score.p_value is not None and (gated or settings.fail_on == "change")


def _too_few_rows(pairs: Sequence[ColumnPair]) -> Iterator[Finding]:
    """Yield the finding that rows are too few, where chance reaches the levels of most pairs.

    Those of which nothing could be tested say nothing of it: of few rows they are many.
    """
    tested = [pair for pair in pairs if any(each.p_value is not None for each in pair.scores)]
    blind = sum(map(_is_blind, tested))
    if blind and blind >= MOSTLY * len(tested):
        yield too_few_rows_in(blind, len(tested), "pair")


def _is_blind(pair: ColumnPair) -> bool:
    """Return whether a pair is ok for the sole reason that chance explains a score at its level."""
    tested = (each for each in pair.scores if each.p_value is not None)
    return pair.status == "ok" and any(each.excess >= 1 for each in tested)


def _check_number(columns: int) -> None:
    pairs = columns * (columns - 1) // 2
    if pairs > MOST_PAIRS:
        raise UsageError(
            f"{columns:,} columns make {pairs:,} pairs, more than {MOST_PAIRS:,}; choose columns"
            " with --columns or --exclude"
        )


def _dataset(side: Profiled) -> Dataset:
    """Return what the report says of a side: a sample of all rows is none."""
    found, rows = dataset_of(side.whole), _rows(side)
    return structs.replace(found, sampled_rows=rows if rows < found.rows else None)


def _rows(side: Profiled) -> int:
    if side.drawn is None:
        return side.whole.pairs.rows if side.whole.pairs else 0
    return int(side.drawn.num_rows)


def _both_values(name: str, baseline: Profiled, current: Profiled) -> ColumnValues:
    p, q = (_values(name, side) for side in (baseline, current))
    return ColumnValues(p, q, baseline.whole.columns[name].kind)


def _values(name: str, side: Profiled) -> Any:
    chunks = side.drawn.column(name).chunks
    return concatenated(chunks) if chunks else pa.array([], side.drawn.schema.field(name).type)


def _unpaired(p: DatasetProfile, q: DatasetProfile, settings: Settings) -> Iterator[Unpaired]:
    """Yield the columns that are in no pair, whatever their values."""
    rules = resolve(settings, [*p.types, *q.types])
    for name in dict.fromkeys([*p.types, *q.types]):
        if name not in q.types or name not in p.types:
            where = "baseline" if name in p.types else "current data"
            yield Unpaired(column=name, reason=f"in the {where} alone")
        elif by_construction(name, p, q, rules[name]):
            yield Unpaired(column=name, reason=REASON)
        elif reason := _why_not(name, p.columns.get(name), q.columns.get(name), rules[name]):
            yield Unpaired(column=name, reason=reason)


def _why_not(
    name: str, p: ColumnProfile | None, q: ColumnProfile | None, rules: ResolvedColumn
) -> str | None:
    """Return why a column is in no pair: what is not gated by itself is not."""
    if p is None or q is None:
        return "its values are not compared"
    for side, where in ((p, "baseline"), (q, "current data")):
        if not _has_values(side) and side.kind != "unsupported":
            return f"no values in the {where}"
    if p.kind != q.kind:
        return f"its type changed: {p.type} → {q.type}"
    role = role_of(name, p, q, rules)
    gates = gates_of(role, p, rules)
    if not gates.values:
        return _NAMING if role == "identifier" and rules.gate is None else gates.reason
    return _TEXT if role == "text" else None


def _has_values(side: ColumnProfile) -> bool:
    values = side.values
    if isinstance(values, Categories):
        return values.total > 0
    return values.points.total + values.positive_infinity + values.negative_infinity > 0


def summary_of(columns: int, pairs: Sequence[ColumnPair]) -> PairSummary:
    """Return how many pairs have each status, and how many that are not ok are waived."""
    waived = sum(pair.waiver is not None and pair.status != "ok" for pair in pairs)
    statuses = Counter(pair.status for pair in pairs if pair.waiver is None or pair.status == "ok")
    return PairSummary(
        columns=columns,
        pairs=len(pairs),
        drift=statuses["drift"],
        warn=statuses["warn"],
        ok=statuses["ok"],
        waived=waived,
    )
