"""Ways to spoil a valid file: by its bytes, whatever it is, and by the values that it holds."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

Bytes = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

#: Pieces that parsers take for more than text.
PIECES = [
    *(b"", b"\x00", b"\r", b"\n", b"\r\n", b"\xff", b"\xfe\xff", b"\xff\xfe", b"\xef\xbb\xbf"),
    *(b'"', b"'", b",", b";", b"\t", b"|", b"\\", b"{", b"}", b"[", b"]", b":", b"=", b"#"),
    *(b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b"\x1b[2J", b"\xe2\x80\xae", b"\x1a"),
    *(b"\\ud800", b"\\u0000", b"NaN", b"Infinity", b"-inf", b"1e999", b"-1", b"0", b"null"),
    *(b"9" * 400, b"9" * 5_000, b"1" + b"_1" * 40, b"A" * 70_000, b'"' * 999, b"," * 999),
    *(b"[" * 1_000, b'{"a":' * 1_000, b"PAR1", b"ARROW1\x00\x00", b"\x1f\x8b\x08\x00", b"BZh9"),
    *(b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f", b"\xff" * 8, b"\x00" * 64, b"PK\x03\x04"),
]


def flipped(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Flip a few bits."""
    changed = bytearray(data)
    for _each in range(rng.choice((1, 1, 2, 8, 64))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def cut(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Leave out the end, or the beginning."""
    at = rng.randrange(len(data))
    return data[:at] if rng.random() < 0.8 else data[at:]


def dropped(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Leave out a piece."""
    start, end = piece(rng, data)
    return data[:start] + data[end:]


def doubled(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Repeat a piece, here or elsewhere, once or often."""
    start, end = piece(rng, data)
    at = rng.choice((end, rng.randrange(len(data))))
    return data[:at] + data[start:end] * rng.choice((1, 1, 2, 50)) + data[at:]


def spliced(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Join the beginning of one file and the end of another."""
    other = rng.choice(others)
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def inserted(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Put a piece that means something into the file, or in the place of what is there."""
    at = rng.randrange(len(data))
    new = rng.choice(PIECES)
    return data[:at] + new + data[at + (len(new) if rng.random() < 0.5 else 0) :]


BYTES: list[Bytes] = [flipped, flipped, cut, dropped, doubled, spliced, inserted, inserted]


def spoiled(rng: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Return a file with one mutation, or a few on top of each other."""
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        data = rng.choice(BYTES)(rng, data, others) or b"\x00"
    return data


def piece(rng: random.Random, data: bytes) -> tuple[int, int]:
    """Return where a piece of the file starts and ends."""
    start = rng.randrange(len(data))
    return start, min(len(data), start + rng.choice((1, 2, 4, 16, 200, 4_000)))


TEXTS = [
    *("", " ", "a", "-", "ok", "drift", "numeric", "2024-02-30", "2024-01-01T25:00", "9" * 500),
    *("\x00", "\x1b[31m", "\u202e", "\ufeff", "\ud800", "e\u0301", "[b]", "<b>", "{{x}}", "%s"),
    *("a\nb", "a" * 5_000, "../..", "/dev/zero", "http://[", "0001-01-01"),
    "postgresql://u:p@h/d?x=%zz",
]
NUMBERS = [
    *(0, 1, -1, 2, 3, 10, 255, 2**31, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 2**64, 10**400),
    *(0.5, -0.0, 1e-320, 5e-324, 1e16, 1e300, -1e308, 1.7976931348623157e308, 1e-9, 2.0),
]


def deep(levels: int) -> Any:
    """Return lists or objects in each other."""
    value: Any = 1
    for level in range(levels):
        value = {"a": value} if level % 2 else [value]
    return value


def hostile(rng: random.Random, value: Any) -> Any:
    """Return another value for a place in a document, more often than not of the same type."""
    if rng.random() < 0.7:
        if isinstance(value, bool):
            return not value
        if isinstance(value, int | float):
            return rng.choice(NUMBERS)
        if isinstance(value, str):
            return rng.choice(TEXTS)
        if isinstance(value, list) and value:
            return rng.choice(([], value[1:], value * 2, value[::-1], value * 200, [value[0]]))
    return rng.choice((None, True, [], {}, [[]], "x", -1, 1e308, 10**30, deep(5), deep(90)))


def places(document: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths to all values of a document."""
    found = [path] if path else []
    items: Any = ()
    if isinstance(document, dict):
        items = document.items()
    elif isinstance(document, list):
        items = enumerate(document)
    for key, value in items:
        found += places(value, (*path, key))
    return found


def forged(rng: random.Random, document: Any) -> Any:
    """Change a few values of a document (which is changed in place): replaced, removed, renamed."""
    for _ in range(rng.choice((1, 1, 2, 4))):
        path = rng.choice(places(document))
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        if isinstance(holder, dict) and rng.random() < 0.2:
            value = holder.pop(path[-1])
            if rng.random() < 0.5:
                holder[rng.choice(TEXTS)] = value
        else:
            holder[path[-1]] = hostile(rng, holder[path[-1]])
    return document
