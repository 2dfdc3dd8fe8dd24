"""Files are written whole or not at all, and nothing is left beside them."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest

from driftcli import writing as temporaries
from driftcli.errors import UsageError
from driftcli.writing import clear, temporary, write_whole

#: Writes for ever: argv has the file, and whether the file system has files without a name.
WRITE = """
import os, sys
from pathlib import Path
from driftcli.writing import write_whole
if sys.argv[2] == "named":
    del os.O_TMPFILE
for number in range(10**9):
    write_whole(Path(sys.argv[1]), bytes([number % 256]) * 3_000_000)
    if not number:
        print("written", flush=True)
"""


@pytest.fixture(params=["nameless", "named"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Whether the file system has files without a name, or is as if it had none."""
    if request.param == "named":
        monkeypatch.delattr(os, "O_TMPFILE")
    return str(request.param)


@contextmanager
def writer(path: Path, way: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", WRITE, str(path), way]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "written\n"
        yield process
        process.kill()


def test_a_file_has_the_content_and_the_permissions_of_a_new_one(tmp_path: Path, way: str) -> None:
    path = tmp_path / "report.json"
    write_whole(path, "{}")
    (tmp_path / "other").write_text("")
    assert path.read_text() == "{}"
    assert path.stat().st_mode == (tmp_path / "other").stat().st_mode
    path.chmod(0o640)
    write_whole(path, b"[]")
    assert path.read_bytes() == b"[]"
    assert path.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in tmp_path.iterdir()} == {"report.json", "other"}


def test_a_link_stays_and_its_file_is_replaced(tmp_path: Path, way: str) -> None:
    (tmp_path / "link").symlink_to("target")
    write_whole(tmp_path / "link", "new")
    assert (tmp_path / "link").readlink() == Path("target")
    assert (tmp_path / "target").read_text() == "new"


@pytest.mark.parametrize("name", ["write", "fsync", "rename"])
def test_what_fails_leaves_the_file_as_it_was(
    tmp_path: Path, way: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "report.json"
    path.write_text("before")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if name == "write":
        monkeypatch.setattr("driftcli.writing.open", _Full, raising=False)
    else:
        target = "driftcli.writing.os.fsync" if name == "fsync" else "pathlib.Path.replace"
        monkeypatch.setattr(target, full)
    with pytest.raises(UsageError) as caught:
        write_whole(path, "after")
    assert str(caught.value) == f"{path}: cannot be written: no space left on device"
    assert path.read_text() == "before"
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


class _Full:
    def __init__(self, *_: object, **__: object) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def write(self, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path, way: str) -> None:
    with pytest.raises(UsageError, match=r"x/y: cannot be written: no such file or directory$"):
        write_whole(tmp_path / "x" / "y", "")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["nameless", "named"])
def test_the_file_is_whole_whenever_its_writer_is_killed(tmp_path: Path, way: str) -> None:
    path = tmp_path / "report.json"
    for number in range(4):
        with writer(path, way) as process:
            time.sleep(0.003 * number)
            process.kill()
        assert len(set(path.read_bytes())) == 1
        assert path.stat().st_size == 3_000_000
    write_whole(path, "last")
    assert [each.name for each in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.skipif(not hasattr(os, "O_TMPFILE"), reason="no files without a name")
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_nothing_has_a_name_that_a_signal_could_leave(tmp_path: Path, by: signal.Signals) -> None:
    with temporary(tmp_path) as made:
        if made.named:
            pytest.skip("this file system has no files without a name")
        os.write(made.descriptor, b"half")
        assert list(tmp_path.iterdir()) == []


def left(folder: Path, content: str = "half") -> Path:
    """Leave what a writer leaves that is killed."""
    path = temporaries._new_name(folder)
    path.write_text(content)
    return path


def test_what_a_kill_left_is_removed_by_the_next_who_writes_there(tmp_path: Path) -> None:
    gone = [left(tmp_path), left(tmp_path)]
    write_whole(tmp_path / "report.json", "{}")
    assert not any(path.exists() for path in gone)


def test_what_another_writes_at_the_moment_stays(tmp_path: Path, way: str) -> None:
    if way == "nameless":
        held = left(tmp_path)
        with held.open() as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            clear(tmp_path)
            assert held.exists()
    else:
        with temporary(tmp_path) as made:
            clear(tmp_path)
            assert made.name.exists()
            made.replace(tmp_path / "x", 0o600)
        assert [each.name for each in tmp_path.iterdir()] == ["x"]


def test_what_may_be_somebodys_stays(tmp_path: Path) -> None:
    own = left(tmp_path).name
    clear(tmp_path)
    other_host = ".drift-" + "0" * 8 + own[15:]
    names = [".drift-abcd1234", ".drift-run.lock", other_host, own[1:], own + "x"]
    for name in names:
        (tmp_path / name).touch()
    (tmp_path / "target").touch()
    (tmp_path / own).symlink_to("target")
    os.mkfifo(temporaries._new_name(tmp_path))
    temporaries._new_name(tmp_path).mkdir()
    before = sorted(tmp_path.iterdir())
    clear(tmp_path)
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_was_cleared_before_it_was_locked_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "O_TMPFILE")
    lock, made = temporaries._lock, []

    def cleared(descriptor: int) -> None:
        if not made:
            clear(tmp_path)
        made.append(descriptor)
        lock(descriptor)

    monkeypatch.setattr(temporaries, "_lock", cleared)
    write_whole(tmp_path / "x", "whole")
    assert (tmp_path / "x").read_text() == "whole"
    assert len(made) == 2


def test_a_folder_that_cannot_be_listed_clears_nothing(tmp_path: Path) -> None:
    clear(tmp_path / "nowhere")


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP])
def test_a_command_that_is_told_to_end_leaves_no_file_with_a_name(
    tmp_path: Path, by: signal.Signals
) -> None:
    """Held up where a file system without files that have no name would leave one."""
    code = (
        "import os, sys, time\n"
        "del os.O_TMPFILE\n"
        "os.fsync = lambda _: (print('writing', flush=True), time.sleep(60))\n"
        "from driftcli.cli.process import run_process\n"
        "sys.exit(run_process(sys.argv[1:]))"
    )
    (tmp_path / "b.csv").write_text("a\n1\n2\n")
    with subprocess.Popen(
        [sys.executable, "-c", code, "profile", "b.csv", "-o", "b.profile"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        assert process.stdout.readline() == "writing\n"
        assert len(list(tmp_path.glob(".drift-*"))) == 1
        process.send_signal(by)
        said = process.communicate(timeout=120)[1]
    assert (process.returncode, said) == (130, "drift: interrupted\n")
    assert [each.name for each in tmp_path.iterdir()] == ["b.csv"]


@pytest.mark.slow
def test_a_command_that_shall_outlive_its_terminal_does(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "write = os.fsync\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGHUP)\n"
        "from driftcli.cli.process import run_process\n"
        "sys.exit(run_process(sys.argv[1:]))"
    )
    (tmp_path / "b.csv").write_text("a\n1\n2\n")
    command = [sys.executable, "-c", code, "profile", "b.csv", "-o", "b.profile"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
