"""Encrypted Parquet: what is readable is compared, what is not is said, and nothing crashes."""

import subprocess
import sys

import pyarrow as pa
import pytest
from encrypting import write
from reading import READ, whole

import driftcli
from driftcli.errors import InputError
from driftcli.source import open_source

#: Older Arrow reads no column of a file of which one is encrypted.
READS_AROUND = pytest.mark.skipif(
    int(pa.__version__.partition(".")[0]) < 18, reason="Arrow reads all or nothing"
)

TABLE = pa.table(
    {
        "age": pa.array([i % 50 for i in range(300)]),
        "salary": pa.array([i / 7 for i in range(300)]),
        "place": pa.array([{"city": f"c{i % 3}", "zip": i} for i in range(300)]),
        "tags": pa.array([["a"] * (i % 3) for i in range(300)]),
    }
)


@READS_AROUND
def test_columns_that_are_not_encrypted_are_read(tmp_path):
    path = tmp_path / "a.parquet"
    write(TABLE, path, ["salary"])
    found = whole(path, columns=["age", "place.city", "place.zip"])
    assert found.cells["age"] == TABLE.column("age").to_pylist()
    assert found.types["place.zip"] == "int64"


@READS_AROUND
@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["salary"], ["salary"]),
        (["place.city"], ["place.city"]),
        (["tags.list.element"], ["tags"]),
        (["age", "salary"], ["age", "salary"]),
    ],
)
def test_encrypted_columns_have_a_type_that_says_so(tmp_path, keys, expected):
    path = tmp_path / "a.parquet"
    write(TABLE, path, keys)
    held = driftcli.Profile.of(path)
    summary = {column.name: column for column in held.summary().columns}
    assert [n for n, c in summary.items() if c.stats.type.endswith(", encrypted")] == expected
    assert all(summary[name].kind == "unsupported" for name in expected)


@READS_AROUND
def test_a_comparison_skips_what_is_encrypted(tmp_path):
    for name in ("a.parquet", "b.parquet"):
        write(TABLE, tmp_path / name, ["salary"])
    report = driftcli.compare(tmp_path / "a.parquet", tmp_path / "b.parquet")
    columns = {column.name: column for column in report.columns}
    assert columns["age"].status == "ok"
    assert columns["salary"].status == "skipped"
    assert columns["salary"].notes == (
        "encrypted: neither its values nor what is missing is known",
    )


def test_a_column_that_became_encrypted_is_a_changed_type(tmp_path):
    write(TABLE, tmp_path / "a.parquet", ["tags.list.element"])
    write(TABLE, tmp_path / "b.parquet", ["salary"])
    report = driftcli.compare(tmp_path / "a.parquet", tmp_path / "b.parquet", columns=["salary"])
    assert report.verdict == "drift"
    [finding] = [each for each in report.findings if each.kind == "type_change"]
    assert "double → double, encrypted" in finding.message


@READS_AROUND
def test_profiles_keep_what_is_encrypted(tmp_path):
    path = tmp_path / "a.parquet"
    write(TABLE, path, ["salary"])
    driftcli.Profile.of(path).save(tmp_path / "a.profile")
    report = driftcli.compare(tmp_path / "a.profile", path)
    assert report.verdict == "ok"
    assert {c.name: c.status for c in report.columns}["salary"] == "skipped"


def test_an_encrypted_footer_is_one_line(tmp_path):
    path = tmp_path / "a.parquet"
    write(TABLE, path, ["salary"], plaintext_footer=False)
    with pytest.raises(InputError, match=r"a\.parquet: a Parquet file whose footer is encrypted"):
        open_source(path, READ)


@pytest.mark.slow
def test_encrypted_files_do_not_end_the_process(tmp_path):
    path = tmp_path / "a.parquet"
    write(TABLE, path, ["salary", "age", "place.city", "place.zip", "tags.list.element"])
    done = subprocess.run(
        [sys.executable, "-m", "driftcli", "show", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "300 rows" in done.stdout
