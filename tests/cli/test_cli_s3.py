"""Data, profiles and reports in an S3 store: read, written, and refused in one line."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift, Ended
from object_stores import NOWHERE, S3, refusing

import driftcli
from driftcli.source.files import File, fetched
from driftcli.source.remote import remote

pytest.importorskip("moto")

CSV = b"v,s\n" + b"".join(b"%d,%c\n" % (i % 50, 97 + i % 3) for i in range(200))
MOVED = b"v,s\n" + b"".join(b"%d,%c\n" % (i % 50 + 30, 97 + i % 3) for i in range(200))


def parquet(values: range) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"v": values, "s": [f"c{i % 3}" for i in values]}), sink)
    return bytes(sink.getvalue())


def compared(ended: Ended) -> tuple[int, int]:
    report = json.loads(ended.out)
    return report["baseline"]["rows"], report["current"]["rows"]


@pytest.fixture
def lake(s3: S3) -> S3:
    """Two days of Parquet, and two files of CSV, one with a blank in its key."""
    for day in (1, 2):
        s3.put(f"day=2025-01-0{day}/part-0.parquet", parquet(range(100 * day)))
    s3.put("csv/old.csv", CSV)
    s3.put("csv/new month.csv", MOVED)
    return s3


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        ("day=2025-01-01/part-0.parquet", "day=2025-01-02/part-0.parquet", (100, 200)),
        ("day=2025-01-01", "day=2025-01-02/", (100, 200)),
        ("day=2025-01-0[12]", "day=*/*.parquet", (300, 300)),
        ("day=2025-01-0?/", "**/*.parquet", (300, 300)),
        ("csv/old.csv", "csv/new month.csv", (200, 200)),
        ("csv/old.csv", "csv/new%20month.csv", (200, 200)),
        ("csv/*.csv", "csv/new*", (400, 200)),
        ("csv", "csv/", (400, 400)),
    ],
)
def test_files_globs_and_folders_are_read(
    drift: Drift,
    lake: S3,
    monkeypatch: pytest.MonkeyPatch,
    old: str,
    new: str,
    rows: tuple[int, int],
) -> None:
    for more in ("", f"?{lake.query}"):
        ended = drift("compare", f"s3://lake/{old}{more}", f"s3://lake/{new}{more}", "-f", "json")
        assert ended.code in (0, 1), ended.err
        assert compared(ended) == rows
        monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)


def test_folders_make_columns_there_as_here(drift: Drift, lake: S3) -> None:
    shown = json.loads(drift("show", "s3://lake/day=*/", "-f", "json").out)
    assert [each["name"] for each in shown["columns"]] == ["v", "s", "day"]


def test_keys_of_the_address_are_used_and_not_shown(
    drift: Drift, lake: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, secret = (
        lake.environment[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY")
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "nobody")
    address = f"s3://{key}:{quote(secret, safe='')}@lake/csv/old.csv?{lake.query}"
    ended = drift("show", address)
    assert ended.code == 0, ended.err
    assert secret not in str(ended)
    assert key not in str(ended)


def test_partitions_are_profiled_there_and_merged_there(drift: Drift, lake: S3) -> None:
    base = drift("profile", "s3://lake/day=2025-01-01/", "-o", "s3://lake/base.profile")
    assert base.code == 0, base.err
    assert "drift: wrote s3://lake/base.profile: 2 columns of 100 rows" in base.err
    for day in ("01", "02"):
        made = drift(
            *("profile", f"s3://lake/day=2025-01-{day}/", "--types", "s3://lake/base.profile"),
            *("-o", f"s3://lake/profiles/2025-01-{day}.profile"),
        )
        assert made.code == 0, made.err
    merged = drift("merge", "s3://lake/profiles/*.profile", "-o", "january.profile")
    assert "2 columns of 300 rows" in merged.err
    assert drift("merge", "s3://lake/profiles/", "-o", "s3://lake/january.profile").code == 0
    assert lake.got("january.profile") == Path("january.profile").read_bytes()
    ended = drift("compare", "s3://lake/january.profile", "s3://lake/day=*/", "-f", "json")
    assert compared(ended) == (300, 300)


def test_a_profile_there_is_brought_up_to_date(drift: Drift, lake: S3) -> None:
    lake.put("a.profile", b"old")
    assert drift("profile", "s3://lake/csv/old.csv", "-o", "s3://lake/a.profile").code == 0
    assert drift("show", "s3://lake/a.profile").code == 0
    assert drift("profile", "s3://lake/csv/old.csv", "-o", "s3://lake/b.profile").code == 0
    merged = ("merge", "s3://lake/a.profile", "s3://lake/b.profile", "-o", "s3://lake/a.profile")
    assert drift(*merged).code == 0


def test_reports_are_written_there(drift: Drift, lake: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", "outputs")
    ended = drift(
        *("compare", "s3://lake/csv/old.csv", "s3://lake/csv/new month.csv", "-f", "github"),
        *("-o", "json:s3://lake/out/june.json"),
    )
    assert ended.code == 1, ended.err
    assert "drift: wrote s3://lake/out/june.json" in ended.err
    assert json.loads(lake.got("out/june.json"))["verdict"] == "drift"
    assert "\ns3://lake/out/june.json\n" in Path("outputs").read_text()
    page = drift("compare", "s3://lake/csv", "s3://lake/csv", "-o", "s3://lake/out/all.html")
    assert (page.code, page.out) == (0, "")
    assert lake.got("out/all.html").startswith(b"<!doctype html>")


def test_python_and_checks_write_there(drift: Drift, lake: S3) -> None:
    old, new = "s3://lake/csv/old.csv", "s3://lake/csv/new month.csv"
    driftcli.Profile.of(old).save("s3://lake/out/old.profile")
    assert driftcli.Profile.load("s3://lake/out/old.profile").rows > 0
    driftcli.compare("s3://lake/out/old.profile", new).save("s3://lake/out/june.md")
    assert b"drift" in lake.got("out/june.md")
    with pytest.raises(driftcli.UsageError, match=r"^s3://lake/out/june.doc: no format has the"):
        driftcli.compare(old, old).save("s3://lake/out/june.doc")
    with pytest.raises(driftcli.UsageError, match=r"^s3://nowhere/a.profile: no such bucket; make"):
        driftcli.Profile.of(old).save("s3://nowhere/a.profile")
    Path("drift.toml").write_text(
        f'history = "h.db"\n[checks.a]\nbaseline = "{old}"\ncurrent = "{new}"\n'
        'reports = ["s3://lake/out/{check}-{date}.json?region=us-east-1", "s3://nowhere/a.html"]\n'
    )
    ran = drift("run", "--date", "2025-01-31")
    assert "s3://nowhere/a.html: no such bucket; make it" in ran.out + ran.err
    assert json.loads(lake.got("out/a-2025-01-31.json"))["verdict"] == "drift"
    told = drift("history", "a", "-o", "s3://lake/out/scores.csv")
    assert (told.code, told.err) == (0, "drift: wrote s3://lake/out/scores.csv\n")
    assert lake.got("out/scores.csv").startswith(b"check,")


def test_a_report_does_not_replace_the_data_of_its_check(drift: Drift, lake: S3) -> None:
    old = "s3://lake/csv/old.csv"
    Path("drift.toml").write_text(
        f'[checks.a]\nbaseline = "{old}"\ncurrent = "{old}"\nreports = ["{old}"]\n'
    )
    ran = drift("run")
    assert f"reports: '{old}' is the data; name another file" in ran.out + ran.err
    assert lake.got("csv/old.csv") == CSV


def test_an_address_of_this_machine_is_a_file(drift: Drift, base: str) -> None:
    place = Path("a b.profile").absolute()
    assert drift("profile", base, "-o", f"file://{place}").code == 0
    assert drift("show", str(place)).code == 0


def test_the_data_is_not_written_over(drift: Drift, lake: S3) -> None:
    old = "s3://lake/csv/old.csv"
    assert "this is the data; name another file" in drift("profile", old, "-o", old).err
    assert "this is the data; name another file" in drift("compare", old, old, "-o", old).err
    assert lake.got("csv/old.csv") == CSV


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("s3://lake/csv/", "this is a directory; name a file in it"),
        ("s3://lake/csv", "this is a directory; name a file in it"),
        ("s3://lake/new/", "this is a directory; name a file in it"),
        ("s3://lake", "this is a directory; name a file in it"),
        ("s3://nowhere/a.profile", "no such bucket; make it"),
        ("s3://lake/*.profile", "a pattern; name one object"),
    ],
)
def test_what_cannot_be_written_is_refused_before_any_work(
    drift: Drift, lake: S3, place: str, why: str
) -> None:
    before = lake.keys()
    ended = drift("profile", "none.csv", "-o", place)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"drift: --output {place}: {why}\n"
    assert lake.keys() == before


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("s3://lake/none.csv", "no such file or directory. Check the address."),
        ("s3://lake/none/", "no such file or directory. Check the address."),
        ("s3://lake/none.profile", "no such file or directory. Check the address."),
        ("s3://lake/none/*.csv", "no such file or directory. Check the address."),
        ("s3://lake/csv/*.tsv", "no file matches. Check the pattern and its quotes."),
        ("s3://nowhere/a.csv", "no such bucket. Check the address."),
        ("s3://nowhere/*.csv", "no such bucket. Check the address."),
        ("s3://nowhere", "no such bucket. Check the address."),
    ],
)
def test_what_is_not_there_is_said_in_one_line(
    drift: Drift, lake: S3, base: str, name: str, why: str
) -> None:
    assert lake.keys()
    ended = drift("compare", base, name)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"drift: {name}: {why}\n"


WRONG = {
    "AWS_SECRET_ACCESS_KEY": "the secret key is not that of the access key. Check"
    " AWS_SECRET_ACCESS_KEY, or the key in the address.",
    "AWS_ACCESS_KEY_ID": "the access key is not known there. Check AWS_ACCESS_KEY_ID, or the key in"
    " the address.",
    "AWS_SESSION_TOKEN": "the session token is not one of the access key. Set AWS_SESSION_TOKEN"
    " anew, or none.",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_store_that_refuses_is_told_of_in_one_line(
    drift: Drift, lake: S3, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    why = WRONG[wrong]
    monkeypatch.setenv(wrong, "Hunter2Marker")
    for address in ("s3://lake/csv/old.csv", "s3://lake/csv/", "s3://lake/csv/*.csv"):
        ended = drift("show", address)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err == f"drift: {address}: cannot be opened: {why}\n"
    ended = drift("profile", "none.csv", "-o", "s3://lake/a.profile")
    assert ended.err == f"drift: s3://lake/a.profile: cannot be opened: {why}\n"
    assert lake.keys()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("http://127.0.0.1/a.csv", "no such kind of address is known. Files are read at s3://, gs"),
        ("mysql://127.0.0.1/shop", "no such kind of address is known. Files are read at s3://, gs"),
        ("hdfs://node/a.csv", "HDFS is read by Java and Hadoop, which are not found. Install them"),
    ],
)
def test_addresses_that_nothing_here_reads_are_told_of(
    drift: Drift, monkeypatch: pytest.MonkeyPatch, address: str, told: str
) -> None:
    for name in ("JAVA_HOME", "HADOOP_HOME", "ARROW_LIBHDFS_DIR"):
        monkeypatch.delenv(name, raising=False)
    for _ in range(2):  # Arrow looks for Java once a process, and has other words from then on
        ended = drift("show", address)
        assert (ended.code, ended.out) == (2, "")
        assert ended.err.startswith(f"drift: {address}: cannot be opened: {told}")
        assert ended.err.count("\n") == 1


@pytest.mark.slow
def test_a_server_that_is_not_there_is_told_of(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    assert drift("show", "s3://lake/a.csv").err == (
        "drift: s3://lake/a.csv: cannot be opened: the server cannot be reached. Check the address,"
        " AWS_ENDPOINT_URL and the network.\n"
    )


EXPIRED = "the session token has expired. Log in again, and set AWS_SESSION_TOKEN anew"
ELSEWHERE = (
    "the bucket is in another region. Name it in the address (?region=eu-west-1) or in AWS_REGION"
)
DENIED = (
    "access is denied: the credentials in use, if any, may not do this there. Use others, or ask"
    " for the right to list, read or write there"
)


def told_the_same(drift: Drift, address: str, why: str, *command: str) -> None:
    """Run a command, which says why in one line, and that and no secret with --debug."""
    ended = drift(*command)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == f"drift: {address}: {why}.\n"
    more = drift(*command, "--debug")
    assert why in more.err
    assert "Hunter2" not in more.out + more.err


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        ("ExpiredToken", 400, EXPIRED),
        ("InvalidToken", 400, WRONG["AWS_SESSION_TOKEN"].removesuffix(".")),
        ("AccessDenied", 403, DENIED),
        ("PermanentRedirect", 301, ELSEWHERE),
        ("AuthorizationHeaderMalformed", 400, ELSEWHERE),
        pytest.param(
            "RequestTimeTooSkewed",
            403,
            "the clock of this machine is not right, which signatures go by. Set its time",
            marks=pytest.mark.slow,  # it is asked for some seconds
        ),
    ],
)
def test_what_a_store_says_no_for_is_told_of(
    drift: Drift, monkeypatch: pytest.MonkeyPatch, base: str, code: str, status: int, why: str
) -> None:
    for name in ("AWS_SESSION_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "Hunter2Marker")
    told = f"cannot be opened: {why}"
    with refusing(code, "No, with Hunter2Marker.", status) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        told_the_same(drift, "s3://lake/d/", told, "show", "s3://lake/d/")
        if code == "RequestTimeTooSkewed":
            return
        for address in ("s3://lake/a.csv", "s3://lake/*.csv"):
            told_the_same(drift, address, told, "show", address)
        file = "s3://lake/a.parquet"
        told_the_same(drift, file, told, "compare", file, file, "--footers")
        place = "s3://lake/a.profile"
        told_the_same(drift, place, told, "profile", base, "-o", place)


def test_what_may_be_listed_and_no_more_is_told_of(
    drift: Drift, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "Hunter2Marker")
    files = ("d/a.parquet", "c/a.csv")
    with refusing("AccessDenied", "No.", 403, listed=files) as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url)
        for file in files:
            address = f"s3://lake/{file}"
            folder = f"{address.rpartition('/')[0]}/"
            told_the_same(drift, address, f"cannot be read: {DENIED}", "show", folder)
        footers = ("compare", "s3://lake/d/", "s3://lake/d/", "--footers")
        told_the_same(drift, "s3://lake/d/a.parquet", f"cannot be read: {DENIED}", *footers)
        place = "s3://lake/new.profile"
        told = f"cannot be written: {DENIED}"
        told_the_same(drift, place, told, "profile", base, "-o", place)


@pytest.mark.slow
def test_a_server_that_speaks_another_protocol_is_told_of(
    drift: Drift, monkeypatch: pytest.MonkeyPatch
) -> None:
    with refusing("AccessDenied", "No.") as url:
        monkeypatch.setenv("AWS_ENDPOINT_URL", url.replace("http://", "https://"))
        told_the_same(
            drift,
            "s3://lake/a.csv",
            "cannot be opened: the server cannot be reached. Check the address, AWS_ENDPOINT_URL"
            " and the network",
            "show",
            "s3://lake/a.csv",
        )


def test_a_half_written_object_never_appears(lake: S3) -> None:
    """An object beyond the size of one part is begun, and the process ends before its end."""
    program = """
