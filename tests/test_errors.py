"""What the messages of errors have in common."""

import sys

import pytest

from driftcli.errors import missing_package, nearest


class TestMissingPackage:
    def test_the_remedy_names_the_version_that_the_extra_asks_for(self) -> None:
        assert missing_package("psycopg") == (
            f"this needs psycopg; {sys.executable} -m pip install 'psycopg[binary]>=3.1'"
        )

    def test_a_package_of_no_extra(self) -> None:
        assert missing_package("pymysql").endswith(" -m pip install pymysql")

    def test_an_environment_without_pip(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
        assert missing_package("apprise") == (
            f"this needs apprise; uv pip install --python {sys.executable} 'apprise>=1.8'"
        )

    def test_a_copy_that_nobody_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from importlib.metadata import PackageNotFoundError

        def unknown(name: str) -> list[str]:
            raise PackageNotFoundError(name)

        monkeypatch.setattr("importlib.metadata.requires", unknown)
        assert missing_package("apprise").endswith(" -m pip install apprise")


def test_a_name_in_other_case_is_the_nearest() -> None:
    assert nearest("V", ["s", "v"]) == "did you mean 'v'?"
