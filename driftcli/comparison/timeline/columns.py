"""One column over all periods: each window scored against what it is compared with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from msgspec import Struct, field
from msgspec.structs import replace

from driftcli.comparison.alike import of_one_kind, scored_as
from driftcli.comparison.blocks import AnyNoise, noise_of, of_column
from driftcli.comparison.noise import NoiseOfColumn
from driftcli.comparison.part_columns import PartScoring, Rule, rule_for
from driftcli.comparison.roles import kind_of
from driftcli.comparison.timeline.periods import JOINED_POINTS, Periods
from driftcli.comparison.timeline.plan import Plan, Slot
from driftcli.comparison.timeline.spread import NoiseAmongPeriods, Spread
from driftcli.comparison.verdict import worst
from driftcli.config import INDEPENDENT, ResolvedColumn, Settings
from driftcli.metrics.among_others import FEWEST
from driftcli.metrics.significance import PLAIN
from driftcli.profile.blocks import Blocks
from driftcli.profile.column import ColumnProfile, merge
from driftcli.report.columns import SEVERITY, Column, Kind, Score
from driftcli.report.timeline import Cell, DatedChange, PeriodScore, TimelineColumn


class Windows(Struct):
    """The profiles of one column in the windows that end with each period; each is merged once.

    `periods` are its profiles in those that have it.
    """

    periods: Mapping[int, ColumnProfile]
    size: int
    _made: dict[int, ColumnProfile | None] = field(default_factory=dict)

    def ending(self, number: int) -> ColumnProfile | None:
        """Return the profile of the window that ends with a period, if it has the column."""
        if number not in self._made:
            self._made[number] = self._joined(number)
        return self._made[number]

    @property
    def nbytes(self) -> int:
        """Bytes that the profiles take."""
        return sum(each.values.nbytes for each in self.periods.values())

    def _joined(self, number: int) -> ColumnProfile | None:
        numbers = range(number - self.size + 1, number + 1)
        found = [self.periods[each] for each in numbers if each in self.periods]
        if len(found) < 2:
            return found[0] if found else None
        return merge(found, JOINED_POINTS)


class Comparing(Struct, frozen=True):
    """One column, how it is judged, and the baseline that all periods are compared with, if one.

    What gates it is told by that baseline or by the largest period: few rows cannot tell whether
    values name rows rather than describe them. `blocks` are those of rows within windows, by the
    last period of these (None is for the baseline), where they are known.
    """

    name: str
    windows: Windows
    kind: Kind
    rule: Rule
    spread: Spread
    fixed: ColumnProfile | None = None
    blocks: Mapping[int | None, Blocks] = {}

    def alone(self) -> Comparing:
        """Return it without what is known of other columns: to be sent elsewhere."""
        own = {at: of_column(self.name, each) for at, each in self.blocks.items()}
        return replace(self, blocks=own)

    def at(self, slot: Slot, *, words: bool = False) -> Column | None:
        """Return the column scored in a period, if both sides have it; with `words`, reasons."""
        if slot.note is not None:
            return None
        q = self.windows.ending(slot.number)
        p = self.fixed if slot.reference is None else self.windows.ending(slot.reference)
        if p is None or q is None:
            return None
        p, q = of_one_kind(p, q)
        within = partial(self._within, slot, (p, q))
        among = partial(NoiseAmongPeriods, spread=self.spread, within=within)
        part = PartScoring(self.name, p, q, self.rule, words=words, among=among)
        return part.column

    def _within(
        self, slot: Slot, sides: tuple[ColumnProfile, ColumnProfile], by_rows: NoiseOfColumn
    ) -> AnyNoise:
        """Return the noise by blocks of rows within the windows of a slot, where there are any."""
        if not self.blocks:
            return by_rows
        blocks = self.blocks.get(slot.reference), self.blocks.get(slot.number)
        alike = scored_as(sides[0], self.rule.role), scored_as(sides[1], self.rule.role)
        return noise_of(self.name, by_rows, blocks, alike)


def comparing(
    name: str,
    periods: Periods,
    plan: Plan,
    fixed: ColumnProfile | None,
    rules: ResolvedColumn,
    settings: Settings,
) -> Comparing | None:
    """Return how a column is compared, or None where its type is not that of the baseline."""
    largest = periods.dataset.columns[name]
    if fixed is not None:
        fixed, largest = of_one_kind(fixed, largest)
        if fixed.kind != largest.kind:
            return None
    whole = largest if fixed is None else fixed
    rule = rule_for(name, whole, None, rules, settings.metrics)
    tested = settings.fail_on == "change"
    rule = replace(rule, tested=tested, screened=settings.alpha < PLAIN)
    groups = periods.by_number.items()
    held = {at: group.columns[name] for at, group in groups if name in group.columns}
    windows = Windows(held, plan.window)
    independent = settings.block == INDEPENDENT
    spread = Spread([], rule) if independent else _spread(windows, periods, plan, rule, fixed)
    return Comparing(name, windows, kind_of(rule.role, whole), rule, spread, fixed)


def _spread(
    windows: Windows, periods: Periods, plan: Plan, rule: Rule, fixed: ColumnProfile | None
) -> Spread:
    """Return pairs of windows that tell how far such windows differ when nothing changes.

    Those that follow one another, or a season apart where these are compared; and where all are
    compared with the first, so far apart that most pairs have no change between them, and what
    follows slowly (weather) is there all the same. Where they are compared with some of the
    periods, it is each of these against all of them.
    """
    ends = periods.inside[plan.window - 1 :: plan.window]
    parts = [made for at in ends if (made := windows.ending(at))]
    if fixed is not None and len(parts) >= FEWEST:
        return Spread([(fixed, each) for each in parts], rule, len(parts))
    apart = (periods.last - periods.first) // _APART if plan.way == "first" else 0
    lag = max(plan.lag, plan.window, apart)
    numbers = range(periods.first + lag, periods.last + 1, plan.window)
    pairs = [(windows.ending(at - lag), windows.ending(at)) for at in numbers]
    return Spread([(p, q) for p, q in pairs if p and q], rule, alike=fixed is None)


#: So much of all periods lies between those that tell how far any two differ.
_APART = 6

_CHANGED = ("drift", "warn")


class Stretch(Struct, frozen=True):
    """The places of the periods of one change, and whether nothing after it came out otherwise."""

    places: Sequence[int]
    ongoing: bool

    def peak(self, cells: Sequence[Cell]) -> int:
        """Return the place of the highest score, among those of the gravest status."""
        return max(self.places, key=lambda at: (-SEVERITY[cells[at].status], cells[at].excess))


def runs(cells: Sequence[Cell], *, steps: bool = False) -> Iterator[Stretch]:
    """Yield the changes of a column, in order.

    A period in which the column is `ok` ends a change. One that is not compared or inconclusive,
    or ok by chance alone, does not: it cannot tell. But where periods are compared with the one
    before, changes are `steps`, and such a period ends one, too: it shows none.
    """
    places: list[int] = []
    for at, cell in enumerate(cells):
        if cell.status in _CHANGED:
            places.append(at)
        elif places and _ends(cell, steps=steps):
            yield Stretch(places, ongoing=False)
            places = []
    if places:
        yield Stretch(places, ongoing=True)


def _ends(cell: Cell, *, steps: bool) -> bool:
    if cell.status == "inconclusive" or cell.by_chance:
        return steps
    return cell.status == "ok"


_SKIPPED = Cell(status="skipped")
#: Of more changes, only so many of the newest say what had moved.
_WORDS = 3


def column_record(
    column: Comparing,
    judged: Sequence[Column | None],
    slots: Sequence[Slot],
    labels: Sequence[str],
    *,
    steps: bool = False,
) -> TimelineColumn:
    """Return one column over all periods, with its changes dated; see `runs` for `steps`."""
    cells = tuple(_SKIPPED if each is None else _cell(each) for each in judged)
    found = list(runs(cells, steps=steps))
    there = [each for each in judged if each is not None]
    gates = column.rule.gates
    return TimelineColumn(
        name=column.name,
        kind=column.kind,
        status=worst(cell.status for cell in cells) if there else "skipped",
        gated=gates.values,
        changes=tuple(
            _change(run, cells, column, slots, labels, words=at >= len(found) - _WORDS)
            for at, run in enumerate(found)
        ),
        notes=(gates.reason,) if gates.reason else (),
        error_bound=_largest_bound(cells),
        cells=cells,
    )


def _cell(column: Column) -> Cell:
    defined = (score for score in column.scores if score.gated)
    return Cell(status=column.status, scores=tuple(map(_score, defined)))


def _score(score: Score) -> PeriodScore:
    """Return a score; what was not tested has no p-value, not even a corrected one."""
    tested = score.p_value is not None
    return PeriodScore(
        metric=score.metric,
        value=score.value,
        status=score.status,
        infinite=score.infinite,
        unit=score.unit,
        threshold=score.threshold,
        warn_threshold=score.warn_threshold,
        error_bound=score.error_bound,
        lower_bound=score.lower_bound,
        noise=score.noise,
        p_value=score.p_value,
        p_adjusted=score.p_adjusted if tested else None,
        rows_needed=score.rows_needed,
    )


def _change(
    run: Stretch,
    cells: Sequence[Cell],
    column: Comparing,
    slots: Sequence[Slot],
    labels: Sequence[str],
    *,
    words: bool,
) -> DatedChange:
    at = run.peak(cells)
    score = cells[at].highest
    assert score is not None, "a period that changed has scores"
    told = column.at(slots[at], words=True) if words else None
    return DatedChange(
        first=labels[run.places[0]],
        last=labels[run.places[-1]],
        ongoing=run.ongoing,
        periods=len(run.places),
        status=cells[at].status,
        peak=labels[at],
        score=score,
        reasons=told.reasons if told else (),
    )


def _largest_bound(cells: Sequence[Cell]) -> float | None:
    bounds = (
        score.error_bound
        for cell in cells
        for score in cell.scores
        if score.metric == "wasserstein"
    )
    return max((bound for bound in bounds if bound is not None), default=None)
