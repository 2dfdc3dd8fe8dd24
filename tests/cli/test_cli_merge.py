"""`drift merge` of very many profiles by few names, and text read as a baseline's was."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift

from driftcli import Profile
from driftcli.pipeline.gathering import natural
from driftcli.profile.saved import SUFFIX
from driftcli.source.files import PROFILE
from driftcli.source.remote import is_pattern


@pytest.fixture
def days(tmp_path: Path) -> Path:
    """Twenty profiles of a day each, the later ones of greater values."""
    (tmp_path / "days").mkdir()
    for day in range(1, 21):
        table = pa.table({"x": [day + row / 100 for row in range(100)], "shop": ["a", "b"] * 50})
        pq.write_table(table, tmp_path / f"{day}.parquet")
        Profile.of(table).save(tmp_path / "days" / f"{day}.profile")
    return tmp_path


def held(path: Path) -> tuple[bytes, bytes, int]:
    made = Profile.load(path)._held
    points = made.columns["x"].numbers.points
    return points.values.tobytes(), points.counts.tobytes(), made.rows


def test_folders_patterns_and_lists_are_merged_in_natural_order(days: Path, drift: Drift) -> None:
    names = [f"days/{day}.profile" for day in range(1, 21)]
    (days / "list.txt").write_text("\n".join(names) + "\n\n")
    ways = {"named": names, "folder": ["days"], "glob": ["days/*.profile"]}
    ways["list"] = ["--from-file", "list.txt"]
    for way, given in ways.items():
        assert drift("merge", *given, "-o", f"{way}.profile").code == 0
    found = {way: held(days / f"{way}.profile") for way in ways}
    assert len(set(found.values())) == 1
    assert found["list"][2] == 2_000
    assert Profile.load(days / "folder.profile")._held.made_of == (
        "days/1.profile, days/2.profile, …",
        "profile",
    )


def test_numbers_in_names_count_as_such() -> None:
    names = ["d10/2.profile", "d9/11.profile", "d9/2.profile", "d9/b.profile"]
    assert sorted(names, key=natural) == ["d9/2.profile", "d9/11.profile", "d9/b.profile", names[0]]
    assert PROFILE == SUFFIX


def test_the_first_that_does_not_fit_is_named(days: Path, drift: Drift) -> None:
    for day, table in ((7, {"x": ["text"]}), (9, {"y": [1]})):
        other = pa.table({**table, "shop": ["a"]})
        Profile.of(other).save(days / "days" / f"{day}.profile")
    for threads in ("1", "3"):
        found = drift("merge", "days", "-o", "all.profile", "--threads", threads)
        assert found.code == 2
        assert found.err == (
            "drift: days/7.profile: column 'x' is string (categorical), but double (numeric) in"
            " days/1.profile; --exclude x leaves it out\n"
        )
    assert not (days / "all.profile").exists()


def test_mistakes_are_told(days: Path, drift: Drift) -> None:
    (days / "none").mkdir()
    (days / "empty.txt").write_text("\n")
    (days / "bytes.txt").write_bytes(b"\xff\xfe\xff")
    told = {
        (): "nothing to merge; name profiles, a folder of them, or a --from-file",
        ("--from-file", "empty.txt"): "--from-file empty.txt: the list is empty; it names a",
        ("--from-file", "bytes.txt"): "--from-file bytes.txt: not a list of names in utf-8",
        ("--from-file", "days"): "--from-file days: name one file that lists profiles",
        ("none",): "none: the directory holds no data files",
        ("days/3?.profile",): "days/3?.profile: no file matches",
    }
    for given, message in told.items():
        found = drift("merge", *given, "-o", "all.profile")
        assert (found.code, found.err.count("\n")) == (2, 1)
        assert message in found.err


def test_a_file_that_is_named_twice_is_not_counted_twice(days: Path, drift: Drift) -> None:
    (days / "a.csv").write_text("x\n1\n2\n")
    assert drift("profile", "a.csv", "-o", "a.profile").code == 0
    (days / "linked.profile").symlink_to("a.profile")
    (days / "names.txt").write_text("./a.profile\n")
    for given, name in (
        (("[a].profile", "a.profile"), "a.profile"),
        (("a.profile", "[a].profile"), "a.profile"),
        (("a.profile", "linked.profile"), "linked.profile"),
        (("a.profile", "--from-file", "names.txt"), "./a.profile"),
        (("a.csv", str(days / "a.csv")), str(days / "a.csv")),
        (("days", "days/1*.profile"), "days/1.profile"),
    ):
        found = drift("merge", *given, "-o", "all.profile")
        assert found.code == 2
        assert found.err == f"drift: {name}: named twice; its rows would be counted twice\n"
    assert not (days / "all.profile").exists()


def test_partitions_of_text_are_read_as_the_baseline(days: Path, drift: Drift) -> None:
    (days / "base.csv").write_text("x,code\n0.5,a1\n1.5,b2\n")
    (days / "quiet.csv").write_text("x,code\n1,17\n2,18\n")
    assert drift("profile", "base.csv", "-o", "base.profile").code == 0
    assert drift("profile", "quiet.csv", "-o", "alone.profile").code == 0
    assert drift("merge", "base.profile", "alone.profile", "-o", "all.profile").code == 2
    read = drift("profile", "quiet.csv", "--types", "base.profile", "-o", "quiet.profile")
    assert read.code == 0
    types = dict(Profile.load(days / "quiet.profile")._held.types)
    assert types == {"x": "double", "code": "string"}
    assert drift("merge", "base.profile", "quiet.profile", "-o", "all.profile").code == 0
    wrong = drift("profile", "quiet.csv", "--types", "base.csv", "-o", "quiet.profile")
    assert wrong.code == 2
    assert "--types base.csv: this is data; name a saved profile of it" in wrong.err


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://b/k.parquet?endpoint_override=127.0.0.1:9000&scheme=http", False),
        ("s3://b/*.parquet?scheme=http", True),
        ("s3://b/part-?.parquet", True),
        ("s3://b/part-?.parquet?region=x", True),
        ("part-?.parquet", True),
        ("a?b=c", True),
    ],
)
def test_a_query_is_no_pattern(uri: str, expected: bool) -> None:
    assert is_pattern(uri) == expected
