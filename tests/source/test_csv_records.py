"""CSV as bytes: where records end, delimiters, encodings, headers."""

import bz2
import csv
import gzip
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import drained, whole

from driftcli.config import ReadSettings
from driftcli.source import csv_layout, csv_parsing, open_source, records

FIELD = st.text(alphabet='ab ,"\n\r;é', max_size=6)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.tuples(FIELD, FIELD), min_size=1, max_size=12),
    st.integers(1, 40),
    st.sampled_from(["\n", "\r\n"]),
)
def test_quoted_values_survive_any_cut(tmp_path, monkeypatch, rows, size, ending):
    monkeypatch.setattr(records, "CHUNK_BYTES", size)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows([("p", "q"), *rows])
    path = tmp_path / "a.csv"
    path.write_bytes(text.getvalue().encode())
    result = whole(path, types={"p": pa.string(), "q": pa.string()})
    assert result.cells["p"] == [p or None for p, _ in rows]
    assert result.cells["q"] == [q or None for _, q in rows]


def test_a_stray_quote_within_a_value_is_a_character(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 12)
    path = tmp_path / "a.csv"
    path.write_text('a,b\n5" pipe,1\nx,2\n"y\nz",3\nu"v"w",4\nlast,5\n')
    assert whole(path).cells["a"] == ['5" pipe', "x", "y\nz", 'u"v"w"', "last"]


def test_without_quoting_a_quote_is_a_character(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('a,b\n"x,1\ny",2\n')
    assert whole(path, ReadSettings(quote="")).cells["a"] == ['"x', 'y"']


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_a_missing_last_one(tmp_path, ending):
    path = tmp_path / "a.csv"
    path.write_bytes(ending.join(["a,b", "1,x", "2,y"]).encode())
    assert whole(path).cells == {"a": [1, 2], "b": ["x", "y"]}


@pytest.mark.parametrize(
    ("header", "delimiter"), [("a,b;c", ","), ("a;b", ";"), ("a\tb", "\t"), ("a|b", "|")]
)
def test_the_delimiter_is_found_in_the_header(tmp_path, header, delimiter):
    path = tmp_path / "a.txt"
    path.write_text(f"{header}\n1{delimiter}2\n")
    assert list(whole(path).types) == header.split(delimiter)


def test_a_quoted_comma_in_the_header_is_no_delimiter(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('"a,b";c\n1;2\n')
    assert whole(path).cells == {"a,b": [1], "c": [2]}


def test_tsv_and_a_set_delimiter(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("a,b\tc\n1\t2\n")
    assert list(whole(path).types) == ["a,b", "c"]
    path.write_text("a,b\tc\n1,2\n")
    assert list(whole(path, ReadSettings(delimiter=",")).types) == ["a", "b\tc"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"]
)
def test_encodings(tmp_path, monkeypatch, encoding):
    monkeypatch.setattr(records, "CHUNK_BYTES", 7)
    path = tmp_path / "a.csv"
    path.write_bytes("näme,b\né,1\nü,2\n".encode(encoding))
    assert whole(path, ReadSettings(encoding=encoding)).cells == {"näme": ["é", "ü"], "b": [1, 2]}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_bytes("é,b\n1,2\n".encode(encoding))
    assert list(whole(path).types) == ["é", "b"]


def test_compressed_files(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 50)
    text = b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(100))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text[:200]) + gzip.compress(text[200:]))
    (tmp_path / "a.csv.bz2").write_bytes(bz2.compress(text))
    with pa.output_stream(tmp_path / "a.csv.zst", compression="zstd") as stream:
        stream.write(text)
    for suffix in ("gz", "bz2", "zst"):
        source = open_source(tmp_path / f"a.csv.{suffix}", ReadSettings())
        assert source.size is None
        assert drained(source).cells["a"] == list(range(100))


@pytest.mark.parametrize("text", ["a,b", "a,b\n", "\n\na,b\n\n\n"])
def test_a_header_alone_is_zero_rows(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_text(text)
    result = whole(path)
    assert result.types == {"a": "null", "b": "null"}
    assert result.cells == {"a": [], "b": []}


def test_empty_lines_are_missing_values_of_a_single_column_only(tmp_path):
    (tmp_path / "one.csv").write_text("a\n1\n\n2\n")
    (tmp_path / "two.csv").write_text("a,b\n1,2\n\n3,4\n")
    assert whole(tmp_path / "one.csv").cells == {"a": [1, None, 2]}
    assert whole(tmp_path / "two.csv").cells == {"a": [1, 3], "b": [2, 4]}


def test_standard_input_can_be_read_twice(monkeypatch):
    class Stdin:
        buffer = io.BytesIO(b"a\n" + b"1\n" * 40_000 + b"x\n" + b"2\n" * 40_000)

        def isatty(self):
            return False

    monkeypatch.setattr(sys, "stdin", Stdin())
    result = whole("-")
    assert (result.types, len(result.cells["a"])) == ({"a": "string"}, 80_001)


def test_the_content_tells_the_format_of_an_unknown_suffix(tmp_path):
    for name, text in (("one", "a,b\n1,2\n"), ("two.dat", '{"a": 1, "b": 2}\n')):
        (tmp_path / name).write_text(text)
        assert whole(tmp_path / name).cells == {"a": [1], "b": [2]}


def test_fragments_are_read_ahead_only_as_asked(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 64)
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "1\n" * 1000)
    fragments = open_source(path, ReadSettings()).fragments(["a"])
    assert next(fragments).size <= 128
    path.write_text("a\n")
    assert list(fragments) == []


def test_threads_find_what_one_thread_finds(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 256)
    monkeypatch.setattr(csv_layout, "SAMPLE_BYTES", 64)
    path = tmp_path / "a.csv"
    odd = {300: "N/A", 700: "2.5", 900: "x"}
    path.write_text("a,b\n" + "".join(f"{i},{odd.get(i, i)}\n" for i in range(1000)))
    source = open_source(path, ReadSettings())
    with ThreadPoolExecutor(4) as pool:
        read = pool.map(lambda each: list(each.blocks()), source.fragments(["a", "b"]))
        for block in chain.from_iterable(read):
            source.learn(block.seen)
    revised = source.revised()
    assert revised is not None
    assert {field.name: str(field.type) for field in revised.schema} == {"b": "string"}
    assert drained(revised).cells["b"] == [str(odd.get(i, i)) for i in range(1000)]


def test_a_value_is_read_that_is_longer_than_what_is_parsed_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(csv_parsing, "PARSE_BYTES", 64)
    monkeypatch.setattr(csv_parsing, "PARSE_COLUMN_BYTES", 1)
    path = tmp_path / "a.csv"
    texts = ["a", "b" * 500, 'c"\n"' * 100, "d"]
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([("i", "x"), *enumerate(texts)])
    assert whole(path).cells == {"i": [0, 1, 2, 3], "x": texts}
