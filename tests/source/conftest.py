"""What is opened, noted."""

import pytest
from postgres import PASSWORD, served

from driftcli.source.files import File


@pytest.fixture
def opened_files(monkeypatch):
    """The paths of files that are opened, in their order."""
    found = []
    for name in ("native", "raw"):
        real = getattr(File, name)

        def noted(self, real=real):
            found.append(self.path)
            return real(self)

        monkeypatch.setattr(File, name, noted)
    return found


@pytest.fixture(scope="session")
def server():
    """The address of a PostgreSQL server that lives as long as the tests."""
    pytest.importorskip("adbc_driver_postgresql")
    with served() as address:
        yield address


@pytest.fixture
def shop(server, monkeypatch):
    """The address of a database with the password in the environment, and what runs in it."""
    psycopg = pytest.importorskip("psycopg")
    monkeypatch.setenv("PGPASSWORD", PASSWORD)
    with psycopg.connect(server, autocommit=True) as opened:
        opened.execute("drop schema public cascade; create schema public")
        yield server, opened.execute
