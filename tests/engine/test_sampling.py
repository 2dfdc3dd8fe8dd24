"""Samples: uniform, seeded, the same on any threads, and stated."""

from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftcli.api.compare import compare
from driftcli.config import ReadSettings
from driftcli.engine import GroupBy, RowSample, Threads, by_segment, profile
from driftcli.engine.sampling import Drawing, Smallest, draw, join
from driftcli.source import Block, open_source, parquet, typed

ROWS = 1000


def blocks(*sizes):
    start = 0
    for size in sizes:
        batch = pa.record_batch({"x": np.arange(start, start + size)})
        yield Block(batch)
        start += size


def drawn(seed, size, sizes=(300, 0, 700)):
    found = draw([(0, blocks(*sizes))], RowSample(size, seed))
    return found.rows.column("x").to_pylist()


def test_a_sample_has_its_size_and_no_row_twice():
    rows = drawn(seed=1, size=100)
    assert len(rows) == len(set(rows)) == 100
    assert rows == sorted(rows)


def test_the_seed_decides_the_sample():
    assert drawn(seed=1, size=50) == drawn(seed=1, size=50)
    assert drawn(seed=1, size=50) != drawn(seed=2, size=50)


def test_a_smaller_sample_is_part_of_a_larger_one():
    assert set(drawn(seed=1, size=50)) < set(drawn(seed=1, size=500))


def test_every_row_is_drawn_equally_often():
    # 400 draws of 100 rows of 1000: each row 40 times, sd 6; 6 sd hold all but once in 10^8 rows.
    times = np.zeros(ROWS)
    for seed in range(400):
        times[drawn(seed, 100)] += 1
    assert times.sum() == 40_000
    assert np.abs(times - 40).max() < 36
    # The halves of the data, and the two blocks, get their shares: sd of 12,000 is about 87.
    assert abs(times[:300].sum() - 12_000) < 500


def test_blocks_do_not_change_who_is_drawn():
    assert drawn(seed=3, size=70) == drawn(seed=3, size=70, sizes=(1000,))


def test_fragments_drawn_together_are_those_drawn_one_by_one_and_joined():
    sample = RowSample(90, 4)
    fragments = [[(at, list(blocks(300, 0, 200 * at)))] for at in range(3)]
    one_by_one = join([draw(fragment, sample) for fragment in fragments], sample)
    together = draw([each for fragment in fragments for each in fragment], sample)
    assert together.rows.equals(one_by_one.rows)
    assert together.keys.tolist() == one_by_one.keys.tolist()
    assert together.seen == one_by_one.seen == 1500


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 1, 0, 2]])
def test_keys_known_of_other_rows_change_no_sample_whichever_came_first(order):
    sample, smallest = RowSample(90, 4), Smallest()
    fragments = [[(at, list(blocks(300, 40 * at)))] for at in range(4)]
    all_drawn = [draw(fragment, sample) for fragment in fragments]
    by_place = {at: draw(fragments[at], sample, 1.0, smallest) for at in order}
    few_drawn = [by_place[at] for at in range(4)]
    assert sum(map(rows_of, few_drawn)) < sum(map(rows_of, all_drawn))
    first, again = join(all_drawn, sample), join(few_drawn, sample)
    assert again.rows.equals(first.rows)
    assert again.keys.tolist() == first.keys.tolist()
    assert again.seen == first.seen


def rows_of(each):
    return each.rows.num_rows


def test_the_same_rows_with_other_columns_do_not_stand_in_each_others_way():
    sample, smallest = RowSample(90, 4), Smallest()
    x = draw([(0, blocks(300))], sample, 1.0, smallest)
    renamed = [Block(block.batch.rename_columns(["y"])) for block in blocks(300)]
    y = draw([(0, renamed)], sample, 1.0, smallest)
    assert y.keys.tolist() == x.keys.tolist()


def test_keys_are_shared_only_where_the_rows_are_not_counted_beforehand():
    assert Drawing.of(RowSample(90), None).smallest is not None
    assert Drawing.of(RowSample(90), 100_000).smallest is None


