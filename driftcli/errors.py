"""What users can cause: each error is one line that says where, why and what to do."""

import difflib
import re
import shlex
import sys
from collections.abc import Iterable

from driftcli.text import quoted, shortened


class DriftError(Exception):
    """An error a user can cause and mend. Its text is one line; `exit_code` is the process's."""

    exit_code = 2


#: The exit code of a crash of our own.
CRASH = 70

_REPORT = "Run again with --debug for the traceback, and please report it."


class UsageError(DriftError):
    """The command line or a call asks for something that does not exist or does not go together."""


class ConfigError(DriftError):
    """A configuration file or an override holds something that cannot be used."""


class InputError(DriftError):
    """A dataset cannot be read."""


class MissingInputError(InputError):
    """There is no such data, or none yet."""


class EngineError(DriftError):
    """What data is to be read with cannot be used, or has gone."""


class HistoryError(DriftError):
    """The store of past runs cannot be opened, read or written."""


class LostStoreError(HistoryError):
    """The store of past runs has gone, has no room, is damaged or does not answer."""


def exit_code_and_message(error: BaseException) -> tuple[int, str]:
    """Return the exit code of an error and the sentence for it."""
    if isinstance(error, DriftError):
        return error.exit_code, str(error)
    if isinstance(error, MemoryError):
        return CRASH, "out of memory; --threads 1 needs less."
    if isinstance(error, OSError) and error.strerror:  # the system's fault, wherever we met it
        where = f"{error.filename}: " if error.filename else ""
        return DriftError.exit_code, f"{where}cannot be read or written: {error.strerror.lower()}"
    what = ": ".join(filter(None, [type(error).__name__, *str(error).splitlines()[:1]]))
    return CRASH, f"internal error: {what}. {_REPORT}"


def missing_package(package: str) -> str:
    """Return what lacks and the command that brings it to the Python that runs.

    The package itself is named, in the version that an extra of `driftcli` asks for: that holds
    wherever `driftcli` came from, a registry, a wheel or a checkout.

    Parameters
    ----------
    package
        The name of a distribution.
    """
    from importlib.metadata import PackageNotFoundError, requires
    from importlib.util import find_spec

    try:
        asked = requires("driftcli") or []
    except PackageNotFoundError:
        asked = []
    wanted = (each.partition(";")[0].strip() for each in asked)
    named = (each for each in wanted if re.split(r"[^\w.-]", each)[0] == package)
    requirement = shlex.quote(next(named, package))
    python = shlex.quote(sys.executable)
    pip = f"{python} -m pip install" if find_spec("pip") else f"uv pip install --python {python}"
    return f"this needs {package}; {pip} {requirement}"


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a hint that names the known word nearest to `name`, or lists the known words.

    Examples
    --------
    >>> nearest("js_distanc", ["js_distance", "kl"])
    "did you mean 'js_distance'?"
    """
    candidates = list(known)
    close = [each for each in candidates if each.casefold() == name.casefold()]
    close = close or difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    if close:
        return f"did you mean {quoted(close[0])}?"
    shown = ", ".join(map(shortened, candidates[:12])) + (", …" if len(candidates) > 12 else "")
    return f"known: {shown}" if candidates else "none is known"


def no_column(name: str, known: Iterable[str], where: str = "") -> str:
    """Return what messages say of a column that is missing, behind what asked for it.

    Parameters
    ----------
    where
        Among what it was looked for, or what for, where that does not go without saying.

    Examples
    --------
    >>> no_column("prise", ["price", "day"], "in either dataset")
    "no column 'prise' in either dataset; did you mean 'price'?"
    """
    return f"no column {quoted(name)}{where and ' '}{where}; {nearest(name, known)}"
