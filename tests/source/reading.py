"""What the tests of sources share: reading a source whole, as the engine does."""

from dataclasses import dataclass, field

import pyarrow as pa

from driftcli.config import ReadSettings
from driftcli.source import Source, Unparsed, open_source
from driftcli.source.renamed import RenamedSource

READ = ReadSettings()


@dataclass
class Whole:
    """A dataset read to its end: final types, values, invalid values by row of the dataset."""

    types: dict[str, str] = field(default_factory=dict)
    cells: dict[str, list] = field(default_factory=dict)
    invalid: dict[str, Unparsed] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    passes: int = 0


def whole(data, read=READ, columns=None, types=None, rename=None) -> Whole:
    """Read a dataset with all revisions, some columns as given types or under new names."""
    source = open_source(data, read)
    if rename:
        source = RenamedSource(source, rename)
    return drained(source.expecting(types) if types else source, columns)


def drained(source: Source, columns=None) -> Whole:
    """Read a source with all revisions."""
    result = Whole()
    revised: Source | None = source
    while revised is not None:
        wanted = (
            list(columns or revised.schema.names) if result.passes == 0 else revised.schema.names
        )
        _read(revised, wanted, result)
        result.types |= {f.name: str(f.type) for f in revised.schema if f.name in wanted}
        result.passes += 1
        revised = revised.revised()
    result.notes = source.notes
    return result


def _read(source: Source, columns, result: Whole) -> None:
    rows = dict.fromkeys(columns, 0)
    for name in columns:
        result.cells[name] = []
        result.invalid.pop(name, None)
    for fragment in source.fragments(columns):
        for block in fragment.blocks():
            if block.seen:
                source.learn(block.seen)
            assert list(fragment.columns) == block.batch.schema.names
            for name, array in zip(block.batch.schema.names, block.batch.columns, strict=True):
                array.validate(full=True)
                assert _fits(array.type, source.schema.field(name).type)
                result.cells[name] += array.to_pylist()
            for name, found in block.invalid.items():
                _add(result.invalid, name, found, rows[name])
            for name in block.batch.schema.names:
                rows[name] += block.batch.num_rows


def _fits(found: pa.DataType, announced: pa.DataType) -> bool:
    """Tell whether a block's type is one that the contract allows under the schema's type."""
    if pa.types.is_dictionary(found):
        return found == announced or pa.types.is_string(found.value_type)
    return True


def _add(total: dict[str, Unparsed], name: str, found: Unparsed, before: int) -> None:
    first = total.get(name) or Unparsed(0, found.first_value, before + found.first_row)
    total[name] = Unparsed(first.count + found.count, first.first_value, first.first_row)
