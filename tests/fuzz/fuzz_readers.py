"""What `drift` reads, each with valid files, ways to spoil them, and the commands that read them.

A reader is added here: its files in `lay_out`, its entry in `READERS`.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import fuzz_mutations as mutations
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet as pq
from history_records import result

import driftcli
from driftcli.cli.process import run_process
from driftcli.history import open_history
from driftcli.profile import saved
from driftcli.render import FORMATS

Make = Callable[[random.Random, Sequence[bytes]], bytes]

#: What stands for the spoiled file in a command.
BAD = "BAD"
ROWS = 60


@dataclass(frozen=True)
class Reader:
    """A kind of file: valid ones by name, ways to make a spoiled one of them, who reads it."""

    name: str
    suffix: str
    valid: tuple[str, ...]
    makes: tuple[Make, ...]
    commands: tuple[str, ...]


def spoiled(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    return mutations.spoiled(rng, rng.choice(valid), valid)


def table(seed: int = 0) -> pa.Table:
    """Return rows with a column of each everyday kind."""
    rng = np.random.default_rng(seed)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    return pa.table(
        {
            "x": pa.array(rng.normal(size=ROWS), mask=rng.random(ROWS) < 0.1),
            "n": rng.integers(0, 10, ROWS),
            "name": rng.choice(["a", "b", 'c,"d"', "é"], ROWS),
            "when": [start + timedelta(hours=6 * at) for at in range(ROWS)],
            "truth": rng.random(ROWS) < 0.5,
        }
    )


SETTINGS = """\
# What counts
[thresholds]
js_distance = 0.1
wasserstein = { warn = 0.05, fail = 0.2 }

[columns."x*"]
thresholds = { missing = 0.5 }

[columns.n]
kind = "numeric"

