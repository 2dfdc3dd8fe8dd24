"""Google's and Azure's stores, where a server is there that stands for them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pyarrow.parquet as pq
import pytest
from cli_runs import Drift
from object_stores import Cloud, served_azure, served_google
from pyarrow.csv import read_csv

from driftcli.source.stores import looking_at


@pytest.fixture(scope="module", params=["google", "azure"])
def cloud(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cloud]:
    """A bucket with a file of each of two days, one with a blank in its name."""
    served = (
        served_google() if request.param == "google" else served_azure(tmp_path_factory.mktemp("a"))
    )
    with served as kept:
        for name in ("day=1/a.csv", "day=2/a b.csv"):
            with (
                looking_at(kept.address(f"lake/{name}"), name) as (store, path, _),
                store.open_output_stream(path) as stream,
            ):
                stream.write(b"v\n1\n2\n")
        yield kept


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("day=1/a.csv", 2),
        ("day=2/a b.csv", 2),
        ("day=1", 2),
        ("day=*/*.csv", 4),
        ("day=*", 4),
        ("", 4),
    ],
)
def test_files_globs_and_folders_are_read(drift: Drift, cloud: Cloud, name: str, rows: int) -> None:
    ended = drift("show", cloud.address(f"lake/{name}"), "-f", "json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)["data"]["rows"] == rows


def test_profiles_are_written_and_merged(drift: Drift, cloud: Cloud) -> None:
    for day in ("1", "2"):
        place = cloud.address(f"lake/profiles/{day}.profile")
        made = drift("profile", cloud.address(f"lake/day={day}"), "-o", place)
        assert made.code == 0, made.err
    merged = drift("merge", cloud.address("lake/profiles/*.profile"), "-o", "all.profile")
    assert "of 4 rows" in merged.err


@pytest.mark.parametrize(
    ("name", "why"),
    [("lake/none.csv", "file or directory"), ("nowhere/a.csv", "{bucket}")],
)
def test_what_is_not_there_is_said_in_one_line(
    drift: Drift, cloud: Cloud, name: str, why: str
) -> None:
    ended = drift("show", cloud.address(name))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith(f": no such {why.format(bucket=cloud.bucket)}. Check the address.\n")
    assert ended.err.count("\n") == 1


def test_a_profile_there_goes_with_footers(drift: Drift, cloud: Cloud, base: str) -> None:
    place = cloud.address("lake/of/base.profile")
    assert drift("profile", base, "-o", place).code == 0
    pq.write_table(read_csv(base), "base.parquet")
    ended = drift("compare", place, "base.parquet", "--footers", "-f", "json")
    assert ended.code == 0, ended.err
    assert [each["name"] for each in json.loads(ended.out)["columns"]] == [
        "amount",
        "city",
        "level",
    ]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("nowhere/a.profile", "no such {bucket}; make it"),
        ("lake/", "this is a directory; name a file in it"),
        ("lake", "this is a directory; name a file in it"),
        ("lake/day=1", "this is a directory; name a file in it"),
        ("lake/*.profile", "a pattern; name one object"),
        ("", "names no {bucket}. Name one, and what is in it."),
    ],
)
def test_where_nothing_can_be_written_is_said_in_one_line(
    drift: Drift, cloud: Cloud, base: str, name: str, why: str
) -> None:
    ended = drift("profile", base, "-o", cloud.address(name))
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith(f": {why.format(bucket=cloud.bucket)}\n")
    assert ended.err.count("\n") == 1
    assert "sig=" not in ended.err.replace("sig=…", "")


def test_an_address_without_a_bucket_is_said_in_one_line(drift: Drift, cloud: Cloud) -> None:
    ended = drift("show", cloud.address(""))
    assert ended.code == 2
    assert ended.err.endswith(f": names no {cloud.bucket}. Name one, and what is in it.\n")


def test_credentials_that_are_not_taken_are_told_of(drift: Drift, cloud: Cloud) -> None:
    if not cloud.refused:
        pytest.skip("this server takes all credentials")
    ended = drift("show", f"{cloud.begin}lake/day=1{cloud.refused}")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.endswith(
        ": cannot be opened: Azure does not take the credentials, or they have expired. Check the"
        " SAS token in the address, or log in again.\n"
    )
