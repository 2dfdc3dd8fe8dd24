"""The same on every processor: the kernels that libraries choose move the last digits only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zoo

import driftcli
from driftcli.cli import processor

#: Scores to their last digit, which no document has, and a saved profile.
COMPARE = """
import hashlib, json, sys
import msgspec
import driftcli
report = driftcli.compare("base.parquet", "moved.parquet", details=True)
profile = driftcli.Profile.of("base.parquet")
profile.save("made.profile")
print(json.dumps({
    "columns": [
        [each.name, each.status, msgspec.to_builtins(each.scores)] for each in report.columns
    ],
    "verdict": report.verdict,
    "profile": hashlib.sha256(open("made.profile", "rb").read()).hexdigest(),
}))
"""
FIGURES = {"value", "noise", "p_value", "p_adjusted", "error_bound"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("kernels")
    for name, seed in (("base", 1), ("moved", 2)):
        rng = np.random.default_rng(seed)
        shapes = ("normal", "lognormal", "prices", "far_from_zero", "spread_extremes")
        columns = {each: zoo.FLOATS[each](rng, 30_000) for each in shapes}
        columns["moved"] = rng.normal(seed / 5, 1, 30_000)
        columns["name"] = rng.choice([f"n{at}" for at in range(200)], 30_000)
        pq.write_table(pa.table(columns), made / f"{name}.parquet")
    return made


def computed(folder: Path, **env: str) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", COMPARE],
        check=True,
        capture_output=True,
        cwd=folder,
        env={**os.environ, **env},
    )
    return json.loads(done.stdout)


def plainest() -> dict[str, str]:
    """Return an environment without the instructions that NumPy, BLAS and Arrow find here."""
    found = np.show_config(mode="dicts")["SIMD Extensions"].get("found", [])
    return {
        "NPY_DISABLE_CPU_FEATURES": " ".join(found),
        "OPENBLAS_CORETYPE": "Prescott",
        "ARROW_USER_SIMD_LEVEL": "NONE",
    }


def another_sort() -> dict[str, str]:
    """Return an environment in which NumPy takes the sort that it has without AVX-512."""
    return {processor.VARIABLE: processor._features(processor._numpy_version())}


@pytest.mark.slow
@pytest.mark.parametrize("without", [plainest, another_sort])
def test_two_kernels_agree_on_all_but_the_last_digits(
    folder: Path, without: Callable[[], dict[str, str]]
) -> None:
    one, other = computed(folder), computed(folder, **without())
    assert one["verdict"] == other["verdict"] == "drift"
    assert one["profile"] == other["profile"]
    for (name, status, scores), (again, same, others) in zip(
        one["columns"], other["columns"], strict=True
    ):
        assert (name, status) == (again, same)
        for left, right in zip(scores, others, strict=True):
            figures = {key: value for key, value in left.items() if key in FIGURES and value}
            near = {key: pytest.approx(each, rel=1e-12, abs=0) for key, each in figures.items()}
            assert right == left | near


def test_a_document_has_nine_digits_and_comes_back_as_it_was_written(folder: Path) -> None:
    report = driftcli.compare(folder / "base.parquet", folder / "moved.parquet")
    text = report.to_json()
    again = msgspec.json.decode(text, type=driftcli.Report)
    assert again.to_json() == text
    for column, read in zip(report.columns, again.columns, strict=True):
        assert (column.status, column.reasons) == (read.status, read.reasons)
        assert (column.current.min, column.current.mean) == (read.current.min, read.current.mean)
        for score, told in zip(column.scores, read.scores, strict=True):
            assert told.status == score.status
            for name in FIGURES:
                figure = getattr(score, name)
                assert getattr(told, name) == (None if figure is None else float(f"{figure:.9g}"))
