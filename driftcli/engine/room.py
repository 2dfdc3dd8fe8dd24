"""The memory that there is for this process and its children: the machine's, or a container's."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Where Linux says which groups this process is in, and where it keeps what these may use.
_GROUPS, _LIMITS = Path("/proc/self/cgroup"), Path("/sys/fs/cgroup")


def memory() -> int | None:
    """Return bytes of memory; None where that cannot be told."""
    return min([*_of_machine(), *_of_groups()], default=None)


def _of_machine() -> Iterator[int]:
    with suppress(AttributeError, OSError, ValueError):  # Windows, and others that do not tell
        yield os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _of_groups() -> Iterator[int]:
    """Yield the limits of the groups of this process, and of those that these are in."""
    try:
        lines = _GROUPS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers not in ("", "memory"):
            continue
        # A container may see its own group as the root, whatever its path says.
        for folder in (Path(path), *Path(path).parents, Path("/")):
            inside = _LIMITS / controllers / folder.relative_to("/")
            name = "memory.limit_in_bytes" if controllers else "memory.max"
            with suppress(OSError, ValueError):  # none there, or "max"
                yield int((inside / name).read_text())