def test_of_no_rows_none_are_drawn():
    assert draw([(0, blocks(0)), (1, [])], RowSample(90, 4)) is None


def test_a_sample_larger_than_the_data_is_everything():
    assert drawn(seed=1, size=5000) == list(range(ROWS))


def table(seed, rows=30_000):
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "number": rng.normal(seed, 1, rows),
            "name": rng.choice(["a", "b", "c"], rows),
            "twice": 2 * np.arange(rows),
            "same": np.arange(rows),
        }
    )


def sampled(data, sample, threads):
    source = open_source(data, ReadSettings())
    return profile(source, {}, sample=sample, engine=Threads(threads)).whole


def test_the_sample_is_the_same_on_any_number_of_threads():
    data = pa.concat_tables([table(1), table(2), table(3)])
    found = [sampled(data, RowSample(500, 7), threads) for threads in (1, 2, 3)]
    for other in found[1:]:
        for name in ("number", "twice", "same"):
            first, again = (each.columns[name].values.points for each in (found[0], other))
            assert again.values.tobytes() == first.values.tobytes()
            assert again.counts.tobytes() == first.counts.tobytes()
        first, again = (each.columns["name"].values for each in (found[0], other))
        assert again.names.equals(first.names)
        assert again.counts.tobytes() == first.counts.tobytes()


def test_rows_are_drawn_whole():
    found = sampled(table(1), RowSample(200, 5), 1).columns
    same, twice = (found[name].values.points.values for name in ("same", "twice"))
    assert (2 * same).tolist() == twice.tolist()
    assert {column.rows for column in found.values()} == {200}


def test_the_report_states_the_sample():
    report = compare(table(1), table(1), sample=2000, seed=3)
    assert (report.baseline.rows, report.baseline.sampled_rows) == (30_000, 2000)
    assert {column.baseline.rows for column in report.columns} == {2000}
    assert compare(table(1), table(1)).baseline.sampled_rows is None


def test_sampling_more_rows_than_there_are_changes_nothing():
    base, new = table(1, rows=3000), table(2, rows=4000)
    whole, sampled = compare(base, new), compare(base, new, sample=10_000)
    assert sampled.baseline.sampled_rows == 3000
    assert sampled.columns == whole.columns


def test_a_sample_of_a_csv_states_what_did_not_parse_anywhere(tmp_path):
    base, new = tmp_path / "base.csv", tmp_path / "new.csv"
    base.write_text("x\n" + "".join(f"{row}\n" for row in range(5000)))
    new.write_text("x\n" + "".join(f"{row}\n" if row != 4321 else "oops\n" for row in range(5000)))
    report = compare(base, new, sample=100)
    assert [finding.message for finding in report.findings if finding.kind == "invalid_values"]
    assert "'oops' at row 4,322" in report.findings[0].message


@pytest.mark.parametrize("size", [1, 7, 5000])
def test_scores_of_a_sample_are_those_of_its_rows(size):
    rng = np.random.default_rng(size)
    values = rng.normal(size=5000)
    report = compare(pa.table({"x": values}), pa.table({"x": values}), sample=size)
    assert report.columns[0].baseline.rows == size
    # The same rows of both sides: their positions depend on the seed only.
    assert report.columns[0].score("wasserstein_raw").number == 0


