"""Delta tables that the library does not write: log entries laid by hand, after the protocol."""

import json
import struct

import pyarrow.parquet as pq

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"
#: What begins a 64-bit bitmap in the portable form, and a 32-bit one that has no runs.
_BITMAPS, _NO_RUNS = 1681511377, 12346


def commit(table, version, *actions):
    """Lay an entry of the log."""
    log = table / "_delta_log"
    log.mkdir(parents=True, exist_ok=True)
    lines = [json.dumps(action) for action in actions]
    (log / f"{version:020}.json").write_text("\n".join(lines))


def added_of(table, version=0):
    """Return the files that an entry of the log adds."""
    lines = (table / "_delta_log" / f"{version:020}.json").read_text().splitlines()
    return [action["add"] for action in map(json.loads, lines) if "add" in action]


def add(table, data, name, partition=None):
    """Write a data file and return the action that adds it, without statistics."""
    pq.write_table(data, table / name)
    return {
        "add": {
            "path": name,
            "partitionValues": partition or {},
            "size": (table / name).stat().st_size,
            "modificationTime": 1,
            "dataChange": True,
            "stats": json.dumps({"numRecords": data.num_rows}),
        }
    }


def metadata(fields, partitions=(), **configuration):
    """Return the action that says what columns a table has."""
    return {
        "metaData": {
            "id": "8d9c1b7e-0000-4000-8000-000000000000",
            "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": list(partitions),
            "configuration": {key.replace("_", "."): value for key, value in configuration.items()},
            "createdTime": 1,
        }
    }


def protocol(reader=1, writer=2, **features):
    return {"protocol": {"minReaderVersion": reader, "minWriterVersion": writer, **features}}


def field(name, kind, stored=None, key=None):
    about = {}
    if stored:
        about = {
            "delta.columnMapping.id": key,
            "delta.columnMapping.physicalName": stored,
        }
    return {"name": name, "type": kind, "nullable": True, "metadata": about}


def without(added, rows):
    """Return actions that delete rows of a file by an inline deletion vector."""
    removed = {"path": added["path"], "deletionTimestamp": 1, "dataChange": True}
    return {"remove": removed}, {"add": {**added, "deletionVector": _vector(rows)}}


def _vector(rows):
    raw = struct.pack("<IQI", _BITMAPS, 1, 0) + _bitmap(rows)
    return {
        "storageType": "i",
        "pathOrInlineDv": _z85(raw),
        "sizeInBytes": len(raw),
        "cardinality": len(rows),
    }


def _bitmap(rows):
    """Return a roaring bitmap: sorted 16-bit arrays by the upper 16 bits."""
    containers = {}
    for row in sorted(rows):
        containers.setdefault(row >> 16, []).append(row & 0xFFFF)
    head = struct.pack("<II", _NO_RUNS, len(containers))
    for key, values in containers.items():
        head += struct.pack("<HH", key, len(values) - 1)
    at, places, arrays = len(head) + 4 * len(containers), b"", b""
    for values in containers.values():
        places += struct.pack("<I", at + len(arrays))
        arrays += struct.pack(f"<{len(values)}H", *values)
    return head + places + arrays


def _z85(raw):
    padded = raw + b"\0" * (-len(raw) % 4)
    return "".join(
        _DIGITS[number // 85**power % 85]
        for (number,) in struct.iter_unpack(">I", padded)
        for power in (4, 3, 2, 1, 0)
    )
