"""Which engine is asked for, what it may not be given, and what must be alike everywhere."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from engines import Elsewhere
from typer.testing import CliRunner

import driftcli
from driftcli.cli.app import app
from driftcli.config import load
from driftcli.engine import Threads
from driftcli.engine import choose as module
from driftcli.engine.choose import chosen
from driftcli.engine.versions import Versions
from driftcli.errors import ConfigError, EngineError, InputError, UsageError
from driftcli.pipeline.inputs import Data, open_input
from driftcli.pipeline.saved import Saved
from driftcli.source.locating import locate

CONFIGURATION = load(metrics=())


def test_threads_are_the_engine_where_none_is_asked_for() -> None:
    assert CONFIGURATION.running.engine == "threads"
    with chosen("threads", 3) as engine:
        assert engine == Threads(3)
        assert not engine.elsewhere


@pytest.mark.parametrize("text", ["dask", "dask://", "dask://a b", "sparks", "ray", "local[2]", ""])
def test_other_names_are_refused_where_they_stand(text: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^--engine: expected threads, dask://HOST:PORT, spark"):
        load(metrics=(), overrides={"engine": text})
    (tmp_path / "drift.toml").write_text(f"engine = {text!r}\n", "utf-8")
    with pytest.raises(ConfigError, match=r"drift.toml: engine: expected threads, dask://"):
        load(metrics=(), config=tmp_path / "drift.toml")


def test_a_check_may_have_an_engine_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "drift.toml"
    both = 'baseline = "a.csv"\ncurrent = "b.csv"\n'
    path.write_text(
        f'engine = "dask://s:1"\n[checks.here]\nengine = "threads"\n{both}[checks.there]\n{both}',
        "utf-8",
    )
    checks = load(metrics=(), config=path).checks
    assert [checks[name].running.engine for name in ("here", "there")] == ["threads", "dask://s:1"]


@pytest.mark.parametrize(
    ("asked", "package"),
    [("dask://a:1", "distributed"), ("spark", "pyspark"), ("local-cluster[1,1,1]", "pyspark")],
)
def test_what_an_engine_lacks_is_named(
    asked: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(EngineError) as caught:
        chosen(asked)
    assert str(caught.value).startswith(f"engine {asked}: this needs {package}; ")
    assert find_spec(package) is None or len(str(caught.value).splitlines()) == 1


@pytest.fixture
def table(tmp_path: Path) -> Path:
    pq.write_table(pa.table({"x": range(9)}), tmp_path / "a.parquet")
    return tmp_path / "a.parquet"


#: Where nothing listens: who connects before it refuses says so instead.
NOBODY = "dask://127.0.0.1:1"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("-", "-: a cluster cannot read what is piped here; name files that its workers see"),
        (pd.DataFrame({"x": [1]}), "data: a DataFrame is in this process alone; name files"),
        (pa.table({"x": [1]}), "data: a Table is in this process alone"),
        (pa.table({"x": [1]}).to_reader(), "data: a RecordBatchReader is in this process alone"),
        ("postgresql://h/db#t", "a query of a database is one stream, read here; leave out"),
        ("shop:#orders", "a query of a database is one stream"),
        ("spark:main.jan", "spark:main.jan: what Spark holds is read by Spark; leave out the eng"),
        ("s3://AKIA:s3cret@bucket/a.parquet", "s3://…@bucket/a.parquet: holds keys, which others"),
        ("s3://bucket/a.parquet?secret_key=s3cret", "secret_key=…: holds keys, which others"),
    ],
)
def test_what_workers_cannot_read_is_refused_before_anything_connects(data: Any, told: str) -> None:
    calls: list[Callable[..., object]] = [
        partial(driftcli.compare, "a.parquet"),
        partial(driftcli.explain, "a.parquet", column="x"),
        partial(driftcli.joint, "a.parquet"),
        partial(driftcli.timeline, time="at"),
        partial(driftcli.timeline, "a.parquet", time="at", baseline=data),
        driftcli.Profile.of,
    ]
    for call in calls:
        given = () if "baseline" in getattr(call, "keywords", ()) else (data,)
        with pytest.raises(UsageError) as caught:
            call(*given, engine=NOBODY)
        assert told in str(caught.value)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "command",
    [
        "compare a.parquet DATA",
        "compare DATA a.parquet --footers",
        "explain DATA a.parquet x",
        "joint a.parquet DATA",
        "timeline DATA --time at",
        "timeline a.parquet --time at --baseline DATA",
        "show DATA",
        "profile DATA -o made.profile",
        "merge a.profile DATA -o made.profile",
        "calibrate DATA --dry-run",
        "calibrate a.parquet DATA --dry-run",
    ],
)
@pytest.mark.parametrize("how", ["--engine", "drift.toml"])
def test_each_command_refuses_before_it_connects(
    command: str, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe.csv")
    asked = command.replace("DATA", "pipe.csv").split()
    if how == "drift.toml":
        Path("drift.toml").write_text(f"engine = {NOBODY!r}\n", "utf-8")
    else:
        asked += ["--engine", NOBODY]
    done = CliRunner().invoke(app, asked)
    refused = done.exception.__cause__  # type: ignore[union-attr]
    assert isinstance(refused, UsageError)
    assert "pipe.csv: a cluster cannot read what is piped here; name files" in str(refused)
    assert not Path("made.profile").exists()


def test_a_check_refuses_before_it_connects(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").write_text(
        f'engine = "{NOBODY}"\n[checks.a]\nbaseline = "s3://AKIA:s3cret@lake/a.parquet"\n'
        'current = "b.parquet"\n',
        "utf-8",
    )
    done = subprocess.run(
        [sys.executable, "-m", "driftcli", "run", "--no-history"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "s3://…@lake/a.parquet: holds keys, which others would see" in done.stdout
    assert "s3cret" not in done.stdout + done.stderr


def test_saved_profiles_are_no_data_that_workers_read(table: Path) -> None:
    pytest.importorskip("distributed")
    made = driftcli.Profile.of(table)
    made.save(f"{table}.profile")
    for saved in (made, f"{table}.profile", "s3://AKIA:s3cret@lake/a.profile"):
        with pytest.raises(EngineError, match="no Dask scheduler answers there"):
            driftcli.Profile.of(saved, engine=NOBODY)


def test_files_and_saved_profiles_are_taken(table: Path) -> None:
    opened = open_input(table, CONFIGURATION, engine=Elsewhere(0))
    assert isinstance(opened, Data)
    made = subprocess.run(
        [sys.executable, "-m", "driftcli", "profile", str(table), "-o", f"{table}.profile"],
        check=False,
    )
    assert made.returncode == 0
    assert isinstance(open_input(f"{table}.profile", CONFIGURATION, engine=Elsewhere(0)), Saved)


def test_files_are_looked_for_by_their_absolute_paths(
    table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(table.parent)
    (file,) = locate("a.parquet")
    sent = pickle.dumps(file)
    monkeypatch.chdir("/")
    received = pickle.loads(sent)
    assert (received.path, received.shown) == (str(table), "a.parquet")
    assert received.read() == table.read_bytes()


def test_a_file_that_is_another_elsewhere_is_told_of(table: Path) -> None:
    (file,) = locate(str(table))
    sent = pickle.dumps(file)
    table.write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"a.parquet: 4 bytes on \S+, and [\d,]+ where it was"):
        pickle.loads(sent)
    table.unlink()
    with pytest.raises(InputError, match=r"cannot be read on .* that all workers see, such as"):
        pickle.loads(sent)


OURS = Versions("0.1.0", "3.11.9", "26.0.1")


@pytest.mark.parametrize(
    ("there", "told"),
    [
        (OURS, ""),
        (Versions("0.1.0", "3.11.2", "26.0.9"), ""),
        (
            Versions(None, "3.11.2", "26.0.1"),
            "has no driftcli; run there: pip install driftcli==0.1.0",
        ),
        (
            Versions("0.0.9", "3.9.2", None),
            "has driftcli 0.0.9, here is 0.1.0; run there: pip install driftcli==0.1.0",
        ),
        (
            Versions("0.1.0", "3.12.1", "26.0.1"),
            "has Python 3.12.1, here is 3.11.9; start it with Python 3.11",
        ),
        (
            Versions("0.1.0", "3.11.2", "25.0.0"),
            "has pyarrow 25.0.0, here is 26.0.1; run there: pip install 'pyarrow==26.0.*'",
        ),
        (
            Versions("0.1.0", "3.11.2", None),
            "has no pyarrow, here is 26.0.1; run there: pip install 'pyarrow==26.0.*'",
        ),
    ],
)
def test_what_must_be_alike_is_said_with_its_remedy(there: Versions, told: str) -> None:
    assert OURS.misfit(there) == told


@pytest.mark.parametrize(
    ("properties", "keyed"),
    [
        ({}, False),
        ({"s3.region": "eu-west-1", "s3.secret-access-key": ""}, False),
        ({"s3.secret-access-key": "m4rker"}, True),
        ({"uri": "postgresql://reader:m4rker@db/catalog"}, True),
    ],
)
def test_a_table_whose_catalog_gives_keys_is_no_table_of_a_cluster(
    properties: dict[str, str], keyed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog.sql import SqlCatalog

    given = {"uri": f"sqlite:///{tmp_path}/cat.db", "warehouse": f"file://{tmp_path}/wh"}
    catalog = SqlCatalog("prod", **given)
    catalog.create_namespace("shop")
    rows = pa.table({"x": range(9)})
    table = catalog.create_table("shop.orders", schema=rows.schema)
    table.append(rows)
    table.io.properties.update(properties)
    monkeypatch.setattr("pyiceberg.catalog.load_catalog", lambda _: catalog)
    monkeypatch.setattr(catalog, "load_table", lambda _: table)
    if not keyed:
        assert isinstance(
            open_input("iceberg:prod.shop.orders", CONFIGURATION, engine=Elsewhere(0)), Data
        )
        return
    with pytest.raises(
        UsageError, match="its catalog gives keys for its files, which others"
    ) as at:
        open_input("iceberg:prod.shop.orders", CONFIGURATION, engine=Elsewhere(0))
    assert "m4rker" not in str(at.value)
