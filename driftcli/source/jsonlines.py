"""JSON Lines: Arrow parses chunks under one explicit schema; where it cannot, Python does.

The rules of types are those of `text_types`, but for strings: JSON says itself what is a string,
so a column of strings is text, be they dates or numbers, unless the baseline expects another type.
Objects are flattened; a key that is missing is null; a key whose values are objects and others is
a column of the others beside those of the objects. Arrays stay in the schema and are not decoded.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from types import MappingProxyType
from typing import Any

import pyarrow as pa
import pyarrow.json as pj
from msgspec import Struct
from msgspec.structs import replace

from driftcli.config import ReadSettings
from driftcli.source import records as text_records
from driftcli.source.assumptions import Assumptions
from driftcli.source.columns import batch_of, checked_schema, flat_arrays, one_batch
from driftcli.source.contract import Block, Fragment, Seen, Unparsed
from driftcli.source.csv_layout import SAMPLE_BYTES
from driftcli.source.files import File, spread
from driftcli.source.json_documents import json_chunks
from driftcli.source.json_layouts import refuse_tables
from driftcli.source.json_values import (
    LIST,
    columns_of,
    json_type,
    lists,
    readable,
    records,
    texts,
    without_elements,
)
from driftcli.source.observing import Assumed, Observed, Observer, Path
from driftcli.source.partitions import constants, partition_types, path_keys, with_partitions
from driftcli.source.records import Chunk, codec
from driftcli.source.stored import Cuts, Cutter, UnreadChunk, cut_by, fragment_of
from driftcli.source.text_types import (
    BOOL,
    DOUBLE,
    INT,
    NULL,
    STRING,
    join,
    parse,
    schema_of,
    typed_nulls,
)

PARSE_BYTES = 1 << 20
#: Types that JSON has; a column that is expected to be of another one is read as text first.
NATIVE = (NULL, BOOL, INT, DOUBLE, STRING)
#: Where these are expected, a string is none of them, whatever it holds.
_NOT_TEXT = (BOOL, INT, DOUBLE)


class Keys:
    """The path of each column: what distinguishes a key "a.b" from a key b in an object a."""

    def __init__(self, name: str, known: Iterable[Path] = ()) -> None:
        self.paths: dict[str, Path] = {".".join(path): path for path in known}
        self.name = name

    def add(self, path: Path) -> str:
        """Return the column's name.

        Raises
        ------
        InputError
            When another path has that name.
        """
        name = ".".join(path)
        known = self.paths.setdefault(name, path)
        if known != path:
            checked_schema([(name, NULL), (name, NULL)], self.name)
        return name


def open_jsonl(name: str, files: Sequence[File], read: ReadSettings) -> "JsonSource":
    """Open JSON Lines files; their keys and types are joined over all of them.

    Raises
    ------
    InputError
        When a head is not JSON Lines.
    """
    encoding = codec(read.encoding)
    keys = Keys(name)
    types: dict[str, pa.DataType] = {}
    for file in spread(files):
        for rows in _samples(file, encoding):
            for path, values in columns_of(rows).items():
                column = keys.add(path)
                types[column] = join(types.get(column, NULL), json_type(values))
    return JsonSource(name, files, encoding, Assumptions.of(types, {}), keys)


def _samples(file: File, encoding: str) -> list[list[dict[str, Any]]]:
    """Return the records of the first chunks of a file."""
    sampled = [
        list(records(replace(chunk, data=readable(chunk, file)), file))
        for chunk in islice(json_chunks(file, encoding, SAMPLE_BYTES), 2)
    ]
    if sum(map(len, sampled)) == 1:
        refuse_tables(next(rows[0] for rows in sampled if rows), file)
    return sampled


class JsonSource:
    """JSON Lines files, in order, under one set of assumptions about their columns."""

    format = "jsonl"
    rows: int | None = None
    notes: tuple[str, ...] = ()
    partial: Mapping[str, tuple[int, int]] = MappingProxyType({})

    def __init__(  # noqa: PLR0913 - what is read, and what is known of it
        self,
        name: str,
        files: Sequence[File],
        encoding: str,
        state: Assumptions,
        keys: Keys,
        only: Sequence[str] | None = None,
        *,
        cuts: Mapping[File, Cuts] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self._files = files
        self._cuts = cuts
        self._encoding = encoding
        self._state = state
        self._keys = keys
        self._only = only
        self._partitions = partition_types(files)
        self.path_keys = path_keys(name, [k for k in self._partitions if k not in state.types])
        packed = any(file.compression for file in files)
        self.size = None if packed else sum(file.size for file in files)

    @property
    def schema(self) -> pa.Schema:
        """Columns and the types found so far; nulls in the place of an object are no column."""
        types = self._state.types
        if self._only is not None:
            return schema_of({name: types[name] for name in self._only})
        own = without_empty_objects(types)
        added = {k: kind for k, kind in self._partitions.items() if k not in own}
        return schema_of({**own, **added})

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the chunks of all files; a file is read on as fragments are asked for."""
        types = self._state.types
        own = [name for name in columns if name in types]
        for file in self._files:
            values = constants(file, self._partitions)
            for chunk in self._chunks(file):
                carriers = own or list(types)[:1]
                parse = partial(
                    JsonFragment,
                    file=file,
                    columns=carriers,
                    assumed=self._state.assumed,
                    keys=Keys(self._keys.name, self._keys.paths.values()),
                    others=self._only is None,
                )
                fragment = fragment_of(chunk, parse, carriers)
                if own == list(columns):
                    yield fragment
                else:
                    yield from with_partitions(iter([fragment]), columns, carriers, values)

    def _chunks(self, file: File) -> Iterator[Chunk | UnreadChunk]:
        cuts = self._cuts.get(file)
        return json_chunks(file, self._encoding) if cuts is None else cuts.each()

    def cut(self, cutter: Cutter) -> "JsonSource":
        """Return the source with its files cut."""
        size = text_records.CHUNK_BYTES
        cuts = cut_by(cutter, [UncutJson(each, self._encoding, size) for each in self._files])
        return JsonSource(
            self.name, self._files, self._encoding, self._state, self._keys, self._only, cuts=cuts
        )

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return values from the start of some of the files, as texts."""
        wanted = set(columns)
        found: dict[str, list[pa.Array]] = {}
        for file in spread(self._files) if columns else ():
            for rows in _samples(file, self._encoding):
                for path, values in columns_of(rows).items():
                    if (name := ".".join(path)) in wanted:
                        found.setdefault(name, []).append(texts(values))
        return {name: pa.concat_arrays(parts) for name, parts in found.items()}

    def learn(self, seen: Seen) -> None:
        """Take what fragments saw, keys that were not known among it."""
        if isinstance(seen.text, Observed):
            for path in seen.text.paths:
                self._keys.add(path)
            self._state.learn(seen.text)

    def expecting(self, types: Mapping[str, pa.DataType]) -> "JsonSource":
        """Return the source with some columns read as given types."""
        return self._with(self._state.expecting(types), self._only)

    def revised(self) -> "JsonSource | None":
        """Return a source of the columns that came up late or whose type did not hold."""
        state = self._state.revision(without_empty_objects(self._state.types))
        return None if state is None else self._with(state, list(state.types))

    def _with(self, state: Assumptions, only: Sequence[str] | None) -> "JsonSource":
        return JsonSource(
            self.name, self._files, self._encoding, state, self._keys, only, cuts=self._cuts
        )


def without_empty_objects(types: Mapping[str, pa.DataType]) -> dict[str, pa.DataType]:
    """Return columns without those that are null wherever they are not an object."""
    objects = {name[:i] for name in types for i, c in enumerate(name) if c == "."}
    return {n: kind for n, kind in types.items() if kind != NULL or n not in objects}


class UncutJson(Struct, frozen=True):
    """A file that is to be cut into chunks of so many bytes."""

    file: File
    encoding: str
    size: int

    @property
    def in_place(self) -> bool:
        """Whether its records are the bytes of the file, if these are UTF-8."""
        return self.encoding == "utf-8"

    def records(self) -> Iterator[tuple[Chunk, str]]:
        """Yield its chunks; of a last line that is no record nothing is known here."""
        return ((chunk, "") for chunk in json_chunks(self.file, self.encoding, self.size))


class JsonFragment(Struct, frozen=True):
    """Some lines of one file. With `others`, keys that are not known yet are looked for."""

    chunk: Chunk
    file: File
    columns: Sequence[str]
    assumed: Assumed
    keys: Keys
    others: bool
    rows: int | None = None

    @property
    def size(self) -> int:
        """Bytes of text."""
        return self.chunk.size

    def blocks(self) -> Iterator[Block]:
        """Parse the lines."""
        chunk = replace(self.chunk, data=readable(self.chunk, self.file))
        state = Observer(self.assumed)
        keys = Keys(self.keys.name, self.keys.paths.values())
        arrays = self._parsed(state.types, chunk.data)
        invalid: dict[str, Unparsed] = {}
        if arrays is None:
            arrays, invalid, rows = self._tolerant(state, keys, chunk)
        else:
            rows = len(next(iter(arrays.values()))) if arrays else 0
            for name in self.columns:
                if name in state.expected and state.expected[name] not in NATIVE:
                    arrays[name], found = state.settle(name, arrays[name])
                    if found:
                        invalid[name] = found
        wanted = state.without_void({name: arrays[name] for name in self.columns}, rows)
        shown = [a.dictionary_encode() if a.type == STRING else a for a in wanted.values()]
        if rows:
            late = [path for name, path in keys.paths.items() if name not in self.keys.paths]
            yield Block(batch_of(self.columns, shown, rows), invalid, state.seen(late))

    def _parsed(self, types: Mapping[str, pa.DataType], data: bytes) -> dict[str, pa.Array] | None:
        """Return the columns as Arrow reads them under the assumed types; None if it cannot."""
        if not self.others:
            types = {name: types[name] for name in self.columns}
        explicit = {name: _native(kind) for name, kind in types.items() if kind != LIST}
        try:
            table = pj.read_json(
                pa.BufferReader(data),
                pj.ReadOptions(use_threads=False, block_size=PARSE_BYTES),
                pj.ParseOptions(
                    explicit_schema=nested_schema(explicit, self.keys.paths),
                    newlines_in_values=False,
                    unexpected_field_behavior="infer" if self.others else "ignore",
                ),
            )
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        batch = one_batch(table)
        arrays = dict(flat_arrays(batch.schema.names, batch.columns))
        for name, array in arrays.items():
            if name not in explicit and not (
                pa.types.is_list(array.type) and types.get(name) == LIST
            ):
                return None
        for name in self.columns:
            if name not in arrays:
                arrays[name] = pa.nulls(batch.num_rows, types[name])
            elif types[name] == LIST:
                arrays[name] = without_elements(arrays[name])
        return arrays

    def _tolerant(
        self, state: Observer, keys: Keys, chunk: Chunk
    ) -> tuple[dict[str, pa.Array], dict[str, Unparsed], int]:
        """Return the columns as Python reads them, what did not parse, and the rows."""
        rows = list(records(chunk, self.file))
        found = {keys.add(path): values for path, values in columns_of(rows).items()}
        arrays: dict[str, pa.Array] = {}
        invalid: dict[str, Unparsed] = {}
        for name, values in found.items():
            if not self.others and name not in self.columns:
                continue
            if name in state.expected:
                as_written = state.expected[name] in _NOT_TEXT
                arrays[name], wrong = state.settle(name, texts(values, as_written=as_written))
                if wrong:
                    invalid[name] = wrong
            else:
                arrays[name] = _settled(state, name, values)
        for name in self.columns:
            if name not in arrays:
                arrays[name] = typed_nulls(len(rows), state.types[name])
        return arrays, invalid, len(rows)


def _settled(state: Observer, name: str, values: Sequence[Any]) -> pa.Array:
    """Return a column as the type that all its values seen so far have."""
    kind = state.widen(name, json_type(values))
    if kind == LIST:
        return lists(values)
    return parse(texts(values), kind)[0]


def _native(kind: pa.DataType) -> pa.DataType:
    return kind if kind in NATIVE else STRING


def nested_schema(types: Mapping[str, pa.DataType], paths: Mapping[str, Path]) -> pa.Schema:
    """Return the schema whose flattened columns are `types`."""
    tree: dict[str, Any] = {}
    for name, kind in types.items():
        *above, last = paths[name]
        node = tree
        for key in above:
            below = node.get(key)
            # An object wins over another value of the same key: a line with the other value is
            # then refused by Arrow, and left to Python, which knows both.
            node[key] = below if isinstance(below, dict) else {}
            node = node[key]
        if not isinstance(node.get(last), dict):
            node[last] = kind
    return pa.schema(_fields(tree))


def _fields(tree: Mapping[str, Any]) -> list[pa.Field]:
    return [
        pa.field(key, pa.struct(_fields(below)) if isinstance(below, dict) else below)
        for key, below in tree.items()
    ]