import os
from driftcli.source.objects import place_at
place = place_at("s3://lake/half.profile")
with place.filesystem.open_output_stream(place.path) as stream:
    stream.write(bytes(30_000_000))
    os._exit(9)
"""
    done = subprocess.run([sys.executable, "-c", program], env=os.environ, check=False)
    assert done.returncode == 9
    kept = lake.keys()
    assert "half.profile" not in kept
    assert kept


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_small_file_costs_two_requests(
    drift: Drift, s3: S3, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    body = parquet(range(100)) if suffix == "parquet" else CSV
    for i in range(12):
        s3.put(f"t/{i}.{suffix}", body)

    def cost() -> int:
        before = len(s3.requests())
        assert drift("show", "s3://lake/t/").code == 0
        return sum(path.endswith(f".{suffix}") for _, path in s3.requests()[before:])

    assert cost() == 2 * 12
    monkeypatch.setattr("driftcli.source.files.HELD", 11 * len(body))
    assert cost() > 2 * 12


def test_a_folder_costs_nine_requests_beyond_its_files(drift: Drift, s3: S3) -> None:
    """What lies there, a log of Delta, metadata of Iceberg, all below, and logs one level up."""
    for i in range(3):
        s3.put(f"t/{i}.csv", CSV)
    before = len(s3.requests())
    assert drift("show", "s3://lake/t/").code == 0
    assert len([path for _, path in s3.requests()[before:] if not path.endswith(".csv")]) == 9


def test_what_was_fetched_does_not_travel(s3: S3) -> None:
    s3.put("a.csv", CSV)
    found = remote("s3://lake/a.csv")
    assert isinstance(found, list)
    [held] = fetched(found)
    assert held.spool == CSV
    sent = pickle.loads(pickle.dumps(held))
    assert sent.spool is None
    assert sent.read() == CSV


def test_footers_of_an_iceberg_table_are_read_side_by_side(
    drift: Drift, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog.sql import SqlCatalog

    shop = SqlCatalog(
        "prod",
        uri=f"sqlite:///{tmp_path}/cat.db",
        warehouse="s3://lake/wh",
        **{"s3.endpoint": s3.url, "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO"},
    )
    shop.create_namespace("shop")
    table = shop.create_table("shop.orders", schema=pa.schema([("v", pa.int64())]))
    for i in range(6):
        table.append(pa.table({"v": range(i, i + 50)}))
    shop.engine.dispose()
    readers = set()
    real = File.read

    def noted(self: File) -> bytes:
        if self.path.endswith(".parquet"):
            readers.add(threading.current_thread().name.partition("_")[0])
        return real(self)

    monkeypatch.setattr(File, "read", noted)
    before = len(s3.requests())
    ended = drift("show", "s3://lake/wh/shop/orders")
    assert (ended.code, "300 rows" in ended.out) == (0, True), ended.err
    assert readers == {"drift"}
    asked = [path for _, path in s3.requests()[before:] if path.endswith(".parquet")]
    assert len(asked) == 2 * 6


@pytest.mark.parametrize("way", ["of a catalog", "of its metadata here"])
def test_an_iceberg_table_is_asked_of_the_server_that_the_environment_names(
    drift: Drift, s3: S3, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    pytest.importorskip("pyiceberg")
    from pyiceberg.catalog import load_catalog
    from pyiceberg.utils.config import Config

    monkeypatch.setenv("PYICEBERG_CATALOG__ELSEWHERE__URI", f"sqlite:///{tmp_path}/cat.db")
    monkeypatch.setenv("PYICEBERG_CATALOG__ELSEWHERE__WAREHOUSE", "s3://lake/elsewhere")
    monkeypatch.setattr("pyiceberg.catalog._ENV_CONFIG", Config())
    options = {"s3.endpoint": s3.url, "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO"}
    shop = load_catalog("elsewhere", **options)
    shop.create_namespace("shop")
    table = shop.create_table("shop.orders", schema=pa.schema([("v", pa.int64())]))
    table.append(pa.table({"v": range(50)}))
    held = tmp_path / "metadata" / Path(table.metadata_location).name
    held.parent.mkdir()
    held.write_bytes(table.io.new_input(table.metadata_location).open().read())
    shop.engine.dispose()
    name = "iceberg:elsewhere.shop.orders" if way == "of a catalog" else str(held)
    ended = drift("show", name)
    assert (ended.code, "50 rows" in ended.out) == (0, True), ended.err
