"""What people suspect first: another unit, a constant, another type, another name."""

import numpy as np
import pyarrow as pa
import pytest

from driftcli.api.compare import compare
from driftcli.report.columns import Column
from driftcli.report.comparison import Report

ROWS = 2_000
FACTORS = (1_000.0, 0.001, 2.54, 1 / 2.54, 1.609344, 60.0)


def draw(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def only(baseline: object, current: object) -> Column:
    return compare(pa.table({"x": baseline}), pa.table({"x": current})).columns[0]


class TestUnits:
    @pytest.mark.parametrize("factor", FACTORS)
    def test_quantiles_that_all_scale_alike_make_a_unit_suspect(self, factor: float) -> None:
        found = only(draw(0).normal(170, 9, ROWS), draw(1).normal(170, 9, ROWS) * factor)
        assert found.status == "drift"
        text = found.reasons[0]
        assert text.startswith("all quantiles × ")
        assert text.endswith(": has the unit changed?")
        assert float(text.split()[3].rstrip(":")) == pytest.approx(factor, rel=0.01)

    def test_heavy_tails_scale_too(self) -> None:
        found = only(draw(0).lognormal(3, 0.2, 20_000), draw(1).lognormal(3, 0.2, 20_000) * 1_000)
        assert found.reasons[0].startswith("all quantiles × ")

    @pytest.mark.parametrize("rows", [100, 400])
    @pytest.mark.parametrize("factor", [100.0, 0.001])
    @pytest.mark.parametrize(
        "drawn",
        [
            lambda source, rows: source.normal(100, 10, rows),
            lambda source, rows: source.lognormal(3, 1, rows),
            lambda source, rows: source.uniform(0, 1, rows),
            lambda source, rows: source.integers(1, 100, rows).astype(float),
        ],
        ids=["normal", "lognormal", "uniform", "whole"],
    )
    def test_few_rows_scale_as_far_as_they_can_tell(self, drawn, factor, rows) -> None:
        told = 0
        for seed in range(10):
            found = only(drawn(draw(seed), rows), drawn(draw(seed + 100), rows) * factor)
            told += found.reasons[0].startswith("all quantiles × ")
        assert told >= 8

    @pytest.mark.parametrize("rows", [100, 400])
    @pytest.mark.parametrize("moved", [20, 100, 1_000])
    def test_a_shift_of_few_rows_does_not(self, rows: int, moved: float) -> None:
        for seed in range(10):
            found = only(
                draw(seed).normal(30, 9, rows), draw(seed + 100).normal(30, 9, rows) + moved
            )
            assert not any("unit" in text for text in found.reasons)

    @pytest.mark.parametrize(
        "current",
        [
            draw(1).normal(180, 9, ROWS),
            draw(1).normal(170, 9, ROWS) * 1.3,
            -draw(1).normal(170, 9, ROWS),
            draw(1).normal(170, 9, ROWS) + 340,
            np.where(draw(1).random(ROWS) < 0.5, 1_000, 1) * draw(1).normal(170, 9, ROWS),
        ],
        ids=["shift", "small factor", "sign", "offset", "half"],
    )
    def test_other_changes_do_not(self, current: object) -> None:
        column = only(draw(0).normal(170, 9, ROWS), current)
        assert column.reasons
        assert not any("unit" in text for text in column.reasons)

    def test_a_few_values_do_not(self) -> None:
        column = only(np.repeat([0, 1, 2], 300), np.repeat([0, 1_000, 2_000], 300))
        assert not any("unit" in text for text in column.reasons)


class TestConstants:
    def test_a_number_that_became_constant_is_said_first(self) -> None:
        found = only(draw(0).integers(0, 5, ROWS), np.full(ROWS, 3))
        assert found.reasons[0] == "constant (3), which it was not"

    def test_a_category_that_became_constant(self) -> None:
        found = only(draw(0).choice(["a", "b"], ROWS), np.full(ROWS, "a"))
        assert found.reasons[0] == "constant ('a'), which it was not"

    def test_what_hardly_varied_is_only_noted(self) -> None:
        baseline = np.zeros(ROWS)
        baseline[0] = 1
        found = only(baseline, np.zeros(ROWS))
        assert found.status == "ok"
        assert found.reasons == ()
        assert "constant (0), which it was not" in found.notes

    def test_what_always_was_is_not(self) -> None:
        found = only(np.ones(ROWS), np.full(ROWS, 2.0))
        assert not any("constant" in text for text in (*found.reasons, *found.notes))


class TestTypes:
    def test_examples_of_both_sides_are_named(self) -> None:
        found = only(draw(0).integers(0, 5, ROWS), draw(0).choice(["one", "two", "two"], ROWS))
        assert found.reasons == (
            "type int64 → string: numbers (0, 4) became categories ('two', 'one')",
        )

    def test_long_examples_are_shortened(self) -> None:
        found = only(pa.array([1, 1]), pa.array(["a" * 50, "a" * 50]))
        assert f"('{'a' * 30}…')" in found.reasons[0]


def renamed(baseline: dict[str, object], current: dict[str, object]) -> dict[str, str]:
    """Return the messages on lost columns by their name."""
    same = {"id": np.arange(ROWS)}
    report: Report = compare(pa.table({**baseline, **same}), pa.table({**current, **same}))
    return {
        each.column or "": each.message for each in report.findings if each.kind == "lost_column"
    }


LOST = "lost column `{}` ({}): the current data does not have it"


class TestRenames:
    def test_a_number_with_matching_values_is_suggested(self) -> None:
        found = renamed(
            {"amount": draw(0).lognormal(3, 1, ROWS), "other": draw(0).normal(size=ROWS)},
            {"amt": draw(1).lognormal(3, 1, ROWS), "thing": draw(1).exponential(size=ROWS)},
        )
        lost = LOST.format("amount", "double")
        assert found["amount"] == f"{lost}, unless `amt` is it: --rename amt=amount"
        assert found["other"] == LOST.format("other", "double")

    def test_categories_too_and_names_are_quoted_for_the_shell(self) -> None:
        found = renamed(
            {"seg": draw(0).choice(list("wxyz"), ROWS)},
            {"segment id": draw(1).choice(list("wxyz"), ROWS)},
        )
        lost = LOST.format("seg", "string")
        assert found["seg"] == f"{lost}, unless `segment id` is it: --rename 'segment id=seg'"

    def test_of_several_the_likest_name_wins_and_each_is_taken_once(self) -> None:
        found = renamed(
            {"price_net": draw(0).normal(size=ROWS), "weight": draw(1).normal(size=ROWS)},
            {"price": draw(2).normal(size=ROWS), "weight_kg": draw(3).normal(size=ROWS)},
        )
        assert "--rename price=price_net" in found["price_net"]
        assert "--rename weight_kg=weight" in found["weight"]

    @pytest.mark.parametrize(
        ("baseline", "current"),
        [
            (draw(0).normal(size=ROWS), draw(1).normal(0.5, 1, ROWS)),
            (draw(0).normal(size=ROWS), draw(1).choice(["a", "b", "c"], ROWS)),
            (draw(0).choice(["a", "b"], ROWS), draw(1).choice(["a", "b"], ROWS)),
            (draw(0).normal(size=ROWS), pa.array([None] * ROWS, pa.float64())),
        ],
        ids=["shifted", "another kind", "two values", "no values"],
    )
    def test_others_are_not(self, baseline: object, current: object) -> None:
        found = renamed({"old": baseline}, {"new": current})
        assert "--rename" not in found["old"]

    def test_of_hundreds_only_names_alike_are_tried(self) -> None:
        baseline: dict[str, object] = {f"feature_{k}": draw(k).normal(k, 1, 60) for k in range(30)}
        current: dict[str, object] = {f"Feature-{k}": draw(k).normal(k, 1, 60) for k in range(30)}
        report = compare(
            pa.table({**baseline, "id": np.arange(60)}), pa.table({**current, "id": np.arange(60)})
        )
        lost = [each.message for each in report.findings if each.kind == "lost_column"]
        assert len(lost) == 30
        assert all("--rename" in message for message in lost)
