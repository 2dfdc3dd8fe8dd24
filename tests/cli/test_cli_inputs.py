"""What `drift compare` reads, and the one line that each bad input gets."""

from __future__ import annotations

import bz2
import gzip
import json
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from cli_runs import CONTROL, Drift, Ended, write_csv

from driftcli.render import FORMATS


@pytest.fixture
def all_formats(base: str) -> list[str]:
    """The base data in each format and compression."""
    data = Path(base).read_bytes()
    table = pyarrow.csv.read_csv(base)
    pq.write_table(table, "base.parquet", row_group_size=70)
    pyarrow.feather.write_feather(table, "base.feather")
    with pa.OSFile("base.arrow", "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    Path("base.jsonl").write_text("".join(json.dumps(row) + "\n" for row in table.to_pylist()))
    Path("base.tsv").write_bytes(data.replace(b",", b"\t"))
    Path("base.csv.gz").write_bytes(gzip.compress(data))
    Path("base.csv.bz2").write_bytes(bz2.compress(data))
    with pa.output_stream("base.csv.zst", compression="zstd") as stream:
        stream.write(data)
    Path("base_bom.csv").write_bytes(b"\xef\xbb\xbf" + data)
    Path("base16.csv").write_bytes(data.decode().encode("utf-16"))
    Path("base_crlf.csv").write_bytes(data.replace(b"\n", b"\r\n"))
    names = "parquet feather arrow jsonl tsv csv.gz csv.bz2 csv.zst"
    text = ["base_bom.csv", "base16.csv", "base_crlf.csv"]
    return [f"base.{suffix}" for suffix in names.split()] + text


@pytest.mark.slow
def test_the_same_rows_do_not_drift_whatever_the_formats(
    drift: Drift, base: str, moved: str, all_formats: list[str]
) -> None:
    for name in all_formats:
        same = drift("compare", base, name)
        assert (same.code, same.err) == (0, ""), f"{name}: {same.out}"
        assert same.out.startswith(f"base.csv (200 rows) → {name} (200 rows)\n\n  highest scores")
        assert drift("compare", name, base)[::2] == (0, ""), name
        assert drift("compare", name, moved)[::2] == (1, ""), name


def test_a_directory_with_hive_partitions_gains_their_columns(
    drift: Drift, base: str, moved: str
) -> None:
    for day, data in (("1", base), ("2", moved)):
        folder = Path("lake") / f"day={day}"
        folder.mkdir(parents=True)
        (folder / "part.csv").write_bytes(Path(data).read_bytes())
    ended = drift("compare", base, "lake")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.startswith("base.csv (200 rows) → lake (400 rows)\n")
    assert "new column" not in ended.out  # a key of the path is no column that came or went
    assert drift("compare", "lake", "lake/*/part.csv").code == 0
    assert drift("compare", "lake/day=1", base)[::2] == (0, "")


def test_a_glob_is_one_dataset(drift: Drift, base: str) -> None:
    for part in ("one", "two"):
        Path(f"{part}.csv").write_bytes(Path(base).read_bytes())
    ended = drift("compare", base, "[ot]*.csv")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("base.csv (200 rows) → [ot]*.csv (400 rows)\n")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_header_without_rows_is_a_report_and_no_error(
    drift: Drift, base: str, suffix: str
) -> None:
    Path("head.csv").write_text("amount,city,level\n")
    schema = pa.schema({"amount": pa.int64(), "city": pa.string(), "level": pa.int64()})
    pq.write_table(schema.empty_table(), "head.parquet")
    ended = drift("compare", base, f"head.{suffix}")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.startswith(f"base.csv (200 rows) → head.{suffix} (0 rows)\n")
    assert f"head.{suffix} has no rows" in ended.out
    both = drift("compare", f"head.{suffix}", f"head.{suffix}")
    assert (both.code, both.err) == (2, "")
    assert "nothing was judged" in both.out


def test_values_of_another_type_are_counted_and_named_with_their_row(drift: Drift) -> None:
    numbers = [f"{i % 50}.5" for i in range(10_000)]
    write_csv("may.csv", {"amount": numbers})
    for row in (117, 4_000, 9_999):
        numbers[row] = "N/A"
    write_csv("june.csv", {"amount": numbers})
    told = "`amount`: 3 of 10,000 values are not double, first 'N/A' at row 118"
    ended = drift("compare", "may.csv", "june.csv")
    assert (ended.code, ended.err) == (1, "")
    assert f"✗ {told}\n" in ended.out
    report = json.loads(drift("compare", "may.csv", "june.csv", "-f", "json").out)
    assert [(each["kind"], each["message"]) for each in report["findings"]] == [
        ("invalid_values", told)
    ]


def _files() -> None:
    """Write a good file and every bad one."""
    table = pa.table({"a": list(range(2000)), "b": [f"text {i}" for i in range(2000)]})
    pq.write_table(table, "good.parquet")
    pq.write_table(table, "damaged.parquet", compression="none", use_dictionary=False)
    whole = Path("good.parquet").read_bytes()
    Path("cut.parquet").write_bytes(whole[: len(whole) // 2])
    _overwrite("damaged.parquet", at=4, data=b"\xff" * 64)
    Path("text.parquet").write_text("a,b\n1,2\n")
    Path("parquet.csv").write_bytes(whole)
    Path("text.arrow").write_text("a,b\n1,2\n")
    Path("empty.csv").write_text("")
    Path("empty.parquet").write_text("")
    Path("ragged.csv").write_text("a,b\n1,2\n3\n4,5\n")
    Path("latin.csv").write_bytes(b"a,b\n1,caf\xe9\n")
    Path("twice.csv").write_text("a,a\n1,2\n")
    Path("other.csv").write_text("x,y\n1,2\n")
    Path("quote.csv").write_text('a,b\n1,"2\n3,4\n')
    Path("broken.jsonl").write_text('{"a": 1}\n{"a":\n')
    Path("cut.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"1,2\n" * 999)[:-12])
    Path("plain.csv.gz").write_text("a,b\n1,2\n")
    Path("nothing").mkdir()
    Path("notes").mkdir()
    Path("notes/readme.doc").write_text("no data")
    Path("types").mkdir()
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), "types/1.parquet")
    pq.write_table(pa.table({"a": ["x"], "b": ["x"]}), "types/2.parquet")


def _overwrite(path: str, at: int, data: bytes) -> None:
    whole = Path(path).read_bytes()
    Path(path).write_bytes(whole[:at] + data + whole[at + len(data) :])


#: What is wrong, how its line begins, and how it ends: what to do.
BAD = {
    "nowhere.dat": ("no such file or directory", "."),
    "god.parquet": ("no such file or directory", "; did you mean 'good.parquet'?"),
    "*.tsv": ("no file matches", "Check the pattern and its quotes."),
    "nothing": ("the directory holds no data files", "are passed over)."),
    "notes": ("the directory holds no data files", "are passed over)."),
    "empty.csv": ("the file is empty (0 bytes)", "."),
    "empty.parquet": ("the file is empty (0 bytes)", "."),
    "cut.parquet": ("not a complete Parquet file: ", "write it again."),
    "damaged.parquet": ("", "."),
    "text.parquet": ("not a complete Parquet file: ", "write it again."),
    "parquet.csv": ("the suffix says csv, but this is parquet data", "Rename the file."),
    "text.arrow": ("not a complete Arrow file: ", "write it again."),
    "ragged.csv": (
        "line 3: 2 values expected, 1 found",
        "Check the delimiter, or quote values that hold it.",
    ),
    "latin.csv": ("byte 9 is not utf-8 text", "for example --encoding latin-1."),
    "twice.csv": ("1 column name used more than once, first 'a'", "is used once."),
    "quote.csv": ("line 2: a quote is opened and not closed", "empty quote character."),
    "broken.jsonl": ("line 2 is not JSON", "Each line must be one JSON object."),
    "cut.csv.gz": ("not a complete gzip file: ", "or not compressed at all."),
    "plain.csv.gz": ("not a complete gzip file: ", "or not compressed at all."),
    "types": (None, "Convert the files to one schema."),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("side", ["baseline", "current"])
def test_bad_input_is_one_line_that_names_the_file_and_what_to_do(
    drift: Drift, name: str, side: str
) -> None:
    _files()
    sides = (name, "good.parquet") if side == "baseline" else ("good.parquet", name)
    ended = drift("compare", *sides)
    start, end = BAD[name]
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1), ended
    assert ended.err.startswith(f"drift: {name}{'/2.' if start is None else ': ' + start}")
    assert ended.err.endswith(f"{end}\n")


def test_a_file_without_permission_is_one_line(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Root may read anything, so the answer of the system is put in its mouth.
    opened = Path.open

    def refuse(self: Path, *given: object, **named: object) -> object:
        if self.name == "base.csv":
            raise PermissionError(13, "Permission denied", str(self))
        return opened(self, *given, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    message = "drift: base.csv: cannot be read: Permission denied. Check its permissions.\n"
    assert drift("compare", base, base) == Ended(2, "", message)


def test_no_column_in_common_is_one_line_that_names_both(drift: Drift) -> None:
    one = write_csv("one.csv", {"a": [1], "b": [2]})
    two = write_csv("two.csv", {"x": [1], "y": [2]})
    assert drift("compare", one, two) == Ended(
        2,
        "",
        "drift: no column in common: 'one.csv' has 'a', 'b'; 'two.csv' has 'x', 'y';"
        " --rename OLD=NEW matches names\n",
    )


#: ANSI, a title sequence, a C1 control, Rich markup, Markdown, HTML, marks that reorder text.
HOSTILE = (
    "\x1b[31mred\x1b]0;t\x07\x9b1m[bold]x[/] **b** `c` | <script>alert(1)</script> "
    "\u202egnp.exe\u2066 =1+1\t\u2028"
)
NO_GLOB = re.sub(r"[*?\[]", "", HOSTILE)
LONG = "n" * 10_000


def _hostile_sides() -> tuple[str, str]:
    """Write two datasets whose names, columns and categories are all hostile."""
    category = HOSTILE + "\n"
    one = {HOSTILE: [category, LONG] * 50, LONG: list(range(100)), "lost" + HOSTILE: [1] * 100}
    pq.write_table(pa.table(one), "data.parquet")
    two = [{HOSTILE: category + "!", LONG: i + 90} for i in range(100)]
    Path("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in two))
    # No file name holds a slash; one that is not UTF-8 is a lone surrogate in Python.
    names = "one\x1b[31m|<b>.parquet", "tw\udce9\n\u202e[red].jsonl"
    Path("data.parquet").rename(names[0])
    Path("data.jsonl").rename(names[1])
    return names


@pytest.mark.parametrize("form", FORMATS["report"])
@pytest.mark.parametrize("more", [[], ["--all"]])
def test_hostile_text_is_harmless_in_every_format(drift: Drift, form: str, more: list[str]) -> None:
    ended = drift("compare", *_hostile_sides(), "--format", form, *more)
    assert (ended.code, ended.err) == (1, "")
    assert CONTROL.search(ended.out.replace("\r\n", "\n")) is None
    if form == "json":
        names = {column["name"] for column in json.loads(ended.out)["columns"]}
        assert {HOSTILE, LONG} <= names, "JSON keeps the text itself"


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_hostile_text_breaks_no_line(
    drift: Drift, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = drift("compare", *_hostile_sides(), "--all")
    assert max(map(len, ended.out.splitlines())) <= columns


@pytest.mark.parametrize(
    "arguments",
    [
        ("compare", HOSTILE.replace("/", ""), "x"),
        ("compare", "\udce9\x1b[31m", "x"),
        ("compare", LONG, "x"),
        ("compare", "good.csv", "twice.csv"),
        ("compare", "good.csv", "good.csv", "--columns", "x" + HOSTILE),
        ("compare", "good.csv", "good.csv", "--columns", "no"),
        ("compare", "good.csv", "good.csv", "--rename", f"{HOSTILE}=x"),
        ("compare", "good.csv", "good.csv", "--rename", HOSTILE),
        ("compare", "good.csv", "good.csv", "--format", HOSTILE),
        ("compare", "good.csv", "good.csv", "--metric", HOSTILE),
        ("compare", "good.csv", "good.csv", "--threshold", f"{NO_GLOB}.kl=1"),
        ("compare", "good.csv", "good.csv", "--threshold", HOSTILE),
        ("compare", "good.csv", "good.csv", "--fail-on", HOSTILE),
        ("compare", "good.csv", "good.csv", "--encoding", HOSTILE),
        ("compare", "good.csv", "good.csv", "--delimiter", HOSTILE),
        ("compare", "good.csv", "good.csv", "--sample", HOSTILE),
        ("compare", "good.csv", "good.csv", "--config", HOSTILE),
        ("compare", "good.csv", "good.csv", "--output", f"{HOSTILE}/x"),
        ("compare", "good.csv", "other.csv"),
        ("config", "--config", "hostile.toml"),
        ("init", HOSTILE),
        (HOSTILE,),
        ("compare", "--" + HOSTILE),
    ],
)
def test_hostile_text_is_harmless_in_every_error(drift: Drift, arguments: tuple[str, ...]) -> None:
    Path("good.csv").write_text(f'"{HOSTILE}"\n1\n')
    Path("other.csv").write_text(f'"!{HOSTILE}"\n1\n')
    Path("twice.csv").write_text(f'"{HOSTILE}","{HOSTILE}"\n1,2\n')
    key = json.dumps(HOSTILE)
    Path("hostile.toml").write_text(f"{key} = 1\n")
    ended = drift(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("drift: ")
    assert ended.err.count("\n") == 1
    assert len(ended.err) < 1_100
    assert CONTROL.search(ended.err) is None


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMATS["report"])
def test_hostile_values_that_do_not_parse_are_harmless(drift: Drift, form: str) -> None:
    write_csv("one.csv", {"amount": range(100)})
    values = [*range(99), '"' + HOSTILE + '"']
    write_csv("two.csv", {"amount": values})
    ended = drift("compare", "one.csv", "two.csv", "-f", form)
    assert (ended.code, ended.err) == (1, "")
    assert CONTROL.search(ended.out.replace("\r\n", "\n")) is None
