"""A profile as a file: one Parquet file that says what it is and holds its own checksum.

The rows are the columns of the dataset (see `table`). The file's key-value metadata has one entry,
`drift.profile`: a JSON object with what concerns the whole dataset, and with the SHA-256 of the
file, taken with the 64 digits of the checksum itself set to 0.
"""

import hashlib
import io
import json
import re
from typing import Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import structs

from driftcli.errors import InputError
from driftcli.profile import kept_rows, kept_table, pair_tables
from driftcli.profile.check import MOST_ROWS, flaw
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile, Written, with_points
from driftcli.profile.kinds import type_name
from driftcli.profile.saved_table import (
    FIELDS,
    Fields,
    Held,
    arrays,
    fields_of,
    from_table,
    to_table,
    values,
)
from driftcli.version import __version__

#: The entry of a Parquet file's metadata that makes it a profile.
KEY = b"drift.profile"
#: The newest format that this version reads and the one it writes.
FORMAT = 1
#: What a file is called by convention.
SUFFIX = ".profile"
#: Points of a column in a file, unless told: a normal column is then known to 0.0007 standard
#: deviations, and twenty columns take some 500 KB.
POINTS = 4_096
#: Fewer points are no picture of a column.
FEWEST_POINTS = 64

#: Bytes of a field from which it is compressed: below, that saves little, and reading it anew
#: costs as much as all else of it.
_LONG = 1_000
#: Levels above it take up to fifteen times as long for a tenth less of a file.
_LEVEL = 6

#: The field that holds the rows that are kept, in the first row.
_ROWS = "kept_rows"
_MAGIC = b"PAR1"
_CHECKSUM = b'"sha256": "'
_BLANK = b"0" * 64
_LEAVES = {"floats": "BYTE_STREAM_SPLIT", "integers": "DELTA_BINARY_PACKED"}
_ENCODINGS = {
    name: _LEAVES[form]
    for name, form in (FIELDS | kept_table.FIELDS | pair_tables.FIELDS).items()
    if form in _LEAVES
}
_REMEDY = "make it again with `drift profile DATA -o FILE`"
#: What comes of a file that is no profile, whoever wrote it.
_UNREADABLE = (
    *(pa.ArrowException, OSError, msgspec.ValidationError),
    *(KeyError, TypeError, ValueError, RecursionError),
)
_Rows = Annotated[int, msgspec.Meta(ge=0, le=MOST_ROWS)]


class _Head(msgspec.Struct):
    """What every format says."""

    format: int
    version: str


class _About(msgspec.Struct):
    """What concerns the whole dataset; a part that a later format adds has a default."""

    source: str
    source_format: str
    rows: _Rows
    sampled_rows: _Rows | None
    notes: tuple[str, ...]
    left_out: tuple[str, ...]
    redacted: str | None
    repeated: _Rows | None = None
    partial: dict[str, tuple[int, int]] = {}
    path_keys: dict[str, bool] = {}
    written: dict[str, Written] = {}
    where: str | None = None
    blocks: kept_table.About | None = None
    kept_rows: _Rows | None = None
    pairs: _Rows | None = None


def file_of(profile: DatasetProfile, points: int = POINTS, *, salt: str | None = None) -> bytes:
    """Return a file of the profile, with at most `points` points a column.

    It is redacted where `salt` is given; the empty one hashes names as they are.
    """
    kept = with_points(profile, points)
    if salt is not None:
        from driftcli.profile.redact import redact

        kept = redact(kept, salt)
    return encoded(kept)


def encoded(profile: DatasetProfile) -> bytes:
    """Return the profile as the bytes of a file.

    The same profile gives the same bytes, for one version of pyarrow and of this program.
    """
    source, format_ = profile.made_of or (profile.source, profile.format)
    columns = [
        Held(field.name, field.type, profile.columns.get(field.name)) for field in profile.schema
    ]
    about = {
        "format": FORMAT,
        "version": __version__,
        "source": source,
        "source_format": format_,
        "rows": profile.rows,
        "sampled_rows": profile.sampled_rows,
        "notes": list(profile.notes),
        "partial": profile.partial,
        "path_keys": profile.path_keys,
        "left_out": list(profile.left_out),
        "redacted": profile.redacted,
        **({} if profile.repeated is None else {"repeated": profile.repeated}),
        **({} if profile.where is None else {"where": profile.where}),
        "written": {name: structs.asdict(each) for name, each in profile.written.items()},
        **({"blocks": kept_table.about(profile.kept)} if profile.kept else {}),
        **({"kept_rows": profile.rows_kept.most} if profile.rows_kept else {}),
        **({"pairs": profile.pairs.rows} if profile.pairs else {}),
        "sha256": _BLANK.decode(),
    }
    table = to_table(columns)
    if profile.kept:
        table = kept_table.with_blocks(table, profile.kept, [each.name for each in columns])
    if profile.pairs:
        table = pair_tables.with_tables(table, profile.pairs, [each.name for each in columns])
    if profile.rows_kept:
        rest = [b""] * (len(columns) - 1)
        held = arrays("bytes", [kept_rows.encoded(profile.rows_kept), *rest])
        table = table.append_column(_ROWS, held)
    written = _parquet(table, json.dumps(about))
    return _with_checksum(written, hashlib.sha256(written).hexdigest().encode())


