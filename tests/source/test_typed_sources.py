"""Parquet, Arrow, JSON Lines, in-memory data: values, fragments, files, partitions, names."""

import datetime as dt
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import READ, drained, whole

from driftcli.config import ReadSettings
from driftcli.errors import InputError, UsageError
from driftcli.source import (
    Unparsed,
    csv_layout,
    jsonlines,
    memory,
    open_source,
    parquet,
    records,
    typed,
)
from driftcli.source.renamed import check_names


@pytest.fixture
def table():
    rows = 1000
    return pa.table(
        {
            "i": pa.array(range(rows), pa.int32()),
            "f": np.arange(rows) / 8,
            "s": pa.array([f"c{i % 7}" if i % 5 else None for i in range(rows)]),
            "l": pa.array([[i, i] for i in range(rows)]),
            "p": pa.array(
                [{"x": i, "y": {"z": str(i)}} if i % 3 else None for i in range(rows)],
                pa.struct([("x", pa.int64()), ("y", pa.struct([("z", pa.string())]))]),
            ),
            "t": pa.array([dt.datetime(2024, 1, 1)] * rows, pa.timestamp("ms")),  # noqa: DTZ001
        }
    )


COLUMNS = ["i", "f", "s", "l", "p.x", "p.y.z", "t"]


def expected_values(table):
    place = table.column("p").to_pylist()
    return {
        **{name: table.column(name).to_pylist() for name in ("i", "f", "s", "l", "t")},
        "p.x": [row and row["x"] for row in place],
        "p.y.z": [row and row["y"]["z"] for row in place],
    }


def write_stream(table, path):
    with pa.ipc.new_stream(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)


def write_file(table, path):
    with pa.ipc.new_file(path, table.schema) as writer:
        writer.write_table(table, max_chunksize=100)


WRITERS = {
    "a.parquet": lambda table, path: pq.write_table(table, path, row_group_size=300),
    "a.arrow": write_file,
    "a.arrows": write_stream,
    "streamed.feather": write_stream,
    "parquet-without-suffix": pq.write_table,
    "arrow-without-suffix": write_file,
}


@pytest.mark.parametrize("name", WRITERS)
def test_typed_files_hold_what_was_written(tmp_path, table, name):
    WRITERS[name](table, tmp_path / name)
    result = whole(tmp_path / name)
    assert list(result.types) == COLUMNS
    assert result.cells == expected_values(table)
    assert result.types["i"] == "int32"


@pytest.mark.parametrize("name", WRITERS)
def test_only_the_columns_asked_for(tmp_path, table, name):
    WRITERS[name](table, tmp_path / name)
    assert list(whole(tmp_path / name, columns=["p.y.z", "f"]).cells) == ["p.y.z", "f"]


def test_parquet_fragments_are_row_groups_by_blocks_of_columns(tmp_path, table, monkeypatch):
    path = tmp_path / "a.parquet"
    pq.write_table(table, path, row_group_size=500)
    source = open_source(path, READ)
    assert (source.rows, source.format) == (1000, "parquet")
    together = list(source.fragments(["i", "f", "s"]))
    assert [(list(f.columns), f.rows) for f in together] == [(["i", "f", "s"], 1000)]
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 1)
    apart = list(source.fragments(["i", "f"]))
    assert [(list(f.columns), f.rows) for f in apart] == [(["i"], 1000), (["f"], 1000)]
    monkeypatch.setattr(parquet, "STREAM_ROWS", 500)
    apart = list(source.fragments(["i", "f"]))
    assert [(list(f.columns), f.rows) for f in apart] == [
        (["i"], 500), (["f"], 500), (["i"], 500), (["f"], 500),
    ]  # fmt: skip
    assert whole(path).cells == expected_values(table)


def test_large_row_groups_are_streamed(tmp_path, table, monkeypatch):
    monkeypatch.setattr(parquet, "WHOLE_ROWS", 400)
    monkeypatch.setattr(parquet, "STREAM_ROWS", 150)
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    fragment = next(open_source(path, READ).fragments(["s"]))
    assert [block.batch.num_rows for block in fragment.blocks()] == [150] * 6 + [100]
    assert whole(path).cells == expected_values(table)


