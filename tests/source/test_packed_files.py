"""Files packed by xz and zip, and files that are of another kind than CSV."""

import bz2
import gzip
import io
import json
import lzma
import zipfile

import pytest
from reading import whole

from driftcli.config import ReadSettings
from driftcli.errors import InputError
from driftcli.source import open_source

CSV = b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(500))
LINES = b"".join(b'{"a": %d}\n' % i for i in range(500))
ARRAY = json.dumps([{"a": i} for i in range(500)]).encode()


def zipped(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", ".").replace("MAC", "__MACOSX/._"), content)
    return held.getvalue()


def refusal(path):
    with pytest.raises(InputError) as caught:
        whole(path)
    return str(caught.value).replace(f"{path}: ", "")


PACKED = {
    "a.csv.xz": lzma.compress(CSV),
    "b.csv.zip": zipped(b__csv=CSV),
    "c.zip": zipped(any__csv=CSV),
    "d.zip": zipped(any__jsonl=LINES),
    "e.json.zip": zipped(e__json=ARRAY),
    "f.jsonl.xz": lzma.compress(LINES),
    "g.csv.zip": zipped(g__csv=CSV, MACg__csv=b"\0\1"),
    "h.json.bz2": bz2.compress(ARRAY),
}


@pytest.mark.parametrize("name", PACKED)
def test_packed_files_are_read_as_what_they_hold(tmp_path, name):
    (tmp_path / name).write_bytes(PACKED[name])
    assert whole(tmp_path / name).cells["a"] == list(range(500))
    assert open_source(tmp_path / name, ReadSettings()).size is None


DAMAGED = {
    "cut.csv.xz": (lzma.compress(CSV)[:-50], "not a complete xz file: "),
    "plain.csv.xz": (CSV, "not a complete xz file: "),
    "cut.csv.zip": (zipped(a__csv=CSV)[:-50], "not a complete zip file: "),
    "plain.csv.zip": (CSV, "not a complete zip file: "),
    "two.zip": (zipped(a__csv=CSV, b__csv=CSV), "this zip archive holds 2 files, first 'a.csv'."),
    "none.zip": (zipped(), "this zip archive holds 0 files. Unpack it and name the files"),
    "a.parquet.zip": (zipped(a__parquet=b"PAR1"), "parquet data that is packed as a whole cannot"),
    "a.parquet.gz": (gzip.compress(b"PAR1"), "parquet data that is packed as a whole cannot be re"),
    "a.tar.gz": (gzip.compress(b"x"), "this is a tar archive. Unpack it; .gz, .zst, .bz2, .xz and"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_packed_files_that_cannot_be_read(tmp_path, name):
    content, said = DAMAGED[name]
    (tmp_path / name).write_bytes(content)
    assert refusal(tmp_path / name).startswith(said)


def test_damage_within_a_zip_archive_is_named(tmp_path):
    content = bytearray(zipped(a__csv=CSV))
    content[100:160] = b"\xff" * 60
    (tmp_path / "a.csv.zip").write_bytes(content)
    assert refusal(tmp_path / "a.csv.zip").startswith("not a complete zip file: ")


def test_a_zip_archive_with_a_password_is_named(tmp_path):
    content = bytearray(zipped(a__csv=CSV))
    content[6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    (tmp_path / "a.csv.zip").write_bytes(content)
    assert refusal(tmp_path / "a.csv.zip").startswith("this zip archive cannot be unpacked here: ")


FOREIGN = {
    "an Excel workbook. Save the sheet as CSV.": zipped(**{"[Content_Types]__xml": b"<x/>"}),
    "zip data. Give it the suffix .zip, or unpack it.": zipped(a__csv=CSV),
    "gzip data. Give it the suffix .gz, or unpack it: zcat.": gzip.compress(CSV),
    "bzip2 data. Give it the suffix .bz2, or unpack it: bzcat.": bz2.compress(CSV),
    "xz data. Give it the suffix .xz, or unpack it: xzcat.": lzma.compress(CSV),
    "an SQLite database. Export the table as CSV or Parquet.": b"SQLite format 3\0" + b"\0" * 90,
    "Avro data. Export the table as CSV or Parquet.": b"Obj\1" + b"\0" * 90,
    "ORC data. Export the table as CSV or Parquet.": b"ORC\n\x07\x12\x05\x08\xe8\x07P\x00\n\x16"
    + b"\0" * 90,
    "a DuckDB database. Export the table as CSV or Parquet.": b"\1" * 8 + b"DUCK" + b"\0" * 90,
    "SPSS data. Export the table as CSV or Parquet.": b"$FL2@(#) SPSS DATA FILE",
    "Stata data. Export the table as CSV or Parquet.": b"<stata_dta><header><release>118",
    "a NumPy array. Export the table as CSV or Parquet.": b"\x93NUMPY\1\0v\0{'descr': '<f8'}",
    "XML. Export the table as CSV or Parquet.": b'\xef\xbb\xbf<?xml version="1.0"?>\n<rows/>',
    "a page in HTML, as errors and logins are. Fetch it again, or export the table as CSV.": (
        b"\n<!DOCTYPE html>\n<html><body>403</body></html>"
    ),
    "a Git LFS pointer in place of the data. Fetch them: git lfs pull.": (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    ),
}


@pytest.mark.parametrize("said", FOREIGN)
@pytest.mark.parametrize("name", ["a.csv", "a"])
def test_files_of_another_kind_are_named_for_what_they_are(tmp_path, said, name):
    (tmp_path / name).write_bytes(FOREIGN[said])
    assert refusal(tmp_path / name) == f"this is {said}"


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.arrow", "a.csv.gz", "a.csv.xz", "a.csv.zip", "a.jsonl.zst", "a.jsonl"]
)
def test_what_stands_in_place_of_data_is_named_whatever_its_name_says(tmp_path, name):
    said = "a Git LFS pointer in place of the data. Fetch them: git lfs pull."
    (tmp_path / name).write_bytes(FOREIGN[said])
    assert refusal(tmp_path / name) == f"this is {said}"


@pytest.mark.parametrize(
    "header", ["ORC,b", "BZh1,b", "PK,b", "Rar,b", "Object,b", "<headroom>,b", "<xml>,DUCK"]
)
def test_names_that_begin_like_another_kind_are_names(tmp_path, header):
    (tmp_path / "a.csv").write_text(f"{header}\n1,2\n")
    assert list(whole(tmp_path / "a.csv").types) == header.split(",")
