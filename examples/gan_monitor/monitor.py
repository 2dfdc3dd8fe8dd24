"""Train generators of points, and have drift compare each epoch with real ones.

    python monitor.py                       # some two minutes on two cores
    python monitor.py --steps 5 --epochs 2  # does it run?

Takes `drift`, and PyTorch as `drift joint --critic` does.
"""

import argparse
import shlex
import shutil
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from ring import COLLAPSED, drawn, of_modes, table
from segments import learnt
from training import WAYS, epochs

HERE = Path(__file__).parent
ROWS = 2_000


def main() -> None:
    """Show gradients that vanish, a collapse that no column shows, and generators in training."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=HERE / "runs", help="is made anew")
    parser.add_argument("--epochs", type=int, choices=range(1, 29), default=10, metavar="N")
    parser.add_argument("--steps", type=int, default=150, help="of a generator in an epoch")
    parser.add_argument("--apart", type=int, default=2_000, help="steps that tell segments apart")
    given = parser.parse_args()
    if given.folder.exists():
        shutil.rmtree(given.folder)
    given.folder.mkdir(parents=True)
    show_gradients(given.apart)
    show_collapse(given.folder)
    show_training(given.folder, given.epochs, given.steps)


def show_gradients(steps: int) -> None:
    """Print what a generator of segments would learn."""
    print("Segments 1 apart: the gradient that moves the made one, as what judges it is trained\n")
    print("          discriminator            critic")
    print("  steps   gradient  JSD ≥    gradient   W₁ ≥")
    for each in learnt(steps):
        print(
            f"  {each.steps:5,}   {each.minimax:8.0e}  {each.divergence:5.2f}"
            f"    {each.critic:8.3f}  {each.distance:5.3f}",
            flush=True,
        )


def show_collapse(folder: Path) -> None:
    """Compare a ring with one that lost two modes, column by column and together."""
    print("\nA ring, and one of which two modes are gone and two double")
    rng = np.random.default_rng(0)
    for name, points in (("ringP", drawn(rng, ROWS)), ("ringQ", drawn(rng, ROWS, COLLAPSED))):
        pq.write_table(table(points), folder / f"{name}.parquet")
    drift(folder, "compare ringP.parquet ringQ.parquet --quiet")
    drift(folder, "joint ringP.parquet ringQ.parquet --brief")


def show_training(folder: Path, number: int, steps: int) -> None:
    """Train generators, and have drift compare the points of each epoch with real ones."""
    print("\nPoints that are of a mode, and modes with half of their share: epoch by epoch\n")
    pq.write_table(table(drawn(np.random.default_rng(1), ROWS)), folder / "real.parquet")
    shutil.copy(HERE / "drift.toml", folder)
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        jobs = [pool.submit(train, folder / way, number, steps) for way in WAYS]
        for way, job in zip(WAYS, jobs, strict=True):
            told = " ".join(f"{share:4.0%} {modes}" for share, modes in job.result())
            print(f"  {way:8} {told}", flush=True)
    for epoch in range(1, number + 1):
        ended(folder, f"run --quiet --date 2001-01-{epoch:02} --output epoch_{epoch:02}.json")
    drift(folder, "history")
    for way in WAYS:
        drift(folder, f"history {way}")
    drift(folder, f"joint real.parquet gan/epoch_{number:02}.parquet")
    drift(folder, "timeline gp/all.parquet --time epoch --every 1h --baseline real.parquet")


def train(folder: Path, number: int, steps: int) -> list[tuple[float, int]]:
    """Write the points of each epoch, and all of them with epochs as hours.

    Returns what is of modes in each.
    """
    folder.mkdir()
    made = list(epochs(folder.name, number, steps, ROWS))
    for epoch, points in enumerate(made, 1):
        pq.write_table(table(points), folder / f"epoch_{epoch:02}.parquet")
    hours = np.datetime64("2001-01-01", "s") + np.arange(1, number + 1) * np.timedelta64(1, "h")
    stamped = table(np.concatenate(made)).append_column("epoch", pa.array(np.repeat(hours, ROWS)))
    pq.write_table(stamped, folder / "all.parquet")
    return [of_modes(points) for points in made]


def drift(folder: Path, arguments: str) -> None:
    """Run a command in a folder, and show it with its exit code."""
    print(f"\n$ drift {arguments}", flush=True)
    print(f"exit code {ended(folder, arguments)}", flush=True)


def ended(folder: Path, arguments: str) -> int:
    """Run a command in a folder; return its exit code, which is 0 or 1."""
    command = [sys.executable, "-m", "driftcli", *shlex.split(arguments)]
    code = subprocess.run(command, cwd=folder, check=False).returncode
    if code not in (0, 1):
        sys.exit(f"drift {arguments}: exit code {code}")
    return code


if __name__ == "__main__":
    main()
