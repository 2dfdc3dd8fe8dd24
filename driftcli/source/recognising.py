"""Which looks columns have: from samples of their values, from settings, from the baseline."""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

import pyarrow as pa
from msgspec import Struct

from driftcli.config import ReadSettings
from driftcli.errors import UsageError
from driftcli.source.contract import ONCE, Source
from driftcli.source.dressed import DressedSource
from driftcli.source.looking import Looking, distinct
from driftcli.source.looks import (
    MOST,
    NONE,
    Look,
    Looks,
    from_setting,
    kind_of,
    likely_look,
    looks_of,
    preferred,
)
from driftcli.source.number_looks import NumberLook, share_of_likely, units_of
from driftcli.source.text_types import BOOL, DATE, STRING, expected_types
from driftcli.source.time_looks import says_time, words_of
from driftcli.text import quoted, visible

#: Formats whose columns have no types of their own.
UNTYPED = ("csv",)
#: A text column gets a note when at least this share of its distinct values have one look.
_MOSTLY = 0.9
#: Whole numbers stored as text are codes where so few are distinct, or each comes so often.
_DISTINCT, _OFTEN = 10, 20
#: More words behind numbers are no units.
_FEW = 4
_CODE_WORDS_LIST = (
    "id ids code codes zip zipcode postcode plz phone fax key sku isbn ean upc no nr number "
    "account uuid fips ssn iban version"
)
_CODE_WORDS = frozenset(_CODE_WORDS_LIST.split())


class Like(Struct, frozen=True):
    """What the columns of a baseline are: their types, and the looks they were read by.

    `typed` says whether the baseline's own format tells text from numbers.
    """

    types: Mapping[str, pa.DataType]
    looks: Mapping[str, Look]
    typed: bool = False


def dressed(source: Source, read: ReadSettings) -> DressedSource:
    """Return a source whose columns are read by the looks that they have."""
    given = _given([each.name for each in source.schema if _is_written(each.type)], read.written)
    looks: dict[str, Look] = dict(given)
    possible: dict[str, Looks | None] = {}
    told: dict[str, str] = {}
    searched = [each.name for each in source.schema if _is_searched(each)]
    for name, values in source.sample([n for n in searched if n not in given]).items():
        shown = distinct(values)
        possible[name] = found = _looks(name, shown, values, source.format) if len(shown) else None
        if found and (look := preferred(found, read.decimal)):
            looks[name] = look
        elif found == NONE and (note := _mostly(name, shown, source.format, read.decimal)):
            told[name] = note
    once = source.format in ONCE and source.rows is None
    state = Looking(looks, possible, looks if once else given, read.decimal)
    return DressedSource(_as_texts(source, looks), state, told=told, given=given)


def _given(names: Iterable[str], written: Mapping[str, str]) -> dict[str, Look]:
    looks = {glob: _set(glob, text) for glob, text in written.items()}
    return {
        name: look
        for name in names
        for glob, look in looks.items()
        if name == glob or fnmatchcase(name, glob)
    }


def _set(glob: str, text: str) -> Look:
    try:
        return from_setting(text)
    except ValueError as error:
        raise UsageError(
            f"`written` of column {quoted(glob)} is {quoted(text)}: {error}. It takes a format of "
            "times (%d/%m/%Y), s, ms, us or ns since 1970, or a number as an example (1.234,50)."
        ) from error


def _as_texts(source: Source, names: Iterable[str]) -> Source:
    """Have text columns of a text file stay text, whatever comes later."""
    types = {name: STRING for name in names if source.schema.field(name).type == STRING}
    return source.expecting(types) if types else source


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_written(kind: pa.DataType) -> bool:
    """Return whether a column holds texts or numbers, which may stand for something else."""
    return _is_text(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)


def _is_searched(field: pa.Field) -> bool:
    return _is_text(field.type) or (_is_written(field.type) and says_time(field.name))


def _looks(name: str, shown: pa.Array, values: pa.Array, format_: str) -> Looks:
    found = looks_of(shown, name)
    if format_ in UNTYPED:
        # Such numbers have been read as numbers already.
        found -= {NumberLook()}
    bare = {each for each in found if isinstance(each, NumberLook) and not each.before + each.after}
    return found - bare if bare and _are_codes(name, shown, values) else found


def _are_codes(name: str, shown: pa.Array, values: pa.Array) -> bool:
    """Return whether numbers are rather names: by what their column is called, or few of them."""
    if _CODE_WORDS.intersection(words_of(name)):
        return True
    numbers, good = NumberLook().read(shown)
    whole = good.all() and pa.types.is_integer(numbers.type)
    often = len(shown) * _OFTEN <= len(values) - values.null_count
    return bool(whole) and (len(shown) < _DISTINCT or often)