def test_a_sample_is_of_all_rows_where_columns_are_not_read_in_the_same_parts(
    tmp_path, monkeypatch
):
    """Wide columns are read apart, the same ones all over."""
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 100_000)
    monkeypatch.setattr(parquet, "STREAM_ROWS", 5_000)
    schema = pa.schema({"at": pa.int64(), "left": pa.string(), "right": pa.string()})
    rng = np.random.default_rng(1)
    with pq.ParquetWriter(tmp_path / "wide.parquet", schema) as writer:
        for half, wide in enumerate(("left", "right")):
            at = np.arange(5_000) + 5_000 * half
            words = {name: [f"{row}" for row in at] for name in ("left", "right")}
            words[wide] = [f"{row:<7}{rng.integers(10**9):060d}" for row in at]
            writer.write_table(pa.table({"at": at, **words}, schema))
    source = open_source(tmp_path / "wide.parquet", ReadSettings())
    parts = [tuple(fragment.columns) for fragment in source.fragments(schema.names)]
    assert parts == [("at",), ("left",), ("right",)] * 2
    made = profile(source, {}, sample=RowSample(400, 2))
    assert {column.rows for column in made.whole.columns.values()} == {400}
    beside = profile(source, {}, sample=RowSample(400, 2, beside=True))
    assert {column.rows for column in beside.whole.columns.values()} == {10_000}
    assert beside.drawn.equals(made.drawn)
    rows = made.drawn.to_pylist()
    assert all(int(row["left"][:7]) == int(row["right"][:7]) == row["at"] for row in rows)
    assert 140 < sum(row["at"] < 5_000 for row in rows) < 260


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("form", ["parquet", "csv"])
def test_rows_drawn_beside_the_profiles_are_the_sample(tmp_path, form, threads):
    table = pa.table({"x": np.arange(30_000) / 4, "y": np.arange(30_000) % 7})
    path = tmp_path / f"data.{form}"
    if form == "csv":
        pa.csv.write_csv(table, path)
    else:
        pq.write_table(table, path, row_group_size=2_000)
    made = profile(open_source(path, ReadSettings()), {}, engine=Threads(threads))
    sample = profile(
        open_source(path, ReadSettings()), {}, sample=RowSample(500), engine=Threads(threads)
    )
    beside = profile(
        open_source(path, ReadSettings()),
        {},
        sample=RowSample(500, beside=True),
        engine=Threads(threads),
    )
    assert repr(beside.whole) == repr(made.whole)
    assert beside.drawn.equals(sample.drawn)
    assert beside.drawn.num_rows == 500
    assert all(row["x"] * 4 % 7 == row["y"] for row in beside.drawn.to_pylist())


def test_a_column_that_is_read_again_is_drawn_again(tmp_path):
    """Its type did not hold: the rows that were drawn are the same."""
    words = ["1"] * 20_000 + ["one"] * 20_000
    lines = (f"{at},{word}" for at, word in enumerate(words))
    (tmp_path / "late.csv").write_text("at,word\n" + "\n".join(lines) + "\n")
    source = open_source(tmp_path / "late.csv", ReadSettings())
    made = profile(source, {}, sample=RowSample(300, beside=True))
    assert made.drawn.num_rows == 300
    assert all((row["at"] < 20_000) == (row["word"] == "1") for row in made.drawn.to_pylist())


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_are_drawn_beside_the_profiles_of_groups(tmp_path, monkeypatch, threads):
    """Of the whole, whatever is read at once: rows keep together, and all groups get a share."""
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 100_000)
    rows = 40_000
    table = pa.table(
        {
            "at": np.arange(rows),
            "name": [f"{row}" for row in range(rows)],
            "shop": [f"shop {row % 4}" for row in range(rows)],
        }
    )
    pq.write_table(table, tmp_path / "some.parquet", row_group_size=5_000)
    source = open_source(tmp_path / "some.parquet", ReadSettings())
    by = GroupBy("--by", partial(by_segment, names=["shop"]), 1_024, whole=True)
    sample = RowSample(2_000, beside=True)
    made = profile(source, {}, by, sample=sample, engine=Threads(threads))
    alone = profile(source, {}, by, engine=Threads(threads))
    assert repr(made.whole.columns["at"]) == repr(alone.whole.columns["at"])
    assert [repr(each.columns["at"]) for each in made.groups.values()] == [
        repr(each.columns["at"]) for each in alone.groups.values()
    ]
    drawn = made.drawn.to_pylist()
    assert len(drawn) == 2_000
    assert all(
        int(row["name"]) == row["at"] and row["shop"][5:] == f"{row['at'] % 4}" for row in drawn
    )
    assert 400 < sum(row["shop"] == "shop 1" for row in drawn) < 600
    assert 850 < sum(row["at"] < rows // 2 for row in drawn) < 1_150
    again = profile(source, {}, by, sample=sample, engine=Threads(2))
    assert again.drawn.equals(made.drawn)
