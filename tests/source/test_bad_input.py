"""Every kind of bad input: one line that names the file, the cause and what to do."""

import errno
import gzip
import io
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import READ, whole

from driftcli.config import ReadSettings
from driftcli.errors import DriftError, InputError, UsageError
from driftcli.source import arrow_files, open_source, parquet, records
from driftcli.source.files import File, unreadable


def message(path, read=READ, error=InputError, **options) -> str:
    """Return what is said about the data at `path`, less its directory."""
    with pytest.raises(error) as caught:
        whole(path, read, **options)
    text = str(caught.value)
    assert "\n" not in text
    assert text.isprintable()
    if isinstance(path, str):
        return text
    return text.replace(f"{path}/", "").replace(f"{path.parent}/", "")


def written(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


CSV = {
    "ragged": (
        "a,b\n1,2\n3,4,5\n",
        (
            "x.csv: line 3: 2 values expected, 3 found. "
            "Check the delimiter, or quote values that hold it."
        ),
    ),
    "ragged after quoted newlines": (
        'a,b\n"1\n\n2",2\n\n3\n',
        (
            "x.csv: line 6: 2 values expected, 1 found. "
            "Check the delimiter, or quote values that hold it."
        ),
    ),
    "unclosed quote": (
        'a,b\n1,2\n3,"x\n4,y\n',
        (
            "x.csv: line 3: a quote is opened and not closed. "
            "Close it, or turn quoting off with an empty quote character."
        ),
    ),
    "empty": ("", "x.csv: the file is empty (0 bytes)."),
    "blank": ("\n\r\n", "x.csv: the file holds no header line and no data."),
    "twice": (
        "a,b,a,b\n1,2,3,4\n",
        (
            "x.csv: 2 column names used more than once, first 'a'. "
            "Rename the columns so that each name is used once."
        ),
    ),
    "wrong encoding": (
        "a,b\n1,é\n".encode("latin-1"),
        (
            "x.csv: byte 6 is not utf-8 text. "
            "Name the file's encoding, for example --encoding latin-1."
        ),
    ),
    "wrong encoding in the header": (
        "a,é\n1,2\n".encode("latin-1"),
        (
            "x.csv: byte 2 is not utf-8 text. "
            "Name the file's encoding, for example --encoding latin-1."
        ),
    ),
    "NUL": (
        b"a,b\n1,2\n3,\0\n",
        (
            "x.csv: line 3 holds a NUL byte, so this is not CSV text in the encoding assumed. "
            "Name its encoding (for example --encoding utf-16) or its format by suffix."
        ),
    ),
    "Parquet": (
        b"PAR1...PAR1",
        "x.csv: the suffix says csv, but this is parquet data. Rename the file.",
    ),
}


@pytest.mark.parametrize("case", CSV)
def test_bad_csv(tmp_path, case):
    content, expected = CSV[case]
    assert message(written(tmp_path / "x.csv", content)) == expected


@pytest.mark.parametrize("chunk", [20, 1 << 20])
def test_lines_and_bytes_are_those_of_the_file(tmp_path, monkeypatch, chunk):
    monkeypatch.setattr(records, "CHUNK_BYTES", chunk)
    good = "a,b\n" + "1,2\n" * 99
    assert message(written(tmp_path / "x.csv", good + "3\n")).startswith("x.csv: line 101: 2 val")
    assert message(written(tmp_path / "x.csv", good + '3,"\n')).startswith("x.csv: line 101: a q")
    assert message(written(tmp_path / "x.csv", good + "3,\0\n")).startswith("x.csv: line 101 holds")
    late = good.encode() + b"3,\xff\n"
    assert message(written(tmp_path / "x.csv", late)).startswith("x.csv: byte 402 is not")


def test_text_that_is_not_in_the_encoding_set(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 20)
    content = "a,b\n".encode("utf-16-le") + b"1\0" * 9 + b"1"
    path = written(tmp_path / "x.csv", content)
    assert message(path, ReadSettings(encoding="utf-16-le")).startswith("x.csv: byte 26 is not utf")


def test_an_endless_record_is_an_unclosed_quote(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 100)
    monkeypatch.setattr(records, "RECORD_BYTES", 1000)
    path = written(tmp_path / "x.csv", 'a,b\n1,"x\n' + "1,2\n" * 5000)
    fragments = open_source(path, READ).fragments(["a"])
    with pytest.raises(InputError, match="line 2: a quote is opened and not closed"):
        list(fragments)


def test_an_endless_line_is_no_text_file(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 100)
    monkeypatch.setattr(records, "RECORD_BYTES", 1000)
    path = written(tmp_path / "x.csv", "a,b\n" + "1," * 5000)
    with pytest.raises(InputError, match="line 2 does not end within 1,000 bytes"):
        list(open_source(path, READ).fragments(["a"]))


JSON = {
    "not JSON": (
        '{"a": 1}\n\n{"a": \n',
        "x.jsonl: line 3 is not JSON: expecting value. Each line must be one JSON object.",
    ),
    "an array of numbers": (
        "[1, 2]\n",
        "x.jsonl: record 1 is not a JSON object but '1'. Each record must be one JSON object.",
    ),
    "wrong encoding": (
        b'{"a": "\xff"}\n',
        (
            "x.jsonl: byte 7 is not utf-8 text. "
            "Name the file's encoding, for example --encoding latin-1."
        ),
    ),
    "one name twice": (
        '{"a.b": 1, "a": {"b": 2}}\n',
        (
            "x.jsonl: 1 column name used more than once, first 'a.b'. "
            "Rename the columns so that each name is used once."
        ),
    ),
}


@pytest.mark.parametrize("case", JSON)
def test_bad_json_lines(tmp_path, case):
    content, expected = JSON[case]
    path = written(tmp_path / "x.jsonl", content)
    assert message(path).replace(str(path), "x.jsonl") == expected


@pytest.mark.slow
def test_a_late_bad_json_line(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "CHUNK_BYTES", 64)
    path = written(tmp_path / "x.jsonl", '{"a": 1}\n' * 40_000 + "oops\n")
    assert message(path).startswith("x.jsonl: line 40,001 is not JSON")


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow", "x.feather"])
@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"PAR1ARROW1" * 20])
def test_files_that_are_not_what_their_suffix_says(tmp_path, name, content):
    kind = "a complete Parquet file" if name == "x.parquet" else "a complete Arrow file"
    text = message(written(tmp_path / name, content))
    assert text.startswith(f"{name}: not {kind}: ")
    assert text.endswith("It may be truncated or another format; write it again.")


