"""Dask clusters of our own on the loopback: a scheduler and workers, each a process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from waiting import wait_until


class Cluster(NamedTuple):
    """A cluster that stands, and the file that tells workers where."""

    address: str
    file: Path

    @property
    def engine(self) -> str:
        """Return what names it on the command line."""
        return f"dask://{self.address.partition('://')[2]}"


def environment(folder: Path, version: str | None = None) -> str:
    """Make an environment without driftcli, or with what says it is another version of it."""
    home = folder / (version or "bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
    (own,) = home.glob("lib/python*/site-packages")
    packages = home / "packages"
    packages.mkdir()
    for shared in map(Path, sys.path):
        for each in shared.iterdir() if shared.name.endswith("-packages") else ():
            link = packages / each.name
            if "driftcli" not in each.name and not link.exists():
                link.symlink_to(each)
    (own / "packages.pth").write_text(str(packages), "utf-8")
    if version:
        (own / f"driftcli-{version}.dist-info").mkdir()
        text = f"Metadata-Version: 2.1\nName: driftcli\nVersion: {version}\n"
        (own / f"driftcli-{version}.dist-info" / "METADATA").write_text(text, "utf-8")
    return str(home / "bin" / "python")


@contextmanager
def scheduler(folder: Path, python: str = sys.executable, *more: str) -> Iterator[Cluster]:
    """Have a scheduler stand that has no workers yet."""
    pytest.importorskip("distributed")
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with running(folder, python, "scheduler", *options, *more, "--scheduler-file", str(file)):
        wait_until(lambda: file.exists() and file.read_text("utf-8").endswith("}"))
        yield Cluster(json.loads(file.read_text("utf-8"))["address"], file)


@contextmanager
def workers(
    cluster: Cluster, count: int, *options: str, python: str = sys.executable
) -> Iterator[None]:
    """Have workers of one thread each join a scheduler."""
    from distributed import Client

    given = ("--nthreads", "1", "--memory-limit", "2GB", "--no-dashboard", "--host", "127.0.0.1")
    with ExitStack() as stack:
        with Client(cluster.address, set_as_default=False) as client:
            before = len(client.nthreads())
            for _ in range(count):
                files = ("--scheduler-file", str(cluster.file))
                folder = cluster.file.parent
                stack.enter_context(running(folder, python, "worker", *files, *given, *options))
            client.wait_for_workers(before + count)
        yield


@contextmanager
def running(folder: Path, python: str, program: str, *options: str) -> Iterator[None]:
    """Run a program of Dask's, and end it."""
    command = (python, "-m", f"distributed.cli.dask_{program}", *options)
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
