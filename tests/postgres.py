"""A PostgreSQL server of our own on the loopback, whose passwords count."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: PostgreSQL refuses to run as root.
_USER = "nobody"
PASSWORD = "m4rker-Pa55"


def program(name: str) -> str:
    """Return a program of PostgreSQL's, which Debian keeps off the PATH."""
    known = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(known[-1]) if known else None)
    if found is None:
        pytest.skip(f"PostgreSQL's {name} is not there")
    return found


@contextmanager
def served() -> Iterator[str]:
    """Serve on a port of the loopback; yield the address without the password."""
    initdb, pg_ctl = program("initdb"), program("pg_ctl")
    folder = Path(tempfile.mkdtemp(prefix="drift-sql-"))
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    as_user = {"user": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
    if as_user:
        for path in (folder, secret):
            os.chown(path, pwd.getpwnam(_USER).pw_uid, -1)

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, **as_user
        )

    data, port = str(folder / "data"), _free_port()
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    scram = ("-A", "scram-sha-256", f"--pwfile={secret}")
    run(initdb, "-D", data, "-U", "reader", *scram, "-E", "UTF8", "--no-locale")
    run(pg_ctl, "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    try:
        yield f"postgresql://reader@127.0.0.1:{port}/postgres"
    finally:
        run(pg_ctl, "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as each:
        each.bind(("127.0.0.1", 0))
        port: int = each.getsockname()[1]
        return port
