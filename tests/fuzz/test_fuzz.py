"""Whatever a file holds, a command that reads it ends with 0, 1 or 2, and with 2 in one line.

In CI each reader gets a number of inputs of one seed. To look longer, for so many seconds a reader,
and elsewhere:

    DRIFT_FUZZ_SECONDS=600 DRIFT_FUZZ_SEED=7 python -m pytest tests/fuzz
"""

from __future__ import annotations

import os
from itertools import islice, takewhile
from pathlib import Path
from time import monotonic

import pytest
from fuzz import Fault, Worker, fault, inputs
from fuzz_readers import READERS, Reader, lay_out

pytestmark = pytest.mark.slow

INPUTS = 60
SECONDS = float(os.environ.get("DRIFT_FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("DRIFT_FUZZ_SEED", "0"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("fuzz")
    lay_out(made)
    return made


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_no_file_ends_a_command_otherwise_than_told(
    reader: Reader, folder: Path, tmp_path: Path
) -> None:
    until = monotonic() + SECONDS
    some = inputs(reader, folder, SEED)
    some = takewhile(lambda _: monotonic() < until, some) if SECONDS else islice(some, INPUTS)
    found: dict[str, Fault] = {}
    worker = Worker(folder)
    try:
        for given in some:
            if wrong := fault(worker, folder, given):
                (tmp_path / given.named()).write_bytes(given.data)
                found.setdefault(wrong.kind, wrong)
    finally:
        worker.close()
    assert not found, "\n".join(["", *map(str, found.values()), f"the files are in {tmp_path}"])


def test_what_is_wrong_is_noticed(folder: Path) -> None:
    worker = Worker(folder)
    try:
        code, said, printed = worker.run(["show", "good.csv"])
        assert (code, said) == (0, "")
        assert printed > 100
        code, said, printed = worker.run(["show", "none.csv"])
        assert (code, said.count("\n"), printed) == (2, 1, 0)
    finally:
        worker.close()
