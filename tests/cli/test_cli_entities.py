"""Rows of an entity move together: whole ones make a block, and the report counts them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import Drift

from driftcli.engine.grouping import NO_GROUP
from driftcli.pipeline.entities import Entities


def purchases(seed: int, first: int, customers: int, *, shift: float = 0.0) -> pa.Table:
    """Return the rows of customers who pay much or little, ten each."""
    rng = np.random.default_rng(seed)
    who = np.repeat(np.arange(first, first + customers), 10)
    habit = np.random.default_rng([9, first]).normal(0, 0.5, customers)
    paid = rng.normal(np.repeat(habit, 10) + shift, 1)
    return pa.table({"who": [f"c{each}" for each in who], "paid": paid})


def found(drift: Drift, *options: str) -> dict:
    ended = drift("compare", "base.parquet", "new.parquet", "--format", "json", *options)
    return json.loads(ended.out)


def told(report: dict) -> str:
    return next(each["message"] for each in report["findings"] if each["kind"] == "blocks")


def test_the_line_counts_entities_and_not_hashes(drift: Drift) -> None:
    pq.write_table(purchases(1, 0, 620), "base.parquet")
    pq.write_table(purchases(2, 1_000, 610), "new.parquet")
    message = told(found(drift, "--block", "who", "--exclude", "who"))
    assert message.startswith("rows of a value of who move together: the 6,100 rows of paid count")
    assert "noise by value of who, 620 + 610 in " in message
    assert (
        drift("joint", "base.parquet", "new.parquet", "--block", "who").out.count("620 + 610") == 1
    )


def test_few_entities_are_a_block_each_by_their_name(drift: Drift) -> None:
    pq.write_table(purchases(1, 0, 30), "base.parquet")
    pq.write_table(purchases(2, 100, 25), "new.parquet")
    assert told(found(drift, "--block", "who", "--exclude", "who")).endswith("who, 30 + 25")
    Path("drift.toml").write_text('block = "who"\n')
    ended = drift("explain", "base.parquet", "new.parquet", "paid", "--format", "json")
    strip = json.loads(ended.out)["columns"][0]["details"]["blocks"]
    assert {each["label"] for each in strip["baseline"]} == {f"c{at}" for at in range(30)}


def test_customers_who_come_again_are_compared_with_themselves(drift: Drift) -> None:
    pq.write_table(purchases(1, 0, 300), "base.parquet")
    pq.write_table(purchases(2, 0, 300), "new.parquet")
    (same,) = (c for c in found(drift, "--block", "who")["columns"] if c["name"] == "paid")
    pq.write_table(purchases(2, 1_000, 300), "new.parquet")
    (others,) = (c for c in found(drift, "--block", "who")["columns"] if c["name"] == "paid")
    noise = [
        next(score["noise"] for score in each["scores"] if score["metric"] == "wasserstein")
        for each in (same, others)
    ]
    assert noise[0] < 0.8 * noise[1]
    pq.write_table(purchases(2, 0, 300, shift=0.4), "new.parquet")
    assert drift("compare", "base.parquet", "new.parquet", "--block", "who").code == 1


def test_a_profile_knows_how_many_entities_it_was_made_of(drift: Drift) -> None:
    pq.write_table(purchases(1, 0, 620), "base.parquet")
    pq.write_table(purchases(2, 1_000, 610), "new.parquet")
    drift("profile", "base.parquet", "-o", "base.profile", "--block", "who")
    report = json.loads(drift("compare", "base.profile", "new.parquet", "--format", "json").out)
    assert "noise by value of who, 620 + 610 in " in told(report)


def test_each_check_may_say_what_moves_together(drift: Drift) -> None:
    habits = [purchases(1, 0, 14), purchases(2, 1_000, 14)]
    for name, table in zip(("base", "new"), habits, strict=True):
        many = pa.concat_tables([table] * 20)
        rng = np.random.default_rng(len(name))
        noisy = np.asarray(many["paid"]) + rng.normal(0, 0.1, many.num_rows)
        pq.write_table(many.set_column(1, "paid", pa.array(noisy)), f"{name}.parquet")
    check = 'baseline = "base.parquet"\ncurrent = "new.parquet"\nexclude = ["who"]\n'
    Path("drift.toml").write_text(
        f'[checks.rows]\n{check}block = "none"\n[checks.customers]\n{check}block = "who"\n'
    )
    assert drift("run", "rows").code == 1
    assert drift("run", "customers").code == 0
    ended = drift("run", "--format", "json")
    of = {each["check"]: each["report"] for each in json.loads(ended.out)["checks"]}
    assert told(of["customers"]).endswith("noise by value of who, 14 + 14")
    assert not [each for each in of["rows"]["findings"] if each["kind"] == "blocks"]


class TestEntities:
    def test_heavy_ones_are_alone_and_no_other_is_cut(self) -> None:
        names = [f"c{at}" for at in range(2_000)] * 3 + ["big"] * 1_000
        column = pa.array(names)
        blocks = Entities.among(column, pa.array(["big", "late"]))
        numbers = blocks.numbers(column)
        by_name = {}
        for name, number in zip(names, numbers.tolist(), strict=True):
            assert by_name.setdefault(name, number) == number
        alone = by_name.pop("big")
        assert alone not in by_name.values()
        assert blocks.label(alone) == "big"
        assert blocks.label(0) == "others 1"
        assert 300 < len(set(by_name.values())) < 400

    @pytest.mark.parametrize(
        "type_", [pa.int16(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())]
    )
    def test_entities_are_the_same_whatever_their_type(self, type_: pa.DataType) -> None:
        texts = pa.array([str(at % 700) for at in range(2_100)])
        column = texts.cast(type_) if pa.types.is_integer(type_) else texts
        if pa.types.is_dictionary(type_):
            column = texts.dictionary_encode()
        blocks = Entities.among(texts)
        assert (blocks.numbers(column) == blocks.numbers(texts)).all()

    def test_rows_without_an_entity_are_of_no_block(self) -> None:
        column = pa.array(["a", None, "b", None])
        numbers = Entities.among(column).numbers(column)
        assert (numbers[[1, 3]] == NO_GROUP).all()
        assert NO_GROUP not in numbers[[0, 2]]

    def test_bytes_are_entities_too(self) -> None:
        column = pa.array([b"\xff", b"\x00", b"\xff"])
        numbers = Entities.among(column).numbers(column)
        assert numbers[0] == numbers[2] != numbers[1]
