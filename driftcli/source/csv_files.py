"""CSV and other delimited text: a serial splitter, and typed parsing of each chunk in a thread.

The types are those of `text_types`: guessed from samples of the files, then held against every
value. A chunk that holds a value of another type is read again with that column as text, and
what all of the column's values have in common decides.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import pyarrow as pa
from msgspec import Struct
from msgspec.structs import replace

from driftcli.config import ReadSettings
from driftcli.errors import UsageError
from driftcli.source import records
from driftcli.source.assumptions import Assumptions
from driftcli.source.columns import batch_of, one_batch
from driftcli.source.contract import Block, Fragment, Seen, Unparsed
from driftcli.source.csv_head import holds_nul
from driftcli.source.csv_layout import Layout, csv_layout, samples
from driftcli.source.csv_parsing import (
    Form,
    damage,
    failed_column,
    may_hold_codes,
    plain_records,
    read_table,
)
from driftcli.source.files import File, spread
from driftcli.source.observing import Assumed, Observed, Observer
from driftcli.source.partitions import (
    constants,
    partial_columns,
    partition_types,
    path_keys,
    with_partitions,
)
from driftcli.source.records import Chunk, chunks, count_byte, decoded
from driftcli.source.stored import Cuts, Cutter, UnreadChunk, cut_by, fragment_of
from driftcli.source.text_types import (
    BOOL,
    DOUBLE,
    NULL,
    NUMBERS,
    STRING,
    castable,
    has_codes,
    join,
    least_type,
    schema_of,
)
from driftcli.source.typed import refuse_other_names
from driftcli.text import quoted

#: After so many columns of a chunk failed one by one, all its typed columns are read as text.
PATIENCE = 3
#: A sampled text column with this share of numbers gets its numbers counted, for a note.
SUSPECT = 0.5


def open_csv(name: str, files: Sequence[File], read: ReadSettings) -> "CsvSource":
    """Open delimited files with the same columns.

    Raises
    ------
    InputError
        When a head cannot be read or the files' columns differ.
    UsageError
        When a setting makes no sense.
    """
    if len(read.decimal) != 1:
        raise UsageError(f"decimal must be one character, not {quoted(read.decimal)}.")
    first = csv_layout(files[0], read)
    layouts = [first, *(csv_layout(file, read, first) for file in files[1:])]
    names = list(dict.fromkeys(name for layout in layouts for name in layout.names))
    for layout in layouts[1:]:
        refuse_other_names(layout.file, layout.names, first.file, first.names)
    form = Form(read.decimal, read.null, bits=False)
    types, suspects = _guess(layouts, names, form)
    return CsvSource(name, layouts, Assumptions.of(types, {}, read.decimal, suspects), form)


def _guess(
    layouts: Sequence[Layout], columns: Sequence[str], form: Form
) -> tuple[dict[str, pa.DataType], dict[str, pa.DataType]]:
    """Return the types of sampled values, and the text columns many of which are numbers."""
    types = dict.fromkeys(columns, NULL)
    suspects: dict[str, pa.DataType] = {}
    for table in _sampled(layouts, columns, form):
        for name in table.column_names:
            values = table.column(name).combine_chunks()
            types[name] = join(types[name], least_type(values, form.decimal))
            if types[name] == STRING and _many_numbers(values, form.decimal):
                suspects[name] = DOUBLE
    return types, suspects


def _sampled(layouts: Sequence[Layout], columns: Sequence[str], form: Form) -> Iterator[pa.Table]:
    """Yield samples of some columns, as texts."""
    for layout in spread(layouts):
        for sample in samples(layout):
            held = [name for name in columns if name in layout.names]
            if not sample.strip() or not held:
                continue
            try:
                records_alone, _ = plain_records(sample, layout)
                yield read_table(records_alone, layout, dict.fromkeys(held, STRING), form)
            except pa.ArrowInvalid:
                # Said better by the fragment that meets it, which knows the line.
                continue


def _many_numbers(values: pa.Array, decimal: str) -> bool:
    texts = values.drop_null()
    return len(texts) > 0 and bool(castable(texts, DOUBLE, decimal).mean() >= SUSPECT)


class CsvSource:
    """Delimited files, in order, under one set of assumptions about their columns."""

    format = "csv"
    rows: int | None = None

    def __init__(
        self,
        name: str,
        layouts: Sequence[Layout],
        state: Assumptions,
        form: Form,
        only: Sequence[str] | None = None,
        cuts: Mapping[File, Cuts] = MappingProxyType({}),
    ) -> None:
        self.name = name
        self._layouts = layouts
        self._cuts = cuts
        self._state = state
        self._form = form
        self._only = only
        self._told: dict[str, list[File]] = {}
        for layout in layouts:
            self._tell(layout.file, *layout.notes)
        self._names = list(dict.fromkeys(each for layout in layouts for each in layout.names))
        self._partitions = partition_types([layout.file for layout in layouts])
        for own in self._names:
            self._partitions.pop(own, None)
        self.partial = partial_columns([layout.names for layout in layouts])
        self.path_keys = path_keys(name, self._partitions)
        packed = any(layout.file.compression for layout in layouts)
        self.size = None if packed else sum(layout.file.size for layout in layouts)

    @property
    def schema(self) -> pa.Schema:
        """Columns and the types found so far."""
        types = self._state.types
        own = {name: types[name] for name in (self._only or self._names)}
        return schema_of(own if self._only else {**own, **self._partitions})

    @property
    def notes(self) -> tuple[str, ...]:
        """How the files are laid out where that is unusual, and text columns of numbers."""
        told = (self._of_files(note, files) for note, files in self._told.items())
        return (*told, *self._state.notes())

    def _tell(self, file: File, *notes: str) -> None:
        for note in notes:
            self._told.setdefault(note, []).append(file)

    def _of_files(self, note: str, files: Sequence[File]) -> str:
        """Return a note with the files that it is about, where the dataset has several."""
        if len(self._layouts) == 1:
            return note
        others = f" (and {len(files) - 1:,} more)" if len(files) > 1 else ""
        return f"{files[0].shown}{others}: {note}"

    def fragments(self, columns: Sequence[str]) -> Iterator[Fragment]:
        """Yield the chunks of all files; a file is read on as fragments are asked for."""
        index = 0
        for layout in self._layouts:
            own = [name for name in columns if name in layout.names] or layout.names[:1]
            values = constants(layout.file, self._partitions) | self._nulls(layout)
            for chunk in self._chunks(layout):
                assumed = self._state.assumed
                parse = partial(
                    CsvFragment,
                    layout=layout,
                    columns=own,
                    assumed=assumed,
                    form=self._form,
                    index=index,
                )
                fragment = fragment_of(chunk, parse, own)
                index += 1
                if own == list(columns):
                    yield fragment
                else:
                    yield from with_partitions(iter([fragment]), columns, own, values)

    def _nulls(self, layout: Layout) -> dict[str, pa.Scalar]:
        """Return the values of columns that a file does not have."""
        types = self._state.types
        lacking = [name for name in types if name not in layout.names]
        return {name: pa.scalar(None, types[name]) for name in lacking}

    def sample(self, columns: Sequence[str]) -> dict[str, pa.Array]:
        """Return values from the start, the middle and the end of some of the files."""
        found: dict[str, list[pa.Array]] = {}
        for table in _sampled(self._layouts, columns, self._form):
            for name, values in zip(table.column_names, table.columns, strict=True):
                found.setdefault(name, []).extend(values.chunks)
        return {name: pa.concat_arrays(chunks) for name, chunks in found.items() if chunks}

    def _chunks(self, layout: Layout) -> Iterator[Chunk | UnreadChunk]:
        cuts = self._cuts.get(layout.file)
        if cuts is not None:
            self._tell(layout.file, *map(_no_record, cuts.footers))
            yield from cuts.each()
            return
        for chunk, footer in UncutCsv.of(layout).records():
            if footer:
                self._tell(layout.file, _no_record(footer))
            yield chunk

    def cut(self, cutter: Cutter) -> "CsvSource":
        """Return the source with its files cut."""
        cuts = cut_by(cutter, map(UncutCsv.of, self._layouts))
        return CsvSource(self.name, self._layouts, self._state, self._form, self._only, cuts)

    def learn(self, seen: Seen) -> None:
        """Take what fragments saw."""
        if isinstance(seen.text, Observed):
            self._state.learn(seen.text)

    def expecting(self, types: Mapping[str, pa.DataType]) -> "CsvSource":
        """Return the source with some columns read as given types."""
        state = self._state.expecting(types)
        return CsvSource(self.name, self._layouts, state, self._form, self._only, self._cuts)

    def revised(self) -> "CsvSource | None":
        """Return a source of the columns whose type did not hold, with the type that does."""
        state = self._state.revision()
        if state is None:
            return None
        only = list(state.types)
        return CsvSource(self.name, self._layouts, state, self._form, only, self._cuts)


def _no_record(footer: str) -> str:
    return f"the last line, {quoted(footer)}, is no record"


class UncutCsv(Struct, frozen=True):
    """A file that is to be cut into chunks of so many bytes."""

    layout: Layout
    size: int

    @classmethod
    def of(cls, layout: Layout) -> "UncutCsv":
        """Return how a file is cut, whoever does."""
        # Chunks of very wide files would be a few rows each: what a column costs would dominate.
        return cls(layout, records.CHUNK_BYTES * min(8, 1 + len(layout.names) // 1000))

    @property
    def file(self) -> File:
        """The file."""
        return self.layout.file

    def records(self) -> Iterator[tuple[Chunk, str]]:
        """Yield its chunks, each with its last line where that is no record."""
        layout = self.layout
        pieces = decoded(layout.file, layout.encoding, self.size)
        for chunk in chunks(layout.file, pieces, layout.dialect, skip=layout.body):
            data, footer = plain_records(chunk.data, layout)
            yield replace(chunk, data=data), footer

    @property
    def in_place(self) -> bool:
        """Whether its records are the bytes of the file, if these are UTF-8."""
        dialect = self.layout.dialect
        escaped = dialect.escape == b"\\"
        return self.layout.encoding == "utf-8" and not dialect.comment and not escaped


class CsvFragment(Struct, frozen=True):
    """Some whole records of one file."""

    chunk: Chunk
    layout: Layout
    columns: Sequence[str]
    assumed: Assumed
    form: Form
    index: int
    rows: int | None = None

    @property
    def size(self) -> int:
        """Bytes of text."""
        return self.chunk.size

    def blocks(self) -> Iterator[Block]:
        """Parse the records."""
        data = self.chunk.data
        if b"\0" in data:
            line = count_byte(data[: data.index(b"\0")], self.layout.dialect.newline)
            raise holds_nul(self.layout.file, self.chunk.line + line)
        if len(self.layout.names) > 1 and not data.lstrip(b"\r\n"):
            return
        state = Observer(self.assumed)
        dead, types = state.dead(self.columns), dict(state.types)
        live = {name: types[name] for name in self.columns if name not in dead}
        parsed, careful = self._parsed(state, live or {self.columns[0]: STRING})
        rows = parsed.num_rows
        arrays = {n: parsed.column(n) if n in live else pa.nulls(rows) for n in self.columns}
        invalid: dict[str, Unparsed] = {}
        for name, texts in careful.items():
            arrays[name], found = state.settle(name, texts)
            if found:
                invalid[name] = found
        arrays = state.without_void(arrays, rows)
        block = batch_of(self.columns, list(arrays.values()), rows)
        state.tally(self.index, block)
        yield Block(block, invalid, state.seen())

    def _parsed(
        self, state: Observer, types: Mapping[str, pa.DataType]
    ) -> tuple[pa.RecordBatch, Mapping[str, pa.Array]]:
        """Return the records, and the plain texts of columns that hold other values too."""
        careful = {name for name in state.careful if name in types}
        for attempt in range(len(types) + 1):
            read = {n: STRING if n in careful else kind for n, kind in types.items()}
            try:
                batch = one_batch(_coded(self._table(read), careful))
                break
            except pa.ArrowInvalid as error:
                failed = failed_column(error, self.layout.names)
                if failed is None or attempt == len(types):
                    raise damage(self.chunk, self.layout, error) from error
                typed = [n for n in types if types[n] != STRING]
                careful.update([failed] if attempt < PATIENCE else typed)
        state.careful |= careful
        texts = {name: batch.column(name) for name in careful}
        others = [name for name in types if name not in careful]
        return batch, texts | self._codes(state.types, others)

    def _codes(
        self, types: Mapping[str, pa.DataType], columns: Sequence[str]
    ) -> dict[str, pa.Array]:
        """Return the texts of number columns some of which are zero-padded codes."""
        expected = self.assumed.expected
        numbers = [n for n in columns if types[n] in NUMBERS and n not in expected]
        if not numbers or not may_hold_codes(self.chunk.data, self.layout):
            return {}
        batch = one_batch(self._table(dict.fromkeys(numbers, STRING)))
        texts = {name: batch.column(name) for name in numbers}
        return {name: array for name, array in texts.items() if has_codes(array)}

    def _table(self, types: Mapping[str, pa.DataType]) -> pa.Table:
        # Arrow has one list of boolean texts for all columns. 0 and 1 are booleans only where that
        # is expected, and never where booleans were inferred.
        expected = self.assumed.expected
        inferred = any(k == BOOL and n not in expected for n, k in types.items())
        return read_table(
            self.chunk.data, self.layout, types, replace(self.form, bits=not inferred)
        )


def _coded(table: pa.Table, plain: Collection[str]) -> pa.Table:
    """Return a table with its texts as dictionaries, but for those that are to stay as they are.

    Arrow's parser takes a third longer where it makes them itself.
    """
    columns = [
        column.dictionary_encode() if column.type == STRING and name not in plain else column
        for name, column in zip(table.schema.names, table.columns, strict=True)
    ]
    return pa.Table.from_arrays(columns, table.schema.names)