def test_truncated_and_corrupt_parquet(tmp_path):
    pq.write_table(pa.table({"a": list(range(10_000))}), tmp_path / "good.parquet")
    content = (tmp_path / "good.parquet").read_bytes()
    cut = written(tmp_path / "cut.parquet", content[: len(content) // 2])
    assert message(cut).startswith("cut.parquet: not a complete Parquet file: ")
    spoilt = written(tmp_path / "bad.parquet", content[:4] + b"\xff" * 20_000 + content[20_004:])
    assert message(spoilt).startswith("bad.parquet: not a complete Parquet file: ")


def test_truncated_arrow(tmp_path):
    with pa.ipc.new_file(tmp_path / "good.arrow", pa.schema([("a", pa.int64())])) as writer:
        writer.write_table(pa.table({"a": list(range(1000))}))
    content = (tmp_path / "good.arrow").read_bytes()
    cut = written(tmp_path / "cut.arrow", content[:-100])
    assert message(cut).startswith("cut.arrow: not a complete Arrow file: ")


def test_damaged_compression(tmp_path):
    content = gzip.compress(b"a,b\n" + os.urandom(9000).hex().encode())
    cut = written(tmp_path / "cut.csv.gz", content[:-500])
    assert message(cut).startswith("cut.csv.gz: not a complete gzip file: ")
    plain = written(tmp_path / "plain.csv.gz", b"a,b\n1,2\n")
    assert message(plain).startswith("plain.csv.gz: not a complete gzip file: ")


def test_a_missing_file_suggests_its_neighbour(tmp_path):
    written(tmp_path / "june.csv", "a\n1\n")
    assert message(tmp_path / "jun.csv") == (
        f"jun.csv: no such file or directory; did you mean '{tmp_path / 'june.csv'}'?"
    ).replace(f"{tmp_path}/", "")
    assert message(tmp_path / "x" / "y.csv").startswith(
        "y.csv: no such file or directory; there is"
    )


def test_directories_and_globs_without_data(tmp_path):
    written(tmp_path / "_SUCCESS", "x")
    written(tmp_path / ".hidden.csv", "a\n1\n")
    text = message(tmp_path)
    assert "the directory holds no data files" in text
    assert message(tmp_path / "*.csv") == (
        "*.csv: no file matches. Check the pattern and its quotes."
    )


def test_a_file_that_may_not_be_read(tmp_path, monkeypatch):
    path = written(tmp_path / "x.csv", "a\n1\n")
    path.chmod(0)
    if os.access(path, os.R_OK):  # root reads everything
        monkeypatch.setattr("pathlib.Path.open", _denied)
    assert message(path) == "x.csv: cannot be read: Permission denied. Check its permissions."


def _denied(*_args, **_options):
    raise PermissionError(13, "Permission denied", "x.csv")


def test_a_terminal_is_no_data(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal())
    assert message("-") == ("-: standard input is a terminal. Pipe the data in, or name a file.")
    monkeypatch.setattr(sys, "stdin", None)
    assert message("-") == ("-: standard input is closed. Pipe the data in, or name a file.")


def test_schemas_that_differ_within_a_directory(tmp_path):
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(pa.table({"a": [1.5], "b": [2]}), tmp_path / "2.parquet")
    assert message(tmp_path / "*.parquet").replace(f"{tmp_path}/", "") == (
        "2.parquet: column 'b' is int64, but string in files before it. "
        "Convert the files to one schema."
    )


def test_formats_that_differ_within_a_directory(tmp_path):
    written(tmp_path / "1.csv", "a\n1\n")
    written(tmp_path / "2.jsonl", '{"a": 1}\n')
    text = message(tmp_path)
    assert "csv" in text
    assert "Name the files of one format with a glob." in text


def test_partition_keys_that_differ(tmp_path):
    for folder in ("day=1", "night=1"):
        (tmp_path / folder).mkdir()
        written(tmp_path / folder / "a.csv", "a\n1\n")
    assert "its folders have no partition key 'day'" in message(tmp_path)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (ReadSettings(delimiter="||"), "delimiter must be one ASCII character, not '||'."),
        (ReadSettings(quote="''"), "quote must be one ASCII character, not ''''."),
        (ReadSettings(decimal=""), "decimal must be one character, not ''."),
        (ReadSettings(encoding="klingon"), "no encoding 'klingon'."),
    ],
)
def test_settings_that_make_no_sense(tmp_path, settings, expected):
    path = written(tmp_path / "x.csv", "a\n1\n")
    assert message(path, settings, UsageError).startswith(expected)


