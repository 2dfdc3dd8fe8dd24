"""A store to write to: an SQLite file, and a PostgreSQL server of our own where there is one."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

#: PostgreSQL refuses to run as root.
_USER = "nobody"


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Return the socket folder of a PostgreSQL server that lives as long as the tests."""
    programs = [shutil.which(name) for name in ("initdb", "pg_ctl")]
    if None in programs:
        pytest.skip("PostgreSQL's initdb and pg_ctl are not on the PATH")
    folder = Path(tempfile.mkdtemp(prefix="drift-pg-"))
    as_user = {"user": _USER, "extra_groups": []} if os.geteuid() == 0 else {}
    if as_user:
        os.chown(folder, pwd.getpwnam(_USER).pw_uid, -1)

    def run(*command: str) -> None:
        subprocess.run(
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL, timeout=120, **as_user
        )

    data = str(folder / "data")
    options = f"-c listen_addresses='' -k {folder} -c fsync=off"
    run(str(programs[0]), "-D", data, "-U", "drift", "-A", "trust", "-E", "UTF8", "--no-locale")
    run(str(programs[1]), "-D", data, "-w", "-l", str(folder / "log"), "-o", options, "start")
    yield str(folder)
    run(str(programs[1]), "-D", data, "-w", "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres(server: str) -> str:
    """Return the URL of an empty PostgreSQL database."""
    import psycopg

    name = f"drift_{uuid4().hex}"
    with psycopg.connect(host=server, user="drift", dbname="postgres", autocommit=True) as opened:
        opened.execute(f"CREATE DATABASE {name}")
    return f"postgresql://drift@/{name}?host={server}"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return where a store is to be made: the path of a file, or a URL."""
    if request.param == "sqlite":
        return str(tmp_path / "history.db")
    found: str = request.getfixturevalue("postgres")
    return found
