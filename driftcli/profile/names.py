"""What is told of names: their hashes, and of names that many profiles share but once."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from driftcli.profile import shape as shapes
from driftcli.profile.shape import TextShape, Told

Counts = NDArray[np.int64]
Hashes = NDArray[np.uint64]

_NAMES = pa.large_string()


class Vocabulary:
    """Distinct names, of which each of several profiles has some."""

    def __init__(self, names: Any) -> None:
        self.names = names

    @cached_property
    def hashes(self) -> Hashes:
        """The hash of each."""
        return hashes(self.names)

    @cached_property
    def told(self) -> Told:
        """The length and the form of each."""
        return shapes.told(self.names)


class Words(NamedTuple):
    """The names of a profile, as places in a vocabulary."""

    vocabulary: Vocabulary
    places: NDArray[np.int32]

    @property
    def hashes(self) -> Hashes:
        """The hash of each name."""
        return self.vocabulary.hashes[self.places]

    def shape(self, at: NDArray[np.intp], counts: Counts) -> TextShape:
        """Return the shape of some of the names, which have so many rows each."""
        return shapes.of_told(self.vocabulary.told, self.places[at], counts)


def hashes(names: Any) -> Hashes:
    """Return a 64-bit hash of each name that is the same on every machine and in every run.

    A polynomial in the UTF-8 bytes, modulo 2^64, finished with the mixing steps of
    MurmurHash3 (A. Appleby, 2011).
    """
    names = names.cast(_NAMES if _is_text(names.type) else pa.large_binary())
    if not len(names):
        return np.empty(0, np.uint64)
    _, offsets_buffer, data = names.buffers()
    offsets = np.frombuffer(offsets_buffer, np.int64)[names.offset : names.offset + len(names) + 1]
    size = int(offsets[-1] - offsets[0])
    text = np.frombuffer(data, np.uint8, size, int(offsets[0])) if size else np.empty(0, np.uint8)
    starts, lengths = offsets[:-1] - offsets[0], np.diff(offsets)
    position = np.arange(size) - np.repeat(starts, lengths)
    powers = np.full(int(lengths.max()) + 1, 0x9E3779B97F4A7C15, np.uint64).cumprod()
    terms = np.append((text + np.uint64(1)) * powers[position], np.uint64(0))
    sums = np.add.reduceat(terms, starts) * (lengths > 0)
    return mixed(sums)


def _is_text(kind: Any) -> bool:
    binary = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    return not any(is_kind(kind) for is_kind in binary)


def mixed(state: Hashes) -> Hashes:
    """Return numbers so mixed that each bit of one depends on all of it."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        state = (state ^ (state >> np.uint64(33))) * np.uint64(factor)
    return state ^ (state >> np.uint64(33))
