"""The memory there is, as Linux says it of machines and containers."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from driftcli.engine import room

GB = 1 << 30


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(room, "_GROUPS", tmp_path / "own")
    monkeypatch.setattr(room, "_LIMITS", tmp_path)
    sizes = {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": 64 * GB // 4096}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__, raising=False)
    monkeypatch.setattr(room, "_of_process", lambda: iter(()))
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("own", "limits", "found"),
    [
        ("0::/\n", {"memory.max": f"{GB}\n"}, 1),
        ("0::/\n", {"memory.max": "max\n"}, 64),
        ("0::/system.slice/a.service\n", {"system.slice/a.service/memory.max": f"{2 * GB}"}, 2),
        ("0::/a/b\n", {"a/memory.max": f"{3 * GB}", "a/b/memory.max": "max"}, 3),
        ("0::/a/b\n", {"memory.max": f"{4 * GB}"}, 4),
        ("3:memory:/docker/x\n0::/\n", {"memory/memory.limit_in_bytes": f"{5 * GB}"}, 5),
        ("3:memory:/u\n", {"memory/u/memory.limit_in_bytes": f"{6 * GB}"}, 6),
        ("3:memory:/u\n", {"memory/u/memory.limit_in_bytes": "9223372036854771712"}, 64),
        ("4:cpu:/u\n", {"cpu/u/memory.max": f"{GB}"}, 64),
        ("", {}, 64),
    ],
)
def test_the_least_of_all_limits_holds(
    groups: Path, own: str, limits: dict[str, str], found: int
) -> None:
    write(groups / "own", own)
    for name, text in limits.items():
        write(groups / name, text)
    assert room.memory() == found * GB


def test_elsewhere_than_on_linux_it_is_the_machines(groups: Path) -> None:
    assert room.memory() == 64 * GB


def test_where_nothing_is_told_it_is_not_known(
    groups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(os, "sysconf", raising=False)
    assert room.memory() is None


@pytest.mark.parametrize(
    ("own", "limits", "found"),
    [
        ("0::/\n", {"cpu.max": "200000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "150000 100000\n"}, 2),
        ("0::/\n", {"cpu.max": "10000 100000\n"}, 1),
        ("0::/\n", {"cpu.max": "max 100000\n"}, 8),
        ("0::/\n", {"cpu.max": "6400000 100000\n"}, 8),
        ("0::/a/b\n", {"a/cpu.max": "300000 100000", "a/b/cpu.max": "max 100000"}, 3),
        ("0::/k8s/pod\n", {"cpu.max": "400000 100000"}, 4),
        (
            "4:cpu,cpuacct:/docker/x\n0::/\n",
            {
                "cpu,cpuacct/cpu.cfs_quota_us": "250000",
                "cpu,cpuacct/cpu.cfs_period_us": "100000",
            },
            3,
        ),
        ("4:cpu:/u\n", {"cpu/u/cpu.cfs_quota_us": "-1", "cpu/u/cpu.cfs_period_us": "100000"}, 8),
        ("4:cpuset:/u\n", {"cpuset/u/cpu.max": "100000 100000"}, 8),
        ("0::/\n", {"cpu.max": ""}, 8),
        ("", {}, 8),
    ],
)
def test_processors_are_those_of_the_quota_of_a_container_rounded_up(
    groups: Path, own: str, limits: dict[str, str], found: int
) -> None:
    write(groups / "own", own)
    for name, text in limits.items():
        write(groups / name, text)
    assert room.processors() == found


def test_processors_are_no_more_than_this_process_may_run_on(
    groups: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(groups / "own", "0::/\n")
    write(groups / "cpu.max", "400000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    assert room.processors() == 1


@pytest.mark.parametrize(
    ("limit", "found"), [("max", 8), (GB, 4), (700 << 20, 2), (500 << 20, 1), (1 << 20, 1)]
)
def test_threads_are_no_more_than_have_memory(groups: Path, limit: int | str, found: int) -> None:
    write(groups / "own", "0::/\n")
    write(groups / "memory.max", str(limit))
    assert room.threads() == found


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="Linux only")
def test_the_addresses_of_a_process_are_memory_too() -> None:
    asked = "from driftcli.engine import room; print(room.memory(), room.threads())"
    ran = subprocess.run(
        ["sh", "-c", f"ulimit -v 500000; exec {shlex.quote(sys.executable)} -c '{asked}'"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [str(500_000 << 10), "1"]
