"""The shape of texts, which says what they are where hardly a value recurs: lengths and forms.

A form is what is left of a text when each letter and digit is taken for its class and runs of
one class for one. `ORD-1742` has the form `A-9`, `ada@mail.com` the form `a@a.a`. Where a run of
letters and digits changes its class twice or more, as in a UUID, where each stands is chance: all
such runs of the text are then codes, `x`, or `X` without small letters. Of a text of words, with
a blank (or a script without blanks), the form is which classes there are and not in which order:
` Aa.` has large and small letters and punctuation.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from msgspec import Struct, field
from numpy.typing import NDArray

from driftcli.arrays import distinct, from_numpy, from_texts, to_numpy
from driftcli.profile import points
from driftcli.profile.points import Points

Counts = NDArray[np.int64]
Bytes = NDArray[np.uint8]

#: Forms that keep their own counts.
MOST_FORMS = 256
#: Of more texts than this, the forms of so many of the rows are looked at ...
MOST_LOOKED = 4_096
#: ... and no more than so many bytes of each.
_MOST_BYTES = 128
#: The seed of which rows are looked at.
_SEED = 20_251_129

#: Of people's texts, so many values are words, and lengths vary by so much of their mean.
_LEAST_WORDS = 0.5
_LEAST_SPREAD = 0.1
#: What stands for letters and digits whose order is chance.
CODE, LARGE_CODE = "x", "X"
_UPPER, _LOWER, _DIGIT, _CODE, _LARGE_CODE = np.frombuffer(
    f"Aa9{CODE}{LARGE_CODE}".encode(), np.uint8
)
#: Classes of the letters in a text of words, in the order in which its form names them; the first
#: is what makes it one.
_WORDS = " Aa9.#é"


def _classes() -> Bytes:
    """Return the class of each byte: letters beyond ASCII are small ones, signs their own."""
    classes = np.arange(256, dtype=np.uint8)
    classes[ord("0") : ord("9") + 1] = _DIGIT
    classes[ord("A") : ord("Z") + 1] = _UPPER
    classes[ord("a") : ord("z") + 1] = _LOWER
    classes[0x80:] = _LOWER
    return classes


def _word_classes() -> Bytes:
    """Return a bit of `_WORDS` for each byte; letters of scripts without blanks have two."""
    bits = np.full(256, 1 << _WORDS.index("#"), np.uint8)
    for characters, of in ((" \t\n\r\v\f", " "), (".,;:!?'\"()-", ".")):
        bits[list(characters.encode())] = 1 << _WORDS.index(of)
    for first, last, of in (("A", "Z", "A"), ("a", "z", "a"), ("0", "9", "9")):
        bits[ord(first) : ord(last) + 1] = 1 << _WORDS.index(of)
    bits[0x80:] = 1 << _WORDS.index("é")
    # First bytes in UTF-8 of the scripts of China, Japan and Korea.
    bits[0xE3:0xEE] |= 1 << _WORDS.index(" ")
    return bits


_CLASS_OF = _classes()
_WORD_CLASS_OF = _word_classes()
_WORD_FORMS = ["".join(c for i, c in enumerate(_WORDS) if bits >> i & 1) for bits in range(128)]


def _no_texts() -> Any:
    return from_texts([])


def _no_counts() -> Counts:
    return np.zeros(0, np.int64)


class Forms(Struct, frozen=True):
    """Distinct forms with row counts.

    Attributes
    ----------
    names : pyarrow.LargeStringArray
    counts : shape (names,)
        Rows of each form; where there is a `rest`, some of those may be in it.
    rest : int
        Rows of forms that are not in `names`, or that were not when they were counted.
    looked : int
        Rows that the counts are drawn from: all, or a sample.
    """

    names: Any = field(default_factory=_no_texts)
    counts: Counts = field(default_factory=_no_counts)
    rest: int = 0
    looked: int = 0

    @property
    def total(self) -> int:
        """Rows the counts stand for."""
        return int(self.counts.sum()) + self.rest


class TextShape(Struct, frozen=True):
    """How long texts are, in characters, and which forms they have.

    `whole` says that it is the shape of a whole column, though names of it are at hand: they are
    hashes.
    """

    lengths: Points = points.EMPTY
    forms: Forms = field(default_factory=Forms)
    whole: bool = False


EMPTY = TextShape()


class Told(NamedTuple):
    """The length of each text in characters, and the form of each."""

    lengths: Counts
    forms: Any


def of(names: Any, counts: Counts) -> TextShape:
    """Return the shape of distinct large strings, without nulls, that have so many rows each."""
    if not len(names):
        return EMPTY
    at, rows = _looked_at(counts)
    looked = names.take(from_numpy(at)) if at.size != counts.size else names
    return _shape(Told(to_numpy(pc.utf8_length(names)), _forms_of(looked)), counts, rows)


def told(names: Any) -> Told:
    """Return what the shapes of some of the names are made of."""
    return Told(to_numpy(pc.utf8_length(names)), _forms_of(names))


def of_told(told: Told, places: NDArray[np.int32], counts: Counts) -> TextShape:
    """Return the shape of the texts at some places, as `of` does."""
    if not places.size:
        return EMPTY
    at, rows = _looked_at(counts)
    forms = told.forms.take(from_numpy(places[at]))
    return _shape(Told(told.lengths[places], forms), counts, rows)


def _shape(told: Told, counts: Counts, rows: Counts) -> TextShape:
    """Return the shape of texts, of which the forms of those are told that are looked at."""
    return TextShape(_lengths(told.lengths, counts), _forms(told.forms, counts, rows))


def merge(parts: Sequence[TextShape]) -> TextShape:
    """Return the shape of the rows of all parts.

    Lengths are exact where those of the parts are. A form that some part did not keep has lost
    the rows it had there to the rest.
    """
    parts = [part for part in parts if part.lengths.values.size]
    if len(parts) < 2:
        return parts[0] if parts else EMPTY
    encoded = pc.dictionary_encode(pa.concat_arrays([part.forms.names for part in parts]))
    counts = np.concatenate([part.forms.counts for part in parts])
    forms = _kept(
        encoded.dictionary,
        np.bincount(to_numpy(encoded.indices), counts, len(encoded.dictionary)).astype(np.int64),
        rest=sum(part.forms.rest for part in parts),
        looked=sum(part.forms.looked for part in parts),
    )
    lengths = points.merge([part.lengths for part in parts])
    return TextShape(lengths, forms, any(part.whole for part in parts))


def _lengths(lengths: Counts, counts: Counts) -> Points:
    values = distinct(lengths)
    rows = np.bincount(np.searchsorted(values, lengths), counts).astype(np.int64)
    repeats = int(rows.sum()) - values.size
    return points.compress(
        Points(values.astype(np.float64), rows, 0.0, values.size, repeats), points.MAX_POINTS
    )


def _forms(forms: Any, counts: Counts, rows: Counts) -> Forms:
    encoded = pc.dictionary_encode(forms)
    size = len(encoded.dictionary)
    return _kept(
        encoded.dictionary,
        np.bincount(to_numpy(encoded.indices), rows, size).astype(np.int64),
        looked=int(counts.sum()) if counts.size <= MOST_LOOKED else MOST_LOOKED,
    )


def _looked_at(counts: Counts) -> tuple[NDArray[np.intp], Counts]:
    """Return which texts are looked at, and how many rows each stands for.

    Of many texts those are taken that one row has in each of as many equal stretches of all rows,
    so that a text stands for about as many rows as it has.
    """
    if counts.size <= MOST_LOOKED:
        return np.arange(counts.size), counts
    ends = np.cumsum(counts)
    edges = np.linspace(0, ends[-1], MOST_LOOKED + 1).astype(np.int64)
    widths = np.diff(edges)
    rows = edges[:-1] + (_chances() * widths).astype(np.int64)
    at = np.searchsorted(ends, rows, side="right")
    firsts = np.flatnonzero(np.diff(at, prepend=-1))
    return at[firsts], np.add.reduceat(widths, firsts)


@cache
def _chances() -> NDArray[np.float64]:
    return np.random.default_rng(_SEED).random(MOST_LOOKED)


def _kept(names: Any, counts: Counts, *, looked: int, rest: int = 0) -> Forms:
    """Return the commonest forms, with all others in the rest."""
    order = np.argsort(-counts, kind="stable")[:MOST_FORMS]
    kept = counts[order]
    rest += int(counts.sum() - kept.sum())
    return Forms(names.take(from_numpy(order)), kept, rest, looked)


def _forms_of(names: Any) -> Any:
    """Return the form of each text, as a large string."""
    text, starts = _heads(names)
    filled = np.flatnonzero(np.diff(starts))
    words = np.zeros(len(names), np.uint8)
    if filled.size:
        words[filled] = np.bitwise_or.reduceat(_WORD_CLASS_OF[text], starts[filled])
    of_words = _word_forms().take(from_numpy(words.astype(np.int64)))
    tokens = (words & 1) == 0
    if not tokens.any():
        return of_words
    lengths = np.diff(starts) * tokens
    inside = np.repeat(tokens, np.diff(starts))
    runs = _runs(text[inside], np.append(0, np.cumsum(lengths)))
    return pc.if_else(from_numpy(tokens), runs, of_words)


@cache
def _word_forms() -> Any:
    return from_texts(_WORD_FORMS)


def _heads(names: Any) -> tuple[Bytes, Counts]:
    """Return the first bytes of all texts in one, and where each begins; the end comes last."""
    _, offsets, data = names.buffers()
    places = np.frombuffer(offsets, np.int64)[names.offset : names.offset + len(names) + 1]
    lengths = np.minimum(np.diff(places), _MOST_BYTES)
    starts = np.append(0, np.cumsum(lengths))
    if not starts[-1]:
        return np.empty(0, np.uint8), starts
    at = np.arange(starts[-1]) + np.repeat(places[:-1] - starts[:-1], lengths)
    return np.frombuffer(data, np.uint8)[at], starts


def _runs(text: Bytes, starts: Counts) -> Any:
    """Return the forms of texts without blanks: the classes of their runs, in their order."""
    size = starts.size - 1
    first = np.zeros(text.size + 1, bool)
    first[starts] = True
    classes = _CLASS_OF[text]
    begins = first[:-1].copy()
    begins[1:] |= classes[1:] != classes[:-1]
    at = np.flatnonzero(begins)
    runs, opens = classes[at], first[at]
    owner = np.repeat(np.arange(size), np.diff(starts))[at]
    mixing = (runs == _UPPER) | (runs == _LOWER) | (runs == _DIGIT)
    # A run goes on where it is of another class than the one before, and no sign is between them.
    goes_on = mixing & ~opens
    goes_on[1:] &= mixing[:-1]
    changes_twice = goes_on.copy()
    changes_twice[1:] &= goes_on[:-1]
    code = np.zeros(size, bool)
    code[owner[changes_twice]] = True
    small = np.zeros(size, bool)
    small[owner[runs == _LOWER]] = True
    coded = code[owner] & mixing
    runs = np.where(coded, np.where(small[owner], _CODE, _LARGE_CODE), runs)
    kept = ~(coded & goes_on)
    offsets = np.append(0, np.cumsum(np.bincount(owner[kept], minlength=size)))
    buffers = [None, pa.py_buffer(offsets.astype(np.int64)), pa.py_buffer(runs[kept].tobytes())]
    return pa.Array.from_buffers(pa.large_string(), size, buffers)


def is_wordy(shape: TextShape) -> bool:
    """Return whether most values are words with letters, of lengths as people's words have."""
    forms, lengths = shape.forms, shape.lengths
    words = [form[:1] == " " and form.strip(" 9.#") != "" for form in forms.names.to_pylist()]
    if forms.counts[np.array(words, bool)].sum() < _LEAST_WORDS * forms.total:
        return False
    mean = float(np.average(lengths.values, weights=lengths.counts))
    variance = float(np.average(np.square(lengths.values - mean), weights=lengths.counts))
    return variance >= (_LEAST_SPREAD * mean) ** 2
