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
        return self.address.replace("tcp://", "dask://")


@contextmanager
def scheduler(folder: Path, python: str = sys.executable) -> Iterator[Cluster]:
    """Have a scheduler stand that has no workers yet."""
    pytest.importorskip("distributed")
    file = folder / "scheduler.json"
    options = ("--host", "127.0.0.1", "--port", "0", "--no-dashboard")
    with running(folder, python, "scheduler", *options, "--scheduler-file", str(file)):
        wait_until(lambda: file.exists() and file.read_text("utf-8").endswith("}"))
        yield Cluster(json.loads(file.read_text("utf-8"))["address"], file)


@contextmanager
def workers(
    cluster: Cluster, count: int, python: str = sys.executable, *options: str
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
