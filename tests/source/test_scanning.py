"""Bytes of text searched by NumPy: what is found is what a regular expression finds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.source import csv_parsing, records
from driftcli.source.csv_layout import Layout
from driftcli.source.files import File
from driftcli.source.records import Dialect

TEXT = st.lists(st.sampled_from([bytes([letter]) for letter in b'0000,,\n"179xXa.-']), max_size=40)


@pytest.fixture(autouse=True)
def few_bytes_at_a_time(monkeypatch):
    monkeypatch.setattr(records, "SCAN_BYTES", 5)
    monkeypatch.setattr(csv_parsing, "SCAN_BYTES", 5)


@given(TEXT, st.sampled_from([b'"', b""]))
def test_codes_are_found_wherever_a_value_starts_with_0_and_a_digit_or_an_x(letters, quote):
    data = b"".join(letters)
    starts = rb"(?:\A|[,\n" + quote + rb"])0[0-9xX]"
    layout = Layout(File("a.csv", "a.csv"), ("a",), Dialect(quote=quote), "utf-8", 0)
    assert csv_parsing.may_hold_codes(data, layout) == bool(re.search(starts, data))


@given(TEXT, st.sampled_from([b"\n", b'"', b";"]), st.integers(0, 40))
def test_bytes_are_counted_up_to_an_end(letters, byte, end):
    data = b"".join(letters)
    assert records.count_byte(data, byte) == data.count(byte)
    end = min(end, len(data))
    assert records.count_byte(data, byte, end) == data[:end].count(byte)
