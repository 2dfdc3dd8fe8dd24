"""Which configuration file counts, and what it holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from driftcli.config.wording import found
from driftcli.errors import ConfigError
from driftcli.text import visible

#: The environment variable that names a configuration file.
VARIABLE = "DRIFT_CONFIG"

_OWN = "drift.toml"
_SHARED = "pyproject.toml"


class ConfigFile(Struct, frozen=True):
    """A configuration file: what messages call it, its table of settings, and where it lies."""

    label: str
    table: Mapping[str, object]
    path: Path


def find(config: Path | None, environ: Mapping[str, str], cwd: Path | None) -> ConfigFile | None:
    """Return the configuration file in force, or None where there is none.

    The first of: `config`, the file that DRIFT_CONFIG names, and the nearest drift.toml or
    pyproject.toml with a [tool.drift] table, upwards from `cwd`. In one directory drift.toml
    wins. A file that is named and called pyproject.toml must have the table.

    Raises
    ------
    ConfigError
        When the file is missing, cannot be read or is not TOML.
    """
    if config is not None:
        return _named(config, cwd, "--config")
    if named := environ.get(VARIABLE):
        return _named(Path(named), cwd, VARIABLE)
    return None if cwd is None else _nearest_file(cwd)


def _named(path: Path, cwd: Path | None, by: str) -> ConfigFile:
    label = visible(str(path))
    if path == Path():
        raise ConfigError(f"{by}: names no file; name a drift.toml or a pyproject.toml")
    try:
        table = _parse((cwd or Path()) / path, label)
    except FileNotFoundError:
        raise ConfigError(f"{label}: no such file (named by {by})") from None
    if path.name != _SHARED:
        return ConfigFile(label, table, path)
    file = _tool_table(table, label, path)
    if file is None:
        raise ConfigError(f"{label}: has no [tool.drift] table (named by {by})")
    return file


def _nearest_file(cwd: Path) -> ConfigFile | None:
    for directory in (cwd, *cwd.parents):
        drift_toml, pyproject = directory / _OWN, directory / _SHARED
        if _is_file(drift_toml, cwd):
            label = _label(drift_toml, cwd)
            return ConfigFile(label, _parse(drift_toml, label), drift_toml)
        if _is_file(pyproject, cwd):
            label = _label(pyproject, cwd)
            file = _tool_table(_parse(pyproject, label), label, pyproject)
            if file is not None:
                return file
    return None


def _is_file(path: Path, cwd: Path) -> bool:
    try:
        if path.is_file():
            return True
        folder = path.name == _OWN and path.is_dir()
        dangling = path.is_symlink() and not path.exists()
    except OSError:  # a directory above that may not be searched
        return False
    if folder:
        raise ConfigError(f"{_label(path, cwd)}: a directory, and no file of settings; rename it")
    if dangling:
        raise ConfigError(f"{_label(path, cwd)}: a link to a file that is not there; mend it")
    return False


def _label(path: Path, cwd: Path) -> str:
    return visible(path.name if path.parent == cwd else str(path))


def _tool_table(document: dict[str, Any], label: str, path: Path) -> ConfigFile | None:
    tools = document.get("tool")
    if not isinstance(tools, dict) or "drift" not in tools:
        return None
    table = tools["drift"]
    if not isinstance(table, dict):
        raise ConfigError(f"{label}: tool.drift: expected a table, found {found(table)}")
    return ConfigFile(f"{label} [tool.drift]", table, path)


def _parse(path: Path, label: str) -> dict[str, Any]:
    import tomllib

    try:
        text = path.read_bytes().decode("utf-8-sig")  # some editors write a byte order mark
        return tomllib.loads(text)
    except FileNotFoundError:
        raise
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise ConfigError(f"{label}: cannot be read: {reason}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{label}: not UTF-8 text (byte {error.start + 1})") from None
    except RecursionError:
        raise ConfigError(f"{label}: not valid TOML: nested too deeply") from None
    except ValueError as error:  # TOMLDecodeError, or a number with too many digits
        reason = visible(str(error)).partition(";")[0]
        raise ConfigError(f"{label}: not valid TOML: {reason}") from None
