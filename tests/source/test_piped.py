"""Standard input and pipes: copied in bounded size, with a word when nothing comes."""

import io
import os
import sys
import threading
from pathlib import Path

import pytest

from driftcli.errors import InputError
from driftcli.source import piped


class Stdin:
    """Standard input without a descriptor."""

    def __init__(self, stream) -> None:
        self.buffer = stream

    def isatty(self) -> bool:
        return False


class Slow(io.BytesIO):
    """A stream that delivers only once somebody has been told of it."""

    def __init__(self, told: threading.Event) -> None:
        super().__init__(b"a,b\n1,2\n")
        self._told = told

    def read1(self, size: int = -1) -> bytes:
        assert self._told.wait(30)
        return super().read1(size)


class Heard(io.StringIO):
    """Standard error that knows whether something was written to it."""

    def __init__(self, told: threading.Event) -> None:
        super().__init__()
        self._told = told

    def flush(self) -> None:
        self._told.set()


def test_a_pipe_without_data_is_told_of_once(monkeypatch):
    told = threading.Event()
    monkeypatch.setattr(piped, "PATIENCE", 0.01)
    monkeypatch.setattr(sys, "stdin", Stdin(Slow(told)))
    monkeypatch.setattr(sys, "stderr", Heard(told))
    assert piped.standard_input().to_pybytes() == b"a,b\n1,2\n"
    assert sys.stderr.getvalue() == (
        "drift: -: no data for 0.01 s, waiting for more. Ctrl-C or --timeout ends it.\n"
    )


def test_data_without_an_end_stops_at_a_stated_size(monkeypatch):
    monkeypatch.setattr(piped, "PIPE_BYTES", 1000)
    monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(b"x" * 1000)))
    assert piped.standard_input().size == 1000
    monkeypatch.setattr(sys, "stdin", Stdin(io.BytesIO(b"x" * 1001)))
    with pytest.raises(InputError, match=r"^-: more than 1,000 bytes came through a pipe\. Write"):
        piped.standard_input()


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="has no devices")
def test_devices_are_no_data_and_the_null_device_is_empty():
    with pytest.raises(InputError, match=r"^/dev/zero: this is a character device, which holds no"):
        piped.pipe("/dev/zero")
    assert piped.pipe(os.devnull).size == 0
