"""What must be alike where parts of one answer are made: this package, Python and Arrow."""

from __future__ import annotations

import platform
import shlex
from functools import cache
from importlib.metadata import version
from typing import NamedTuple

from driftcli.version import __version__


class Versions(NamedTuple):
    """What is installed somewhere; None where it is not."""

    drift: str | None
    python: str
    arrow: str | None

    @classmethod
    @cache
    def here(cls) -> Versions:
        """Return those of this process."""
        return cls(__version__, platform.python_version(), version("pyarrow"))

    def misfit(self, there: Versions) -> str:
        """Return what is wrong with another process for this one, and its remedy; "" if nothing."""
        if there.drift is None:
            return f"has no driftcli; {_install('driftcli', self.drift)}"
        if there.drift != self.drift:
            return (
                f"has driftcli {there.drift}, here is {self.drift};"
                f" {_install('driftcli', self.drift)}"
            )
        if _minor(there.python) != _minor(self.python):
            python = _minor(self.python)
            return (
                f"has Python {there.python}, here is {self.python}; start it with Python {python}"
            )
        if there.arrow is None or _minor(there.arrow) != _minor(self.arrow):
            held = f"has pyarrow {there.arrow}" if there.arrow else "has no pyarrow"
            wanted = f"{_minor(self.arrow)}.*"
            return f"{held}, here is {self.arrow}; {_install('pyarrow', wanted)}"
        return ""


def _minor(text: str | None) -> str:
    return ".".join((text or "").split(".")[:2])


def _install(package: str, text: str | None) -> str:
    return f"run there: pip install {shlex.quote(f'{package}=={text}')}"
