"""How times are written other than in ISO 8601: by a format, or as a count since 1970."""

import re
from collections.abc import Iterator
from functools import cache, cached_property
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, null, scalar, to_numpy
from driftcli.source.text_types import DATE, INSTANTS, TIMES, as_texts, parse, texts_of

_LONG = "January February March April May June July August September October November December"
_MONTHS = texts_of([name[:3].lower() for name in _LONG.split()])
_NAMES = "|".join(f"{name[:3]}(?:{name[3:]})?" for name in _LONG.split() if len(name) > 3)
#: What each directive stands for. A number between other signs may lack its leading zero.
_DIRECTIVES = {
    "Y": r"\d{4}",
    "y": r"\d\d",
    "m": r"\d\d?",
    "d": r"\d\d?",
    "b": rf"(?i:{_NAMES}|May|Sept)\.?",
    "a": r"(?i:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\.?",
    "H": r"\d\d?",
    "I": r"\d\d?",
    "M": r"\d\d",
    "S": r"\d\d(?:[.,]\d{1,9})?",
    "p": r"(?i:[ap]\.?m\.?)",
    "z": r"Z|[+-]\d\d(?::?\d\d)?",
    "Z": "UTC|GMT|UT",
}
_SAME = {"B": "b", "A": "a", "e": "d"}
_DIRECTIVE = re.compile(r"%(.)")
_HOURS = (
    *map("".join, product((" ", "T", ", ", " - "), ("%H:%M", "%H:%M:%S"))),
    *map("".join, product((" ", ", "), ("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p"))),
)
_CLOCKS = tuple(map("".join, product(_HOURS, ("", " %Z", "%z", " %z", "%Z"))))
_DAYS = (
    *("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%Y.%m.%d", "%d-%m-%Y", "%m-%d-%Y", "%d/%m/%Y"),
    *("%m/%d/%Y", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y", "%b %d, %Y", "%b %d %Y", "%d %b %Y"),
    *("%d-%b-%Y", "%d-%b-%y", "%d/%b/%Y", "%d. %b %Y", "%a, %d %b %Y", "%a, %b %d, %Y", "%Y %b %d"),
)
_WHOLE = (
    *("%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Z %Y", "%d/%b/%Y:%H:%M:%S %z"),
    *("%Y%m%dT%H%M%S%z", "%Y%m%dT%H%M%S"),
)
#: Digits alone: times only where something says so.
COMPACT = ("%Y%m%d", "%Y%m%d%H%M%S")
_LONGEST = 40
#: How any of them begins, but those of digits alone.
_BEGINNING = re.compile(rf"\d|{_DIRECTIVES['b']}|{_DIRECTIVES['a']}")
_TRIED = 8
_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
#: Seconds since 1970 that have ten digits, up to the year 2100.
_SECONDS = (10**9, 4_102_444_800)
_TIME_WORDS_LIST = (
    "at time times ts date dates datetime timestamp day when created updated modified deleted "
    "changed started ended since until expires epoch unixtime dt dob birthday"
)
_TIME_WORDS = frozenset(_TIME_WORDS_LIST.split())


class TimeLook(Struct, frozen=True, order=True, dict=True):
    """Times written by a format of `strptime`'s directives; its seconds may have fractions."""

    format: str

    @property
    def example(self) -> str:
        """A time that is written in this way."""
        parts = {"Y": "2024", "y": "24", "m": "01", "d": "31", "b": "Jan", "a": "Wed", "H": "10"}
        parts |= {"I": "10", "M": "30", "S": "00", "p": "AM", "z": "+00:00", "Z": "UTC", "%": "%"}
        return _DIRECTIVE.sub(lambda each: parts[_SAME.get(each[1], each[1])], self.format)

    @cached_property
    def directives(self) -> frozenset[str]:
        """The directives of the format, those that mean the same under one letter."""
        return frozenset(_SAME.get(each, each) for each in _DIRECTIVE.findall(self.format))

    @cached_property
    def body(self) -> str:
        """The pattern of a time, with a group for each directive."""
        bare = not re.search(r"%.[^%\w]", self.format)
        steps = _DIRECTIVE.split(self.format)
        pattern = ""
        for literal, each in zip(steps[::2], [*steps[1::2], ""], strict=True):
            pattern += re.escape(literal)
            name = _SAME.get(each, each)
            if name == "%":
                pattern += "%"
            elif name:
                digits = _DIRECTIVES[name].replace(r"\d\d?", r"\d\d" if bare else r"\d\d?")
                pattern += f"(?P<{name}>{digits})"
        return pattern

    def read(self, texts: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
        """Return the times that `texts` (without nulls) are, and which of them are one."""
        found = pc.extract_regex(as_texts(texts), rf"^[ \t]*{self.body}[ \t]*$")
        names = [found.type.field(i).name for i in range(found.type.num_fields)]
        written = _iso(dict(zip(names, found.flatten(), strict=True)))
        zoned = bool({"z", "Z"} & self.directives)
        kinds = (INSTANTS if zoned else TIMES[1:]) if "M" in names else (DATE,)
        for kind in kinds:
            times, bad = parse(written, kind)
            if bad is None or not bad.any():
                break
        return times, to_numpy(times.is_valid()).copy()


def _iso(parts: dict[str, pa.Array]) -> pa.Array:
    """Return dates and times in ISO 8601, null where a part is."""
    year = parts["Y"] if "Y" in parts else _century(parts["y"])
    month = _padded(parts["m"] if "m" in parts else _month(parts["b"]))
    written = _joined(year, month, _padded(parts["d"]), by="-")
    if "M" not in parts:
        return written
    hour = _padded(parts["H"]) if "H" in parts else _half_day(parts["I"], parts["p"])
    clock = [hour, parts["M"]]
    if "S" in parts:
        clock.append(pc.replace_substring(parts["S"], ",", "."))
    written = _joined(written, _joined(*clock, by=":"), by=" ")
    if "z" in parts:
        return _joined(written, parts["z"])
    if "Z" in parts:
        return _joined(written, scalar("Z"))
    return written


def _joined(*parts: Any, by: str = "") -> pa.Array:
    return pc.binary_join_element_wise(*parts, scalar(by))


def _padded(digits: pa.Array) -> pa.Array:
    return pc.utf8_lpad(digits, 2, "0")


def _century(years: pa.Array) -> pa.Array:
    """Return years of two digits with four, as strptime does: 69 is 1969, 68 is 2068."""
    early = pc.less(pc.cast(years, pa.int64()), scalar(69))
    return _joined(pc.if_else(early, scalar("20"), scalar("19")), years)


def _month(names: pa.Array) -> pa.Array:
    at = pc.index_in(pc.utf8_lower(pc.utf8_slice_codeunits(names, 0, 3)), _MONTHS)
    return pc.cast(pc.add(at, scalar(1)), pa.string())


def _half_day(hours: pa.Array, halves: pa.Array) -> pa.Array:
    hour = pc.cast(hours, pa.int64())
    hour = pc.if_else(pc.equal(hour, scalar(12)), scalar(0), hour)
    late = pc.match_substring_regex(halves, "^[pP]")
    within = pc.less(hour, scalar(12))
    hour = pc.if_else(late, pc.add(hour, scalar(12)), hour)
    return _padded(pc.cast(pc.if_else(within, hour, null(pa.int64())), pa.string()))


class EpochLook(Struct, frozen=True, order=True):
    """Times written as a number: seconds since 1970 in UTC, or milli-, micro-, nanoseconds."""

    unit: str

    @property
    def example(self) -> str:
        """A time that is written in this way."""
        return str(1_706_697_000 * _UNITS[self.unit])

    def read(self, values: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
        """Return the times that `values`, numbers or texts, are, and which of them are one."""
        numbers, good = _numbers(values)
        whole = pa.types.is_integer(numbers.type)
        ends = [end * _UNITS[self.unit] for end in _SECONDS]
        least, most = (scalar(end if whole else float(end)) for end in ends)
        inside = pc.and_(pc.greater_equal(numbers, least), pc.less(numbers, most))
        good &= to_numpy(pc.and_(inside.is_valid(), inside))
        numbers = pc.if_else(from_numpy(good), numbers, null(numbers.type))
        kind = pa.timestamp("ns" if self.unit == "ns" else "us", "UTC")
        if whole:
            ticks = pc.cast(numbers, pa.int64()).cast(pa.timestamp(self.unit, "UTC"))
            return ticks.cast(kind), good
        ticks = pc.round(pc.multiply(numbers, scalar(_UNITS[kind.unit] / _UNITS[self.unit])))
        return ticks.cast(pa.int64()).cast(kind), good


def _numbers(values: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
    if not pa.types.is_string(values.type):
        kind = pa.int64() if pa.types.is_integer(values.type) else pa.float64()
        return values.cast(kind, safe=False), to_numpy(values.is_valid()).copy()
    good = to_numpy(pc.match_substring_regex(values, r"^[ \t]*\d{10,19}(?:\.\d*)?[ \t]*$")).copy()
    kept = pc.utf8_trim(pc.if_else(from_numpy(good), values, null(pa.string())), " \t")
    try:
        return kept.cast(pa.int64()), good
    except pa.ArrowInvalid:
        return kept.cast(pa.float64()), good


Times = TimeLook | EpochLook
EPOCHS = tuple(map(EpochLook, _UNITS))


@cache
def _patterns(formats: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((each, re.compile(TimeLook(each).body)) for each in formats)


def _formats(text: str) -> Iterator[str]:
    """Yield the formats that one text may have."""
    for day, start in _patterns(_DAYS):
        if not (found := start.match(text)):
            continue
        rest = text[found.end() :]
        if not rest:
            yield day
        elif rest[0] in " T,":
            yield from (day + clock for clock, end in _patterns(_CLOCKS) if end.fullmatch(rest))
    yield from (each for each, pattern in _patterns(_WHOLE) if pattern.fullmatch(text))


def time_looks(texts: pa.Array) -> frozenset[TimeLook]:
    """Return the formats by which all of `texts` (distinct, without nulls) are times."""
    likely = map(TimeLook, _formats_of(texts[0].as_py()))
    return frozenset(look for look in likely if look.read(texts)[1].all())


def likeliest_times(texts: pa.Array) -> list[TimeLook]:
    """Return the formats by which most of `texts` are times: several where that is unclear."""
    tried = texts[:_TRIED].to_pylist()
    looks = {TimeLook(each) for text in tried for each in _formats_of(text)}
    counts = {look: int(look.read(texts)[1].sum()) for look in looks}
    most = max(counts.values(), default=0)
    return sorted(look for look, count in counts.items() if count == most)


def _formats_of(text: str) -> Iterator[str]:
    text = text.strip(" \t")
    likely = 6 <= len(text) <= _LONGEST and any(map(str.isdigit, text))
    if likely and _BEGINNING.match(text):
        yield from _formats(text)


def digit_looks(values: pa.Array) -> frozenset[Times]:
    """Return the ways in which numbers, or texts of digits, are times throughout."""
    epochs = {look for look in EPOCHS if look.read(values)[1].all()}
    if pa.types.is_floating(values.type):
        return frozenset(epochs)
    compact = {look for look in map(TimeLook, COMPACT) if look.read(values)[1].all()}
    recent = pc.match_substring_regex(as_texts(values), r"^[ \t]*(19|20)")
    return frozenset(epochs | compact if pc.all(recent).as_py() else epochs)


def words_of(name: str) -> list[str]:
    """Return the words of a column's name in lower case: those of createdAt or created_at."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", parted) if word]


def says_time(name: str) -> bool:
    """Return whether the name of a column says that it holds times: created_at, eventTime, ts."""
    words = words_of(name)
    if len(words) > 1 and words[-1] == "on":
        return True
    return any(word in _TIME_WORDS or word.endswith(("date", "timestamp")) for word in words)


def problem_of(format_: str) -> str | None:
    """Return what is wrong with a format of times, if anything is."""
    for each in _DIRECTIVE.findall(format_ + " "):
        if each != "%" and _SAME.get(each, each) not in _DIRECTIVES:
            return f"unknown directive %{each}"
    letters = TimeLook(format_).directives
    found = [_SAME.get(each, each) for each in _DIRECTIVE.findall(format_) if each != "%"]
    if len(found) != len(set(found)):
        return "a directive stands twice"
    if not ({"Y", "y"} & letters and {"m", "b"} & letters and "d" in letters):
        return "a year, a month and a day are needed, such as %d/%m/%Y"
    if "I" in letters and "p" not in letters:
        return "%I needs %p"
    if bool({"H", "I"} & letters) != ("M" in letters) or ("S" in letters and "M" not in letters):
        return "hours and minutes go together, as %H:%M"
    return None
