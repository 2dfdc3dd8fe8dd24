"""A real Dask cluster gives the bits of threads, whatever becomes of its workers."""

from __future__ import annotations

import gc
import gzip
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from dask_cluster import Cluster, environment, scheduler, workers
from engines import Elsewhere
from everything import GROUPS, exact, read
from raising import MET, check_it_is_told
from typer.testing import CliRunner
from waiting import wait_until

from driftcli import compare
from driftcli.cli.app import app
from driftcli.config import ReadSettings
from driftcli.engine import Engine, Progress, Threads, profile
from driftcli.engine.choose import chosen
from driftcli.engine.contract import Worked
from driftcli.errors import EngineError, InputError, UsageError
from driftcli.source import open_source

pytest.importorskip("distributed")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with scheduler(tmp_path_factory.mktemp("dask")) as standing, workers(standing, 2):
        yield standing


FILES = ("data.parquet", "data.arrow", "data.csv", "late.jsonl", "late.csv", "days")


@pytest.mark.parametrize(
    ("name", "way"),
    [
        *(("data.parquet", way) for way in GROUPS),
        *product(FILES[1:], ["whole", "both"]),
    ],
)
@pytest.mark.usefixtures("in_many_pieces")
def test_a_cluster_gives_the_bits_of_threads(
    name: str, way: str, data: dict[str, Any], cluster: Cluster
) -> None:
    with chosen(cluster.engine) as engine:
        assert engine.elsewhere
        assert read(data[name], way, engine) == read(data[name], way, Threads(2))


def test_a_command_reads_on_the_cluster(data: dict[str, Any], cluster: Cluster) -> None:
    asked = ["compare", data["data.parquet"], data["data.csv"], "--format", "json"]
    here, there = (
        CliRunner().invoke(app, [*asked, "--engine", engine])
        for engine in ("threads", cluster.engine)
    )
    assert there.stderr == ""
    assert json.loads(there.stdout) == json.loads(here.stdout)


