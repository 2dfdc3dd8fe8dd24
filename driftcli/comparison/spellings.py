"""What is said of columns whose values are written as something else: numbers and times as text."""

import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from driftcli.config import Settings
from driftcli.profile.dataset import DatasetProfile, Written
from driftcli.report.comparison import Finding
from driftcli.text import late


def find(
    baseline: DatasetProfile, current: DatasetProfile, settings: Settings
) -> Iterator[Finding]:
    """Yield how such columns were read; where the type or the unit changed, as such a change."""
    for name in baseline.types:
        before, after = baseline.written.get(name), current.written.get(name)
        if name not in current.types or (before is None and after is None):
            continue
        changed = _change(name, baseline, current)
        yield Finding(
            kind="type_change" if changed else "read_as",
            column=name,
            status=settings.type_change if changed else "ok",
            message=f"`{name}` {changed}{_how(before, after)}",
        )


def _change(name: str, baseline: DatasetProfile, current: DatasetProfile) -> str:
    """Say what changed of the type that is stored, or of the unit; nothing where none did."""
    stored = [_stored(name, side) for side in (baseline, current)]
    # A column without any value has no type that could have changed.
    typed = baseline.typed and current.typed and "null" not in stored
    if typed and stored[0] != stored[1]:
        return f"changed its type, {stored[0]} → {stored[1]}; it "
    units = [side.written[name].unit for side in (baseline, current) if name in side.written]
    if len(set(map(str.casefold, units))) > 1 and all(units):
        return f"changed its unit, {units[0]!r} → {units[1]!r}; it "
    return ""


def _stored(name: str, side: DatasetProfile) -> str:
    written = side.written.get(name)
    return written.stored if written else side.types[name]


def _how(before: Written | None, after: Written | None) -> str:
    """Say what a column is read as, and what it looks like on which side."""
    if after is not None and not after.read:
        return (
            f"is read as text, as the baseline was; {after.kind} written like "
            f"{after.example!r} would be read as such beside a profile that is made again"
        )
    sides = [each for each in (before, after) if each is not None]
    if len({each.example for each in sides}) == 1 and len(sides) > 1:
        return f"is read as {sides[0].kind} written like {sides[0].example!r}"
    told = [
        f"{each.example!r} in the {side}"
        for each, side in ((before, "baseline"), (after, "current data"))
        if each is not None
    ]
    return f"is read as {sides[-1].kind} written like {', and like '.join(told)}"


def notes(profile: DatasetProfile) -> Iterator[str]:
    """Yield how columns of one dataset were read."""
    for name, each in profile.written.items():
        if each.read:
            yield f"`{name}` is read as {each.kind} written like {each.example!r}"


UNICODE = "Unicode normalisation"
_ZEROS = late(r"(?<![\d.,])0+(?=\d)")
#: After a letter, or before one: 1.5 is not 15, and -1 is not 1.
_SEPARATORS = late(r"(?<=[^\W\d_])[\s_./-]+|(?<=\d)[\s_./-]+(?=[^\W\d_]|$)")


def _decoded(name: str) -> str:
    """Return a name as it was meant, where its UTF-8 was read as another encoding."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return name.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return name


def _without_accents(name: str) -> str:
    parts = unicodedata.normalize("NFD", name)
    return "".join(each for each in parts if not unicodedata.combining(each))


#: How writings may differ, in the words of a report, and what takes the difference off. What
#: reads more into a name comes later.
_WAYS: dict[str, Callable[[str], str]] = {
    UNICODE: lambda name: unicodedata.normalize("NFC", name),
    "blanks around": str.strip,
    "quotes around": lambda name: re.sub(r"""^(["'])(.+)\1$""", r"\2", name),
    "an encoding read for another": _decoded,
    "upper and lower case": str.casefold,
    "leading zeros": lambda name: _ZEROS.sub("", name),
    "accents": _without_accents,
    "blanks and signs between words": lambda name: _SEPARATORS.sub("", name),
}
#: In more ways at once no writing is told from another name.
_MOST_WAYS = 3
#: Of more names than this, nobody reads which are alike.
_MOST = 20_000


class Rewritten(NamedTuple):
    """Names of one side only that the other side has in another writing."""

    ways: tuple[str, ...]
    new: list[int]
    lost: list[int]
    example: tuple[str, str]


def rewritten(
    names: Sequence[str], p: NDArray[np.float64], q: NDArray[np.float64]
) -> Iterator[Rewritten]:
    """Yield, for each way in which writings differ, the names that it alone tells apart.

    Parameters
    ----------
    p, q : shape (names,)
        The shares of the baseline and of the current data.
    """
    if len(names) > _MOST:
        return
    before, after = (np.flatnonzero(side).tolist() for side in (p, q))
    came, went = set(after) - set(before), set(before) - set(after)
    if not came and not went:
        return
    rough = _rough(names)
    came, went = _alike(rough, came, before), _alike(rough, went, after)
    if not came and not went:
        return
    likely = {rough[at] for at in came | went}
    before, after = ([at for at in side if rough[at] in likely] for side in (before, after))
    plain = {at: _plain(names[at], tuple(_WAYS)) for at in {*before, *after}}
    came, went = _alike(plain, came, before), _alike(plain, went, after)
    for size in range(1, _MOST_WAYS + 1):
        for ways in combinations(_WAYS, size):
            new, lost = _matched(names, came, before, ways), _matched(names, went, after, ways)
            came, went = came - set(new), went - set(lost)
            if new or lost:
                yield Rewritten(ways, list(new), list(lost), _example(names, new, lost))


#: Between names that are looked at together.
_END = "\0"
_SIGNS = str.maketrans("", "", string.whitespace + "\x1c\x1d\x1e\x1f\"'_./-")


def _rough(names: Sequence[str]) -> list[str]:
    """Return for each name what those that are alike have in common, and most others have not.

    What differences take off of ASCII are signs and zeros, of all names at once.
    """
    text = _END.join(names)
    if text.isascii() and text.count(_END) == len(names) - 1:
        return _ZEROS.sub("", text.casefold()).translate(_SIGNS).split(_END)
    return [_plain(name, tuple(_WAYS)) for name in names]


def _alike(
    plain: Sequence[str] | Mapping[int, str], own: set[int], other: Sequence[int]
) -> set[int]:
    """Return which names of one side are those of the other side with all differences taken off."""
    known = {plain[at] for at in other}
    return {at for at in own if plain[at] in known}


def _matched(
    names: Sequence[str], own: set[int], other: Sequence[int], ways: Sequence[str]
) -> dict[int, int]:
    """Return for names of one side the name of the other side that they are alike to."""
    if not own:
        return {}
    known = {_plain(names[at], ways): at for at in other}
    alike = {at: known.get(_plain(names[at], ways)) for at in sorted(own)}
    return {at: found for at, found in alike.items() if found is not None}


def _plain(name: str, ways: Sequence[str]) -> str:
    for way in ways:
        name = _WAYS[way](name)
    return name


def _example(names: Sequence[str], new: dict[int, int], lost: dict[int, int]) -> tuple[str, str]:
    """Return how the baseline writes a name, and how the current data does."""
    before, after = next(((old, at) for at, old in new.items()), None) or next(iter(lost.items()))
    return names[before], names[after]
