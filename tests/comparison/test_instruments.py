"""All columns together: what is looked at, what is judged, and what cannot be."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from driftcli.comparison.joint.blocks import RowsInBlocks
from driftcli.comparison.joint.compare import compare_pairs
from driftcli.comparison.joint.features import ColumnValues, all_features, standardised
from driftcli.comparison.joint.instruments import Instruments
from driftcli.config import Levels, ReadSettings, Settings
from driftcli.engine import RowSample, profile
from driftcli.errors import InputError, UsageError
from driftcli.report.joint import Joint
from driftcli.source import open_source


def compare(
    baseline: pa.Table,
    current: pa.Table,
    settings: Settings | None = None,
    blocks: RowsInBlocks | None = None,
    **asked: object,
) -> Joint:
    sides = [
        profile(open_source(each, ReadSettings()), {}, sample=RowSample(50_000))
        for each in (baseline, current)
    ]
    instruments = Instruments(**asked)  # type: ignore[arg-type]
    return compare_pairs(*sides, settings or Settings(), blocks, (), instruments)


def table(seed: int, rows: int = 1_000, shift: float = 0.0) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "x": rng.normal(size=rows) + shift,
            "y": rng.normal(size=rows),
            "kind": rng.choice(["a", "b"], rows),
        }
    )


def column(p: list[object], q: list[object], kind: str = "numeric") -> ColumnValues:
    return ColumnValues(pa.array(p), pa.array(q), kind)  # type: ignore[arg-type]


class TestFeatures:
    def test_numbers_are_ranks_among_both_sides(self) -> None:
        values = column([3.0, None, float("inf")], [2**60 + 0.0, 3.0, float("-inf")])
        found = all_features({"x": values}, None)
        assert found.rows.p[:, 0] == pytest.approx([1, np.nan, 3], nan_ok=True)
        assert found.rows.q[:, 0] == pytest.approx([2, 1, 0])
        assert not found.categorical.any()

    def test_names_are_the_commonest_and_the_rest(self) -> None:
        many = [f"n{each}" for each in range(150) for _ in range(150 - each)]
        found = all_features({"n": column([*many, None], many, "categorical")}, None)
        assert found.categorical.all()
        labels = found.rows.p[:-1, 0]
        assert (labels.min(), labels.max(), np.unique(labels).size) == (0, 99, 100)
        assert (labels == 0).sum() == 150
        assert np.isnan(found.rows.p[-1, 0])

    def test_truth_has_an_order(self) -> None:
        found = all_features({"t": column([True, False, None], [True], "categorical")}, None)
        assert not found.categorical.any()
        assert found.rows.p[:, 0] == pytest.approx([1, 0, np.nan], nan_ok=True)

    def test_numeric_columns_are_in_deviations_of_the_baseline(self) -> None:
        columns = {
            "x": column([1.0, 3.0, None], [5.0, float("inf"), float("nan")]),
            "one": column([7, 7], [7, 8]),
            "kind": column(["a"], ["b"], "categorical"),
            "vast": column([-1e308, 1e308], [0.0, 1.0]),
        }
        found = standardised(columns, None)
        assert found.names == ("x",)
        assert found.rows.p[:, 0] == pytest.approx([-1, 1, 0])
        assert found.rows.q[:, 0] == pytest.approx([3, 0, 0])


class TestWitness:
    def test_it_looks_at_numeric_columns_and_judges_nothing(self) -> None:
        joint = compare(table(1), table(2, shift=1), witness=True)
        assert (joint.verdict, joint.exit_code) == ("ok", 0)
        assert joint.witness is not None
        assert joint.witness.columns == ("x", "y")
        assert joint.witness.distance.limit <= 1 <= joint.witness.distance.value + 0.2
        first = joint.witness.along[0]
        assert (first.column, first.weight) == ("x", pytest.approx(1, abs=0.05))
        assert joint.witness.p_value < 1e-20
        assert joint.discriminator is None
        assert joint.critic is None

    def test_what_stays_has_a_limit_of_nothing(self) -> None:
        joint = compare(table(1), table(1), witness=True)
        assert joint.witness is not None
        assert joint.witness.distance.limit <= 0

    def test_without_numbers_there_is_nothing_to_look_at(self) -> None:
        names = pa.table({"a": ["x", "y"] * 50, "b": ["u", "v", "w", "v"] * 25})
        with pytest.raises(UsageError, match="--witness: there is no numeric column"):
            compare(names, names, witness=True)

    def test_few_rows_are_told_of(self) -> None:
        message = "--witness: it takes 50 rows of either side, and the current data has 49"
        with pytest.raises(InputError, match=message):
            compare(table(1), table(2, 49), witness=True)
        compare(table(1, 50), table(2, 50), witness=True)

    def test_whole_blocks_are_dealt(self) -> None:
        rng = np.random.default_rng(3)
        days = np.repeat(np.arange(40), 50)
        sides = [
            pa.table(
                {name: rng.normal(size=40)[days] + rng.normal(size=2_000) for name in ("x", "y")}
            )
            for _ in range(2)
        ]
        plain = compare(*sides, witness=True)
        found = compare(*sides, None, RowsInBlocks("day", "d", False, (days, days)), witness=True)
        assert plain.witness is not None
        assert found.witness is not None
        assert plain.witness.p_value < 0.01 < found.witness.p_value

    def test_few_blocks_are_told_of(self) -> None:
        days = np.repeat(np.arange(9), 20)
        sides = [table(seed, 180) for seed in (1, 2)]
        with pytest.raises(InputError, match=r"it takes 10 blocks .* has 9; --block none takes"):
            compare(*sides, None, RowsInBlocks("day", "d", False, (days, days)), witness=True)

    def test_rows_of_no_block_are_blocks(self) -> None:
        numbers = np.array([-1, 0, 0, 1, -1])
        units, _ = RowsInBlocks("day", "d", False, (numbers, numbers)).units()
        assert units.tolist() == [2, 0, 0, 1, 3]


class TestDiscriminator:
    @pytest.fixture(autouse=True)
    def _trees(self) -> None:
        pytest.importorskip("sklearn", reason="scikit-learn is not installed")

    def test_it_judges_all_columns_together(self) -> None:
        joint = compare(table(1), table(2, shift=1), discriminator=True)
        assert (joint.verdict, joint.exit_code) == ("drift", 1)
        assert joint.summary.drift == 0
        found = joint.discriminator
        assert found is not None
        assert found.columns == ("x", "y", "kind")
        (score,) = found.scores
        assert score.value == found.divergence.limit
        assert (score.metric, score.threshold, score.status) == ("joint_jsd", 0.01, "drift")
        assert score.significant
        assert 0.05 < score.value < 0.1607
        assert found.reason == (
            f"divergence of all columns together ≥ {score.value:.3g} bits (95 %)"
        )
        assert found.beyond.limit < 0.01

    def test_what_stays_is_ok(self) -> None:
        joint = compare(table(1), table(2), discriminator=True)
        assert joint.discriminator is not None
        (score,) = joint.discriminator.scores
        assert (joint.verdict, score.status, score.significant) == ("ok", "ok", False)
        assert (score.value, joint.discriminator.reason) == (0, None)

    def test_a_parity_of_three_columns_is_seen(self) -> None:
        rng = np.random.default_rng(7)
        base, rows = rng.normal(size=(6_000, 3)), rng.normal(size=(6_000, 3))
        rows[:, 0] *= np.where(rng.random(6_000) < 0.75, 1, -1) * np.sign(rows.prod(axis=1))
        tables = [pa.table(dict(zip("xyz", each.T, strict=True))) for each in (base, rows)]
        joint = compare(*tables, discriminator=True)
        assert {pair.status for pair in joint.pairs} == {"ok"}
        assert joint.discriminator is not None
        assert joint.discriminator.status == "drift"
        assert 0.01 < joint.discriminator.beyond.limit < 0.0488

    def test_one_column_is_enough(self) -> None:
        joint = compare(table(1).select(["x"]), table(2).select(["x"]), discriminator=True)
        assert (joint.verdict, joint.exit_code, joint.pairs) == ("ok", 0, ())

    def test_thresholds_are_settings(self) -> None:
        sides = table(1), table(2, shift=1)
        off = Settings(thresholds={"joint_jsd": Levels()})
        warn = Settings(thresholds={"joint_jsd": Levels(warn=0.01, drift=0.5)})
        assert compare(*sides, off, discriminator=True).verdict == "ok"
        assert compare(*sides, warn, discriminator=True).verdict == "warn"
        change = Settings(thresholds={"joint_jsd": Levels()}, fail_on="change")
        assert compare(*sides, change, discriminator=True).exit_code == 1


class TestCritic:
    @pytest.fixture(autouse=True)
    def _networks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("torch", reason="PyTorch is not installed")
        from driftcli.metrics.joint import critic

        monkeypatch.setattr(critic, "STEPS", 100)

    def test_it_judges_numeric_columns_together(self) -> None:
        joint = compare(table(1), table(2, shift=1), critic="spectral")
        assert (joint.verdict, joint.exit_code) == ("drift", 1)
        found = joint.critic
        assert found is not None
        assert (found.columns, found.lipschitz) == (("x", "y"), "spectral")
        (score,) = found.scores
        assert score.value == found.certified.limit <= 1
        assert (score.metric, score.unit) == ("joint_wasserstein", "baseline sd")
        assert found.reason == (
            f"distance of all numeric columns together ≥ {score.value:.3g} baseline sd (95 %)"
        )
        assert found.gradient <= found.constant * 1.0001

    def test_what_stays_is_ok(self) -> None:
        joint = compare(table(1), table(2), critic="orthogonal")
        assert joint.critic is not None
        assert (joint.verdict, joint.critic.status) == ("ok", "ok")
