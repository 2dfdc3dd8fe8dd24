"""A fingerprint changes when the data does."""

from __future__ import annotations

import os
import shutil

from driftcli.checks.fingerprint import fingerprint


def test_it_tells_sizes_times_and_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    os.utime(path, ns=(0, 10**18))
    first = fingerprint(str(path))
    assert first == fingerprint(str(path))
    assert len(first) == 64
    os.utime(path, ns=(0, 10**18 + 1))
    assert fingerprint(str(path)) != first
    os.utime(path, ns=(0, 10**18))
    assert fingerprint(str(path)) == first
    path.write_text("x\n12\n")
    os.utime(path, ns=(0, 10**18))
    assert fingerprint(str(path)) != first


def test_it_is_the_same_from_everywhere(tmp_path, monkeypatch):
    (tmp_path / "a.csv").write_text("x\n1\n")
    whole = fingerprint(str(tmp_path / "a.csv"))
    monkeypatch.chdir(tmp_path)
    assert fingerprint("a.csv") == whole


def test_it_is_over_all_files(tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_text("x\n1\n")
    both = fingerprint(str(tmp_path))
    assert fingerprint(str(tmp_path / "*.csv")) == both
    (tmp_path / "c.csv").write_text("x\n1\n")
    assert fingerprint(str(tmp_path)) != both


def test_that_of_a_profile_is_its_content(tmp_path):
    (tmp_path / "a.profile").write_bytes(b"PAR1")
    shutil.copy(tmp_path / "a.profile", tmp_path / "b.profile")
    os.utime(tmp_path / "b.profile", ns=(0, 1))
    a, b = (fingerprint(str(tmp_path / f"{name}.profile")) for name in "ab")
    assert a == b
    (tmp_path / "b.profile").write_bytes(b"PAR2")
    assert fingerprint(str(tmp_path / "b.profile")) != a


def test_it_reads_files_of_other_places_by_what_they_tell(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x\n1\n")
    first = fingerprint(f"file://{path}")
    assert len(first) == 64
    os.utime(path, ns=(0, 10**18))
    assert fingerprint(f"file://{path}") != first


def test_there_is_none_of_what_cannot_be_listed(tmp_path):
    assert fingerprint("-") is None
    assert fingerprint(str(tmp_path / "nothing.csv")) is None


def test_a_pipe_is_not_read_for_its_fingerprint(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    assert fingerprint(str(tmp_path / "pipe")) is None
