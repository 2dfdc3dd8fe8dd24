"""An Iceberg table with a catalog of its own, and deletes that the library does not write."""

import json
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

_PATHS = pa.field("file_path", pa.string(), False, {b"PARQUET:field_id": b"2147483546"})
_PLACES = pa.field("pos", pa.int64(), False, {b"PARQUET:field_id": b"2147483545"})


def catalog(folder):
    from pyiceberg.catalog.sql import SqlCatalog

    made = SqlCatalog("prod", uri=f"sqlite:///{folder}/cat.db", warehouse=f"file://{folder}/wh")
    made.create_namespace_if_not_exists("shop")
    return made


def folder_of(table):
    return Path(table.location().removeprefix("file://"))


def metadata_of(table):
    return table.metadata_location.removeprefix("file://")


def delete_places(table, data_file, rows):
    """Return the metadata of a table that has a file's rows no more: by a file of positions."""
    schema = pa.schema([_PATHS, _PLACES])
    places = pa.table([[data_file.file_path] * len(rows), rows], schema=schema)
    return with_deletes(table, [Deletes(places)])


class Deletes(NamedTuple):
    """Rows that are deleted: by places, or by the values of columns whose ids are given."""

    rows: pa.Table
    ids: tuple[int, ...] = ()
    partition: tuple = ()
    spec: int | None = None
    #: The age of the deletes; None for that of the newest.
    sequence: int | None = None


def values(ids, *rows, types=None):
    """Return rows to delete by, in columns that go by their ids alone."""
    kinds = types or [pa.array(each).type for each in zip(*rows, strict=True)]
    fields = [
        pa.field(f"k{key}", kind, metadata={b"PARQUET:field_id": str(key).encode()})
        for key, kind in zip(ids, kinds, strict=True)
    ]
    columns = [pa.array([row[at] for row in rows], kind) for at, kind in enumerate(kinds)]
    return pa.table(columns, schema=pa.schema(fields))


def with_deletes(table, deletes):
    """Return the metadata of a table that has rows no more."""
    from pyiceberg.manifest import (
        DataFile,
        DataFileContent,
        FileFormat,
        ManifestContent,
        ManifestEntry,
        ManifestEntryStatus,
        ManifestWriterV2,
        write_manifest_list,
    )
    from pyiceberg.typedef import Record

    class Writer(ManifestWriterV2):
        def content(self):
            return ManifestContent.DELETES

        @property
        def _meta(self):
            return {**super()._meta, "content": "deletes"}

    folder, before = folder_of(table), table.current_snapshot()
    number, sequence = before.snapshot_id + 1, before.sequence_number + 1
    added = []
    for at, each in enumerate(deletes):
        path = folder / "data" / f"deletes-{at}.parquet"
        pq.write_table(each.rows, path)
        file = DataFile.from_args(
            content=DataFileContent.EQUALITY_DELETES
            if each.ids
            else DataFileContent.POSITION_DELETES,
            file_path=f"file://{path}",
            file_format=FileFormat.PARQUET,
            partition=Record(*each.partition),
            record_count=len(each.rows),
            file_size_in_bytes=path.stat().st_size,
            equality_ids=list(each.ids) or None,
        )
        manifest = table.io.new_output(f"file://{folder}/metadata/deletes-m{at}.avro")
        spec = table.spec() if each.spec is None else table.specs()[each.spec]
        age = sequence if each.sequence is None else each.sequence
        with Writer(spec, table.schema(), manifest, number, "null") as writer:
            entry = ManifestEntry.from_args(
                status=ManifestEntryStatus.EXISTING,
                snapshot_id=number,
                sequence_number=age,
                file_sequence_number=age,
                data_file=file,
            )
            writer.add_entry(entry)
            added.append(writer.to_manifest_file())
    listed = table.io.new_output(f"file://{folder}/metadata/snap-deletes.avro")
    with write_manifest_list(2, listed, number, before.snapshot_id, sequence, "null") as writer:
        writer.add_manifests([*before.manifests(table.io), *added])
    return _with_snapshot(table, number, sequence, f"file://{folder}/metadata/snap-deletes.avro")


def _with_snapshot(table, number, sequence, listed):
    about = json.loads(Path(metadata_of(table)).read_text())
    about["snapshots"].append(
        {
            "snapshot-id": number,
            "parent-snapshot-id": about["current-snapshot-id"],
            "sequence-number": sequence,
            "timestamp-ms": about["last-updated-ms"] + 1,
            "manifest-list": listed,
            "summary": {"operation": "delete"},
            "schema-id": about["current-schema-id"],
        }
    )
    about |= {"current-snapshot-id": number, "last-sequence-number": sequence}
    about["refs"]["main"]["snapshot-id"] = number
    path = (
        folder_of(table) / "metadata" / "00099-1b2c3d4e-5f60-7a8b-9c0d-1e2f3a4b5c6d.metadata.json"
    )
    path.write_text(json.dumps(about))
    return path
