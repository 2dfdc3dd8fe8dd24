"""Environment for the processor and memory at hand, which NumPy and Arrow read at their import."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import MutableMapping
from pathlib import Path

_CPU = Path("/proc/cpuinfo")
#: Of it, what tells of the first processor.
_HEAD = 4096
#: NumPy's AVX-512 sort stores with an instruction (compress to memory) that AMD's Zen 4, of family
#: 19h, runs in microcode: six times slower than the AVX2 sort, which is taken in its place.
_AMD, _SLOW_FAMILY = "AuthenticAMD", "25"
#: The AVX2 sort came with the first of these versions, other names of features with the second.
_SORTS, _RENAMED = (2, 0), (2, 4)
_EARLIER = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"
_LATER = "X86_V4 AVX512_ICL AVX512_SPR"
#: By what NumPy is told to leave features alone.
VARIABLE = "NPY_DISABLE_CPU_FEATURES"


def prepare(environment: MutableMapping[str, str] = os.environ) -> None:
    """Choose threads, instructions and memory before NumPy is imported; what the user set stays.

    Child processes inherit the choice.
    """
    # Parallelism is ours: a second pool of threads inside BLAS only costs start-up time.
    environment.setdefault("OPENBLAS_NUM_THREADS", "1")
    if _addresses_are_few():
        # Arrow's own pools reserve a GB of addresses and more, with nothing in them.
        environment.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    chosen = environment.keys() & {VARIABLE, "NPY_ENABLE_CPU_FEATURES"}
    if not chosen and "numpy" not in sys.modules and sorts_slowly(_processor()):
        features = _features(_numpy_version())
        environment.update({VARIABLE: features} if features else {})


def _addresses_are_few() -> bool:
    """Whether there is a limit to them (`ulimit -v`)."""
    try:
        from resource import RLIM_INFINITY, RLIMIT_AS, getrlimit
    except ImportError:  # Windows
        return False
    return getrlimit(RLIMIT_AS)[0] != RLIM_INFINITY


def sorts_slowly(processor: str) -> bool:
    """Whether a processor, as Linux or Windows describes it, is one with a slow AVX-512 sort."""
    family = re.search(r"cpu family\s*:\s*(\d+)|Family (\d+)", processor)
    if _AMD not in processor or family is None or _SLOW_FAMILY not in family.groups():
        return False
    # The older half of the family has none of the instructions; Windows does not list them.
    return "flags" not in processor or "avx512f" in processor


def _processor() -> str:
    try:
        with _CPU.open(encoding="ascii", errors="replace") as file:
            return file.read(_HEAD)
    except OSError:  # not Linux
        return os.environ.get("PROCESSOR_IDENTIFIER", "")


def _numpy_version() -> tuple[int, int]:
    from importlib.metadata import version

    major, minor = version("numpy").split(".")[:2]
    return int(major), int(minor)


def _features(numpy: tuple[int, int]) -> str:
    """Return the names by which a version of NumPy knows what its AVX-512 sort needs."""
    if numpy < _SORTS:
        return ""
    return _LATER if numpy >= _RENAMED else _EARLIER
