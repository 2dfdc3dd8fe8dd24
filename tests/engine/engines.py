"""An engine that is as unlike threads as a cluster may be, and must give the same."""

from __future__ import annotations

import pickle
import random
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from driftcli.engine.contract import Worked
from driftcli.engine.failures import FailedUnit
from driftcli.engine.tree import FAN, Node, Outcome, attempted, first_of, joined, placed


class Elsewhere:
    """Runs units in any order, each from a pickled copy, and merges by levels when all are there.

    It is told of nothing while it works, as a cluster need not be.
    """

    elsewhere = True

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.units = 0

    def map_merge(
        self, work: Any, join: Any, lanes: Any, progress: Callable[[Worked[Any]], None]
    ) -> Mapping[Hashable, Worked[Any]]:
        sent = [pickle.dumps((work, unit)) for unit in placed(lanes)]
        self.units += len(sent)
        order = self._random.sample(range(len(sent)), len(sent))
        made = {at: pickle.dumps(attempted(*pickle.loads(sent[at]))) for at in order}
        by_lane: dict[Hashable, list[Outcome[Any]]] = {}
        for at in range(len(sent)):
            lane, outcome = pickle.loads(made[at])
            by_lane.setdefault(lane, []).append(outcome)
        done = {lane: self._tree(pickle.dumps(join), parts) for lane, parts in by_lane.items()}
        if failed := [each for each in done.values() if isinstance(each, FailedUnit)]:
            raise first_of(failed).error
        return {lane: each.worked for lane, each in done.items() if isinstance(each, Node)}

    def _tree(self, join: bytes, parts: list[Outcome[Any]]) -> Outcome[Any]:
        while len(parts) > FAN:
            some = [parts[at : at + FAN] for at in range(0, len(parts), FAN)]
            parts = [each[0] if len(each) == 1 else self._joined(join, each) for each in some]
        return self._joined(join, parts, last=True)

    def _joined(
        self, join: bytes, parts: list[Outcome[Any]], *, last: bool = False
    ) -> Outcome[Any]:
        made = joined(pickle.loads(join), pickle.loads(pickle.dumps(parts)), last=last)
        outcome: Outcome[Any] = pickle.loads(pickle.dumps(made))
        return outcome
