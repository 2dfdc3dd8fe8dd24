"""The commands of the pages on lakes, databases and partitions do what they say, on such data."""

from __future__ import annotations

import shlex
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from object_stores import S3
from transcripts import ROOT, shell

from driftcli.cli.process import run_process

ROWS = 300


def commands(page: str, heading: str) -> Iterator[list[str]]:
    """Yield the commands of `drift` below a heading of a page, as a shell parts them."""
    text = (ROOT / "docs" / page).read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    fenced = text.split("```text\n")[1].split("```")[0]
    for line in fenced.splitlines():
        if line.startswith("drift "):
            yield shlex.split(line)[1:]


def day(first: int = 0) -> pa.Table:
    prices = [float((i * 7 + first) % 50) for i in range(ROWS)]
    return pa.table({"price": prices, "country": ["NO", "SE", "DK"] * (ROWS // 3)})


@pytest.fixture
def lake(s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> S3:
    """Two days in the bucket, and a Delta table of 43 versions there and here."""
    deltalake = pytest.importorskip("deltalake")
    monkeypatch.chdir(tmp_path)
    for name, first in (("day=2025-01-01", 0), ("day=2025-02-01", 3)):
        sink = pa.BufferOutputStream()
        pq.write_table(day(first), sink)
        s3.put(f"{name}/part-0.parquet", bytes(sink.getvalue()))
    deltalake.write_deltalake("orders", day())
    for version in range(42):
        deltalake.write_deltalake("orders", day(version).slice(0, 1), mode="append")
    for path in Path("orders").rglob("*"):
        if path.is_file():
            s3.put(str(path), path.read_bytes())
    run("profile", "s3://lake/day=2025-01-01/", "-o", "s3://lake/base.profile")
    run("profile", "orders@v41", "-o", "orders.profile")
    return s3


def run(*arguments: str) -> None:
    assert run_process(arguments) in (0, 1), arguments


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "heading"),
    [
        ("lakes.md", "Without reading: `--footers`"),
        ("lakes.md", "Object stores"),
        ("partitions.md", "A shell"),
    ],
)
def test_the_commands_of_lakes_run(lake: S3, page: str, heading: str) -> None:
    found = list(commands(page, heading))
    assert found
    for arguments in found:
        run(*arguments)
    assert lake.keys()


@pytest.mark.slow
def test_the_commands_of_delta_tables_run(lake: S3) -> None:
    for arguments in commands("lakes.md", "Delta"):
        # Its versions are of now, and the page's time was before.
        run(*(each.replace("@2025-01-31T06:00:00Z", "@2099-01-31T06:00:00Z") for each in arguments))
    assert lake.keys()


@pytest.mark.slow
def test_the_commands_of_sqlite_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("adbc_driver_sqlite")
    monkeypatch.chdir(tmp_path)
    with sqlite3.connect("shop.db") as shop:
        shop.execute("create table orders (price real, country text, day text)")
        shop.execute("insert into orders values (1.5, 'NO', '2025-01-03')")
    shop.close()
    text = (ROOT / "docs" / "sql.md").read_text("utf-8")
    [line] = [line for line in text.splitlines() if line.startswith('drift profile "sqlite:')]
    run(*shlex.split(line)[1:])
    assert Path("january.profile").is_file()


@pytest.mark.slow
def test_the_loop_of_a_shell_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for i in (1, 2, 3):
        folder = Path(f"lake/day=2025-01-0{i}")
        folder.mkdir(parents=True)
        pyarrow.csv.write_csv(day(i), folder / "a.csv")
    text = (ROOT / "docs" / "partitions.md").read_text("utf-8")
    code, said = shell("set -e\n" + text.split("```sh\n")[1].split("```")[0], tmp_path)
    assert code == 0, said
    assert "2 columns of 900 rows" in said
