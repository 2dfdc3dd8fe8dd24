"""Which of the paths below a folder are of data, and what their folders say of them."""

import re
from urllib.parse import unquote

from driftcli.errors import MissingInputError
from driftcli.source.files import FORMATS, PROFILE, File
from driftcli.text import named

#: How Hive writes a missing partition value.
HIVE_NULL = "__HIVE_DEFAULT_PARTITION__"
WILD = re.compile(r"[*?\[]")


def data_files(root: str, files: list[File]) -> list[File]:
    """Return those with a known suffix, else saved profiles, else those with none at all."""
    known = [f for f in files if f.suffix in FORMATS] or [f for f in files if f.suffix == PROFILE]
    kept = known or [f for f in files if not f.suffix]
    if not kept:
        raise MissingInputError(
            f"{named(root)}: the directory holds no data files ({', '.join(FORMATS)}; "
            "names that start with '.' or '_' are passed over)."
        )
    return kept


def hidden(name: str) -> bool:
    """Tell whether a name is of no data, as Spark has it: a key may begin with an underscore."""
    return name.startswith(".") or (name.startswith("_") and "=" not in name)


def hidden_below(path: str, root: str) -> bool:
    """Tell whether a file or a folder between `root` and it is of no data."""
    below = path[len(root) :].replace("\\", "/")
    return any(hidden(part) for part in below.split("/") if part)


def partition_of(path: str, root: str) -> dict[str, str | None]:
    """Return the Hive keys (`key=value` folders) between `root` and the file.

    Examples
    --------
    >>> partition_of("data/day=2024-01-01/part.parquet", "data")
    {'day': '2024-01-01'}
    """
    folders = path[len(root) :].replace("\\", "/").split("/")[:-1]
    keys = (folder.partition("=") for folder in folders if "=" in folder)
    return {unquote(k): None if v == HIVE_NULL else unquote(v) for k, _, v in keys}


def translated(pattern: str) -> re.Pattern[str]:
    """Return a glob as a regular expression in which `*` stays within a folder, `**` does not."""
    out, i = "", 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            out, i = out + "(?:.*/)?", i + 3
        elif pattern.startswith("**", i):
            out, i = out + ".*", i + 2
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) > 0:
            inner = pattern[i + 1 : end].replace("\\", "\\\\")
            out, i = out + "[" + ("^" + inner[1:] if inner[0] == "!" else inner) + "]", end + 1
        else:
            out += {"*": "[^/]*", "?": "[^/]"}.get(pattern[i], re.escape(pattern[i]))
            i += 1
    return re.compile(out, re.DOTALL)
