"""Objects of a store, written whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from driftcli.errors import UsageError
from driftcli.source.remote import is_pattern
from driftcli.source.stores import looking_at, meaning_of, missing
from driftcli.text import cause, named


@dataclass(frozen=True)
class Place:
    """Where an object is to be: `shown` is how messages call it."""

    shown: str
    path: str
    filesystem: Any = field(hash=False)

    @property
    def suffix(self) -> str:
        """The suffix of its name."""
        return PurePosixPath(self.path).suffix

    def __str__(self) -> str:
        """Return the address without secrets."""
        return self.shown

    @property
    def is_local(self) -> bool:
        """Whether the address is that of a file on this machine."""
        return bool(self.filesystem.type_name == "local")

    def is_of(self, name: str) -> bool:
        """Return whether a name is that of the object."""
        return named(name) == self.shown

    def write(self, content: str | bytes) -> None:
        """Write the object: it appears when all of it is there, in the place of an earlier one.

        Raises
        ------
        UsageError
            When it cannot be written.
        """
        data = content.encode() if isinstance(content, str) else content
        try:
            # Of what is given at once, a store makes an object at once, or none.
            with self.filesystem.open_output_stream(self.path) as stream:
                stream.write(data)
        except OSError as error:
            why = meaning_of(error) or cause(error)
            raise UsageError(f"{self.shown}: cannot be written: {why}.") from error


def place_at(uri: str, option: str = "") -> Place:
    """Return the place that an address names, where the store lets us look at it.

    Parameters
    ----------
    option
        What messages name before it.

    Raises
    ------
    InputError
        When it does not.
    UsageError
        When no object can be there.
    """
    from pyarrow.fs import FileType

    shown = named(uri)
    told = f"{option} {shown}" if option else shown
    if is_pattern(uri):
        raise UsageError(f"{told}: a pattern; name one object")
    with looking_at(uri, shown) as (filesystem, root, info):
        if info.type == FileType.Directory or uri.partition("?")[0].endswith("/"):
            raise UsageError(f"{told}: this is a directory; name a file in it")
        if (lacks := missing(filesystem, root)).startswith(("no such bucket", "no such container")):
            raise UsageError(f"{told}: {lacks}; make it")
    return Place(shown, root, filesystem)
