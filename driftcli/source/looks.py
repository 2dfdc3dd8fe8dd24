"""How the values of a column are written where text files are not read so anyhow: its look.

A look is recognised when all values of a column agree on it and nothing else would read them as
well; a setting or the baseline may name one that some values do not have.
"""

import json
import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct
from msgspec.structs import asdict
from numpy.typing import NDArray

from driftcli.arrays import from_numpy, null, to_numpy
from driftcli.source.number_looks import NumberLook, likeliest, number_looks
from driftcli.source.text_types import BOOL, FALSE_EXPECTED, TRUE_EXPECTED, as_texts, texts_of
from driftcli.source.time_looks import (
    EpochLook,
    TimeLook,
    digit_looks,
    likeliest_times,
    problem_of,
    says_time,
    time_looks,
)


class TruthLook(Struct, frozen=True, order=True):
    """Booleans written otherwise than true and false, where the baseline has booleans."""

    written: str

    @property
    def example(self) -> str:
        """A value that is written in this way."""
        return self.written

    def read(self, values: pa.Array) -> tuple[pa.Array, NDArray[np.bool_]]:
        """Return the booleans that `values`, numbers or texts, are, and which of them are one."""
        texts = as_texts(values)
        true, false = (
            pc.is_in(texts, texts_of(known)) for known in (TRUE_EXPECTED, FALSE_EXPECTED)
        )
        good = to_numpy(pc.or_(true, false)).copy()
        return pc.if_else(from_numpy(good), true, null(BOOL)), good


Look = NumberLook | TimeLook | EpochLook | TruthLook
Looks = frozenset[Look]
NONE: Looks = frozenset()
_CLASSES: dict[str, type[Look]] = {
    "number": NumberLook,
    "time": TimeLook,
    "epoch": EpochLook,
    "boolean": TruthLook,
}
_KINDS = {NumberLook: "numbers", TimeLook: "times", EpochLook: "times", TruthLook: "booleans"}
#: A look that fewer values have is none of theirs.
MOST = 0.5


def kind_of(look: Look) -> str:
    """Return what a look reads: "numbers", "times" or "booleans"."""
    return _KINDS[type(look)]


def encoded(look: Look) -> str:
    """Return a look as text, for `decoded`."""
    name = next(name for name, each in _CLASSES.items() if type(look) is each)
    return json.dumps({"look": name, **asdict(look)}, ensure_ascii=False)


def decoded(text: str) -> Look | None:
    """Return the look that a text stands for; None for one that this version does not know."""
    try:
        fields = json.loads(text)
        look = _CLASSES[fields.pop("look")](**fields)
        look.read(texts_of(["1"]))
    except (ValueError, KeyError, TypeError, AttributeError, pa.ArrowException):
        return None
    return look


def looks_of(values: pa.Array, name: str, *, digits: bool | None = None) -> Looks:
    """Return the looks that all of `values` (distinct, without nulls) have.

    Parameters
    ----------
    values : shape (values,)
        Texts or numbers.
    digits : bool, optional
        Whether digits alone may be times. The name of the column says so when not given.
    """
    found: set[Look] = set()
    if says_time(name) if digits is None else digits:
        found |= digit_looks(values)
    if pa.types.is_string(values.type):
        found |= time_looks(values) or number_looks(values)
    return frozenset(found)


def preferred(looks: Looks, decimal: str) -> Look | None:
    """Return the look that a column has which may have any of `looks`, None when it is unclear."""
    times = sorted(each for each in looks if isinstance(each, TimeLook))
    epochs = sorted(each for each in looks if isinstance(each, EpochLook))
    if times or epochs:
        return (times + epochs)[0] if len(times) + len(epochs) == 1 else None
    truths = [each for each in looks if isinstance(each, TruthLook)]
    if truths:
        return truths[0]
    numbers = [each for each in looks if isinstance(each, NumberLook)]
    return min(numbers, key=lambda each: each.rank(decimal), default=None)


def likely_look(values: pa.Array, kind: str, decimal: str, *, digits: bool = True) -> Look | None:
    """Return the look of a `kind` that most of `values` (distinct, without nulls) have.

    With `digits`, digits alone may be times.
    """
    texts = pa.types.is_string(values.type)
    looks: Iterable[Look | None]
    if kind == "booleans":
        looks = [TruthLook(_shown(values))]
    elif kind == "times":
        looks = digit_looks(values) if digits and len(values) else ()
        looks = looks or (likeliest_times(values) if texts else ())
    else:
        looks = [likeliest(values, decimal)] if texts else ()
    one = preferred(frozenset(each for each in looks if each is not None), decimal)
    if one is None or not len(values) or one.read(values)[1].mean() < MOST:
        return None
    return one


def _shown(values: pa.Array) -> str:
    texts = sorted(map(str, values[:4].to_pylist()))
    return "/".join(texts[:2])


def from_setting(text: str) -> Look:
    """Return the look that a setting names: a format, a unit of an epoch, or a number as example.

    Raises
    ------
    ValueError
        When it names none, or more than one; the message says why.

    Examples
    --------
    >>> from_setting("%d/%m/%Y")
    TimeLook(format='%d/%m/%Y')
    """
    if text in ("s", "ms", "us", "ns"):
        return EpochLook(text)
    if re.search("%[A-Za-z]", text):
        if problem := problem_of(text):
            raise ValueError(problem)
        return TimeLook(text)
    looks = number_looks(texts_of([text])) if text.strip() else ()
    plain = [each for each in looks if not each.brackets and each.minus == "-"] or sorted(looks)
    if not plain:
        raise ValueError("neither a format of times nor a number")
    points = {each.point for each in plain if each.group} or {each.point for each in plain}
    if len(points) > 1 and re.search(r"\d[.,]\d", text):
        raise ValueError("it may be read in two ways; give a number such as 1,234.50")
    return min(plain, key=lambda each: each.rank("."))
