"""How names, values and expectations read in messages and in TOML."""

import re
from collections.abc import Sequence
from typing import Any

from driftcli.config.settings import Levels
from driftcli.text import safe, scrubbed

#: The steps from the top of the configuration to a value; its text is the dotted key.
Key = tuple[str, ...]

_LONGEST = 80
_BARE = re.compile(r"[A-Za-z0-9_-]+\Z")
_SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def shown(text: str) -> str:
    r"""Return `text` on one line and harmless to a terminal: what does not print is escaped.

    Examples
    --------
    >>> shown("a\nb")
    'a\\nb'
    """
    if text.isprintable():
        return text
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text
    )


def shortened(text: str) -> str:
    """Return `shown(text)`, cut after 80 characters."""
    line = shown(text[: _LONGEST + 1])
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def quoted(text: str) -> str:
    """Return `text` as messages quote a name: in single quotes, escaped and shortened."""
    return f"'{shortened(text)}'"


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
    return ".".join(map(_toml_step, key))


def shown_key(key: Sequence[str]) -> str:
    """Return `toml_key(key)` with each step shortened, for messages."""
    return ".".join(shortened(_toml_step(step)) for step in key)


def _toml_step(step: str) -> str:
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
        entries = [f"{_toml_step(name)} = {toml_value(each)}" for name, each in value.items()]
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


def found(value: object) -> str:
    """Return what a message says was found in the place of the expected value."""
    if isinstance(value, str):
        return f"text {quoted(safe(value))}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return shortened(_printed(value))
    if isinstance(value, list | tuple):
        return (
            f"the list {shortened(scrubbed(_printed(list(value))))}" if value else "an empty list"
        )
    if isinstance(value, dict):
        return "a table" if value else "an empty table"
    return f"a {type(value).__name__}"


def _printed(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # Python refuses to print an integer of more than some 4,300 digits
        return "too long to show"


def expectation(annotation: Any) -> str:
    """Return in words what a field of type `annotation` takes.

    Examples
    --------
    >>> from driftcli.config.settings import Bins
    >>> expectation(Bins)
    'a whole number from 2 to 1000'
    """
    from msgspec import inspect

    return _in_words(inspect.type_info(annotation))


def _in_words(kind: Any) -> str:
    from msgspec import inspect

    match kind:
        case inspect.Metadata(extra_json_schema={"title": str(title)}):
            return title
        case inspect.UnionType(types=types):
            some = [each for each in types if not isinstance(each, inspect.NoneType)]
            return " or ".join(map(_in_words, some))
        case inspect.LiteralType(values=values):
            *rest, last = map(repr, values)
            return f"{', '.join(rest)} or {last}"
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType(ge=low, le=None):
            return f"a whole number of at least {low}"
        case inspect.IntType(ge=low, le=high):
            return f"a whole number from {low} to {high}"
        case inspect.FloatType(ge=least, gt=bound, le=most, lt=limit):
            return _number_in_words(least, bound) + _limit_in_words(most, limit)
        case inspect.VarTupleType(item_type=item):
            return f"a list of {'texts' if isinstance(item, inspect.StrType) else 'numbers'}"
        case inspect.DictType():
            return "a table of texts"
    return "a text"


def _number_in_words(least: float | None, bound: float | None) -> str:
    if least is not None:
        return f"a number of at least {least}"
    return "a number" if bound is None else f"a number above {bound}"


def _limit_in_words(most: float | None, limit: float | None) -> str:
    if most is not None:
        return f" and at most {most}"
    return "" if limit is None else f" and below {limit}"