def test_parquet_text_comes_as_dictionaries(tmp_path, table):
    pq.write_table(table, tmp_path / "a.parquet")
    source = open_source(tmp_path / "a.parquet", READ)
    assert source.schema.field("s").type == pa.string()
    block = next(next(source.fragments(["s"])).blocks())
    assert pa.types.is_dictionary(block.batch.column(0).type)


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_zero_rows(tmp_path, suffix):
    nothing = pa.table({"a": pa.array([], pa.int64()), "s": pa.array([], pa.string())})
    WRITERS[f"a.{suffix}"](nothing, tmp_path / f"a.{suffix}")
    assert whole(tmp_path / f"a.{suffix}").cells == {"a": [], "s": []}


@pytest.mark.parametrize("kind", ["parquet", "arrow", "csv", "jsonl"])
def test_hive_partitions_become_columns(tmp_path, kind):
    for year, city, value in (("2023", "a%20b", 1), ("2024", "__HIVE_DEFAULT_PARTITION__", 2)):
        folder = tmp_path / f"year={year}" / f"city={city}"
        folder.mkdir(parents=True)
        path = folder / f"part.{kind}"
        if kind in ("parquet", "arrow"):
            WRITERS[f"a.{kind}"](pa.table({"v": [value], "w": [value]}), path)
        else:
            path.write_text(
                f"v,w\n{value},{value}\n" if kind == "csv" else f'{{"v":{value},"w":1}}\n'
            )
    (tmp_path / "_SUCCESS").touch()
    result = whole(tmp_path)
    assert result.types == {"v": "int64", "w": "int64", "year": "int64", "city": "string"}
    assert result.cells["year"] == [2023, 2024]
    assert result.cells["city"] == ["a b", None]
    assert whole(tmp_path, columns=["city"]).cells == {"city": ["a b", None]}
    assert whole(tmp_path, columns=["year", "v"]).cells == {"year": [2023, 2024], "v": [1, 2]}


def test_partitions_are_added_once_when_columns_are_read_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(typed, "FRAGMENT_BYTES", 1)
    (tmp_path / "k=x").mkdir()
    pq.write_table(pa.table({"a": [1, 2], "b": [3, 4]}), tmp_path / "k=x" / "a.parquet")
    assert whole(tmp_path).cells == {"a": [1, 2], "b": [3, 4], "k": ["x", "x"]}


def test_types_of_one_kind_are_joined_over_files(tmp_path):
    pq.write_table(
        pa.table({"a": pa.array([1], pa.int16()), "b": pa.nulls(1)}), tmp_path / "1.parquet"
    )
    pq.write_table(pa.table({"b": ["x"], "a": [1.5]}), tmp_path / "2.parquet")
    result = whole(tmp_path)
    assert result.types == {"a": "double", "b": "string"}
    assert result.cells == {"a": [1, 1.5], "b": [None, "x"]}


def test_globs_and_literal_brackets(tmp_path):
    (tmp_path / "d").mkdir()
    for name in ("a1.csv", "a2.csv", "a[1].csv", "d/a3.csv"):
        (tmp_path / name).write_text(f"x\n{name[-5]}\n")
    assert whole(tmp_path / "a?.csv").cells == {"x": [1, 2]}
    assert whole(tmp_path / "a[12].csv").cells == {"x": [1, 2]}
    (tmp_path / "a[1].csv").write_text("x\n9\n")
    assert whole(tmp_path / "a[1].csv").cells == {"x": [9]}
    assert whole(f"{tmp_path}/**/a3.csv").cells == {"x": [3]}


def test_a_glob_of_directories_means_what_is_in_them(tmp_path):
    for year in (2023, 2024):
        (tmp_path / f"year={year}").mkdir()
        (tmp_path / f"year={year}" / "a.csv").write_text("x\n1\n")
    assert whole(tmp_path / "year=*").cells == {"x": [1, 1], "year": [2023, 2024]}


def test_csv_files_may_order_their_columns_differently(tmp_path):
    (tmp_path / "1.csv").write_text("a,b\n1,x\n")
    (tmp_path / "2.csv").write_text("b;a\ny;2.5\n")
    (tmp_path / "3.csv").write_text("")
    assert whole(tmp_path).cells == {"a": [1, 2.5], "b": ["x", "y"]}


def test_addresses_with_a_scheme(tmp_path, table):
    pq.write_table(table, tmp_path / "a.parquet")
    (tmp_path / "k=1").mkdir()
    pq.write_table(table, tmp_path / "k=1" / "b.parquet")
    for address in ("a.parquet", "*.parquet"):
        result = whole(f"{tmp_path.as_uri()}/{address}")
        assert result.cells == expected_values(table)
    assert set(whole(f"{tmp_path.as_uri()}/k=1").cells) == set(COLUMNS)
    assert len(whole(f"{tmp_path.as_uri()}/**/b.parquet").cells["k"]) == 1000