[checks.orders]
baseline = "good.csv"
current = "good.csv"
history = "history.db"
"""

CHECK = """\
[checks.orders]
baseline = "good.csv"
current = "good.csv"
"""


def lay_out(folder: Path) -> None:
    """Write the valid files of all readers into a folder."""
    good, other = table(), table(1)
    pyarrow.csv.write_csv(good, folder / "good.csv")
    plain = (folder / "good.csv").read_bytes()
    (folder / "semicolons.csv").write_bytes(plain.replace(b",", b";").replace(b"\n", b"\r\n"))
    (folder / "utf-16.csv").write_bytes(plain.decode().encode("utf-16"))
    lines = [json.dumps(row, default=str, ensure_ascii=False) for row in good.to_pylist()]
    (folder / "good.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    nested = [json.dumps({"a": {"b": row["x"]}, "list": [row["n"]]}) for row in good.to_pylist()]
    (folder / "nested.jsonl").write_text("\n".join(nested), encoding="utf-8")
    pq.write_table(good, folder / "good.parquet", compression="snappy", row_group_size=20)
    pq.write_table(odd(random.Random(1)), folder / "odd.parquet", compression="zstd")
    (folder / "good.arrow").write_bytes(ipc(good, pa.ipc.new_file))
    (folder / "stream.arrow").write_bytes(ipc(other, pa.ipc.new_stream))
    pa.feather.write_feather(good, str(folder / "lz4.arrow"), compression="lz4")
    driftcli.Profile.of(good).save(folder / "good.profile")
    driftcli.Profile.of(other).save(folder / "redacted.profile", redact=True)
    report = driftcli.compare(good, other, details=True, by=["name"])
    (folder / "report.json").write_text(report.to_json(), encoding="utf-8")
    data, made = str(folder / "good.parquet"), str(folder / "timeline.json")
    run_process(["timeline", data, "--time", "when", "--every", "5d", "--output", made])
    (folder / "settings.toml").write_text(SETTINGS, encoding="utf-8")
    (folder / "check.toml").write_text(CHECK, encoding="utf-8")
    write_store(folder / "history.db")


def ipc(rows: pa.Table, writer: Callable[..., Any]) -> bytes:
    stream = io.BytesIO()
    with writer(stream, rows.schema) as into:
        into.write_table(rows, max_chunksize=20)
    return stream.getvalue()


def write_store(path: Path) -> None:
    """Write a store with two runs of a check."""
    with open_history(str(path)) as history:
        run = history.begin_run("drift run")
        for day in range(2):
            history.record(run, result(day, {"price": "drift", "age": "ok"}))


EXTREMES: dict[pa.DataType, list[Any]] = {
    pa.int8(): [-128, 0, 127],
    pa.uint16(): [0, 65_535],
    pa.int64(): [-(2**63), 2**63 - 1, 0, 2**53 + 1],
    pa.uint64(): [0, 2**64 - 1, 2**63],
    pa.float16(): [np.float16(1.5), np.float16("nan"), np.float16(65_504)],
    pa.float32(): [float("inf"), 3.4e38, 1e-45],
    pa.float64(): [float("nan"), -float("inf"), 1.7e308, -1.7e308, 5e-324, -0.0],
    pa.decimal128(38, 0): [Decimal(10) ** 37, Decimal(-1)],
    pa.decimal256(76, 30): [Decimal(10) ** 40, Decimal("0.000000001")],
    pa.date32(): [date(1, 1, 1), date(9999, 12, 31)],
    pa.date64(): [date(1970, 1, 1)],
    pa.timestamp("s"): [-(2**62), 2**62, 0],
    pa.timestamp("ns"): [-(2**63), 2**63 - 1],
    pa.timestamp("us", "Mars/Base"): [0, 10**15],
    pa.timestamp("ms", "+05:30"): [0, 2**60],
    pa.duration("ns"): [-(2**63), 2**63 - 1],
    pa.time64("ns"): [0, 86_400 * 10**9 - 1],
    pa.string(): ["", "\x00", "\x1b[31m", "a\nb", "\u202e", "9" * 300, "2024-02-30"],
    pa.large_string(): ["é", "e\u0301"],
    pa.binary(): [b"", b"\xff\x00"],
    pa.binary(3): [b"abc"],
    pa.bool_(): [True, False],
    pa.null(): [None],
    pa.list_(pa.float64()): [[], [1.0, None], [float("nan")] * 9],
    pa.list_(pa.list_(pa.int8())): [[[]], [[1], []]],
    pa.map_(pa.string(), pa.int32()): [[("a", 1)], []],
    pa.struct({"a": pa.int8(), "b": pa.struct({"c": pa.string()})}): [
        {"a": 1, "b": {"c": "x"}},
        {"a": None, "b": None},
    ],
    pa.dictionary(pa.int8(), pa.string()): ["x", "y", "x"],
}


def odd(rng: random.Random) -> pa.Table:
    """Return a few rows of any types, values and names."""
    size = rng.choice((0, 1, 2, 5, 40))
    arrays, names = [], []
    for type_ in rng.choices(list(EXTREMES), k=rng.choice((0, 1, 2, 6))):
        values = [rng.choice([*EXTREMES[type_], None]) for _ in range(size)]
        arrays.append(pa.array(values, type_))
        names.append(rng.choice(["x", "n", "name", "when", "a.b", "", "\x1b[2J", "a\nb", "é" * 99]))
    return pa.Table.from_arrays(arrays, names)


def odd_parquet(rng: random.Random, _: Sequence[bytes]) -> bytes:
    stream = io.BytesIO()
    rows = odd(rng)
    options = {
        "compression": rng.choice(["none", "snappy", "gzip", "zstd", "brotli"]),
        "version": rng.choice(["1.0", "2.4", "2.6"]),
        "data_page_version": rng.choice(["1.0", "2.0"]),
        "use_dictionary": rng.random() < 0.5,
        "store_schema": rng.random() < 0.5,
        "use_deprecated_int96_timestamps": rng.random() < 0.1,
    }
    try:
        pq.write_table(rows, stream, **options)
    except pa.ArrowException:  # times that no Parquet of these options can hold
        pq.write_table(rows.select([]), stream)
    return stream.getvalue()


def odd_arrow(rng: random.Random, _: Sequence[bytes]) -> bytes:
    return ipc(odd(rng), rng.choice((pa.ipc.new_file, pa.ipc.new_stream)))


def odd_csv(rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Return text in the shape of a table whose cells are anything."""
    cells = [*(text.encode(errors="replace") for text in mutations.TEXTS), *mutations.PIECES[:-5]]
    small = [cell for cell in cells if len(cell) < 500]
    comma = rng.choice((b",", b",", b";", b"\t", b"|", b" "))
    end = rng.choice((b"\n", b"\n", b"\r\n", b"\r"))
    width = rng.choice((1, 2, 3, 30))
    rows = [b"x,n,name,when,truth".replace(b",", comma)] if rng.random() < 0.5 else []
    for _row in range(rng.choice((0, 1, 3, 50))):
        some = rng.choices(small, k=width if rng.random() < 0.9 else rng.randrange(9))
        rows.append(comma.join(b'"' + cell + b'"' if rng.random() < 0.2 else cell for cell in some))
    return end.join(rows) + (end if rng.random() < 0.5 else b"") or b"\n"


