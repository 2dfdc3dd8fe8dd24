"""What is assumed of the columns of a text source, and what has become of it.

Types are guessed from samples; every fragment reports what its values were.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

import pyarrow as pa
from msgspec.structs import replace

from driftcli.source.observing import Assumed, Observed, Tallied, Tally, void
from driftcli.source.text_types import NUMBERS, STRING, expected_types, is_time
from driftcli.text import quoted, visible

#: A text column gets a note when at least this share of its values are numbers, or times.
MOSTLY = 0.9
#: A longer text is nothing to be typed.
_TYPED = 100


class Assumptions:
    """Types by column name, and which of them did not hold."""

    def __init__(self, assumed: Assumed) -> None:
        self._assumed = assumed
        self._known = Observed(assumed.types)
        self._tallied: dict[int, Tallied] = {}
        self._next: Assumptions | None = None

    @classmethod
    def of(
        cls,
        types: Mapping[str, pa.DataType],
        expected: Mapping[str, pa.DataType],
        decimal: str = ".",
        mostly: Mapping[str, pa.DataType] = MappingProxyType({}),
    ) -> "Assumptions":
        """Return assumptions of some types (see `Assumed`).

        Parameters
        ----------
        mostly : mapping
            Text columns whose values of another type are to be counted, for a note.
        """
        counted = {name: kind for name, kind in mostly.items() if types[name] == STRING}
        return cls(Assumed(dict(types), dict(expected), decimal, counted))

    @property
    def assumed(self) -> Assumed:
        """What is assumed, with what is known by now."""
        return replace(self._assumed, known=self._known)

    @property
    def types(self) -> dict[str, pa.DataType]:
        """The types as far as is known, also from the pass that follows this one."""
        found = dict(self._known.types)
        return found | self._next.types if self._next else found

    def learn(self, observed: Observed) -> None:
        """Take what a fragment observed."""
        self._tallied.update(observed.tallied)
        self._known = self._known.joined(replace(observed, tallied={}, paths=frozenset()))

    def expecting(self, types: Mapping[str, pa.DataType]) -> "Assumptions":
        """Return the same with given types for those of its columns that `types` names."""
        start, expected = self._assumed.types, self._assumed.expected
        given = {n: kind for n, kind in expected_types(types).items() if n in start}
        others = {n: kind for n, kind in self._assumed.counted.items() if n not in given}
        return Assumptions.of({**start, **given}, {**expected, **given}, self._decimal, others)

    def revision(self, kept: Iterable[str] | None = None) -> "Assumptions | None":
        """Return what to assume of the void columns (among `kept`) in the pass that follows.

        None when there are no such columns.
        """
        names = None if kept is None else set(kept)
        found = {n: kind for n, kind in self._void().items() if names is None or n in names}
        if found:
            expected = self._assumed.expected
            self._next = Assumptions.of(found, expected, self._decimal, self._before())
        return self._next

    @property
    def _decimal(self) -> str:
        return self._assumed.decimal

    def _void(self) -> dict[str, pa.DataType]:
        return void(self._assumed.types, self._known.types)

    def _before(self) -> dict[str, pa.DataType]:
        """Return the columns that were taken for numbers or times and are text."""
        texts = (name for name, kind in self._void().items() if kind == STRING)
        before = {name: self._assumed.types.get(name) for name in texts}
        return {n: kind for n, kind in before.items() if kind in NUMBERS or is_time(kind)}

    def notes(self) -> tuple[str, ...]:
        """Return a sentence for each text column nearly all of whose values are of one type."""
        own = (self._note(name) for name in self._assumed.types if name in self._assumed.counted)
        told = tuple(note for note in own if note)
        return told + self._next.notes() if self._next else told

    def _note(self, name: str) -> str:
        held = [(i, each.tallies.get(name, Tally())) for i, each in sorted(self._tallied.items())]
        values, typed = (sum(getattr(t, of) for _, t in held) for of in ("values", "typed"))
        first = next(((index, *tally.first) for index, tally in held if tally.first), None)
        if first is None or any(t.codes for _, t in held) or typed < MOSTLY * values:
            return ""
        index, row, text = first
        place = row + sum(each.rows for i, each in self._tallied.items() if i < index) + 1
        others = {other for _, tally in held for other in tally.others}
        times = is_time(self._assumed.counted[name])
        hint = (
            f"; `--null {visible(text)}` makes it double"
            if len(others) == 1 and len(text) <= _TYPED
            else ""
        )
        if times:
            hint = "; list it under `timestamp` to have it read so"
        return (
            f"`{visible(name)}` is read as text: {typed:,} of {values:,} values are "
            f"{'times' if times else 'double'}, first other {quoted(text)} at row {place:,}{hint}"
        )
