"""Pairs of columns: what is found, what is not, and which columns are paired."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from driftcli.comparison.joint.cells import cells_for, cells_of
from driftcli.comparison.joint.compare import compare_pairs
from driftcli.comparison.joint.numbers import MISSING
from driftcli.config import ColumnSettings, Levels, ReadSettings, Settings
from driftcli.engine import RowSample, Threads, profile
from driftcli.errors import InputError, UsageError
from driftcli.source import open_source


def compare(baseline, current, set_=None, rows=50_000):
    sides = [
        profile(open_source(each, ReadSettings()), {}, sample=RowSample(rows))
        for each in (baseline, current)
    ]
    return compare_pairs(*sides, set_ or Settings())


def normals(seed, rows=3_000, correlation=0.0):
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, rows))
    return {"x": x, "y": correlation * x + np.sqrt(1 - correlation**2) * noise}


def only(joint):
    (pair,) = joint.pairs
    return pair


def score(pair, metric):
    return next(each for each in pair.scores if each.metric == metric)


def reasons(joint):
    return {each.column: each.reason for each in joint.unpaired}


def test_columns_that_no_longer_depend_on_each_other_drift_though_neither_moved():
    rng = np.random.default_rng(0)
    base = {**normals(1, correlation=0.5), "z": rng.normal(size=3_000)}
    new = {**normals(2), "z": rng.normal(size=3_000)}
    joint = compare(pa.table(base), pa.table(new))
    first, *others = joint.pairs
    assert (joint.verdict, joint.exit_code, joint.summary.drift) == ("drift", 1, 1)
    assert first.columns == ("x", "y")
    assert {pair.status for pair in others} == {"ok"}
    before, after = first.correlation
    assert (before, after) == (pytest.approx(0.47, abs=0.05), pytest.approx(0, abs=0.05))
    assert first.beyond == pytest.approx(0.05, abs=0.015)
    assert first.reason.startswith("rank correlation 0.4")
    assert "bits that neither shows alone" in first.reason


@pytest.mark.parametrize("rows", [60, 250, 400, 2_000])  # of 3, 5, 7 and 8 cells
@pytest.mark.parametrize("apart", [20, -20])
def test_sides_that_share_no_range_diverge_by_one_bit(rows, apart):
    new = normals(2, rows)
    pair = only(compare(pa.table(normals(1, rows)), pa.table(new | {"x": new["x"] + apart})))
    assert pair.jsd == pytest.approx(1, abs=1e-12)
    assert pair.margins == pytest.approx(1, abs=1e-12)


def test_both_parts_of_the_divergence_sum_to_it():
    pair = only(compare(pa.table(normals(1, correlation=0.7)), pa.table(normals(2))))
    assert pair.margins + pair.beyond == pytest.approx(pair.jsd, abs=1e-12)
    assert score(pair, "pair_dependence").value < pair.beyond


@pytest.mark.parametrize("change", [lambda x: 3 * x + 1, np.exp], ids=["scale", "exp"])
def test_a_change_of_a_column_alone_is_none_of_a_pair(change):
    base, new = normals(3, correlation=0.9), normals(4, correlation=0.9)
    pair = only(compare(pa.table(base), pa.table({"x": change(new["x"]), "y": new["y"]})))
    assert pair.status == "ok"
    assert pair.margins > 0.1


def test_the_same_rows_have_no_score():
    table = pa.table({**normals(5, correlation=0.4), "name": ["a", "b", "c"] * 1_000})
    for pair in compare(table, table).pairs:
        assert pair.jsd == pytest.approx(0, abs=1e-12)
        assert [each.value for each in pair.scores] == [0.0] * len(pair.scores)
        assert pair.status == "ok"


def test_categories_and_missing_values_depend_on_columns_too():
    rng = np.random.default_rng(6)
    x = rng.normal(size=4_000)
    kinds = np.where(x > 0, "high", "low")
    gone = x > 0.8
    base = pa.table({"x": x, "kind": kinds, "y": pa.array(rng.normal(size=4_000), mask=gone)})
    new = pa.table(
        {
            "x": x,
            "kind": rng.permutation(kinds),
            "y": pa.array(rng.normal(size=4_000), mask=rng.permutation(gone)),
        }
    )
    joint = compare(base, new)
    status = {pair.columns: pair.status for pair in joint.pairs}
    assert status == {("x", "kind"): "drift", ("x", "y"): "drift", ("kind", "y"): "drift"}
    pair = next(each for each in joint.pairs if each.columns == ("x", "kind"))
    assert pair.correlation is None
    assert [each.metric for each in pair.scores] == ["pair_dependence"]
    assert pair.lost == 0  # all combinations are there now, and none is gone
    back = next(each for each in compare(new, base).pairs if each.columns == ("x", "kind"))
    assert back.lost == pytest.approx(0.5, abs=0.1)
    assert "of the baseline are gone" in back.reason


def test_a_parity_of_three_columns_is_seen_by_no_pair():
    rng = np.random.default_rng(7)
    base, rows = rng.normal(size=(4_000, 3)), rng.normal(size=(4_000, 3))
    flipped = (np.prod(rows, axis=1) < 0) & (rng.random(4_000) < 0.5)
    rows[flipped, 0] *= -1  # the sign of the product is positive in 75 %
    names = ["x", "y", "z"]
    tables = [pa.table(dict(zip(names, each.T, strict=True))) for each in (base, rows)]
    assert compare(*tables).verdict == "ok"


def test_nothing_depends_on_the_order_of_the_columns():
    rng = np.random.default_rng(8)
    base = {**normals(8, 800, correlation=0.3), "n": rng.integers(0, 4, 800)}
    new = {**normals(9, 800), "n": rng.integers(0, 4, 800)}

    def by_name(order):
        tables = [pa.table({name: each[name] for name in order}) for each in (base, new)]
        return {frozenset(each.columns): each for each in compare(*tables).pairs}

    first, second = by_name("xyn"), by_name("nyx")
    for columns, pair in first.items():
        other = second[columns]
        assert other.jsd == pytest.approx(pair.jsd, abs=1e-9)
        for each, again in zip(pair.scores, other.scores, strict=True):
            assert again.value == pytest.approx(each.value, abs=1e-6)
            assert again.p_value == pytest.approx(each.p_value, rel=1e-3)


@pytest.mark.parametrize("change", [np.exp, lambda x: x**3, lambda x: x / 7 - 2])
def test_increasing_functions_of_a_column_change_nothing(change):
    base, new = normals(10, 1_000, correlation=0.5), normals(11, 1_000)
    plain = only(compare(pa.table(base), pa.table(new)))
    changed = only(
        compare(*(pa.table({"x": change(each["x"]), "y": each["y"]}) for each in (base, new)))
    )
    assert changed == plain


def test_threads_change_nothing():
    tables = [pa.table(normals(seed, 30_000, correlation=0.1 * seed)) for seed in (1, 2)]
    made = [
        compare_pairs(
            *(
                profile(
                    open_source(each, ReadSettings()),
                    {},
                    sample=RowSample(5_000),
                    engine=Threads(n),
                )
                for each in tables
            ),
            Settings(),
        )
        for n in (1, 3)
    ]
    assert made[0] == made[1]
    assert made[0].baseline.sampled_rows == 5_000


def test_columns_that_are_not_gated_by_themselves_are_not_paired():
    rows = 300
    rng = np.random.default_rng(12)
    words = ["the", "old", "grey", "house", "near", "river", "stood", "empty", "again"]
    base = pa.table(
        {
            **normals(12, rows),
            "order_id": np.arange(rows),
            "at": pa.array(np.arange(rows), pa.timestamp("s")),
            "note": [
                " ".join(rng.choice(words, rng.integers(2, 9))) + f" {n}" for n in range(rows)
            ],
            "blob": pa.array([b"\x00"] * rows),
            "same": ["a"] * rows,
            "none": pa.nulls(rows, pa.float64()),
            "typed": np.arange(rows) % 7,
            "old": np.arange(rows) % 5,
        }
    )
    new = base.set_column(base.schema.get_field_index("typed"), "typed", pa.array(["b"] * rows))
    new = new.rename_columns(["new" if name == "old" else name for name in new.schema.names])
    joint = compare(base, new, Settings(columns={"y": ColumnSettings(gate=False)}))
    assert reasons(joint) == {
        "y": "not gated: so configured",
        "order_id": "identifier: it names rows",
        "at": "timestamp: its values are not gated",
        "note": "text: what it says is not compared",
        "blob": "values of type binary are not compared",
        "same": "one value on both sides",
        "none": "no values in the baseline",
        "typed": "its type changed: int64 → string",
        "old": "in the baseline alone",
        "new": "in the current data alone",
    }
    assert (joint.verdict, joint.exit_code, joint.pairs) == ("unjudged", 2, ())


def test_times_are_paired_where_settings_gate_them():
    rng = np.random.default_rng(13)
    at = rng.integers(0, 10**9, 2_000)
    base = pa.table({"at": pa.array(at, pa.timestamp("s")), "x": at + rng.normal(size=2_000)})
    new = pa.table({"at": base["at"], "x": rng.permutation(base["x"].to_numpy())})
    gated = Settings(columns={"at": ColumnSettings(gate=True)})
    assert compare(base, new).verdict == "unjudged"
    assert only(compare(base, new, gated)).status == "drift"


@pytest.mark.parametrize(("accepted", "code"), [("error", 2), ("warn", 0), ("ok", 0)])
def test_where_nothing_can_be_paired_settings_say_what_that_is(accepted, code):
    table = pa.table({"x": np.arange(50.0)})
    joint = compare(table, table, Settings(nothing_judged=accepted))
    assert (joint.verdict, joint.exit_code) == ("unjudged", code)


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_sides_without_rows_are_not_judged(empty):
    tables = [pa.table(normals(seed, 100)) for seed in (1, 2)]
    for side in range(2):
        if empty in (side, 2):
            tables[side] = tables[side].slice(0, 0)
    joint = compare(*tables)
    assert (joint.verdict, joint.exit_code) == ("unjudged", 2)


def test_few_rows_say_nothing_and_do_not_fail():
    for rows in (1, 2, 5):
        tables = [pa.table(normals(seed, rows)) for seed in (1, 2)]
        assert compare(*tables).verdict in ("inconclusive", "unjudged")


def test_pairs_that_cannot_be_tested_do_not_hide_that_rows_are_few():
    """Few rows of many categories have none in common, and so nothing to be tested by."""
    tables = []
    for side in (3, 4):
        names = {f"name{at}": [f"{side}{at}{row}" for row in (0, 0, 1, 1, 2, 2)] for at in range(4)}
        tables.append(pa.table(normals(side, 6) | names))
    joint = compare(*tables)
    tested = [any(each.p_value is not None for each in pair.scores) for pair in joint.pairs]
    assert 0 < sum(tested) < len(tested) / 2
    assert joint.verdict == "inconclusive"
    (finding,) = joint.findings
    assert finding.message.endswith("in 1 of 1 pair")


def test_levels_are_those_of_the_settings():
    tables = pa.table(normals(14, correlation=0.5)), pa.table(normals(15))
    warn = {"pair_dependence": Levels(warn=0.001), "pair_correlation": Levels()}
    joint = compare(*tables, Settings(thresholds=warn))
    assert (joint.verdict, joint.exit_code, joint.summary.warn) == ("warn", 0, 1)
    assert compare(*tables, Settings(thresholds=warn, fail_on="warn")).exit_code == 1
    assert compare(*tables, Settings(fail_on="never")).exit_code == 0
    high = {"pair_dependence": Levels(drift=0.9), "pair_correlation": Levels(drift=0.9)}
    quiet = compare(*tables, Settings(thresholds=high, fail_on="change"))
    assert (quiet.verdict, quiet.exit_code) == ("ok", 1)
    assert only(quiet).reason is None


def test_too_many_pairs_are_refused_before_any_work():
    table = pa.table({f"x{n}": np.arange(3.0) + n for n in range(201)})
    with pytest.raises(
        UsageError, match=r"201 columns make 20,100 pairs, more than 19,900; choose"
    ):
        compare(table, table)


def test_nothing_in_common_is_an_error():
    with pytest.raises(InputError, match="no column in common"):
        compare(pa.table({"x": [1.0]}), pa.table({"y": [1.0]}))


def test_cells_grow_with_the_rows_from_three_to_eight():
    assert [cells_for(rows) for rows in (1, 72, 128, 300, 512, 10**6)] == [3, 3, 4, 6, 8, 8]


def test_a_number_that_one_side_rounds_has_one_cell():
    values = np.repeat(np.arange(1, 30) / 10, 20)
    cells = cells_of(pa.array(values), pa.array(values.astype(np.float32)), "numeric", 8)
    assert np.array_equal(*cells.common)


@pytest.mark.parametrize("kind", [pa.int64(), pa.uint64()])
def test_large_integers_are_told_apart(kind):
    largest = 2**63 - 1 if kind == pa.int64() else 2**64 - 1
    array = pa.array([largest - n % 4 for n in range(100)], kind)
    cells = cells_of(array, array, "numeric", 8)
    assert cells.common[0][:4].tolist() == [3, 2, 1, 0]


VALUES = st.sampled_from([None, 1.5, 2.0, np.inf, -np.inf, np.nan])


@given(st.lists(VALUES, min_size=4, max_size=40))
@settings(max_examples=40)
def test_every_value_has_a_cell_and_what_is_none_has_that_of_missing(values):
    array = pa.array([*values, 0.5], pa.float64())
    lacking = np.isnan(array.to_numpy(zero_copy_only=False))
    cells = cells_of(array, array, "numeric", 4)
    for labels in cells.common + cells.own:
        assert ((labels == MISSING) == lacking).all()
        assert labels.max() < cells.size


def test_own_cells_spread_what_ties_over_the_ranks_it_holds():
    rng = np.random.default_rng(16)
    p, q = rng.poisson(3, 2_000).astype(float), rng.poisson(4, 2_000).astype(float)
    cells = cells_of(pa.array(p), pa.array(q), "numeric", 8)
    for own, spread in zip(cells.own, cells.spread, strict=True):
        rows = np.bincount(own, minlength=cells.size)
        assert rows @ spread == pytest.approx([250.0] * 8 + [0.0] * (cells.size - 8))


def test_rare_names_share_a_cell():
    names = [name for n, name in enumerate("abcdefghijkl") for _ in range(40 - n)]
    cells = cells_of(pa.array(names), pa.array(names), "categorical", 8)
    at = dict(zip(names, cells.common[0].tolist(), strict=True))
    assert [at[name] for name in "abcdefg"] == list(range(7))
    assert {at[name] for name in "hijkl"} == {7}


def test_pairs_are_listed_worst_first():
    rng = np.random.default_rng(17)
    x = rng.normal(size=(4, 3_000))
    base = {"a": x[0], "b": x[0] + x[1], "c": x[0] + 2 * x[2], "d": x[3]}
    new = {name: rng.permutation(values) for name, values in base.items()}
    joint = compare(pa.table(base), pa.table(new))
    assert joint.pairs[0].columns == ("a", "b")
    assert all(
        (first.status == "ok") <= (second.status == "ok") for first, second in pairwise(joint.pairs)
    )
    drifted = [pair.excess for pair in joint.pairs if pair.status == "drift"]
    assert drifted == sorted(drifted, reverse=True)


def test_a_chance_below_what_splits_can_count_is_told_by_their_spread():
    """By 50,000 random splits it is 0.0002, and by how many of 1,023 reach it 0.002."""
    rng = np.random.default_rng(16)
    before, after = (rng.normal(size=(1_000, 10)) for _ in range(2))
    (x, y), (x_after, y_after) = before[:, :2].T, after[:, :2].T
    base = {"x": x, "y": 0.5 * x + np.sqrt(0.75) * y}
    new = {"x": x_after, "y": 0.3 * x_after + np.sqrt(0.91) * y_after}
    found = score(only(compare(pa.table(base), pa.table(new))), "pair_correlation")
    assert found.p_value == pytest.approx(0.0002, rel=0.5)
