"""The commands of the pages on lakes, databases and partitions do what they say, on such data."""

from __future__ import annotations

import os
import re
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from object_stores import S3
from postgres import PASSWORD
from transcripts import ROOT, shell

from driftcli.cli.process import run_process

ROWS = 300


def fenced(page: str, heading: str, form: str) -> str:
    """Return the first block of a form below a heading of a page; the page's first without one."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    if heading:
        text = text.split(f"## {heading}\n")[1].split("\n## ")[0]
    return text.split(f"```{form}\n")[1].split("```")[0]


def commands(page: str, heading: str) -> Iterator[list[str]]:
    """Yield the commands of `drift` below a heading of a page, as a shell parts them."""
    for line in fenced(page, heading, "text").splitlines():
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


@pytest.fixture
def shop(
    database: tuple[str, Callable[[str], Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A database of orders, which drift.toml names as the page does; its address."""
    address, execute = database
    monkeypatch.chdir(tmp_path)
    execute(
        "create table orders as select i as price, 'NO' as country, '2025-01-31' as day"
        " from generate_series(1, 300) i;"
        " drop schema if exists analytics cascade; create schema analytics;"
        " create table analytics.orders as select * from orders"
    )
    for name in ("yesterday", "today"):
        Path(f"{name}.sql").write_text("select price, country from orders")
    monkeypatch.setenv("SHOP_URL", address.replace("reader@", f"reader:{PASSWORD}@"))
    Path("drift.toml").write_text(fenced("sql.md", "", "toml"))
    run("profile", f"{address}#select * from orders", "-o", "base.profile")
    Path("profiles").mkdir()
    return address


@pytest.mark.slow
def test_the_commands_of_postgresql_run(shop: str) -> None:
    found = [each for each in commands("sql.md", "") if "sqlite:" not in each[1]]
    assert len(found) == 2
    for arguments in found:
        run(*(each.replace("postgresql://reader@db/shop", shop) for each in arguments))


@pytest.mark.slow
def test_the_commands_behind_dbt_run(shop: str) -> None:
    for arguments in commands("partitions.md", "dbt"):
        run(*arguments)
    assert shop
    assert Path("january.profile").is_file()


@pytest.mark.slow
def test_the_commands_of_iceberg_tables_run(
    s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog.sql import SqlCatalog
    from pyiceberg.utils.config import Config

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__TYPE", "sql")
    monkeypatch.setenv("PYICEBERG_CATALOG__PROD__URI", f"sqlite:///{tmp_path}/cat.db")
    # The library reads the environment once.
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    known = {}
    for name, warehouse in (("prod", f"file://{tmp_path}/wh"), ("stored", "s3://lake/wh")):
        of_store = {"warehouse": warehouse, "s3.endpoint": s3.url}
        catalog = SqlCatalog(name, uri=f"sqlite:///{tmp_path}/cat.db", **of_store)
        catalog.create_namespace("shop")
        table = catalog.create_table("shop.orders", schema=day().schema)
        table.append(day())
        table.manage_snapshots().create_tag(table.current_snapshot().snapshot_id, "gold").commit()
        known[name] = table
        catalog.engine.dispose()
    run("profile", "wh/shop/orders", "-o", "base.profile")
    metadata = Path(known["prod"].metadata_location).name
    snapshot = str(known["stored"].current_snapshot().snapshot_id)
    found = list(commands("lakes.md", "Iceberg"))
    assert len(found) == 3
    for arguments in found:
        named = (re.sub(r"[^/]+\.metadata\.json", metadata, each) for each in arguments)
        run(*(re.sub(r"@\d+$", f"@{snapshot}", each) for each in named))


class BashOperator:
    """What the page asks of Airflow's operator: a command, by itself or for each environment."""

    ran: list[tuple[str, Mapping[str, str]]]

    def __init__(self, task_id: str, bash_command: str, *, append_env: bool) -> None:
        assert task_id
        assert append_env
        self.command = bash_command
        self.environments: Sequence[Mapping[str, str]] = [{}]

    @classmethod
    def partial(cls, **options: Any) -> BashOperator:
        return cls(**options)

    def expand(self, env: Sequence[Mapping[str, str]]) -> BashOperator:
        self.environments = env
        return self

    def __rshift__(self, other: BashOperator) -> None:
        self.ran = [(each.command, env) for each in (self, other) for env in each.environments]


@pytest.mark.slow
def test_the_tasks_of_airflow_run(lake: S3) -> None:
    names: dict[str, Any] = {"BashOperator": BashOperator}
    exec(fenced("partitions.md", "Airflow", "python"), names)
    *days, merge = names["profiles"].ran
    assert len(days) == 31
    drift = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for command, env in (days[0], merge):
        subprocess.run(
            ["bash", "-c", command], env={**os.environ, "PATH": drift, **env}, check=True
        )
    assert lake.got("january.profile").startswith(b"PAR1")
