"""What the settings mean, as it is written with them in `settings`."""

from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple, get_args

from msgspec import NODEFAULT, Meta, Struct, structs

from driftcli.config.settings import ReadSettings, Settings


class Meaning(NamedTuple):
    """What people are told of a setting.

    `default` is None where nothing is set, and `example` where there is none. `words` are those
    that it may be.
    """

    text: str
    default: object
    example: object
    words: tuple[str, ...]


@cache
def meanings(record: type[Struct]) -> dict[str, Meaning]:
    """Return what each field of a record of settings means that says so."""
    found = {}
    for field in structs.fields(record):
        parts = list(_parts(field.type))
        notes = [each for each in parts if isinstance(each, Meta) and each.description]
        if notes:
            example = next(iter(notes[-1].examples or ()), None)
            words = tuple(each for each in parts if isinstance(each, str))
            found[field.name] = Meaning(
                notes[-1].description or "", _default(field), example, words
            )
    return found


def _default(field: structs.FieldInfo) -> object:
    if field.default_factory is not NODEFAULT:
        return field.default_factory()
    return None if field.required else field.default


def _parts(annotation: Any) -> Iterator[Any]:
    """Yield a type and all that it is made of: those of a union, words, and what is noted."""
    yield annotation
    for each in get_args(annotation):
        yield from _parts(each)


def meaning(key: str) -> Meaning:
    """Return what a setting means, by its dotted key.

    Examples
    --------
    >>> meaning("read.decimal").text, meaning("fail_on").words
    ('The decimal sign.', ('drift', 'warn', 'change', 'never'))
    """
    section, _, name = key.rpartition(".")
    return meanings(ReadSettings if section == "read" else Settings)[name]
