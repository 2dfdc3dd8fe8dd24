"""Very many saved profiles by few names: folders, patterns, URIs and lists, decoded on threads."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import groupby
from typing import Any

from driftcli.config import Configuration
from driftcli.engine import in_order
from driftcli.errors import InputError, UsageError
from driftcli.pipeline.inputs import Input, Reading, is_path, names_profile, open_input
from driftcli.profile.saved import SUFFIX
from driftcli.source.files import File
from driftcli.source.locating import located
from driftcli.source.remote import is_address, is_pattern
from driftcli.text import named

_DIGITS = re.compile(r"(\d+)")


def listed(path: str) -> list[str]:
    """Return the names that a list holds, one a line.

    Raises
    ------
    InputError
        When it cannot be read.
    UsageError
        When it names nothing.
    """
    found = located(path)
    if not isinstance(found, list) or len(found) > 1:
        raise UsageError(f"--from-file {path}: name one file that lists profiles, one a line")
    try:
        text = found[0].read().decode()
    except UnicodeDecodeError as error:
        raise InputError(f"--from-file {path}: not a list of names in utf-8, one a line") from error
    names = [line.strip() for line in text.splitlines() if line.strip()]
    if not names:
        raise UsageError(f"--from-file {path}: the list is empty; it names a profile a line")
    return names


def gathered(datasets: Sequence[Any]) -> list[Any]:
    """Return datasets with the profiles that a folder, a pattern or a URI stands for in its place.

    Those are in natural order: 9.profile comes before 10.profile.

    Raises
    ------
    InputError
        When there are none, or they cannot be listed.
    UsageError
        When one is named twice: its rows would be counted twice.
    """
    found = [each for data in datasets for each in _of(data)]
    places: set[str] = set()
    for data in found:
        if isinstance(data, File) or is_path(data):
            name, place = _place(data)
            if place in places:
                raise UsageError(f"{name}: named twice; its rows would be counted twice")
            places.add(place)
    return found


def _place(data: Any) -> tuple[str, str]:
    """Return what messages call data, and where it lies, however it is named."""
    if isinstance(data, File):
        return data.shown, data.shown if data.filesystem else os.path.realpath(data.path)
    name = os.fsdecode(os.fspath(data))
    return named(name), os.path.realpath(name) if os.path.exists(name) else name  # noqa: PTH110


def _of(data: Any) -> Sequence[Any]:
    name = os.fsdecode(os.fspath(data)) if is_path(data) else ""
    if not name or not _stands_for_several(name):
        return [data]
    found = located(name)
    if isinstance(found, list) and all(file.suffix == SUFFIX for file in found):
        return sorted(found, key=lambda file: natural(file.path))
    return [data]


def _stands_for_several(name: str) -> bool:
    if names_profile(name) and not is_pattern(name):
        return False  # opened on a thread: thousands of requests one by one take minutes
    return is_address(name) or is_pattern(name) or os.path.isdir(name)  # noqa: PTH112 - as named


def natural(path: str) -> list[tuple[bool, int, str]]:
    """Return what paths are sorted by, so that numbers in them count as such.

    Examples
    --------
    >>> sorted(["10.profile", "9.profile"], key=natural)
    ['9.profile', '10.profile']
    """
    parts = _DIGITS.split(path)
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def opened_in_order(
    datasets: Sequence[Any], configuration: Configuration, reading: Reading
) -> Iterator[Input]:
    """Open datasets, each when it is asked for, and profiles some ahead, on threads.

    Raises
    ------
    InputError
        When one cannot be read.
    """
    opened = partial(open_input, configuration=configuration, engine=reading.engine)
    for is_saved, some in groupby(datasets, key=_is_saved):
        if is_saved:
            yield from in_order(opened, some, reading.threads)
        else:
            yield from map(opened, some)


def _is_saved(data: Any) -> bool:
    return isinstance(data, File) or (is_path(data) and names_profile(os.fsdecode(os.fspath(data))))
