"""Units that share rows and tasks of Spark come to the one tree, whichever do."""

from __future__ import annotations

import pickle
from collections import defaultdict
from collections.abc import Hashable

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from test_tree import by_levels, named

from driftcli.engine.contract import Worked
from driftcli.engine.spark import _rows
from driftcli.engine.spark_tasks import Joining, WorkOnUnits, _runs
from driftcli.engine.tree import FAN, Node


def _unit(name: str) -> Worked[str]:
    return Worked(name)


def made(counts: dict[Hashable, int], tasks: int) -> dict[Hashable, str]:
    """Return what comes of lanes of so many units each, with the shuffles of Spark done here."""
    units = {
        lane: [(at, pickle.dumps(str(at))) for at in range(count)] for lane, count in counts.items()
    }
    rows, left = _rows(units, tasks)
    done = WorkOnUnits(_unit, named)([pa.RecordBatch.from_pylist(rows)])
    frame = pa.concat_tables([pa.Table.from_batches([each]) for each in done])
    most = max(left.values())
    while most > FAN:
        deep = [number for number, count in enumerate(left.values()) if count > FAN]
        frame = grouped(frame, Joining(named, last=False), deep)
        left = {lane: -(-count // FAN) if count > FAN else count for lane, count in left.items()}
        most = max(left.values())
    last = grouped(frame, Joining(named, last=True), None).to_pylist()
    outcomes = {row["lane"]: pickle.loads(row["data"]) for row in last}
    assert all(isinstance(each, Node) for each in outcomes.values())
    return {lane: outcomes[at].worked.part for at, lane in enumerate(counts)}


def grouped(frame: pa.Table, join: Joining, deep: list[int] | None) -> pa.Table:
    groups = defaultdict(list)
    for row in reversed(frame.to_pylist()):
        up = 0 if deep is None else row["at"] // FAN if row["lane"] in deep else row["at"]
        groups[row["lane"], up].append(row | {"up": up})
    return pa.concat_tables([join(pa.Table.from_pylist(rows)) for rows in groups.values()])


@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 700), min_size=1), st.integers(1, 40))
def test_units_that_share_rows_make_the_tree_of_all_of_them(
    counts: dict[Hashable, int], tasks: int
) -> None:
    found = made(counts, tasks)
    assert found == {lane: by_levels(list(map(str, range(n)))) for lane, n in counts.items()}


def test_there_are_rows_for_all_tasks_and_few_more() -> None:
    units = {lane: [(at, b"") for at in range(100)] for lane in range(12)}
    sizes = {tasks: len(_rows(units, tasks)[0]) for tasks in (1, 8, 128, 2_000)}
    assert sizes == {1: 24, 8: 24, 128: 156, 2_000: 1_200}


@given(st.lists(st.lists(st.sampled_from(["a", "b", "ab", "", None]), min_size=1), min_size=1))
def test_batches_of_texts_become_one_that_has_each_text_once(batches: list[list[str]]) -> None:
    given = [pa.record_batch({"c0": pa.array(each, pa.string())}) for each in batches]
    (made,) = _runs(given, ["text"])
    values = [text for each in batches for text in each]
    assert made.column("text").to_pylist() == values
    assert sorted(made.column("text").dictionary.to_pylist()) == sorted(set(values) - {None})