def test_hostile_names_stay_on_one_line(tmp_path):
    path = written(tmp_path / "x\x1b[31m\n.csv", '"a\x1b\n","a\x1b\n"\n1,2\n')
    text = message(path)
    assert "x\\x1b[31m\\n.csv" in text
    assert "'a\\x1b\\n'" in text


def test_a_remote_address_that_cannot_be_opened():
    text = message("nope://bucket/x.parquet")
    assert text.startswith("nope://bucket/x.parquet: cannot be opened: ")


def test_all_are_errors_of_ours():
    assert issubclass(InputError, DriftError)


@pytest.mark.parametrize(
    "error",
    [
        pa.ArrowMemoryError("malloc of size 64 failed"),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
        OSError(f"Memory mapping file failed: {os.strerror(errno.ENOMEM)}"),
    ],
)
@pytest.mark.parametrize("refused", [parquet.damaged, arrow_files.damaged, unreadable])
def test_a_lack_of_memory_is_no_fault_of_a_file(tmp_path, refused, error):
    file = File(str(written(tmp_path / "a.parquet", b"PAR1")), "a.parquet", size=4)
    with pytest.raises(MemoryError):
        refused(file.shown if refused is unreadable else file, error)


def test_a_size_that_no_machine_has_is_one_that_is_damaged(tmp_path):
    file = File(str(written(tmp_path / "a.arrow", b"ARROW1")), "a.arrow", size=6)
    error = pa.ArrowMemoryError("malloc of size 7277816999508443136 failed")
    assert "not a complete Arrow file" in str(arrow_files.damaged(file, error))
    assert "not a complete Parquet file" in str(parquet.damaged(file, error))
