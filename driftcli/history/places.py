"""Which store counts: named by an option, the environment or the configuration, or the default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

#: The environment variable that names a store.
VARIABLE = "DRIFT_HISTORY"
#: The store where none is named, beside the configuration file.
DEFAULT = "drift-history.db"


def where(
    option: str | None, environ: Mapping[str, str], configured: str | None, folder: Path
) -> str:
    """Return the path or URL of the store: of the option, DRIFT_HISTORY, or the configured one.

    A path in the configuration, and the default, are relative to `folder`: that of the
    configuration file.
    """
    if named := option or environ.get(VARIABLE):
        return named
    chosen = configured or DEFAULT
    return chosen if "://" in chosen else os.path.relpath(folder / chosen)
