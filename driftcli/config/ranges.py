"""Thresholds that no score can reach, since the metric has a largest value."""

from collections.abc import Collection, Iterator, Mapping
from math import inf
from typing import Protocol

from driftcli.config.entries import Entries
from driftcli.config.settings import REPEATED, Levels
from driftcli.config.toml import Key


class Bounded(Protocol):
    """A metric, as far as its scores have a largest value."""

    @property
    def upper_bound(self) -> float:
        """The largest value, infinite where there is none."""


def bounds(metrics: Collection[str] | Mapping[str, Bounded]) -> dict[str, float]:
    """Return the largest values of scores; metrics that are names only may have any."""
    known = metrics if isinstance(metrics, Mapping) else {}
    largest = {REPEATED: 1.0, "pair_dependence": 1.0, "pair_correlation": 2.0, "joint_jsd": 1.0}
    return {**largest, **{name: each.upper_bound for name, each in known.items()}}


def out_of_reach(entries: Entries, largest: Mapping[str, float]) -> Iterator[tuple[Key, str]]:
    """Yield the keys of thresholds beyond the range of their metric, and what to write instead."""
    for key, levels in entries.items():
        if isinstance(levels, Levels):
            bound = largest.get(key[-1], inf)
            given = max(levels.warn or 0.0, levels.drift or 0.0)
            if given > bound:
                yield key, _remedy(key[-1], bound, given)


def _remedy(metric: str, bound: float, given: float) -> str:
    share = f', and "{given:g}%" is {given / 100:g}' if given <= 100 * bound else ""
    return f'{metric} is at most {bound:g}, found {given:g}; = "off" switches it off{share}'
