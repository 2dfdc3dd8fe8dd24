"""JSON that is not one object a line, is deep, or holds half a surrogate pair."""

import gzip
import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading import whole

from driftcli.config import ReadSettings
from driftcli.errors import InputError
from driftcli.source import records
from driftcli.source.json_documents import Scan
from driftcli.source.json_values import DEEPEST, first_too_deep

ROWS = [
    {"a": 1, "s": 'x,"]}[{\\', "o": {"b": 1.5, "c": [1, {"d": "]"}]}},
    {"a": 2, "s": "é\\\\", "o": {"b": 2.5, "c": []}},
    {"a": 3, "s": "\n", "o": {"b": 3.5, "c": []}},
]
ALL = {"a": [1, 2, 3], "s": ['x,"]}[{\\', "é\\\\", "\n"], "o.b": [1.5, 2.5, 3.5]}
WRITTEN = {
    "one line": json.dumps(ROWS),
    "no blanks": json.dumps(ROWS, separators=(",", ":")),
    "pretty": json.dumps(ROWS, indent=2),
    "a row a line": "[\n" + ",\n".join(map(json.dumps, ROWS)) + "\n]\n",
    "with carriage returns": json.dumps(ROWS, indent=1).replace("\n", "\r\n"),
    "after blanks": " \n\n " + json.dumps(ROWS),
    "arrays in a row": f"{json.dumps(ROWS[:1])}\n{json.dumps(ROWS[1:])}",
    "pretty objects": "".join(json.dumps(row, indent=4) + "\n" for row in ROWS),
}


@pytest.mark.parametrize("size", [1, 7, 8 << 20])
@pytest.mark.parametrize("form", WRITTEN)
def test_documents_hold_what_their_lines_would(tmp_path, monkeypatch, form, size):
    monkeypatch.setattr(records, "CHUNK_BYTES", size)
    path = tmp_path / "a.json"
    path.write_bytes(WRITTEN[form].encode())
    found = whole(path)
    assert {name: found.cells[name] for name in ALL} == ALL


def test_documents_in_other_encodings_compressed_and_through_pipes(tmp_path):
    text = json.dumps(ROWS, ensure_ascii=False)
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "b.json").write_text(text, "utf-16")
    (tmp_path / "c.json.gz").write_bytes(gzip.compress(text.encode()))
    (tmp_path / "no-suffix").write_text(text, "utf-8")
    for path in tmp_path.iterdir():
        assert whole(path).cells["s"] == ALL["s"], path


JSON_VALUE = st.recursive(
    st.none() | st.integers(-9, 9) | st.text(alphabet='a"\\[]{},:\né\ud83d', max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner),
    max_leaves=8,
)


@given(st.lists(JSON_VALUE, max_size=5), st.integers(1, 9))
def test_depth_and_strings_are_those_of_a_scan_letter_by_letter(values, size):
    text = json.dumps(values).encode()
    depth, inside, escaped, expected = 0, False, False, []
    for letter in text:
        if escaped:
            escaped = False
        elif letter == ord("\\"):
            escaped = True
        elif letter == ord('"'):
            inside = not inside
        elif not inside:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(chr(letter), 0)
        expected.append((depth, inside))
    scan, found = Scan(), []
    for start in range(0, len(text), size):
        letters = np.frombuffer(text[start : start + size], np.uint8)
        found += list(zip(*map(np.ndarray.tolist, scan.piece(letters)), strict=True))
    assert found == expected


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.dictionaries(st.sampled_from("pq"), JSON_VALUE), max_size=6))
def test_an_array_of_anything_is_read_as_its_lines(tmp_path, rows):
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=1))
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*rows, {}, {}]))
    rows += [{}, {}]
    (tmp_path / "a.json").write_text(json.dumps(rows, indent=1))
    assert _outcome(tmp_path / "a.json") == _outcome(tmp_path / "a.jsonl")


def _outcome(path):
    try:
        found = whole(path)
    except InputError as error:
        return str(error).partition(": ")[2]
    return found.cells, found.types


HALVES = {
    '{"v": "ok \\ud83d"}': {"v": ["ok \ufffd"]},
    '{"v": "\\ude00 \\uDBFF."}': {"v": ["\ufffd \ufffd."]},
    '{"v": "\\ud83d\\ude00"}': {"v": ["\U0001f600"]},
    '{"v": "\\\\ud83d"}': {"v": ["\\ud83d"]},
    '{"v": "\\ud83d\\ud83d\\ude00\\ude00"}': {"v": ["\ufffd\U0001f600\ufffd"]},
    '{"k\\ud83d": 1}': {"k\ufffd": [1]},
    '{"k\\ud83d": {"\\udfff": 1, "b": "\\ud800"}}': {
        "k\ufffd.\ufffd": [1],
        "k\ufffd.b": ["\ufffd"],
    },
}