@pytest.fixture(scope="module")
def table(data: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a Delta table of three files, of which a row is deleted."""
    deltalake = pytest.importorskip("deltalake")
    path = str(tmp_path_factory.mktemp("delta") / "table")
    rows = pq.read_table(data["data.parquet"])
    for first in range(0, 3_000, 1_000):
        deltalake.write_deltalake(path, rows.slice(first, 1_000), mode="append")
    deltalake.DeltaTable(path).delete("n = 7")
    return path


COMMANDS = (
    "compare BASE TABLE",
    "compare BASE BASE --by shop",
    "compare BASE TEXT --sample 500",
    "joint BASE TABLE",
    "timeline BASE --time at --every 1w",
    "timeline TEXT --time at --every 1w --baseline TABLE",
    "explain BASE TABLE n",
    "show TABLE",
    "compare TEXT PACKED",
    "compare LINES LINES",
    "timeline MIXED --time at --every 1d",
    "compare BASE MIXED --block at:1d",
    "compare TEXT TABLE --block shop",
    "compare BASE LATER",
    "compare MIXED TABLE --where n>10",
    "joint TEXT MIXED --where n>10",
)


def changed(data: dict[str, Any], folder: Path) -> dict[str, str]:
    """Write data packed, in no order of time, and of later days; return where each is."""
    paths = {name: str(folder / name) for name in ("wide.csv.gz", "mixed.parquet", "later.parquet")}
    rows = pq.read_table(data["data.parquet"])
    text = Path(data["data.csv"]).read_text("utf-8")
    Path(paths["wide.csv.gz"]).write_bytes(gzip.compress(text.encode("utf-16")))
    order = np.random.default_rng(1).permutation(len(rows))
    pq.write_table(rows.take(order), paths["mixed.parquet"], row_group_size=700)
    later = pc.add(rows["at"], pa.scalar(timedelta(days=40)))
    pq.write_table(rows.set_column(0, "at", later), paths["later.parquet"])
    return dict(zip(("PACKED", "MIXED", "LATER"), paths.values(), strict=True))


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_print_what_they_print_without_a_cluster(
    command: str, data: dict[str, Any], table: str, cluster: Cluster, tmp_path: Path
) -> None:
    named = {"BASE": data["data.parquet"], "TEXT": data["data.csv"], "TABLE": table}
    named |= {"LINES": data["late.jsonl"], **changed(data, tmp_path)}
    asked = [named.get(word, word) for word in command.split()]
    here, there = (
        CliRunner().invoke(app, [*asked, "--format", "json", "--engine", engine])
        for engine in ("threads", cluster.engine)
    )
    assert json.loads(there.stdout) == json.loads(here.stdout)
    assert there.exit_code == here.exit_code


@pytest.mark.parametrize("name", ["data.parquet", "late.csv", "late.jsonl", "days"])
def test_profiles_are_saved_byte_for_byte_alike(
    name: str, data: dict[str, Any], cluster: Cluster, tmp_path: Path
) -> None:
    saved = []
    for engine in ("threads", cluster.engine):
        path = tmp_path / "saved.profile"
        asked = ["profile", data[name], "-o", str(path), "--keep-rows", "500", "--engine", engine]
        assert CliRunner().invoke(app, asked).exit_code == 0
        saved.append(path.read_bytes())
    assert saved[0] == saved[1]


@pytest.mark.parametrize(
    "command",
    [
        "run --no-history",
        "run pairs --no-history",
        "calibrate BASE --time at --every 1w --min-rows 1 --dry-run",
        "calibrate BASE TEXT TABLE --min-rows 1 --dry-run",
        "timeline BASE --time at --every 1w",
        "joint BASE TEXT",
        "show TABLE@v1",
    ],
)
def test_commands_read_on_the_cluster_of_their_file(
    command: str,
    data: dict[str, Any],
    table: str,
    cluster: Cluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    named = {"BASE": data["data.parquet"], "TEXT": data["data.csv"], "TABLE": table}
    asked = [named.get(word, word.replace("TABLE", table)) for word in command.split()]
    check = f'baseline = "{named["BASE"]}"\ncurrent = "{named["TEXT"]}"\n'
    said, worked = [], []
    with chosen(cluster.engine) as standing:
        for engine in ("threads", cluster.engine):
            checks = f"[checks.whole]\n{check}[checks.pairs]\njoint = true\n{check}"
            Path("drift.toml").write_text(f'engine = "{engine}"\n{checks}', "utf-8")
            before = transitions(standing)
            done = CliRunner().invoke(app, [*asked, "--format", "json"])
            worked.append(transitions(standing) > before)
            said.append((done.exit_code, without_times(json.loads(done.stdout))))
    assert said[0] == said[1]
    assert worked == [False, True]


def transitions(engine: Any) -> int:
    """Return how often a task of a cluster has come into another state."""

    def counted(dask_scheduler: Any) -> int:
        return int(dask_scheduler.transition_counter)

    return int(engine.client.run_on_scheduler(counted))


def without_times(document: Any) -> Any:
    """Return a document without the times of its run."""
    if isinstance(document, dict):
        own = ("seconds", "started", "finished")
        return {key: without_times(each) for key, each in document.items() if key not in own}
    return [without_times(each) for each in document] if isinstance(document, list) else document


def test_a_check_says_that_no_cluster_answers(data: dict[str, Any], tmp_path: Path) -> None:
    check = f'baseline = "{data["data.parquet"]}"\ncurrent = "{data["data.csv"]}"\n'
    (tmp_path / "drift.toml").write_text(
        f'engine = "dask://127.0.0.1:1"\n[checks.a]\n{check}', "utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "driftcli", "run", "--no-history", "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
    )
    (found,) = json.loads(done.stdout)["checks"]
    assert "no Dask scheduler answers there within 3 s" in found["error"]
    assert done.returncode == 2


class AtTheFifth:
    """Does something once, in the midst of the reading."""

    def __init__(self, act: Any) -> None:
        self._act = act
        self._told = 0

    def expect(self, size: int | None) -> None:
        del size

    def advance(self, rows: float, size: int) -> None:
        del rows, size
        self._told += 1
        if self._told == 5:
            self._act()


def whole(path: str, engine: Engine, progress: Progress | None = None) -> Any:
    return exact(profile(open_source(path, ReadSettings()), {}, engine=engine, progress=progress))


@pytest.mark.usefixtures("in_many_pieces")
def test_a_worker_that_is_killed_half_way_changes_nothing(
    data: dict[str, Any], tmp_path: Path
) -> None:
    path = data["data.parquet"]
    with scheduler(tmp_path) as own, workers(own, 2), chosen(own.engine) as engine:

        def kill() -> None:
            victim = min(engine.client.run(os.getpid).values())
            os.kill(victim, signal.SIGKILL)

        assert whole(path, engine, AtTheFifth(kill)) == whole(path, Threads(2))


@pytest.mark.usefixtures("in_many_pieces")
def test_a_cluster_that_lost_its_workers_is_no_endless_wait(
    data: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftcli.engine import dask

    monkeypatch.setattr(dask, "_LOOK", 0.2)
    with scheduler(tmp_path) as own, workers(own, 1, "--no-nanny"), chosen(own.engine) as engine:
        kill = partial(kill_all, engine)
        with pytest.raises(
            EngineError, match="has no workers, or none any more; start some and run it again"
        ):
            whole(data["data.parquet"], engine, AtTheFifth(kill))


@pytest.mark.usefixtures("in_many_pieces")
def test_workers_that_are_started_anew_are_waited_for(
    data: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftcli.engine import dask, dask_workers

    monkeypatch.setattr(dask, "_LOOK", 0.1)
    monkeypatch.setattr(dask_workers, "_LOOKS", 1)
    monkeypatch.setattr(dask_workers, "_LOOKS_WITH_NANNY", 10_000)
    path = data["data.parquet"]
    with scheduler(tmp_path) as own, workers(own, 2), chosen(own.engine) as engine:
        kill = partial(kill_all, engine)
        assert whole(path, engine, AtTheFifth(kill)) == whole(path, Threads(2))


def kill_all(engine: Any) -> None:
    """Kill all workers, and have the scheduler see it."""
    for each in engine.client.run(os.getpid).values():
        os.kill(each, signal.SIGKILL)
    wait_until(lambda: not engine.client.nthreads())


def test_nannies_that_start_no_other_worker_are_not_waited_for_without_end(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from driftcli.engine import dask_workers
    from driftcli.engine.dask_workers import Lookout

    with chosen(cluster.engine) as engine:
        lookout = Lookout(engine.client)  # type: ignore[attr-defined]
        monkeypatch.setattr(dask_workers, "_nannies", list)
        assert [lookout.lost() for _ in range(12)] == [False] * 11 + [True]


@pytest.mark.usefixtures("in_many_pieces")
def test_a_scheduler_that_goes_half_way_is_told_of(data: dict[str, Any], tmp_path: Path) -> None:
    with scheduler(tmp_path) as own, workers(own, 1), chosen(own.engine) as engine:

        def kill() -> None:
            os.kill(engine.client.run_on_scheduler(os.getpid), signal.SIGKILL)

        with pytest.raises(EngineError, match="the scheduler has gone, or was told to drop the"):
            whole(data["data.parquet"], engine, AtTheFifth(kill))


def test_rows_that_kill_workers_are_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    with (
        scheduler(tmp_path) as own,
        workers(own, 1),
        chosen(own.engine) as engine,
        pytest.raises(EngineError, match="a worker died of the same rows, which may"),
    ):
        engine.map_merge(os._exit, os._exit, [(None, 1)], print)  # type: ignore[arg-type]


@pytest.mark.parametrize("ran", MET)
def test_what_a_task_meets_is_told_as_if_it_were_met_here(ran: str, cluster: Cluster) -> None:
    with chosen(cluster.engine) as engine:
        check_it_is_told(ran, engine)


@pytest.mark.usefixtures("in_many_pieces")
def test_an_interrupt_takes_back_the_work_and_leaves_the_cluster(
    data: dict[str, Any], cluster: Cluster
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    def tasks(dask_scheduler: Any) -> int:
        return len(dask_scheduler.tasks)

    with chosen(cluster.engine) as engine:
        with pytest.raises(KeyboardInterrupt):
            whole(data["data.parquet"], engine, AtTheFifth(interrupt))
        wait_until(lambda: engine.client.run_on_scheduler(tasks) == 0)
        assert len(engine.client.nthreads()) == 2
        assert whole(data["data.parquet"], engine) == whole(data["data.parquet"], Threads(1))


class Unreadable:
    """A unit that cannot be read where it is sent."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __reduce__(self) -> tuple[type[int], tuple[str]]:
        return int, (self.name,)


#: How many units lanes have: of the first, most share tasks.
LANES = {"a": 200, "b": 70, "c": 9, "d": 8, "e": 1}


def units(**wrong: int) -> list[tuple[str, Any]]:
    """Return units of all lanes, those of the same rows together; some cannot be read."""
    return [
        (lane, Unreadable(f"{lane}{at}") if wrong.get(lane) == at else f"{lane}{at}")
        for at in range(max(LANES.values()))
        for lane, count in LANES.items()
        if at < count
    ]


def test_units_share_tasks_and_make_the_tree_of_all_of_them(cluster: Cluster) -> None:
    join, told = partial(str.format, "({0} {last})"), []
    with chosen(cluster.engine) as engine:
        made = engine.map_merge(Worked, join, units(), told.append)
    assert made == Elsewhere(0).map_merge(Worked, join, units(), lambda worked: None)
    assert len(told) < sum(LANES.values()) / 2


@pytest.mark.parametrize(
    ("wrong", "first"),
    [({"a": 150, "b": 65}, "b65"), ({"a": 64, "b": 65}, "a64"), ({"c": 8, "a": 9}, "c8")],
)
def test_the_first_error_in_row_order_is_told_of_units_that_share_tasks(
    wrong: dict[str, int], first: str, cluster: Cluster
) -> None:
    join = partial(str.format, "({0} {last})")
    with chosen(cluster.engine) as engine, pytest.raises(ValueError, match=f"'{first}'"):
        engine.map_merge(Worked, join, units(**wrong), lambda worked: None)


def test_a_client_at_hand_is_used_and_stays(data: dict[str, Any], cluster: Cluster) -> None:
    from distributed import Client

    paths = data["data.parquet"], data["data.csv"]
    with Client(cluster.address, set_as_default=False) as client:
        assert compare(*paths, engine=client) == compare(*paths)
        assert client.status == "running"
    with pytest.raises(UsageError, match="engine: a list is none; give a name, a dask"):
        compare(*paths, engine=[])


def test_a_file_that_is_another_where_it_is_read_is_refused(
    tmp_path: Path, cluster: Cluster
) -> None:
    path = tmp_path / "a.parquet"
    with chosen(cluster.engine) as engine:
        for change, told in (
            (lambda: path.write_bytes(b"PAR1"), r"a.parquet: 4 bytes on .*, and [\d,]+ where it"),
            (path.unlink, "a.parquet: cannot be read on .*: No such file or directory. Name files"),
        ):
            pq.write_table(pa.table({"x": range(9)}), path)
            source = open_source(path, ReadSettings())
            change()
            with pytest.raises(InputError, match=told):
                profile(source, {}, engine=engine)


def test_the_first_error_in_row_order_is_told(tmp_path: Path, cluster: Cluster) -> None:
    for name in "abc":
        pq.write_table(pa.table({"x": range(9)}), tmp_path / f"{name}.parquet")
    damaged = bytearray((tmp_path / "b.parquet").read_bytes())
    damaged[4:40] = bytes(36)
    (tmp_path / "b.parquet").write_bytes(damaged)
    (tmp_path / "c.parquet").write_bytes(damaged)
    done = CliRunner().invoke(app, ["show", str(tmp_path), "--engine", cluster.engine])
    here = CliRunner().invoke(app, ["show", str(tmp_path)])
    assert isinstance(done.exception.__cause__, InputError)  # type: ignore[union-attr]
    assert str(done.exception) == str(here.exception)
    assert "b.parquet" in str(done.exception.__cause__)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    return environment(tmp_path_factory.mktemp("environments"))


def refusal(engine: str) -> str:
    with pytest.raises(EngineError) as caught, chosen(engine):
        pass
    return str(caught.value)


def test_a_scheduler_without_the_package_is_refused(tmp_path: Path, bare: str) -> None:
    with scheduler(tmp_path, bare) as own:
        assert refusal(own.engine) == (
            f"{own.engine}: the scheduler has no driftcli; run there: pip install driftcli==0.1.0"
        )


def test_workers_without_the_package_or_of_another_version_are_refused(
    tmp_path: Path, bare: str
) -> None:
    older = environment(tmp_path, "0.0.9")
    with scheduler(tmp_path) as own:
        with workers(own, 2, python=bare):
            found = refusal(own.engine)
        assert found.endswith(
            " (and 1 more) has no driftcli; run there: pip install driftcli==0.1.0"
        )
        assert f"{own.engine}: the worker tcp://127.0.0.1:" in found
        with workers(own, 1, python=older):
            assert "has driftcli 0.0.9, here is 0.1.0; run there: pip" in refusal(own.engine)


def test_versions_that_differ_are_told_of_in_no_words_of_dask(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import client

    versions = client.version_module.get_versions
    older = versions() | {"packages": versions()["packages"] | {"python": "3.1.0.final.0"}}
    monkeypatch.setattr(client.version_module, "get_versions", lambda **_: older)
    with pytest.warns(client.version_module.VersionMismatchWarning):
        client.Client(cluster.address, set_as_default=False).close()
    with warnings.catch_warnings(action="error"), chosen(cluster.engine):
        pass


def test_a_worker_that_joins_later_is_looked_at_as_well(
    tmp_path: Path, bare: str, data: dict[str, Any]
) -> None:
    with (
        scheduler(tmp_path) as own,
        chosen(own.engine) as engine,
        workers(own, 1, python=bare),
        pytest.raises(EngineError, match="a worker that joined has no driftcli; run there: pip"),
    ):
        whole(data["data.parquet"], engine)


@pytest.mark.parametrize(
    "said",
    [b"SSH-2.0-OpenSSH_9.2\r\n", b"220 mail\r\n", bytes(64), b"\x11" + bytes(7) + b"\x01" * 64],
)
def test_servers_that_speak_first_are_no_schedulers(said: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            with server.accept()[0] as met:
                met.sendall(said)
                met.recv(1)

        threading.Thread(target=greet, daemon=True).start()
        engine = f"dask://127.0.0.1:{server.getsockname()[1]}"
        assert refusal(engine) == (
            f"{engine}: what answers there is no Dask scheduler; check the address and the port"
        )


@pytest.mark.parametrize("what", ["nothing", "silence", "pages"])
def test_what_is_no_scheduler_is_told_in_a_line(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from driftcli.engine import dask_workers

    monkeypatch.setattr(dask_workers, "_GREETING", 0.5)
    silent = "what answers there says nothing for 0.5 s: it is no Dask scheduler, or one with too"
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        if what == "silence":
            server.listen()
            assert silent in refusal(f"dask://127.0.0.1:{port}")
        elif what == "nothing":
            told = "no Dask scheduler answers there within 0.5 s; check the address, and that `dask"
            assert told in refusal(f"dask://127.0.0.1:{port}")
    if what == "pages":
        pages = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        port = pages.server_address[1]
        assert silent in refusal(f"dask://127.0.0.1:{port}")
        pages.shutdown()
        pages.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the file of a key and of a certificate that signs itself."""
    pytest.importorskip("cryptography")
    from distributed import Security

    made, path = Security.temporary(), tmp_path_factory.mktemp("tls") / "tls.pem"
    path.write_text(made.tls_client_key + made.tls_client_cert, "utf-8")
    return str(path)


def encrypted(certificate: str) -> dict[str, Any]:
    """Return the settings of Dask by which clients speak TLS alone."""
    comm = "distributed.comm"
    names = (f"{comm}.tls.ca-file", f"{comm}.tls.client.cert", f"{comm}.tls.client.key")
    return {f"{comm}.require-encryption": True, **dict.fromkeys(names, certificate)}


def test_a_cluster_with_certificates_is_reached_by_those_of_the_settings_of_dask(
    tmp_path: Path, certificate: str, data: dict[str, Any]
) -> None:
    import dask

    keys = ("--tls-ca-file", "--tls-cert", "--tls-key")
    given = [each for key in keys for each in (key, certificate)]
    with scheduler(tmp_path, sys.executable, *given) as own:
        assert refusal(own.engine).startswith(f"{own.engine}: what answers there takes TLS alone; ")
        settings = dask.config.set(encrypted(certificate))
        with settings, workers(own, 1, *given), chosen(own.engine) as engine:
            path = data["data.parquet"]
            assert whole(path, engine) == whole(path, Threads(1))


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_a_scheduler_without_certificates_is_not_asked_by_them(
    cluster: Cluster, certificate: str
) -> None:
    import dask

    named = encrypted(certificate)
    required = {"distributed.comm.require-encryption": True}
    for settings in (named, dict.fromkeys(named) | required, dict.fromkeys(named, "/") | required):
        with dask.config.set(settings):
            assert refusal(cluster.engine).startswith(
                f"{cluster.engine}: no TLS connection to a scheduler comes about there; see that"
            )
    # Dask leaves the sockets of handshakes that fail, and another test would pay for them.
    gc.collect()
