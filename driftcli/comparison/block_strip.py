"""The blocks of rows of one column side by side, which tell whether one is unlike the others."""

from collections.abc import Iterator, Sequence

import numpy as np

from driftcli.comparison.block_findings import called
from driftcli.comparison.blocks import BothBlocks, NoiseOfBlocks
from driftcli.comparison.pair import CategoricalPair, NumericPair
from driftcli.comparison.stats import as_value, quantiles
from driftcli.metrics.bins import Values
from driftcli.profile.blocks import Blocks
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.report.documents import Value
from driftcli.report.explanation import BlockStrip, BlockValue


def block_strip(
    name: str, noise: NoiseOfBlocks, blocks: BothBlocks, pair: NumericPair | CategoricalPair
) -> BlockStrip:
    """Return the values of a column in the blocks of both sides, and how far they are apart."""
    category = _most_changed(pair) if isinstance(pair, CategoricalPair) else None
    known = next(side for side in blocks if side)
    sides = (
        tuple(_values(_labels(side, name), profiles, distances, category))
        for side, profiles, distances in zip(
            blocks, (noise.p, noise.q), noise.distances(), strict=True
        )
    )
    return BlockStrip(
        of=called(known), category=category, baseline=next(sides), current=next(sides)
    )


def _most_changed(pair: CategoricalPair) -> str | None:
    """Return the name whose share changed most."""
    size = len(pair.names)
    if not size:
        return None
    p, q = (counts[:size] / counts.sum() for counts in (pair.p_counts, pair.q_counts))
    most: str = pair.names[int(np.abs(q - p).argmax())].as_py()
    return most


def _labels(side: Blocks | None, name: str) -> Sequence[str]:
    return [each.label for each in side.each if name in each.columns] if side else ["all rows"]


def _values(
    labels: Sequence[str],
    profiles: Sequence[ColumnProfile],
    distances: Values,
    category: str | None,
) -> Iterator[BlockValue]:
    """Yield the blocks that have values: these alone have distances."""
    there = [
        (label, each)
        for label, each in zip(labels, profiles, strict=True)
        if (each.values.total if isinstance(each.values, Categories) else each.values.points.total)
    ]
    for (label, each), distance in zip(there, distances.tolist(), strict=True):
        known = None if np.isnan(distance) else min(1.0, distance)
        yield BlockValue(label=label, value=_value(each, category), js_distance=known)


def _value(side: ColumnProfile, category: str | None) -> Value:
    values = side.values
    if not isinstance(values, Categories):
        return as_value(side, quantiles(values.points, [0.5])[0])
    names = values.names.to_pylist()
    return float(values.counts[names.index(category)] / values.total) if category in names else 0.0
