"""Whatever goes wrong within a check is an answer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from check_files import planned

from driftcli.api.profile import Profile, unwrapped
from driftcli.checks import work
from driftcli.checks.planned import Task


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ZeroDivisionError("no\nway"), "internal error: ZeroDivisionError: no. Run again with"),
        (MemoryError(), "out of memory; --threads 1 needs less."),
    ],
)
def test_a_crash_of_ours_is_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str
) -> None:
    def crash(task: Task) -> None:
        raise error

    monkeypatch.setattr(work, "_compared", crash)
    made = work.answer(Task(planned(tmp_path)))
    assert (made.exit_code, made.missing) == (70, False)
    assert str(made.error).startswith(text)
    assert made.trace.startswith("Traceback")


@pytest.mark.parametrize(("baseline", "missing"), [(True, True), (False, False)])
def test_data_is_missing_when_it_is_the_current_data_that_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, baseline: bool, missing: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    made_of = planned(tmp_path)
    if baseline:
        Path("base.csv").write_text("x\n1\n")
    made = work.answer(Task(made_of))
    assert (made.exit_code, made.missing) == (2, missing)
    Path("2025-03-02.csv").write_text("")  # one that is still being written
    assert work.answer(Task(made_of)).missing == missing


def test_each_run_of_a_window_is_a_block_of_its_own() -> None:
    """Rows of a night move together, and nights are what the next one is measured by."""
    nights = [unwrapped(Profile.of(pa.table({"x": np.arange(30) + night}))) for night in range(6)]
    merged = work._merged(nights, "last 28 days")
    assert merged.rows == 180
    assert merged.blocks is not None
    assert [block.rows for block in merged.blocks.each] == [30] * 6
    assert merged.blocks.kind == "run"
