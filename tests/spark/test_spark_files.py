"""Executors of Spark that read files give the bits of threads, whatever becomes of them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from everything import read, table, written
from raising import MET, check_it_is_told
from typer.testing import CliRunner
from waiting import wait_until

import driftcli
from driftcli.cli.app import app
from driftcli.engine import Threads
from driftcli.engine import spark as engine_of_spark
from driftcli.engine.choose import chosen
from driftcli.engine.versions import Versions
from driftcli.errors import DriftError, EngineError


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return written(tmp_path_factory.mktemp("data"))


@pytest.mark.parametrize(
    ("name", "way"),
    [
        ("data.parquet", "whole"),
        ("data.parquet", "both"),
        ("data.arrow", "sample"),
        ("data.csv", "both"),
        ("late.csv", "whole"),
        ("late.jsonl", "both"),
        ("days", "beside"),
    ],
)
@pytest.mark.usefixtures("in_many_pieces")
def test_executors_give_the_bits_of_threads(
    name: str, way: str, data: dict[str, Any], spark: Any
) -> None:
    with chosen(spark) as engine:
        assert engine.elsewhere
        assert read(data[name], way, engine) == read(data[name], way, Threads(2))


def test_a_command_reads_by_spark(data: dict[str, Any], spark: Any) -> None:
    asked = ["compare", data["data.parquet"], data["data.csv"], "--format", "json"]
    here, there = (
        CliRunner().invoke(app, [*asked, "--engine", engine]) for engine in ("threads", "spark")
    )
    assert there.stderr == ""
    assert json.loads(there.stdout) == json.loads(here.stdout)
    assert spark.range(3).count() == 3, "a session at hand is left standing"


@pytest.mark.usefixtures("in_many_pieces")
def test_of_several_errors_the_first_in_row_order_is_told(tmp_path: Path, spark: Any) -> None:
    lines = [f"{row},{row % 7}\n" for row in range(20_000)]
    lines[9_000], lines[15_000] = "1,2,3\n", "1,2,3,4\n"
    (tmp_path / "ragged.csv").write_text("a,b\n" + "".join(lines))
    with pytest.raises(DriftError, match="line 9,002: 2 values"):
        driftcli.Profile.of(str(tmp_path / "ragged.csv"), engine=spark)


@pytest.mark.parametrize("ran", MET)
def test_what_a_task_meets_is_told_as_if_it_were_met_here(ran: str, spark: Any) -> None:
    with chosen(spark) as engine:
        check_it_is_told(ran, engine)


def test_what_only_this_process_has_is_refused(spark: Any) -> None:
    frame = pa.table({"x": [1.0]})
    with pytest.raises(DriftError, match="data: a Table is in this process alone"):
        driftcli.compare(frame, frame, engine=spark)


def test_rows_that_kill_executors_are_given_up(spark: Any) -> None:
    work: Any = exec
    with chosen(spark) as engine, pytest.raises(EngineError) as caught:
        engine.map_merge(work, work, [(None, "import os; os._exit(1)")], lambda _: None)
    assert str(caught.value) == (
        "engine: executors died of the same rows, which may take more memory than there is: give"
        " them more (spark.executor.memoryOverhead), or fewer cores each"
    )


def test_an_interrupt_takes_back_the_work_and_leaves_the_session(spark: Any) -> None:
    tracker = spark.sparkContext.statusTracker()

    def interrupt() -> None:
        wait_until(lambda: any(map(active, tracker.getActiveStageIds())))
        os.kill(os.getpid(), signal.SIGINT)

    def active(stage: int) -> bool:
        found = tracker.getStageInfo(stage)
        return found is not None and found.numActiveTasks > 0

    work: Any = exec
    with chosen(spark) as engine:
        threading.Thread(target=interrupt).start()
        with pytest.raises(KeyboardInterrupt):
            engine.map_merge(work, work, [(None, "import time; time.sleep(600)")], print)
    wait_until(lambda: not tracker.getActiveJobsIds())
    assert spark.range(3).count() == 3


def test_executors_that_differ_are_refused(spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    here = Versions.here()._replace(drift="9.9.9")
    monkeypatch.setattr(Versions, "here", lambda: here)
    told = (
        r"the executor on \S+ has driftcli \S+, here is 9.9.9; run there: pip install driftcli==9"
    )
    with pytest.raises(EngineError, match=f"^engine: {told}"):
        chosen(spark).__enter__()
    work: Any = exec
    with pytest.raises(EngineError, match=f"^spark: Spark says: {told}"):
        engine_of_spark.Spark(spark).map_merge(work, work, [(None, "")], lambda _: None)


def executors() -> list[int]:
    """Return the processes of executors that this one has."""
    found = subprocess.run(
        ["pgrep", "-f", "CoarseGrainedExecutorBackend"], capture_output=True, text=True, check=False
    )
    pids = [int(pid) for pid in found.stdout.split()]
    return [pid for pid in pids if _has_ancestor(pid, os.getpid())]


def _has_ancestor(pid: int, wanted: int) -> bool:
    while pid > 1:
        if pid == wanted:
            return True
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            return False
        pid = int(stat.rpartition(")")[2].split()[1])
    return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc who is whose")
@pytest.mark.usefixtures("in_many_pieces")
def test_an_executor_that_is_killed_half_way_changes_nothing(
    tmp_path: Path, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_of_spark, "_TASKS_A_CORE", 40)
    pq.write_table(table(12_000), tmp_path / "a.parquet", row_group_size=150)
    wanted = driftcli.Profile.of(str(tmp_path / "a.parquet"), threads=2)
    killed: list[int] = []
    read = threading.Event()

    def kill() -> None:
        tracker = spark.sparkContext.statusTracker()
        while not read.wait(0.02):
            stages = filter(None, map(tracker.getStageInfo, tracker.getActiveStageIds()))
            if any(0 < each.numCompletedTasks < each.numTasks > 64 for each in stages):
                killed.append(executors()[0])
                os.kill(killed[0], signal.SIGKILL)
                return

    thread = threading.Thread(target=kill)
    thread.start()
    found = driftcli.Profile.of(str(tmp_path / "a.parquet"), engine=spark)
    read.set()
    thread.join()
    assert killed
    for name, profile in (("wanted", wanted), ("found", found)):
        profile.save(str(tmp_path / name))
    assert (tmp_path / "found").read_bytes() == (tmp_path / "wanted").read_bytes()
