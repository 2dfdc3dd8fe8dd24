"""Spark sessions: the one at hand or our own, and in one line what either says."""

from __future__ import annotations

import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from driftcli.errors import DriftError, EngineError, InputError, missing_package
from driftcli.text import cause, named, quoted

#: Seconds in which a master must answer: Spark itself waits for more than a minute.
SECONDS = 5
_PORT = 7077
#: Rows of a batch that Spark sends, at most, and bytes, where a value takes about 16.
_MOST_ROWS, _FEWEST_ROWS, _BATCH_BYTES, _VALUE_BYTES = 4_096, 1_000, 64 << 20, 16
#: Said to Spark, it keeps no account of bytes, which takes as long as all else it does with a row.
_BYTES, _ANY_BYTES = "spark.sql.execution.arrow.maxBytesPerBatch", (1 << 31) - 1
_SETTINGS = {
    "spark.app.name": "drift",
    "spark.log.level": "OFF",
    "spark.ui.showConsoleProgress": "false",
    # Python of an executor keeps memory that it freed for what it makes next.
    "spark.executorEnv.MALLOC_TRIM_THRESHOLD_": str(1 << 30),
    "spark.executorEnv.MALLOC_MMAP_THRESHOLD_": str(32 << 20),
}
#: Java's Arrow looks at bounds and nulls of each value, which Spark knows when it writes one.
_UNCHECKED = {
    "arrow.enable_unsafe_memory_access": "true",
    "arrow.enable_null_check_for_get": "false",
}
_OPTIONS = "spark.executor.extraJavaOptions"
#: How an executor begins that cannot work for us.
REFUSING = "the executor on"
#: What Spark says when it has lost what it works with, and what is to be done.
_LOST = {
    r"Python in worker has different version: (\S+) than that in driver: (\d[\d.]*\d)": (
        r"executors run Python \1, and here is \2; let PYSPARK_PYTHON name a Python \2 that they"
        " have, with driftcli in it"
    ),
    "ExecutorLostFailure|Python worker exited unexpectedly": (
        "executors died of the same rows, which may take more memory than there is: give them more"
        " (spark.executor.memoryOverhead), or fewer cores each"
    ),
    "SparkContext was shut down|stopped SparkContext|Py4JNetworkError|ConnectionRefusedError": (
        "Spark has gone; run the command again"
    ),
}

#: The sessions that were started here, and are to be stopped.
_own: list[Any] = []


def session_at_hand() -> Any:
    """Return the session that this process has, None where it has none."""
    if "pyspark" not in sys.modules:
        return None
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


@contextmanager
def session_for(master: str | None = None) -> Iterator[Any]:
    """Return the session at hand, or one of our own that is stopped after use.

    Raises
    ------
    EngineError
        When there is no Spark to be had.
    """
    at_hand = session_at_hand()
    try:
        yield at_hand or started(master)
    finally:
        stop_own()


def stop_own() -> None:
    """Stop what was started here."""
    while _own:
        with quiet(), suppress(Exception):
            _own.pop().stop()


def started(master: str | None = None) -> Any:
    """Return a session of our own on a master; Spark's own settings say which if none is given.

    Raises
    ------
    EngineError
        When the master does not answer, or what it takes is not here.
    """
    shown = named(master or "spark")
    try:
        import pyspark
    except ImportError as error:
        raise EngineError(f"{shown}: {missing_package('pyspark')}") from error
    if int(pyspark.__version__.partition(".")[0]) < 4:
        held = f"PySpark is {pyspark.__version__}"
        raise EngineError(f"{shown}: {held}; {missing_package('pyspark')}")
    if master and master.startswith("spark://"):
        _check_reachable(shown, master.removeprefix("spark://").split(","))
    _check_java(shown)
    if master is None or master.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    with told(shown, EngineError), quiet():
        session = _on_java(shown, master)
    _own.append(session)
    return session


def _on_java(shown: str, master: str | None) -> Any:
    """Start Java, but for its many words on what it does."""
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkRuntimeError
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    conf = SparkConf(loadDefaults=False).setAll(list(_SETTINGS.items()))
    if master:
        conf.setMaster(master)
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    try:
        gateway = launch_gateway(conf, silent)
    except PySparkRuntimeError as error:
        raise EngineError(
            f"{shown}: Java does not start Spark; is it 17 or later? `java -version` says"
        ) from error
    conf.set(_OPTIONS, _unchecked(gateway.jvm))
    return SparkSession(SparkContext(conf=conf, gateway=gateway))


