"""The allocator's manners: what a program that owns its process may ask of it."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8


def keep_freed_memory() -> None:
    """Have glibc reuse freed blocks instead of returning them to the system.

    Blocks of a million values come and go all the time here; having each of their pages mapped
    and zeroed anew costs a quarter of the profiling. And have all threads share what was freed:
    what one makes another merges, and with a heap each a timeline took a third more memory.
    Elsewhere this does nothing. For programs only: a library must not decide this for the process
    it is used in.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_MMAP_THRESHOLD, 32 * 2**20)
        libc.mallopt(_TRIM_THRESHOLD, 2**30)
        libc.mallopt(_ARENA_MAX, 1)
