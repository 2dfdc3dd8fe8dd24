"""Changes that no threshold may speak of: a rare class, the mean of a heavy tail.

Scores over whole distributions are blind to both: a class of 0.2 % of the rows that becomes five
times as common moves 0.8 % of them. So each column is asked for one of the two, and what is beyond
chance and large in its own terms is said, whatever the thresholds.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite

import numpy as np

from driftcli.comparison.blocks import AnyNoise
from driftcli.comparison.figures import change, percent
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.reasons import name_of
from driftcli.comparison.scores import Measured
from driftcli.metrics.absences import end_chance
from driftcli.metrics.shares import split_bounds
from driftcli.metrics.significance import LEAST
from driftcli.profile.column import ColumnProfile
from driftcli.report.columns import Change

#: A category is spoken of when its share changes by this factor at least.
_LEAST_RATIO = 2.0
#: A mean, when it moves by this part of the mean distance of the baseline's values from 0.
_LEAST_MOVE = 0.1
#: Names beside the one least likely to have changed by chance are as certain as this.
_SURE = 1e-6
_NAMED = 3


def changes_of(
    p: ColumnProfile,
    q: ColumnProfile,
    pair: NumericPair | CategoricalPair,
    measured: tuple[Measured, ...],
    noise: AnyNoise,
) -> Iterator[Change]:
    """Yield what changed in its own terms, with its p-value; `settling` says what is real."""
    found = {each.metric.name: each for each in measured}
    independent = noise.design_effect == 1
    if isinstance(pair, CategoricalPair) and pair.exact and independent and "share_ratio" in found:
        yield from _of_shares(pair)
    # The mean of a heavy tail hangs on a few rows, so that chance moves it far; that all of the
    # largest lie on one side tells more. So both are tested where rows are independent,
    # Bonferroni's correction counted in.
    if "mean_shift" in found and p.kind == "numeric" and (said := _moved_mean(p, q)):
        tests = [noise.of(found["mean_shift"]).p_value]
        if isinstance(pair, NumericPair) and independent:
            tests.append(end_chance(pair.p_counts, pair.q_counts))
        yield Change(metric="mean_shift", message=said, p_value=min(1.0, len(tests) * min(tests)))


def _of_shares(pair: CategoricalPair) -> Iterator[Change]:
    """Yield the names whose shares changed by a factor, with a bound on the chance of any such."""
    p_rows, q_rows = int(pair.p_counts.sum()), int(pair.q_counts.sum())
    p, q = pair.p_counts / p_rows, pair.q_counts / q_rows
    chances = split_bounds(pair.p_counts, pair.p_counts + pair.q_counts, p_rows / (p_rows + q_rows))
    chances *= chances.size
    chances[np.maximum(p, q) < _LEAST_RATIO * np.minimum(p, q)] = 1.0
    first = [at for at in np.argsort(chances, kind="stable")[:_NAMED].tolist() if chances[at] < 1]
    if first:
        least = float(chances[first[0]])
        shown = [at for at in first if chances[at] <= max(least, _SURE)]
        said = ", ".join(f"{name_of(pair, at)} {_moved(p[at], q[at])}" for at in shown)
        yield Change(metric="share_ratio", message=said, p_value=max(LEAST, least))


def _moved(p: float, q: float) -> str:
    said = f"{percent(p)} → {percent(q)}"
    if not p or not q:
        return said
    return f"{said} ({'×' if q > p else '÷'} {max(p, q) / min(p, q):.2g})"


def _moved_mean(p: ColumnProfile, q: ColumnProfile) -> str | None:
    """Say how the mean moved, in per cent where all values have one sign; None where hardly."""
    before, after = p.numbers.mean, q.numbers.mean
    held = p.numbers.points
    # (einsum rather than dot: BLAS would start threads of its own.)
    sizes = np.abs(held.values.astype(np.float64))
    size = float(np.einsum("i,i->", sizes, held.counts / held.total))
    if not isfinite(size) or not abs(after - before) > _LEAST_MOVE * size:
        return None
    low, high = min(p.numbers.low, q.numbers.low), max(p.numbers.high, q.numbers.high)
    said = f"mean {change(before, after)}"
    if before and (low >= 0 or high <= 0):
        said += f" ({after / before - 1:+.0%})".replace("-", "\N{MINUS SIGN}").replace("%", " %")
    return said
