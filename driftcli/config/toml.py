"""Keys and values of the settings as TOML."""

import re
from collections.abc import Sequence
from typing import Any

from driftcli.config.settings import Levels

#: The steps from the top of the configuration to a value; its text is the dotted key.
Key = tuple[str, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def toml_string(text: str) -> str:
    r"""Return `text` as a TOML basic string that holds printing characters only.

    A lone surrogate, which TOML cannot express, becomes the replacement character.
    """
    return '"' + "".join(map(_toml_letter, text)) + '"'


def _toml_letter(letter: str) -> str:
    if letter in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def toml_key(key: Sequence[str]) -> str:
    """Return the dotted key of `key`, each step quoted where TOML asks for it.

    Examples
    --------
    >>> toml_key(("columns", "price_*", "bins"))
    'columns."price_*".bins'
    """
    return ".".join(map(toml_step, key))


def toml_step(step: str) -> str:
    """Return one step of a key, quoted where TOML asks for it."""
    return step if _BARE.match(step) else toml_string(step)


def toml_value(value: Any) -> str:
    """Return a value of the settings as TOML.

    Examples
    --------
    >>> toml_value(Levels(warn=0.05, drift=0.1))
    '{ warn = 0.05, drift = 0.1 }'
    """
    if isinstance(value, Levels):
        return _toml_levels(value)
    if isinstance(value, dict):
        entries = [f"{toml_step(name)} = {toml_value(each)}" for name, each in value.items()]
        return f"{{ {', '.join(entries)} }}" if entries else "{}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    return repr(value)


def _toml_levels(levels: Levels) -> str:
    if levels.warn is None:
        return '"off"' if levels.drift is None else repr(levels.drift)
    drift = "" if levels.drift is None else f", drift = {levels.drift!r}"
    return f"{{ warn = {levels.warn!r}{drift} }}"