@pytest.mark.slow
@pytest.mark.parametrize("line", HALVES)
@pytest.mark.parametrize("late", [False, True])
def test_half_a_surrogate_pair_becomes_the_replacement_character(tmp_path, monkeypatch, line, late):
    monkeypatch.setattr(records, "CHUNK_BYTES", 64)
    before = 2000 if late else 0
    monkeypatch.setattr("driftcli.source.jsonlines.SAMPLE_BYTES", 64)
    (tmp_path / "a.jsonl").write_text('{"z": 1}\n' * before + line + '\n{"z": 1}\n')
    found = whole(tmp_path / "a.jsonl").cells
    for name, values in HALVES[line].items():
        assert found[name][before : before + 1] == values


@pytest.mark.parametrize("opening", ["[", '{"a":', '{"b": 1, "a": {"c": ["]"], "a":'])
@pytest.mark.parametrize("late", [False, True])
def test_json_nested_too_deeply_is_named_by_its_line(tmp_path, opening, late):
    before = 40_000 if late else 3
    path = tmp_path / "a.jsonl"
    path.write_text('{"v": 1}\n' * before + '{"v": ' + opening * 1000 + "\n")
    with pytest.raises(InputError) as caught:
        whole(path)
    assert str(caught.value) == (
        f"{path}: line {before + 1:,} is nested more than 100 deep. Such values are no table: "
        "leave them out, or write them as text."
    )


def test_what_is_deep_is_told_from_what_has_many_parts():
    many = b'{"a": [' + b'{"b": []},' * 500 + b"0]}\n"
    braces = b'{"a": "' + b"{" * 500 + b'"}\n'
    deepest = b"[" * DEEPEST + b"]" * DEEPEST + b"\n"
    assert first_too_deep(many + braces + deepest) is None
    assert first_too_deep(many + braces + b"[" + deepest) == 2


NO_RECORDS = {
    '[{"a": 1}, {"a": 2}': "the JSON ends within a record or an array. The file may be truncated;",
    '[{"a": 1}, 2]': "record 2 is not a JSON object but '2'. Each record must be one JSON object.",
    "[[1, 2], [3, 4]]": "record 1 is not a JSON object but '[1, 2]'. Each record must be one JSON",
    '[{"a": 1} {"a": 2}]': "record 1 is not JSON: extra data. Each record must be one JSON object.",
    '{\n "a": 1\n}\n{\n "a": x\n}\n': "record 2 is not JSON: expecting value. Each record must be",
    '{"v": {"0": 1.5, "1": 2.5}, "w": {"0": "x", "1": "y"}}': (
        "one object with a key for each column, as pandas' DataFrame.to_json() writes it. Write it "
        "with orient='records', lines=True: one object a row."
    ),
    '{"0": {"v": 1.5}, "1": {"v": 2.5}}': (
        "one object with a key for each row, as pandas' DataFrame.to_json() writes it with "
        "orient='index'. Write it with orient='records', lines=True"
    ),
    '{"columns": ["v"], "index": [0], "data": [[1.5]]}': (
        "columns and data in one object, as pandas' DataFrame.to_json() writes it with "
        "orient='split'."
    ),
    '{"schema": {"fields": []}, "data": [{"v": 1.5}]}': (
        "a schema and data in one object, as pandas' DataFrame.to_json() writes it with "
        "orient='table'."
    ),
    '{"next": null, "items": [{"v": 1}, {"v": 2}]}': (
        "one object, whose key 'items' holds the records. Write one object a row, for example with "
        "jq -c '.[\"items\"][]'."
    ),
}


@pytest.mark.parametrize("text", NO_RECORDS)
def test_documents_that_are_no_records(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        whole(path)
    assert str(caught.value).startswith(f"{path}: {NO_RECORDS[text]}")


@pytest.mark.parametrize(
    "text",
    [
        '{"a": {"b": 1}, "c": {"b": 2}}',
        '{"a": {"b": 1, "c": 2}}\n{"a": {"b": 1, "c": 2}}',
        '{"a": {"0": 1, "1": 2}}\n{"a": {"0": 1, "1": 2}}',
        '{"id": 1, "items": [{"v": 1}]}',
    ],
)
def test_records_that_only_look_like_tables_are_read(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)
    assert whole(path).cells


def test_an_empty_array_has_no_rows(tmp_path):
    (tmp_path / "a.json").write_text("[]\n")
    assert whole(tmp_path / "a.json").cells == {}


def test_a_line_without_an_end_is_read_in_time_that_grows_as_its_bytes(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "RECORD_BYTES", 1 << 20)
    joined = []
    monkeypatch.setattr(records, "last_end", lambda *given: joined.append(given) or 0)
    (tmp_path / "a.jsonl").write_bytes(b'{"a": "' + b"x" * (4 << 20))
    with pytest.raises(InputError, match="line 1 does not end within 1,048,576 bytes"):
        whole(tmp_path / "a.jsonl", ReadSettings())
    assert joined == []