def _mostly(name: str, shown: pa.Array, format_: str, decimal: str) -> str | None:
    """Return a note on a column that is text because of a few of its values."""
    if not pa.types.is_string(shown.type):
        return None
    for kind, setting in (("times", "timestamp"), ("numbers", "numeric")):
        if not _may_be(kind, shown):
            continue
        look = likely_look(shown, kind, decimal, digits=says_time(name))
        if look is None or (look == NumberLook() and format_ in UNTYPED):
            continue
        good = look.read(shown)[1]
        if _MOSTLY <= good.mean() < 1:
            other = quoted(shown[int(good.argmin())].as_py())
            return (
                f"`{visible(name)}` is read as text: {int(good.sum()):,} of {len(shown):,} values "
                f"sampled are {kind} written like {quoted(look.example)}, first other {other}; "
                f"list it under `{setting}` to have it read so"
            )
    return _several_units(name, shown)


def _may_be(kind: str, shown: pa.Array) -> bool:
    return kind == "times" or share_of_likely(shown) >= MOST


def _several_units(name: str, shown: pa.Array) -> str | None:
    """Return a note on numbers that have not all the same unit."""
    if not _may_be("numbers", shown):
        return None
    units = units_of(shown)
    if not 1 < len(units) <= _FEW or units.total() < _MOSTLY * len(shown):
        return None
    told = ", ".join(quoted(unit) for unit, _ in units.most_common())
    return f"`{visible(name)}` is read as text: its values are numbers of several units, {told}"


def read_like(source: DressedSource, like: Like) -> DressedSource:
    """Return a source, before anything is read, whose columns are read as a baseline's were.

    A column of numbers, times or booleans that is text here is read by the look that most of its
    values have; what does not have it is invalid.
    """
    way = _Way(source, like)
    names = set(source.schema.names).difference(source.given)
    for name, kind in expected_types(like.types).items():
        if name in names:
            way.decide(name, kind)
    expected = {*way.expected, *source.given}
    state = Looking(way.looks, source.possible(like.types), expected, source.decimal)
    inner = source.inner.expecting(way.types) if way.types else source.inner
    told = {name: note for name, note in source.told.items() if name not in like.types}
    return DressedSource(inner, state, told=told, passed_over=way.passed_over, given=source.given)


class _Way:
    """How each column is read: by a look, or as a type that the source itself reads."""

    def __init__(self, source: DressedSource, like: Like) -> None:
        self.looks = dict(source.looks)
        self.expected: set[str] = set()
        self.types: dict[str, pa.DataType] = {}
        self.passed_over: dict[str, Look] = {}
        self._source, self._like = source, like
        self._stored = {field.name: field.type for field in source.inner.schema}

    def decide(self, name: str, kind: pa.DataType) -> None:
        """Decide on a column whose baseline is of a `kind`."""
        wanted, stored = _family(kind), self._stored[name]
        own, held = self.looks.pop(name, None), self._like.looks.get(name)
        look = self._look(name, wanted, stored, own)
        if look is not None:
            self.looks[name] = look
            self.expected.add(name)
            if stored == STRING or (look == held and self._untyped):
                self.types[name] = STRING
            return
        if own is not None:
            self.passed_over[name] = own
        if stored == DATE and wanted == "times":
            # Dates in the place of times are a change, which midnights would hide.
            self.types[name] = DATE
        elif wanted == _family(stored) and held is not None:
            # The baseline's zone is that of its look, and says nothing of these.
            self.types[name] = stored
        elif not (stored == BOOL and wanted == "numbers"):
            self.types[name] = kind

    def _look(self, name: str, wanted: str, stored: pa.DataType, own: Look | None) -> Look | None:
        held = self._like.looks.get(name)
        if wanted == "text" or not _is_written(stored) or self._is_change(stored, held):
            return None
        if own is not None and kind_of(own) == wanted:
            return own
        alike = wanted == _family(stored)
        if alike and not (held and self._untyped):
            return None
        sampled = self._source.sample([name])
        if name not in sampled:
            return None
        values = distinct(sampled[name])
        if held is not None and len(values) and held.read(values)[1].mean() >= MOST:
            return held
        found = None if alike else likely_look(values, wanted, self._source.decimal)
        return None if found == NumberLook() and self._untyped else found

    @property
    def _untyped(self) -> bool:
        return self._source.format in UNTYPED

    def _is_change(self, stored: pa.DataType, held: Look | None) -> bool:
        """Return whether text in the place of another type is a change that JSON itself tells."""
        told = self._source.format == "jsonl" and self._like.typed
        return told and held is None and _family(stored) == "text"


def _family(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_boolean(kind):
        return "booleans"
    if types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind):
        return "numbers"
    return "times" if types.is_timestamp(kind) or types.is_date(kind) else "text"
