"""What this process and its children may use: the machine's, a container's, or what is left."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Where Linux says which groups this process is in, and where it keeps what these may use.
_GROUPS, _LIMITS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")
#: A command takes so much before any data, and each of its threads so much of data.
_BASE, _EACH = 400 << 20, 128 << 20


def memory() -> int | None:
    """Return bytes of memory; None where that cannot be told."""
    return min([*_of_machine(), *_of_process(), *_of_groups()], default=None)


def processors() -> int:
    """Return how many processors this process may use; a part of one counts as one."""
    affine = hasattr(os, "sched_getaffinity")
    own = len(os.sched_getaffinity(0)) if affine else os.cpu_count() or 1
    return max(1, min([own, *_quotas()]))


def threads() -> int:
    """Return how many threads have processors to run on and memory to read into."""
    room, most = memory(), processors()
    return most if room is None else max(1, min(most, (room - _BASE) // _EACH))


def _of_machine() -> Iterator[int]:
    with suppress(AttributeError, OSError, ValueError):  # Windows, and others that do not tell
        yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _of_process() -> Iterator[int]:
    """Yield the limit of this process's addresses (`ulimit -v`)."""
    with suppress(ImportError, AttributeError):  # Windows
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit

        limit, _ = getrlimit(RLIMIT_AS)
        if limit != RLIM_INFINITY:
            yield limit


def _of_groups() -> Iterator[int]:
    for folder, old in _folders("memory"):
        with suppress(OSError, ValueError):  # none there, or "max"
            yield int((folder / ("memory.limit_in_bytes" if old else "memory.max")).read_text())


def _quotas() -> Iterator[int]:
    """Yield the processors that groups may use in a period, rounded up."""
    for folder, old in _folders("cpu"):
        with suppress(OSError, ValueError, ZeroDivisionError):  # none there, or "max"
            if old:
                names = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                quota, period = (int((folder / name).read_text()) for name in names)
            else:
                quota, period = map(int, (folder / "cpu.max").read_text().split())
            if quota > 0:  # -1 is none
                yield -(-quota // period)


def _folders(controller: str) -> Iterator[tuple[Path, bool]]:
    """Yield where the limits are of the groups of this process, and of those that these are in.

    And whether they are of the first version of groups.
    """
    try:
        lines = _GROUPS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        # A container may see its own group as the root, whatever its path says.
        for folder in (Path(path), *Path(path).parents, Path("/")):
            yield _LIMITS / controllers / folder.relative_to("/"), bool(controllers)
