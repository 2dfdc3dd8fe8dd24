"""How numbers are dressed: currency or unit, thousands separators, accounting brackets, minus."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, null, scalar, to_numpy
from driftcli.source.text_types import DOUBLE, INT, NUMBERS, as_texts, has_codes, parse
from driftcli.text import late

_MINUS = "\N{MINUS SIGN}"
_BLANKS = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
#: What may stand between thousands; nothing comes first, as the plainest.
_GROUPS = ("", ",", ".", "'", "\N{RIGHT SINGLE QUOTATION MARK}", *_BLANKS)
_CURRENCIES_LIST = (
    "AED ARS AUD BRL CAD CHF CLP CNY COP CZK DKK EUR GBP HKD HUF IDR ILS INR JPY KRW MXN MYR NGN "
    "NOK NZD PHP PLN RON RUB SAR SEK SGD THB TRY TWD UAH USD VND ZAR Fr Rs kr"
)
_CURRENCIES = frozenset(_CURRENCIES_LIST.split())
#: What stands behind the numbers of days, hours and codes is no unit.
_NO_UNITS_LIST = "AM PM am pm st nd rd th UTC GMT Z T E e X x Q W"
_NO_UNITS = frozenset(_NO_UNITS_LIST.split())
#: Letters that are no currency make a code of a number behind them, as in A17.
_BEFORE = r"(?:\p{Lu}{0,3}\p{Sc})?|[A-Z]{3}|Fr\.?|Rs\.?|kr\.?"
_AFTER = r"(?:[\p{L}°%‰][\p{L}µ°²³/%]{0,7})?|\p{Sc}"
_BODY = rf"\d(?:[\d.,'\x{{2019}}{_BLANKS}]*\d)?\.?(?:[eE][+-]?\d+)?|[.,]\d+"
_NO_NUMBER = r"^[ \t]*[+-]?(?i:nan|inf|infinity)[ \t]*$"
_ONE = scalar(1)
_SIGN = f"[+{_MINUS}-]?"


class NumberLook(Struct, frozen=True, order=True, dict=True):
    """How the numbers of a column are written.

    `before` and `after` stand at every value, with or without blanks between. A `group` stands
    between thousands, and `brackets` or a `minus` of print at negative numbers, where there are
    any.
    """

    before: str = ""
    after: str = ""
    group: str = ""
    point: str = "."
    brackets: bool = False
    minus: str = "-"

    @property
    def example(self) -> str:
        """A number that is written in this way."""
        blanks = [" " * each[:1].isalpha() for each in (self.before, self.after)]
        body = f"1{self.group}234{self.point}50" if self.group else f"12{self.point}50"
        text = f"{self.before}{blanks[0]}{body}{blanks[1]}{self.after}"
        if self.brackets:
            return f"({text})"
        return text if self.minus == "-" else self.minus + text

    @property
    def unit(self) -> str:
        """The currency or unit that stands at every value, if there is one."""
        return self.before or self.after

    def rank(self, decimal: str) -> tuple[bool, bool, bool, int]:
        """Return what orders the ways in which some numbers may be written, likeliest first."""
        asked = self.point == decimal
        return not asked, self.brackets, self.minus != "-", _GROUPS.index(self.group)

    @cached_property
    def _pattern(self) -> str:
        return _whole(re.escape(self.before), _body(self.group, self.point), re.escape(self.after))

    def read(self, texts: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
        """Return the numbers that `texts` (without nulls) are, and which of them are one."""
        texts = as_texts(texts)
        if self == NumberLook() and (numbers := _plain(texts)) is not None:
            return numbers, np.ones(len(texts), bool)
        parts = _Parts(texts, self._pattern)
        good = parts.good
        if not self.before and not self.after:
            good &= ~to_numpy(pc.match_substring_regex(texts, r"^[ \t]*[+-]?0\d"))
        bodies = pc.if_else(from_numpy(good), parts.bodies, null(pa.string()))
        for mark, plain in ((self.group, ""), (self.point, ".")):
            if mark and mark != plain:
                bodies = pc.replace_substring(bodies, mark, plain)
        return _signed(bodies, parts.negative), good


class _Parts:
    """The parts of texts that fit a pattern; `good` says which do."""

    def __init__(self, texts: pa.Array, pattern: str) -> None:
        found = pc.extract_regex(texts, pattern)
        names = [found.type.field(i).name for i in range(found.type.num_fields)]
        parts = dict(zip(names, found.flatten(), strict=True))
        self.bodies, self.before, self.after = (parts[n] for n in ("body", "before", "after"))
        signs = [parts[name] for name in ("open", "first", "second", "last")]
        self.signs = pc.binary_join_element_wise(*signs, scalar(""))
        closed = pc.equal(pc.binary_length(parts["open"]), pc.binary_length(parts["close"]))
        single = pc.less_equal(pc.utf8_length(self.signs), _ONE)
        there = pc.and_(closed, single)
        self.good = to_numpy(pc.and_(there.is_valid(), there)).copy()
        self.negative = pc.match_substring_regex(self.signs, rf"[({_MINUS}-]")


def _plain(texts: pa.Array) -> pa.Array | None:
    """Return texts as numbers, as those of CSV are read, or None when one is none."""
    for kind in NUMBERS:
        numbers, bad = parse(texts, kind)
        if bad is None:
            return None if has_codes(texts) else numbers
    return None


def _signed(bodies: pa.Array, negative: pa.Array) -> pa.Array:
    try:
        numbers = pc.cast(bodies, INT)
    except pa.ArrowInvalid:
        numbers = pc.cast(bodies, DOUBLE)
    return pc.if_else(negative, pc.negate(numbers), numbers)


def _whole(before: str, body: str, after: str) -> str:
    blank = f"[{_BLANKS}]*"
    start = rf"(?P<open>\(?)(?P<first>{_SIGN}){blank}(?P<before>{before}){blank}"
    end = rf"{blank}(?P<after>{after})(?P<last>-?)(?P<close>\)?)"
    return rf"^[ \t]*{start}(?P<second>{_SIGN})(?P<body>{body}){end}[ \t]*$"


def _body(group: str, point: str) -> str:
    dot = re.escape(point)
    if not group:
        return rf"(?:\d+(?:{dot}\d*)?|{dot}\d+)(?:[eE][+-]?\d+)?"
    mark = re.escape(group)
    indian = r"|\d{1,2}(?:,\d\d)+,\d{3}" if group == "," else ""
    return rf"(?:[1-9]\d{{0,2}}(?:{mark}\d{{3}})+|\d+{indian})(?:{dot}\d*)?"


_ANY = _whole(_BEFORE, _BODY, _AFTER)


#: Whatever is a number fits this; most of what is none does not, and costs nothing more.
_LIKELY = late(
    rf"[\s(+{_MINUS}-]*(?:[^\W\d]{{0,3}}\W{{0,2}}[\s+{_MINUS}-]*)?[\d.,][\d.,'\u2019\s]*"
    r"(?:[eE][+-]?\d+)?\D{0,12}|\s*[+-]?(?i:nan|inf|infinity)\s*"
)
_TRIED = 32


def share_of_likely(texts: pa.Array) -> float:
    """Return which share of the first of `texts` may be numbers at all."""
    tried = texts[:_TRIED].to_pylist()
    return sum(_LIKELY.fullmatch(text) is not None for text in tried) / max(1, len(tried))


def number_looks(texts: pa.Array) -> frozenset[NumberLook]:
    """Return all ways in which `texts` (distinct, without nulls) are numbers throughout."""
    if share_of_likely(texts) < 1:
        return frozenset()
    if pc.any(special := pc.match_substring_regex(texts, _NO_NUMBER)).as_py():
        texts = texts.filter(pc.invert(special))
    parts = _Parts(texts, _ANY)
    if not parts.good.all():
        return frozenset()
    pairs = _pairs(parts)
    if len(pairs) != 1 or sum(pairs.values()) != len(texts):
        return frozenset()
    return frozenset(_looks(parts, *next(iter(pairs))))


def likeliest(texts: pa.Array, decimal: str) -> NumberLook | None:
    """Return the way in which most of `texts` that are numbers are written, if there are any."""
    parts = _Parts(texts, _ANY)
    pairs = _pairs(parts)
    if not pairs:
        return None
    before, after = max(sorted(pairs), key=pairs.__getitem__)
    same = pc.and_(pc.equal(parts.before, scalar(before)), pc.equal(parts.after, scalar(after)))
    alike = texts.filter(pc.and_(same, from_numpy(parts.good)))
    dressed = _dressed(_Parts(alike, _ANY))
    ways = (NumberLook(before, after, *marks, *dressed) for marks in _marks())
    ranked = sorted(ways, key=lambda way: way.rank(decimal))
    return max(ranked, key=lambda way: int(way.read(alike)[1].sum()))


def units_of(texts: pa.Array) -> Counter[str]:
    """Return how many of `texts` (distinct, without nulls) are numbers of each unit."""
    found: Counter[str] = Counter()
    for (before, after), count in _pairs(_Parts(texts, _ANY)).items():
        found[before or after] += count
    return found


def _pairs(parts: _Parts) -> Counter[tuple[str, str]]:
    """Return what stands before and after numbers, where that can be a currency or a unit."""
    joined = pc.binary_join_element_wise(parts.before, parts.after, scalar("\0"))
    counts = pc.value_counts(joined.filter(from_numpy(parts.good)))
    found: Counter[tuple[str, str]] = Counter()
    for joined, count in zip(*(each.to_pylist() for each in counts.flatten()), strict=True):
        before, _, after = joined.partition("\0")
        if _is_currency(before) and after not in _NO_UNITS:
            found[before, after] = count
    return found


def _is_currency(text: str) -> bool:
    return not text[-1:].isalpha() or text.rstrip(".") in _CURRENCIES


def _marks() -> Iterator[tuple[str, str]]:
    return (pair for pair in product(_GROUPS, (".", ",")) if pair[0] != pair[1])


def _looks(parts: _Parts, before: str, after: str) -> Iterator[NumberLook]:
    if not before and not after and has_codes(parts.bodies):
        return
    brackets, minus = _dressed(parts)
    for group, point in _marks():
        fits = pc.match_substring_regex(parts.bodies, f"^(?:{_body(group, point)})$")
        if not pc.all(fits).as_py():
            continue
        for dressed in product({brackets, True}, {minus, _MINUS}):
            yield NumberLook(before, after, group, point, *dressed)


def _dressed(parts: _Parts) -> tuple[bool, str]:
    """Return whether negative numbers stand in brackets, and what minus they have."""
    brackets = pc.any(pc.match_substring(parts.signs, "(")).as_py()
    minus = pc.any(pc.match_substring(parts.signs, _MINUS)).as_py()
    return bool(brackets), _MINUS if minus else "-"
