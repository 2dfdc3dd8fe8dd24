"""The memory there is, as Linux says it of machines and containers."""

from __future__ import annotations

import os
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
