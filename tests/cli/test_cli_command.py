"""What makes a command: groups of options, --debug, and the way of its errors."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from driftcli.cli.boundary import Failed
from driftcli.cli.command import command
from driftcli.cli.settings import Judging, Text, settings
from driftcli.errors import ConfigError


def spread_app(seen: list[Any]) -> typer.Typer:
    app = typer.Typer()

    @app.command()
    @command
    def run(data: str, text: Text = Text(), judging: Judging = Judging()) -> int:
        """Do it."""
        seen.append((data, text, judging))
        return 0

    return app


def test_a_group_is_made_of_its_options() -> None:
    seen: list[Any] = []
    arguments = ["x.csv", "--null", "NA", "--null", "-", "--alpha", "0.05", "--strict"]
    done = CliRunner().invoke(spread_app(seen), arguments)
    assert done.exit_code == 0, done.output
    assert seen == [("x.csv", Text(null=["NA", "-"]), Judging(alpha=0.05, strict=True))]


def test_the_options_stand_in_the_groups_place() -> None:
    @command
    def run(first: str, text: Text = Text(), last: int = 0) -> int:
        return last

    names = list(inspect.signature(run).parameters)
    own = ["delimiter", "quote", "escape", "comment", "skip", "decimal", "encoding", "null"]
    own.append("written")
    assert names == ["first", *own, "last", "debug"]


def test_a_command_knows_of_debug_where_it_asks() -> None:
    @command
    def silent(first: str) -> int:
        return len(first)

    @command
    def told(debug: bool = False) -> int:
        return int(debug)

    assert list(inspect.signature(silent).parameters) == ["first", "debug"]
    assert silent(first="abc", debug=True) == 3
    assert list(inspect.signature(told).parameters) == ["debug"]
    assert (told(debug=True), told()) == (1, 0)


@pytest.mark.parametrize("error", [EOFError(), KeyboardInterrupt(), ConfigError("no")])
def test_an_error_passes_typer_by(error: BaseException) -> None:
    @command
    def run() -> int:
        raise error

    with pytest.raises(Failed) as failed:
        run()
    assert failed.value.error is error


def test_options_go_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "drift.toml"
    file.write_text('fail_on = "warn"\nalpha = 0.05\nread.null = ["NA"]\n')
    judging = Judging(alpha=0.001, threshold=["kl=0.3"], drifted_columns="0.2")
    made = settings(None, Text(delimiter="\\t"), judging, like="scipy").settings
    assert (made.fail_on, made.alpha, made.drifted_columns) == ("warn", 0.001, 0.2)
    assert (made.read.delimiter, made.read.null) == ("\\t", ("NA",))
    assert made.thresholds["kl"].drift == 0.3
    assert made.like == "scipy"


def test_a_wrong_option_is_an_error_of_the_settings() -> None:
    with pytest.raises(ConfigError, match="alpha"):
        settings(None, Text(), Judging(alpha=2))
