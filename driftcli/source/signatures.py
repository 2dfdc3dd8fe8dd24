"""What a file is that no reader takes, told by its first bytes or its suffix."""

import re

from driftcli.text import late

_EXCEL = "an Excel workbook. Save the sheet as CSV"
_PACKED = "{} data. Give it the suffix {}, or unpack it{}"
_UNPACK = ". Unpack it; .gz, .zst, .bz2, .xz and .zip of one file are read"
_EXPORT = ". Export the table as CSV or Parquet"
_POINTER = late(rb"version https://git-lfs\.github\.com/spec/")
_FETCH = "a Git LFS pointer in place of the data. Fetch them: git lfs pull"
_BEGINNINGS = (
    (
        late(rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels|xl/|docProps)", re.DOTALL),
        _EXCEL,
    ),
    (late(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _EXCEL),
    (late(rb"PK\x03\x04"), _PACKED.format("zip", ".zip", "")),
    (late(rb"\x1f\x8b\x08"), _PACKED.format("gzip", ".gz", ": zcat")),
    (late(rb"\x28\xb5\x2f\xfd"), _PACKED.format("zstd", ".zst", ": zstdcat")),
    (late(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), _PACKED.format("bzip2", ".bz2", ": bzcat")),
    (late(rb"\xfd7zXZ\x00"), _PACKED.format("xz", ".xz", ": xzcat")),
    (late(rb"7z\xbc\xaf\x27\x1c"), "a 7z archive" + _UNPACK),
    (late(rb"Rar!\x1a\x07"), "a rar archive" + _UNPACK),
    (late(rb".{257}ustar", re.DOTALL), "a tar archive" + _UNPACK),
    (late(rb"\x04\x22\x4d\x18"), "lz4 data" + _UNPACK),
    (late(rb"SQLite format 3\x00"), "an SQLite database" + _EXPORT),
    (late(rb"\x89HDF\r\n\x1a\n"), "HDF5 data" + _EXPORT),
    (late(rb"Obj\x01"), "Avro data" + _EXPORT),
    # A name "ORC" is followed by text, the file's magic by a length of a few bytes.
    (
        late(rb"ORC(?:[\x00-\x08\x80-\xff]|\n.{0,40}[\x00-\x08])", re.DOTALL),
        "ORC data" + _EXPORT,
    ),
    (late(rb".{8}DUCK", re.DOTALL), "a DuckDB database" + _EXPORT),
    (late(rb"\$FL[23]@\(#\)"), "SPSS data" + _EXPORT),
    (late(rb"<stata_dta>"), "Stata data" + _EXPORT),
    (late(rb"\x93NUMPY"), "a NumPy array" + _EXPORT),
    (late(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b"), "XML" + _EXPORT),
    (
        late(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body)\b", re.IGNORECASE),
        "a page in HTML, as errors and logins are. Fetch it again, or export the table as CSV",
    ),
    (late(rb"\x80[\x02-\x05][\x95c}\]]"), "a Python pickle" + _EXPORT),
    (late(rb"%PDF-"), "a PDF" + _EXPORT),
    (_POINTER, _FETCH),
)
_SUFFIXES = {
    ".tar": "a tar archive" + _UNPACK,
    ".tgz": "a tar archive" + _UNPACK,
    ".7z": "a 7z archive" + _UNPACK,
    ".rar": "a rar archive" + _UNPACK,
    ".lz4": "lz4 data" + _UNPACK,
    ".br": "brotli data" + _UNPACK,
    ".lzma": "lzma data" + _UNPACK,
}


def foreign(head: bytes, suffix: str) -> str | None:
    """Return what a file is, with the remedy, that is of no format that is read; else None."""
    told = next((what for form, what in _BEGINNINGS if form.match(head)), None)
    return _SUFFIXES.get(suffix) or told


def pointer(head: bytes) -> str | None:
    """Return what a file is, with the remedy, that stands for data of any format; else None."""
    return _FETCH if _POINTER.match(head) else None
