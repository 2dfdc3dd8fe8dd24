"""All pairs of some columns: how their dependence changed, and whether by chance."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from msgspec import structs
from numpy.typing import NDArray

from driftcli.comparison.figures import percent
from driftcli.comparison.joint.blocks import RowsInBlocks
from driftcli.comparison.joint.cells import Tables, tables_of
from driftcli.comparison.joint.chance import p_values
from driftcli.comparison.joint.saved import HalfTables
from driftcli.comparison.verdict import reached, worst
from driftcli.config import JOINT_THRESHOLDS, Correction, Levels, Settings
from driftcli.metrics.association import (
    degrees_of_freedom,
    expected_beyond,
    lost,
    rank_correlations,
    split,
)
from driftcli.metrics.significance import adjusted
from driftcli.report.columns import SEVERITY
from driftcli.report.joint import ColumnPair, PairMetric, PairScore

Values = NDArray[np.float64]
#: Gives the tables of pairs of columns: by common edges, and by own ranks of each side.
TablesOf = Callable[[Sequence[Any], Sequence[tuple[int, int]]], tuple[Tables, Values]]

#: The level of the tests of pairs, corrected for the number of all.
ALPHA = 0.01
#: The level of chance for what is lost.
_LOST_BY_CHANCE = 0.01
#: Pairs whose tables are worked on at once.
_AT_ONCE = 1_024
#: A share of the baseline that is worth a word.
_WORTH_SAYING = 0.005


def judged(
    columns: Sequence[tuple[str, Any]],
    settings: Settings,
    blocks: RowsInBlocks | HalfTables | None = None,
    tables: TablesOf = tables_of,
    few: tuple[int, int] | None = None,
) -> list[ColumnPair]:
    """Return all pairs of some columns, given by their names, the worst first.

    A score that reaches its threshold keeps its status where chance does not explain it: p-values
    are corrected for all tests of all pairs, by Benjamini and Hochberg unless set otherwise.

    Parameters
    ----------
    blocks
        Which rows move together, where that is known.
    tables
        Gives the tables of pairs of such columns, as `tables_of` does of rows.
    few
        How many rows either side counts like, where it is of too few nights to tell.
    """
    pairs = list(combinations(range(len(columns)), 2))
    found = [
        pair
        for start in range(0, len(pairs), _AT_ONCE)
        for pair in _measured(
            columns, pairs[start : start + _AT_ONCE], settings, blocks, tables, few
        )
    ]
    return sorted(_settled(found, settings.correction), key=_severity)


def _severity(pair: ColumnPair) -> tuple[int, float]:
    return SEVERITY[pair.status], -pair.excess


def _measured(
    columns: Sequence[tuple[str, Any]],
    pairs: Sequence[tuple[int, int]],
    settings: Settings,
    blocks: RowsInBlocks | HalfTables | None,
    tables: TablesOf,
    few: tuple[int, int] | None,
) -> Iterator[ColumnPair]:
    """Yield pairs as far as each can be judged by itself."""
    names, cells = zip(*columns, strict=True)
    common, own = tables(cells, pairs)
    ordered = np.array([cells[i].ordered and cells[j].ordered for i, j in pairs])
    parts, lacking = split(common), lost(common, _LOST_BY_CHANCE)
    dependence = _beyond_chance(np.minimum(parts.beyond, split(own).beyond), common)
    correlations = _less_changed(common, own)
    moved = np.where(ordered, np.abs(correlations[:, 1] - correlations[:, 0]), 0.0)
    levels = {**JOINT_THRESHOLDS, **settings.thresholds}
    by_dependence = _reach(dependence, levels["pair_dependence"])
    by_correlation = _reach(moved, levels["pair_correlation"])

    def tables_in_blocks(at: int) -> tuple[Tables, Tables]:
        assert blocks is not None
        i, j = pairs[at]
        return blocks.tables(cells[i], cells[j])

    matter = by_dependence | by_correlation | (settings.fail_on == "change")
    chance = p_values(common, ordered, matter, tables_in_blocks if blocks else None, few)
    for at, (i, j) in enumerate(pairs):
        scores = [_score("pair_dependence", dependence[at], chance.association[at], levels)]
        if ordered[at]:
            scores.append(_score("pair_correlation", moved[at], chance.correlation[at], levels))
        before, after = correlations[at].tolist()
        yield ColumnPair(
            columns=(names[i], names[j]),
            status="ok",
            jsd=float(parts.total[at]),
            margins=float(parts.margins[at]),
            beyond=float(parts.beyond[at]),
            correlation=(before, after) if ordered[at] else None,
            lost=float(lacking[at]),
            scores=tuple(scores),
        )


def _reach(values: Values, levels: Levels) -> NDArray[np.bool_]:
    return np.array([reached(value, levels) != "ok" for value in values.tolist()])


def _less_changed(common: NDArray[np.int64], own: Values) -> Values:
    """Return the rank correlations before and after, by the reading that shows less of a change.

    Shape (pairs, 2).
    """
    first, second = (rank_correlations(tables[..., :-1, :-1]) for tables in (common, own))
    less = np.abs(np.diff(second)) < np.abs(np.diff(first))
    return np.where(less, second, first)


def _beyond_chance(beyond: Values, tables: NDArray[np.int64]) -> Values:
    """Return the bits that are left of what is beyond the margins: shape (pairs,)."""
    p_rows, q_rows = tables[0].sum(axis=(-2, -1)).tolist()
    by_chance = expected_beyond(degrees_of_freedom(tables), p_rows, q_rows)
    return np.asarray(np.maximum(beyond - by_chance, 0.0))


def _score(
    metric: PairMetric, value: float, p_value: float, thresholds: Mapping[str, Levels]
) -> PairScore:
    levels = thresholds[metric]
    tested = not np.isnan(p_value)
    return PairScore(
        metric=metric,
        value=float(value),
        unit="bits" if metric == "pair_dependence" else None,
        warn_threshold=levels.warn,
        threshold=levels.drift,
        p_value=float(p_value) if tested else None,
        status=reached(value, levels) if tested else "ok",
    )


def _settled(pairs: Sequence[ColumnPair], correction: Correction) -> Iterator[ColumnPair]:
    """Yield the pairs judged, their p-values corrected for all tests."""
    p_values = [each.p_value for pair in pairs for each in pair.scores if each.p_value is not None]
    corrected = iter(adjusted(np.array(p_values), correction).tolist())
    for pair in pairs:
        scores = tuple(
            each if each.p_value is None else _settled_score(each, next(corrected))
            for each in pair.scores
        )
        status = worst(score.status for score in scores)
        settled = structs.replace(pair, status=status, scores=scores)
        yield structs.replace(settled, reason=_reason(settled)) if status != "ok" else settled


def _settled_score(score: PairScore, p_adjusted: float) -> PairScore:
    significant = p_adjusted <= ALPHA
    status = score.status if significant else "ok"
    return structs.replace(score, p_adjusted=p_adjusted, significant=significant, status=status)


def _reason(pair: ColumnPair) -> str:
    """Return what changed between two columns, in words."""
    said = []
    dependence, *others = pair.scores
    if pair.correlation is not None and others[0].significant:
        before, after = pair.correlation
        said.append(f"rank correlation {_signed(before)} → {_signed(after)}")
    if dependence.significant and dependence.value:
        said.append(f"{dependence.value:.3g} bits that neither shows alone")
    if pair.lost >= _WORTH_SAYING:
        said.append(f"combinations of {percent(pair.lost)} of the baseline are gone")
    return "; ".join(said)


def _signed(value: float) -> str:
    """Return a correlation with two decimals, and no sign of a zero."""
    return f"{round(value, 2) + 0.0:.2f}"
