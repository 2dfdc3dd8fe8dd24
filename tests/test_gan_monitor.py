"""The example of generators in training runs, and drift says of it what the page does."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from transcripts import ROOT

pytest.importorskip("torch", reason="PyTorch is not installed")

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples" / "gan_monitor"
WAYS = ("gan", "clip", "gp", "spectral")


def python(*arguments: str) -> str:
    return subprocess.run(
        [sys.executable, *arguments], cwd=EXAMPLE, capture_output=True, check=True, text=True
    ).stdout


def test_a_small_run_has_each_epoch_in_the_history(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    small = ("--steps", "1", "--epochs", "2", "--apart", "0")
    said = python("monitor.py", "--folder", str(folder), *small)
    compared, joint = "compare ringP.parquet ringQ.parquet", "joint ringP.parquet ringQ.parquet"
    assert f"$ drift {compared} --quiet\nexit code 0\n" in said
    assert said.partition(f"$ drift {joint}")[2].partition("exit code ")[2].startswith("1\n")
    night = json.loads((folder / "epoch_02.json").read_text("utf-8"))
    assert {each["check"] for each in night["checks"]} == set(WAYS)
    assert all(each["joint"]["pairs"] for each in night["checks"])
    for way in WAYS:
        assert f"{way}  drifting since 2001-01-01, 2 runs" in said
        assert pq.read_table(folder / way / "all.parquet").num_rows == 4_000
    assert "2 periods of 1h by epoch" in said


def test_the_minimax_gradient_vanishes_and_that_of_the_critic_does_not() -> None:
    code = (
        "from segments import learnt\n"
        "for each in learnt(1000):\n"
        "    print(each.minimax, each.critic, each.divergence, each.distance)\n"
    )
    first, *_, last = (
        [float(value) for value in line.split()] for line in python("-c", code).splitlines()
    )
    assert first[0] > 5e-3
    assert last[0] < 5e-4
    assert last[1:] == pytest.approx([1, 1, 1], abs=0.01)
