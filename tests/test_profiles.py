"""`driftcli.Profile`: made, saved, loaded, merged, and compared in the place of data."""

from __future__ import annotations

import doctest
import shutil
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from transcripts import ROOT, blocks

import driftcli
from driftcli.api.compare import compare
from driftcli.errors import InputError, UsageError

BASE = pa.table({"x": [i % 9 for i in range(300)], "name": [f"n{i % 4}" for i in range(300)]})
MOVED = pa.table({"x": [i % 9 + 4 for i in range(300)], "name": [f"n{i % 4}" for i in range(300)]})


def test_the_python_session_of_the_page_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples" / "flights-season", tmp_path / "data")
    monkeypatch.chdir(tmp_path / "data")
    (session,) = blocks(ROOT / "docs" / "profiles.md", "pycon")
    test = doctest.DocTestParser().get_doctest(session, {}, "profiles.md", None, None)
    assert not doctest.DocTestRunner().run(test).failed


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ({"sample": 0}, "sample=0: must be at least 1"),
        ({"seed": -1}, "seed=-1: must be at least 0"),
        ({"keep_rows": 0}, "keep_rows=0: must be at least 1"),
        ({"threads": 0}, "threads=0: must be at least 1"),
    ],
)
def test_numbers_that_a_profile_cannot_be_made_with_are_refused(
    option: dict[str, int], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        driftcli.Profile.of(BASE, **option)
    assert str(caught.value) == said


def test_a_profile_compares_like_its_data(tmp_path: Path) -> None:
    profile = driftcli.Profile.of(BASE)
    profile.save(tmp_path / "base.profile")
    expected = compare(BASE, MOVED).columns
    for baseline in (profile, str(tmp_path / "base.profile"), tmp_path / "base.profile"):
        assert compare(baseline, MOVED).columns == expected
    assert compare(BASE, driftcli.Profile.of(MOVED)).columns == expected
    assert compare(driftcli.Profile.load(tmp_path / "base.profile"), MOVED).columns == expected
    driftcli.assert_no_drift(profile, BASE)
    with pytest.raises(AssertionError, match="drift"):
        driftcli.assert_no_drift(profile, MOVED)


@pytest.mark.parametrize("frame", [BASE.to_pandas(), pl.from_arrow(BASE)], ids=["pandas", "polars"])
def test_it_is_made_of_any_data(frame: pd.DataFrame | pl.DataFrame) -> None:
    profile = driftcli.Profile.of(frame)
    assert (profile.rows, profile.columns) == (300, ("x", "name"))
    assert compare(profile, MOVED).columns == compare(BASE, MOVED).columns


def test_columns_rows_and_kinds_can_be_chosen(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").write_text("categorical = ['y']\n")
    profile = driftcli.Profile.of(
        BASE, config=tmp_path / "drift.toml", exclude="name", rename={"x": "y"}, sample=50, seed=1
    )
    assert profile.columns == ("y",)
    summary = profile.summary()
    assert summary.data.sampled_rows == 50
    with pytest.raises(UsageError, match=r"^columns: no column 'z'"):
        driftcli.Profile.of(BASE, columns="z")


def test_profiles_are_merged() -> None:
    parts = [driftcli.Profile.of(BASE.slice(at, 100)) for at in (0, 100)]
    merged = driftcli.Profile.merged(*parts, BASE.slice(200))
    assert merged.rows == 300
    assert compare(merged, MOVED).columns == compare(BASE, MOVED).columns
    with pytest.raises(UsageError, match="nothing to merge"):
        driftcli.Profile.merged()


def test_what_it_is_in_one_line(tmp_path: Path) -> None:
    profile = driftcli.Profile.of(BASE)
    assert repr(profile) == "<Profile of data: 300 rows, 2 columns>"
    profile.save(tmp_path / "base.profile")
    assert driftcli.Profile.load(tmp_path / "base.profile").source == str(tmp_path / "base.profile")


def test_points_and_redaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIFT_SALT", "pepper")
    profile = driftcli.Profile.of(pa.table({"x": range(5000), "name": ["who"] * 5000}))
    profile.save(tmp_path / "a.profile", points=100, redact=True)
    assert b"who" not in (tmp_path / "a.profile").read_bytes()
    loaded = driftcli.Profile.load(tmp_path / "a.profile").summary()
    assert loaded.redacted
    assert loaded.columns[0].stats.rounding > 0
    with pytest.raises(UsageError, match="points=63: must be at least 64"):
        profile.save(tmp_path / "b.profile", points=63)
    with pytest.raises(UsageError, match="cannot be written: no such file or directory"):
        profile.save(tmp_path / "no" / "b.profile")
    assert [path.name for path in tmp_path.iterdir()] == ["a.profile"]


def test_data_is_no_profile(tmp_path: Path) -> None:
    pq.write_table(BASE, tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"a\.parquet: data and no profile; Profile\.of makes one"):
        driftcli.Profile.load(tmp_path / "a.parquet")


def test_columns_that_cannot_be_compared_and_times_are_summed_up() -> None:
    table = pa.table(
        {
            "tags": [["a"]] * 200,
            "blob": [b"\xff"] * 200,
            "at": pa.array([i * 3600 for i in range(200)], pa.timestamp("s")),
            "id": range(200),
            "one": [1.5] * 200,
            "none": pa.nulls(200, pa.float64()),
        }
    )
    tags, blob, at, key, one, none = driftcli.Profile.of(table).summary().columns
    assert (tags.kind, tags.stats.type, tags.stats.max) == ("list", "list<string>", 1)
    assert (blob.kind, blob.shape, blob.stats.type) == ("unsupported", None, "binary")
    assert (len(at.hours_of_day), len(at.weekdays)) == (24, 7)
    assert sum(at.hours_of_day) == pytest.approx(1)
    assert (at.stats.min, at.stats.max) == ("1970-01-01T00:00:00", "1970-01-09T07:00:00")
    assert (key.identifier, one.identifier) == (True, False)
    assert (key.constant, one.constant) == (False, True)
    assert (none.shape, none.stats.missing, none.hours_of_day) == (None, 1.0, ())