def test_csv_and_arrow_at_an_address(tmp_path, table):
    (tmp_path / "a.csv").write_text("x\n1\n")
    write_file(table, tmp_path / "a.arrow")
    assert whole(f"{tmp_path.as_uri()}/a.csv").cells == {"x": [1]}
    assert whole(f"{tmp_path.as_uri()}/a.arrow").cells == expected_values(table)


class TestRename:
    """New names for old columns."""

    def test_columns_go_by_their_new_names(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("a,b\n1,x\nbad,y\n")
        result = whole(path, rename={"a": "new"}, types={"new": pa.int64()})
        assert result.cells == {"new": [1, None], "b": ["x", "y"]}
        assert result.invalid == {"new": Unparsed(1, "bad", 1)}

    def test_revised_columns_are_renamed_too(self, tmp_path, monkeypatch):
        monkeypatch.setattr(records, "CHUNK_BYTES", 16)
        monkeypatch.setattr(csv_layout, "SAMPLE_BYTES", 16)
        path = tmp_path / "a.csv"
        path.write_text("a\n" + "11\n" * 30 + "x\n" + "11\n" * 20)
        result = whole(path, rename={"a": "n"})
        assert (result.types, result.passes) == ({"n": "string"}, 2)

    def test_structs_are_renamed_by_their_flat_names(self, table):
        assert "z" in whole(table, rename={"p.y.z": "z"}).cells

    def test_a_name_that_was_given_up_has_no_expected_type(self, tmp_path):
        path = tmp_path / "a.csv"
        path.write_text("a,b\nx,1\n")
        types = {"a": pa.int64(), "b": pa.float64()}
        result = whole(path, rename={"a": "new"}, types=types)
        assert result.types == {"new": "string", "b": "double"}
        assert not result.invalid

    def test_names_may_be_swapped(self):
        data = pa.table({"a": [1], "b": [2]})
        assert whole(data, rename={"a": "b", "b": "a"}).cells == {"b": [1], "a": [2]}

    def test_an_unknown_name_suggests_another(self):
        with pytest.raises(UsageError, match="no column 'amonut' to rename; did you mean 'amount'"):
            check_names(["amount"], {"amonut": "x"}, "data")

    def test_a_name_that_is_taken(self):
        with pytest.raises(InputError, match="two columns would be named 'b'; rename one to"):
            check_names(["a", "b"], {"a": "b"}, "data")


class TestMemory:
    """Data that is in memory already."""

    def test_tables_batches_and_readers(self, table):
        batch = table.combine_chunks().to_batches()[0]
        reader = pa.RecordBatchReader.from_batches(table.schema, [batch, batch.slice(0, 0)])
        for data in (table, batch, reader):
            assert whole(data).cells == expected_values(table)

    def test_a_table_is_cut_into_fragments_without_a_copy(self, table, monkeypatch):
        monkeypatch.setattr(memory, "FRAGMENT_ROWS", 300)
        source = open_source(table, READ)
        assert source.rows == 1000
        fragments = list(source.fragments(["i"]))
        assert [f.rows for f in fragments] == [300, 300, 300, 100]
        block = next(fragments[1].blocks())
        own = table.column("i").chunk(0).buffers()[1]
        assert block.batch.column(0).buffers()[1].address == own.address

    def test_pandas_frames_lose_their_index(self):
        frame = pd.DataFrame({"a": [1, 2], "c": pd.Categorical(["x", None])}, index=[7, 8])
        assert whole(frame).cells == {"a": [1, 2], "c": ["x", None]}

    def test_polars_frames(self):
        pl = pytest.importorskip("polars")
        frame = pl.DataFrame({"a": [1, 2], "s": ["x", None], "p": [{"q": 1}, {"q": None}]})
        assert whole(frame).cells == {"a": [1, 2], "s": ["x", None], "p.q": [1, None]}

    def test_what_arrow_cannot_hold_names_the_column(self):
        with pytest.raises(InputError, match="column mixed") as caught:
            open_source(pd.DataFrame({"fine": [1, 2], "mixed": [1, "x"]}), READ)
        assert "\n" not in str(caught.value)

    def test_duplicate_names(self):
        for data in (
            pa.table([[1], [2]], names=["a", "a"]),
            pd.DataFrame([[1, 2]], columns=["a", "a"]),
            pa.table({"a.b": [1], "a": [{"b": 2}]}),
        ):
            with pytest.raises(InputError, match="used more than once"):
                open_source(data, READ)

    def test_what_is_no_dataset(self):
        with pytest.raises(UsageError, match="a list is not a dataset"):
            open_source([1, 2], READ)

    def test_a_stream_that_breaks(self):
        def batches():
            yield pa.record_batch({"a": [1]})
            raise OSError("gone\nfor good")

        reader = pa.RecordBatchReader.from_batches(pa.schema([("a", pa.int64())]), batches())
        with pytest.raises(InputError, match="the stream ended with an error: gone"):
            whole(reader)


def test_run_lengths_extensions_and_views_are_plain():
    data = pa.table(
        {
            "r": pa.array([1, 1, 2]).dictionary_encode(),
            "e": pa.RunEndEncodedArray.from_arrays(
                pa.array([2, 3], pa.int32()), pa.array([5.0, 6.0])
            ),
            "u": pa.array([b"0" * 16] * 3, pa.uuid()) if hasattr(pa, "uuid") else [1, 2, 3],
            "v": pa.array(["a", None, "b"], pa.string_view()),
        }
    )
    result = whole(data, columns=["r", "e", "v"])
    assert result.cells == {"r": [1, 1, 2], "e": [5.0, 5.0, 6.0], "v": ["a", None, "b"]}


class TestJsonLines:
    """Keys and types of JSON Lines depend on all lines only."""

    @pytest.fixture(params=[24, 1 << 20])
    def read(self, tmp_path, monkeypatch, request):
        monkeypatch.setattr(records, "CHUNK_BYTES", request.param)
        monkeypatch.setattr(jsonlines, "SAMPLE_BYTES", 24)

        def read(rows, **options):
            path = tmp_path / "a.jsonl"
            path.write_text("\n".join(json.dumps(row) for row in rows) + "\n")
            return whole(path, **options)

        return read

    def test_values_and_nested_objects(self, read):
        rows = [
            {"a": 1, "b": {"c": "x", "d": {"e": True}}, "f": [1]},
            {"a": None, "b": None, "g": 2.5},
            {},
            {"b": {"d": {}}, "a": 3},
        ]
        result = read(rows)
        assert result.types["b.d.e"] == "bool"
        assert "b" not in result.types
        assert result.cells["a"] == [1, None, None, 3]
        assert result.cells["b.c"] == ["x", None, None, None]
        assert result.cells["g"] == [None, 2.5, None, None]

    @pytest.mark.parametrize("reverse", [False, True])
    @pytest.mark.parametrize(
        ("values", "kind"),
        [
            ([1] * 9 + [2.5], "double"),
            ([1] * 9 + [1 << 70], "double"),
            ([1] * 9 + ["x"], "string"),
            ([True] * 9 + [1], "string"),
            ([None] * 9 + [1], "int64"),
            (["2024-01-01"] * 10, "string"),
            (["2024-01-01"] * 9 + ["x"], "string"),
            ([float("nan")] + [1] * 9, "double"),
            ([1] * 9 + [[1]], "string"),
        ],
    )
    def test_types(self, read, values, kind, reverse):
        ordered = values[::-1] if reverse else values
        result = read([{"k": i, "x": value} for i, value in enumerate(ordered)])
        assert result.types["x"] == kind
        assert len(result.cells["x"]) == 10

    def test_a_late_key_is_null_before(self, read):
        result = read([{"a": i} for i in range(20)] + [{"a": 0, "late": "x", "o": {"p": 1}}])
        assert result.cells["late"] == [None] * 20 + ["x"]
        assert result.cells["o.p"] == [None] * 20 + [1]

    def test_objects_and_others_under_one_key(self, read):
        result = read([{"a": 1}] * 5 + [{"a": {"b": 2}}] + [{"a": 3}] * 5)
        assert result.cells == {
            "a": [1] * 5 + [None] + [3] * 5,
            "a.b": [None] * 5 + [2] + [None] * 5,
        }

    def test_text_is_parsed_where_the_baseline_expects_another_type(self, read):
        rows = [{"t": "2024-01-01T10:00:00", "n": 1}] * 4 + [{"t": "soon", "n": "x"}]
        result = read(rows, types={"t": pa.timestamp("ms"), "n": pa.float64()})
        assert result.types == {"t": "timestamp[us]", "n": "double"}
        assert result.invalid == {"t": Unparsed(1, "soon", 4), "n": Unparsed(1, '"x"', 4)}

    def test_types_can_be_given_to_an_open_source(self, tmp_path):
        (tmp_path / "a.jsonl").write_text('{"x": "2024-01-01"}\n{"x": "never"}\n')
        source = open_source(tmp_path / "a.jsonl", READ).expecting({"x": pa.date32()})
        result = drained(source)
        assert result.types == {"x": "date32[day]"}
        assert result.invalid == {"x": Unparsed(1, "never", 1)}

    def test_numbers_as_text(self, read):
        result = read([{"x": 1}, {"x": "a"}, {"x": 2.5}], types={"x": pa.string()})
        assert result.cells == {"x": ["1", "a", "2.5"]}
        assert not result.invalid

    def test_nothing_but_empty_objects(self, read):
        assert read([{}, {}]).cells == {}


def test_parquet_needs_no_other_reader(tmp_path, table):
    pq.write_table(table.drop_columns(["p", "l"]), tmp_path / "a.parquet")
    code = f"""
import sys
from driftcli.config import ReadSettings
from driftcli.source import open_source
source = open_source({str(tmp_path / "a.parquet")!r}, ReadSettings())
for fragment in source.fragments(source.schema.names):
    list(fragment.blocks())
heavy = ("pandas", "pyarrow.compute", "pyarrow.dataset", "pyarrow.csv", "pyarrow.json")
print([name for name in heavy if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_times_in_96_bits_do_not_wrap(tmp_path):
    """Spark writes 9999-12-31 so, which nanoseconds from 1970 on do not reach."""
    moments = [dt.datetime(9999, 12, 31), dt.datetime(1, 1, 1), dt.datetime(2024, 1, 1, 3)]  # noqa: DTZ001
    table = pa.table({"valid_to": pa.array(moments, pa.timestamp("us"))})
    pq.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    assert whole(tmp_path / "a.parquet").cells == {"valid_to": moments}


@pytest.mark.parametrize("suffix", ["parquet", "arrow"])
def test_an_index_without_a_name_is_no_column(tmp_path, suffix):
    frame = pd.DataFrame({"v": [1, 2, 3]}, index=[7, 5, 9])
    table = pa.Table.from_pandas(frame, preserve_index=True)
    assert table.column_names == ["v", "__index_level_0__"]
    path = tmp_path / f"a.{suffix}"
    pq.write_table(table, path) if suffix == "parquet" else write_file(table, path)
    for data in (path, table):
        assert whole(data).cells == {"v": [1, 2, 3]}


def test_an_index_with_a_name_is_a_column(tmp_path):
    frame = pd.DataFrame({"v": [1, 2]}, index=pd.Index([7, 5], name="key"))
    frame.to_parquet(tmp_path / "a.parquet")
    assert whole(tmp_path / "a.parquet").cells == {"v": [1, 2], "key": [7, 5]}


class TestManyFiles:
    """Parquet files that are opened several at a time."""

    def test_they_come_in_their_order(self, tmp_path):
        for at in range(40):
            pq.write_table(pa.table({"x": [at], "y": ["a"]}), tmp_path / f"{at:02}.parquet")
        source = open_source(str(tmp_path), ReadSettings())
        blocks = [b for f in source.fragments(["x"]) for b in f.blocks()]
        assert [value for b in blocks for value in b.batch["x"].to_pylist()] == list(range(40))

    def test_the_first_that_is_damaged_is_named(self, tmp_path):
        for at in range(40):
            pq.write_table(pa.table({"x": [at]}), tmp_path / f"{at:02}.parquet")
        for at in (30, 20):
            (tmp_path / f"{at:02}.parquet").write_bytes(b"PAR1 and no more PAR1")
        with pytest.raises(InputError, match=r"20\.parquet: not a complete Parquet file"):
            open_source(str(tmp_path), ReadSettings())

    def test_those_of_another_schema_have_their_own(self, tmp_path):
        for at in range(40):
            columns = {"x": [at]} if at % 2 else {"x": [at + 0.5], "y": ["a"]}
            pq.write_table(pa.table(columns), tmp_path / f"{at:02}.parquet")
        source = open_source(str(tmp_path), ReadSettings())
        assert source.schema == pa.schema([("x", pa.float64()), ("y", pa.string())])
        assert source.partial == {"y": (20, 40)}