def odd_lines(rng: random.Random, _: Sequence[bytes]) -> bytes:
    """Return objects that have the same keys and any values, and now and then none."""
    lines = []
    for _row in range(rng.choice((1, 3, 30))):
        value = {key: json_value(rng) for key in rng.choices(["x", "n", "a.b", "", "\ud800"], k=3)}
        lines.append(json.dumps(value).encode())
        if rng.random() < 0.1:
            lines.append(rng.choice((b"", b"[]", b"1", b"{", b'{"x": 1} {"x": 2}', b"\xff")))
    return b"\n".join(lines)


def json_value(rng: random.Random) -> Any:
    deep = mutations.deep(rng.choice((1, 3, 400)))
    return rng.choice(
        (
            None,
            True,
            rng.choice(mutations.NUMBERS),
            rng.choice(mutations.TEXTS),
            {"b": 1},
            [1],
            deep,
        )
    )


def forged_report(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """Return a document with other values, of the right types more often than not."""
    document = mutations.forged(rng, json.loads(rng.choice(valid)))
    return json.dumps(document).encode()


def signed_profile(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """Return a profile that was spoiled before its checksum was taken."""
    return signed(spoiled(rng, valid))


def forged_profile(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """Return a profile with other values, and a right checksum."""
    file = pq.ParquetFile(pa.BufferReader(rng.choice(valid)))
    about = json.loads(file.metadata.metadata[saved.KEY]) | {"sha256": "0" * 64}
    held = file.read()
    rows = held.to_pylist()
    if rng.random() < 0.2:
        about = mutations.forged(rng, about)
    else:
        for row in rng.choices(rows, k=2):
            name = rng.choice(list(row))
            row[name] = forged_field(rng, row[name])
    stream = io.BytesIO()
    try:
        made = pa.Table.from_pylist(rows, held.schema.remove_metadata())
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        made = pa.Table.from_pylist([{"name": "x"}])
    with pq.ParquetWriter(stream, made.schema, store_schema=False) as writer:
        writer.write_table(made)
        writer.add_key_value_metadata({saved.KEY.decode(): json.dumps(about)})
    return signed(stream.getvalue())


def forged_field(rng: random.Random, value: Any) -> Any:
    if isinstance(value, list) and value and rng.random() < 0.7:
        at = rng.randrange(len(value))
        new = rng.choice([*value, mutations.hostile(rng, value[at])])
        return [*value[:at], new, *value[at + 1 :]]
    if isinstance(value, bytes):
        return mutations.spoiled(rng, value, [value])
    return mutations.hostile(rng, value)


def signed(data: bytes) -> bytes:
    """Return the file with the checksum that it should have, where it has any."""
    at = data.rfind(b'"sha256": "')
    if at < 0 or at + 75 > len(data):
        return data
    blank = saved._with_checksum(data, b"0" * 64)
    return saved._with_checksum(blank, hashlib.sha256(blank).hexdigest().encode())


def odd_settings(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """Return settings in which some values are others."""
    lines = rng.choice(valid).decode().splitlines()
    for at in rng.sample(range(len(lines)), 2):
        key = lines[at].partition("=")[0]
        lines[at] = f"{key}= {rng.choice(TOML)}" if "=" in lines[at] else rng.choice(TABLES)
    return "\n".join(lines).encode(errors="surrogatepass")


TOML = [
    *("-1", "0", "1e999", "nan", "inf", "-inf", "true", '""', '"\\u0000"', "'''\n'''", "[]", "{}"),
    *("[[1]]", "1979-05-27", "07:32:00", "0x7fffffffffffffff", "9" * 400, '"a" # b', '"../../x"'),
    *('"{date}"', '"{}"', '"{nothing}"', f'"{{date:%{"9" * 99}}}"', '"postgresql://u@h:x/d"'),
    *("{ warn = 1, fail = 0 }", "{ warn = {} }", "[" * 200 + "]" * 200, '"\\x1b"', '"1d"'),
    '"9999999y"',
]  # fmt: skip
TABLES = [
    *("[a.b.c]", "[[checks]]", "[columns]", "[columns.x]", "[checks]", "[checks.'']"),
    *("[", "a", "= 1", "[columns.'*'.thresholds]", "[thresholds]", "\x00", "\ud800"),
    f"[{'.'.join('a' * 500)}]",
]  # fmt: skip


def odd_store(rng: random.Random, valid: Sequence[bytes]) -> bytes:
    """Return a store in which a few cells hold something else."""
    opened = sqlite3.connect(":memory:")
    data = rng.choice(valid)
    # A store in memory cannot have a write-ahead log: bytes 18 and 19 say that it has none.
    opened.deserialize(data[:18] + b"\x01\x01" + data[20:])
    tables = [
        name for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type='table'")
    ]
    for _ in range(rng.choice((1, 1, 3))):
        name = rng.choice(tables)
        columns = [row[1] for row in opened.execute(f"PRAGMA table_info({name})")]
        value = rng.choice(
            [
                *(
                    None,
                    b"\xff\x00",
                    "abc",
                    "",
                    2**62,
                    -1,
                    1e308,
                    "2024-13-45",
                    float("inf"),
                    "[]",
                    "{",
                )
            ]
        )
        try:
            opened.execute(f"UPDATE {name} SET {rng.choice(columns)} = ?", (value,))
        except sqlite3.Error:
            continue
    opened.commit()
    return opened.serialize()


DATA = (
    "compare good.parquet BAD",
    "compare BAD good.parquet --format json",
    "compare BAD BAD --details --format json",
    "show BAD",
    "profile BAD --output made.profile",
    "compare BAD BAD --by name",
    "timeline BAD --time when --every 1d",
    "explain good.parquet BAD x",
    "calibrate BAD BAD",
    "compare BAD BAD --sample 5",
)
PROFILE = (
    "show BAD",
    "show BAD --format json --all",
    "compare BAD good.parquet --details --format json",
    "compare good.parquet BAD --format html --output made.html",
    "compare BAD BAD --all",
    "merge BAD BAD --output made.profile",
    "explain BAD good.parquet x",
    "profile BAD --redact --output made.profile",
)
SHOWN = (
    *(f"report BAD --format {form}" for form in FORMATS["report"] if form != "html"),
    "report BAD --output made.html",
    "report BAD --all",
)
READ = (
    "config --config BAD",
    "compare good.csv good.parquet --config BAD",
    "compare good.csv good.parquet --config BAD --format json",
    "run --dry-run --config BAD",
    "history --config BAD",
    "accept --list --config BAD",
    "calibrate good.csv good.parquet --config BAD",
)
STORE = (
    "history --history BAD",
    "history --history BAD --format json",
    "history orders --history BAD",
    "history orders --history BAD --column price",
    "history orders --history BAD --format csv",
    "accept --list --history BAD",
    "accept orders price --until 2099-01-01 --why x --history BAD",
    "calibrate --from-history orders --history BAD --config check.toml --dry-run",
)

READERS = (
    Reader(
        "csv",
        ".csv",
        ("good.csv", "semicolons.csv", "utf-16.csv"),
        (spoiled, spoiled, odd_csv),
        DATA,
    ),
    Reader("jsonl", ".jsonl", ("good.jsonl", "nested.jsonl"), (spoiled, odd_lines), DATA),
    Reader("parquet", ".parquet", ("good.parquet", "odd.parquet"), (spoiled, odd_parquet), DATA),
    Reader(
        "arrow",
        ".arrow",
        ("good.arrow", "stream.arrow", "lz4.arrow"),
        (spoiled, spoiled, odd_arrow),
        DATA,
    ),
    Reader(
        "profile",
        ".profile",
        ("good.profile", "redacted.profile"),
        (spoiled, signed_profile, forged_profile, forged_profile),
        PROFILE,
    ),
    Reader(
        "report",
        ".json",
        ("report.json", "timeline.json"),
        (spoiled, forged_report, forged_report, forged_report),
        SHOWN,
    ),
    Reader("settings", ".toml", ("settings.toml", "check.toml"), (spoiled, odd_settings), READ),
    Reader("store", ".db", ("history.db",), (spoiled, odd_store, odd_store), STORE),
)
