"""Keys, tokens and passwords of stores, tables and databases are in no output, and in no file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift, process
from object_stores import S3
from postgres import PASSWORD

from driftcli.render import FORMATS

MARK = "Hunter2Marker"


def nowhere(secrets: list[str], said: object) -> None:
    """Assert that secrets are in nothing that was said, and in no file of the working directory."""
    known = [each for secret in secrets for each in {secret, quote(secret, safe="")}]
    for secret in known:
        assert secret not in str(said)
    for path in Path().rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [secret for secret in known if secret.encode() in data], path


@pytest.fixture
def keyed(s3: S3, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, list[str]]:
    """What addresses begin and end with that hold the keys, and these: nothing else has them."""
    pytest.importorskip("moto")
    keys = [s3.environment[f"AWS_{each}"] for each in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")]
    for name in s3.environment:
        monkeypatch.delenv(name)
    key, secret = (quote(each, safe="") for each in keys)
    return f"s3://{key}:{secret}@lake/", f"?{s3.query}", keys


def put(s3: S3, name: str, values: range) -> None:
    sink = pa.BufferOutputStream()
    data = {"v": [i % 50 for i in values], "s": ["abc"[i % 3] for i in values]}
    pq.write_table(pa.table(data), sink)
    s3.put(name, bytes(sink.getvalue()))


@pytest.mark.slow
def test_keys_in_addresses_of_s3_are_nowhere(
    drift: Drift, s3: S3, keyed: tuple[str, str, list[str]]
) -> None:
    begin, end, secrets = keyed
    put(s3, "old.parquet", range(300))
    put(s3, "new.parquet", range(300, 700))
    old, new, made = (f"{begin}{name}{end}" for name in ("old.parquet", "new.parquet", "a.profile"))
    Path("drift.toml").write_text(
        f'reports = ["out/{{check}}.html"]\n[checks.a]\nbaseline = "{old}"\ncurrent = "{new}"\n'
    )
    said = [
        *(drift("compare", old, new, "--format", form, "--all") for form in FORMATS["report"]),
        *(drift("compare", old, new, "-o", f"all.{end}") for end in ("html", "json", "md")),
        drift("compare", old, new, "--footers", "--debug"),
        drift("compare", old, new, "--where", "v > 3", "--by", "s"),
        drift("show", old),
        drift("profile", old, "-o", made),
        drift("profile", old, "-o", "old.profile"),
        drift("show", made),
        drift("merge", made, "old.profile", "-o", "both.profile"),
        drift("compare", made, new),
        drift("run", "--all", "--always", "--debug"),
        drift("run", "--dry-run"),
        drift("config"),
        drift("history", "-f", "json"),
        drift("compare", f"{begin}none.csv{end}", new, "--debug"),
        drift("profile", old, "-o", f"{begin}*{end}", "--debug"),
    ]
    assert {each.code for each in said} <= {0, 1, 2}, said
    assert [each.code for each in said[-2:]] == [2, 2]
    Path("drift.toml").unlink()
    assert {"all.html", "a.html", "drift-history.db"} <= {path.name for path in Path().rglob("*")}
    nowhere(secrets, said)


def test_keys_that_are_refused_are_nowhere(drift: Drift, s3: S3, base: str) -> None:
    address = f"s3://AKIAPLANTED:{MARK}%2F{MARK}@lake/old.parquet?{s3.query}"
    said = [
        drift("compare", base, address, "--debug"),
        drift("profile", base, "-o", address, "--debug"),
        drift("compare", base, f"{address}&session_token={MARK}", "--debug"),
        process("compare", base, address, "--debug", env={"AWS_SESSION_TOKEN": f"{MARK}Token"}),
    ]
    assert {each.code for each in said} == {2}
    nowhere([MARK, "AKIAPLANTED"], said)


@pytest.mark.slow
def test_keys_in_addresses_of_delta_tables_are_nowhere(
    drift: Drift, s3: S3, keyed: tuple[str, str, list[str]], tmp_path: Path
) -> None:
    deltalake = pytest.importorskip("deltalake")
    begin, end, secrets = keyed
    table = tmp_path / "table"
    deltalake.write_deltalake(str(table), pa.table({"v": range(100)}))
    for path in table.rglob("*"):
        if path.is_file():
            s3.put(f"t/{path.relative_to(table)}", path.read_bytes())
    address = f"{begin}t{end}"
    said = [
        drift("compare", address, address, "-o", "all.json"),
        drift("compare", address, address, "--footers"),
        drift("profile", address, "-o", "t.profile"),
        drift("show", f"{begin}t@v7{end}", "--debug"),
    ]
    assert [each.code for each in said[:3]] == [0, 0, 0], said
    s3.put("t/_delta_log/00000000000000000001.json", b"{broken")
    said.append(drift("show", address, "--debug"))
    assert [each.code for each in said[3:]] == [2, 2], said
    nowhere(secrets, said)


@pytest.mark.slow
def test_tokens_of_azure_are_nowhere(drift: Drift, base: str) -> None:
    token = f"sv=2021-06-08&se=2099-01-01&sp=r&sig={MARK}%2B{MARK}%3D"
    address = f"abfs://account@127.0.0.1:9/lake/a.csv?enable_tls=false&{token}"
    said = drift("compare", base, address, "--debug")
    assert said.code == 2
    nowhere([MARK], said)


def test_passwords_of_connections_are_nowhere(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_postgresql")
    monkeypatch.setenv("SHOP_URL", f"postgresql://u:{MARK}@127.0.0.1:9/d?sslpassword={MARK}")
    Path("drift.toml").write_text(
        '[connections]\nshop = "${SHOP_URL}"\n[checks.a]\n'
        f'baseline = "{base}"\ncurrent = "shop:#t"\nreports = ["a.html"]\n'
    )
    said = [
        drift("compare", base, "shop:#t", "--debug"),
        drift("show", "shop:#select * from t where p = 'x'", "--debug"),
        drift("profile", "shop:#t", "-o", "t.profile", "--debug"),
        drift("compare", base, f"{os.environ['SHOP_URL']}#t", "--debug"),
        drift("run", "--all", "--always", "--debug", "-f", "json"),
        drift("run", "--dry-run"),
        drift("config"),
        drift("history", "-f", "json"),
    ]
    assert [each.code for each in said[:5]] == [2] * 5, said
    nowhere([MARK], said)


@pytest.mark.slow
def test_passwords_of_a_database_that_answers_are_nowhere(
    drift: Drift,
    database: tuple[str, Callable[[str], Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, run = database
    run("create table t as select i % 50 as v, 'c' || i % 3 as s from generate_series(0, 999) i")
    monkeypatch.delenv("PGPASSWORD")
    keyed = address.replace("reader@", f"reader:{PASSWORD}@")
    monkeypatch.setenv("SHOP_URL", keyed)
    Path("drift.toml").write_text(
        '[connections]\nshop = "${SHOP_URL}"\n[checks.a]\nbaseline = "shop:#t"\n'
        'current = "shop:#select v + 9 as v, s from t"\nreports = ["a.html"]\n'
    )
    table = f"{keyed}#t"
    said = [
        *(
            drift("compare", table, "shop:#t", "--format", form, "--all")
            for form in FORMATS["report"]
        ),
        *(drift("compare", table, table, "-o", f"all.{end}") for end in ("html", "json", "md")),
        drift("compare", "shop:#t", table, "--where", "v > 3", "--by", "s", "--debug"),
        drift("profile", table, "-o", "t.profile"),
        drift("profile", "shop:#t", "-o", "u.profile"),
        drift("merge", "t.profile", "u.profile", "-o", "both.profile"),
        drift("show", table),
        drift("show", "t.profile"),
        drift("joint", table, "shop:#t"),
        drift("run", "--all", "--always", "--debug"),
        drift("run", "--dry-run"),
        drift("config"),
        drift("history", "-f", "json"),
        process("compare", f"{address}#t", "t.profile", "--debug", env={"PGPASSWORD": PASSWORD}),
        drift("compare", f"{keyed}#nope", table, "--debug"),
        drift("show", f"{keyed}#select v frm t", "--debug"),
        drift("show", f"{keyed}#select 1 / (v - 9) as z from t", "--debug"),
        drift("show", table.replace("/postgres", "/nodb"), "--debug"),
        drift("show", table.replace(PASSWORD, f"{PASSWORD}%zz"), "--debug"),
        drift("show", f"{address}#t", "--debug"),
    ]
    assert [each.code for each in said[-6:]] == [2] * 6, said[-6:]
    assert {each.code for each in said[:-6]} <= {0, 1, 2}, said
    assert "t.profile" in said[-7].out
    nowhere([PASSWORD], said)