def _unchecked(java: Any) -> str:
    """Have Java leave checks out, and return the options with which its executors do."""
    for key, value in _UNCHECKED.items():
        java.java.lang.System.setProperty(key, value)
    ours = [f"-D{key}={value}" for key, value in _UNCHECKED.items()]
    # What the user's own settings say comes last, and wins.
    return " ".join([*ours, java.org.apache.spark.SparkConf().get(_OPTIONS, "")])


def _check_java(shown: str) -> None:
    home = os.environ.get("JAVA_HOME")
    if Path(home, "bin", "java").exists() if home else shutil.which("java"):
        return
    lacking = f"JAVA_HOME is {quoted(home)}, which has none" if home else "there is none here"
    raise EngineError(
        f"{shown}: this needs Java 17 or later, and {lacking}; on Debian or Ubuntu, "
        "apt-get install openjdk-17-jre-headless"
    )


def _check_reachable(shown: str, places: list[str]) -> None:
    """Check that one of several masters answers: one of them leads, and the others stand by."""
    wrong = [_wrong(place) for place in places]
    if all(wrong):
        raise EngineError(f"{shown}: {wrong[0]}; check the address, and that the master runs")


def _wrong(place: str) -> str:
    """Return what is wrong with the address of a master; "" where nothing is seen to be."""
    host, _, port = place.rstrip("/").rpartition(":") if ":" in place else (place, "", str(_PORT))
    try:
        with socket.create_connection((host.strip("[]"), int(port)), SECONDS) as connection:
            # A master says nothing to what does not talk as Spark does.
            connection.settimeout(1)
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            with suppress(TimeoutError, ConnectionError):
                if connection.recv(1):
                    return "what answers there is no Spark master"
    except (OSError, ValueError, OverflowError):
        return f"no Spark master answers there within {SECONDS} s"
    return ""


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out what PySpark warns of and logs: what matters is raised."""
    logger = logging.getLogger("SQLQueryContextLogger")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = before


@contextmanager
def settled(session: Any, columns: int = 1, *, heavy: bool = False) -> Iterator[None]:
    """Have a session send rows of so many columns as we need them, and leave it as it was.

    Of `heavy` rows a batch has as many as bytes allow.
    """
    rows = _BATCH_BYTES // (_VALUE_BYTES * max(1, columns))
    most = min(_MOST_ROWS, max(_FEWEST_ROWS, rows))
    with (
        quiet(),
        having(session, "spark.sql.session.timeZone", "UTC"),
        having(session, "spark.sql.execution.arrow.maxRecordsPerBatch", most),
        having(session, _BYTES, _BATCH_BYTES if heavy else _ANY_BYTES),
    ):
        yield


@contextmanager
def having(session: Any, key: str, value: object) -> Iterator[None]:
    """Have a setting of a session for a while."""
    before = session.conf.get(key, None)
    session.conf.set(key, str(value))
    try:
        yield
    finally:
        with suppress(Exception):  # where the session is lost, that is no other error
            session.conf.unset(key) if before is None else session.conf.set(key, before)


@contextmanager
def told(name: str, kind: type[DriftError] = InputError) -> Iterator[None]:
    """Say in one line what Spark cannot do; what our own code met there is a crash of ours."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as error:
        if _follows_interrupt(error):
            raise KeyboardInterrupt from error
        text = f"{type(error).__name__}: {error}"
        for pattern, remedy in _LOST.items():
            if found := re.search(pattern, text):
                raise EngineError(f"{name}: {found.expand(remedy)}") from error
        words = words_of(error)
        if "/driftcli/" in text and not words.startswith(REFUSING):
            raise RuntimeError(words) from error
        raise kind(f"{name}: Spark says: {words}.") from error


def _follows_interrupt(error: BaseException) -> bool:
    """Return whether an error is only what Spark says to its jobs having been cancelled."""
    before = error.__context__
    return before is not None and (
        isinstance(before, KeyboardInterrupt) or _follows_interrupt(before)
    )


def words_of(error: BaseException) -> str:
    """Return what an error of Spark says to people, without codes and tracebacks."""
    text = str(error).strip()
    # What Python or Java raised elsewhere comes with how it came to it, and last.
    found = re.findall(r"^(?:Caused by: |: )?[\w.]*(?:Error|Exception): (.+)$", text, re.MULTILINE)
    first = found[-1] if found else text.partition("\n")[0]
    return cause(RuntimeError(re.sub(r"^\[[A-Z_.\d]+\] | SQLSTATE: \w+.*", "", first)))