#: Profiles that do not say how columns were written took pandas' row index for a column.
_INDEX = re.compile(r"__index_level_\d+__")


def decoded(data: bytes, name: str) -> DatasetProfile:
    """Return the profile that the bytes of a file hold, named after the file: `name`.

    Raises
    ------
    InputError
        When they hold none, one of a newer format, or one that is damaged.
    """
    if data[:4] != _MAGIC:
        raise InputError(f"{name}: not a profile; {_REMEDY}")
    _check(data, name)
    try:
        file = pq.ParquetFile(pa.BufferReader(data), pre_buffer=False)
        about = json.loads(file.metadata.metadata[KEY])
        head = msgspec.convert(about, _Head)
        if head.format > FORMAT:
            raise InputError(
                f"{name}: a profile of format {head.format}, written by drift {head.version};"
                f" this is drift {__version__}, which reads up to format {FORMAT}: upgrade it"
            )
        fields = _fields(file)
        held = from_table(fields)
        if "written" not in about:
            held = [each for each in held if not _INDEX.fullmatch(each.name)]
        profile = _profile(name, msgspec.convert(about, _About), held, fields)
    except _UNREADABLE as error:
        raise InputError(f"{name}: not a profile that can be read; {_REMEDY}") from error
    if wrong := flaw(profile):
        raise InputError(f"{name}: no data has such a profile: {wrong}; {_REMEDY}")
    return profile


def _fields(file: pq.ParquetFile) -> Fields:
    """Return what the file holds, and have each text and each list of it checked."""
    table = file.read(use_threads=False)
    table.validate(full=True)
    return fields_of(table)


def _check(data: bytes, name: str) -> None:
    """Compare the checksum before anything else is made of bytes that may be damaged."""
    at = data.rfind(_CHECKSUM) + len(_CHECKSUM)
    digits = data[at : at + len(_BLANK)]
    if data[-4:] != _MAGIC:
        raise InputError(f"{name}: a truncated profile or Parquet file; {_REMEDY}")
    if at < len(_CHECKSUM) or KEY not in data[:at]:
        raise InputError(f"{name}: a Parquet file, but not a profile; {_REMEDY}")
    digest, held = hashlib.sha256(), memoryview(data)
    for part in (held[:at], _BLANK, held[at + len(_BLANK) :]):
        digest.update(part)
    if digest.hexdigest().encode() != digits:
        raise InputError(f"{name}: its checksum does not fit, so it was changed; {_REMEDY}")


def _with_checksum(data: bytes, digits: bytes) -> bytes:
    """Return a file with other digits in the place of those of its checksum."""
    at = data.rindex(_CHECKSUM) + len(_CHECKSUM)
    return data[:at] + digits + data[at + len(digits) :]


def _parquet(table: Any, about: str) -> bytes:
    """Return a table as a Parquet file that names no Arrow type: any reader can open it."""
    stream = io.BytesIO()
    paths = {field.name: _path(field) for field in table.schema}
    long = [path for name, path in paths.items() if table.column(name).nbytes > _LONG]
    with pq.ParquetWriter(
        stream,
        table.schema,
        compression={path: "zstd" if path in long else "none" for path in paths.values()},
        compression_level=dict.fromkeys(long, _LEVEL),
        use_dictionary=False,
        column_encoding={
            paths[name]: encoding for name, encoding in _ENCODINGS.items() if name in paths
        },
        write_statistics=False,
        store_schema=False,
    ) as writer:
        writer.write_table(table, row_group_size=max(1, table.num_rows))
        writer.add_key_value_metadata({KEY.decode(): about})
    return stream.getvalue()


def _path(field: Any) -> str:
    return f"{field.name}.list.element" if pa.types.is_list(field.type) else str(field.name)


def _profile(name: str, about: _About, held: list[Held], fields: Fields) -> DatasetProfile:
    blocks = about.blocks
    names = fields["name"].to_pylist()
    return DatasetProfile(
        source=name,
        format="profile",
        rows=about.rows,
        columns=_columns(about, held),
        types={each.name: type_name(each.arrow_type) for each in held},
        sampled_rows=about.sampled_rows,
        notes=about.notes,
        left_out=about.left_out,
        partial=about.partial,
        path_keys=about.path_keys,
        schema=pa.schema([(each.name, each.arrow_type) for each in held]),
        made_of=(about.source, about.source_format),
        redacted=about.redacted,
        repeated=about.repeated,
        written=about.written,
        where=about.where,
        kept=kept_table.from_table(fields, blocks, names) if blocks else None,
        rows_kept=_rows_kept(about, fields, held),
        pairs=None if about.pairs is None else pair_tables.from_table(fields, about.pairs, names),
    )


def _rows_kept(about: _About, fields: Fields, held: list[Held]) -> kept_rows.KeptRows | None:
    if about.kept_rows is None or about.redacted is not None:
        return None
    data = values(fields, _ROWS, "bytes")[0]
    types = {each.name: type_name(each.arrow_type) for each in held}
    return kept_rows.decoded(data, about.kept_rows, types, type_name)


def _columns(about: _About, held: list[Held]) -> dict[str, ColumnProfile]:
    made = {each.name: each.profile for each in held if each.profile is not None}
    if about.redacted is None:
        return made
    from driftcli.profile.redact import whole_numbers

    return {name: whole_numbers(profile) for name, profile in made.items()}
