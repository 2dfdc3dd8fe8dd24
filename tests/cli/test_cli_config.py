"""Where settings come from; `drift config` prints them, `drift init` writes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from cli_runs import CONTROL, Drift, Ended, write_csv

LENIENT = "thresholds.js_distance = 1.0\nthresholds.wasserstein = 9\nthresholds.kl = 9\n"


def _in_force(drift: Drift, *arguments: str) -> dict[str, str]:
    """Return each line of `drift config` by its key."""
    ended = drift("config", *arguments)
    assert (ended.code, ended.err) == (0, "")
    return {line.removeprefix("# ").split()[0]: line for line in ended.out.splitlines()}


def test_config_prints_every_setting_with_its_origin_as_toml(drift: Drift) -> None:
    ended = drift("config")
    assert (ended.code, ended.err) == (0, "")
    assert all(line.endswith("  # default") for line in ended.out.splitlines())
    thresholds = tomllib.loads(ended.out)["thresholds"]
    assert thresholds["js_distance"] == 0.1
    assert (thresholds["pair_dependence"], thresholds["pair_correlation"]) == (0.01, 0.1)


def test_what_config_prints_is_a_configuration_with_the_same_settings(drift: Drift) -> None:
    Path("drift.toml").write_text(
        'fail_on = "warn"\nmetrics = ["kl"]\nread.null = ["-", "\\u001b"]\n'
        'columns."a*".kind = "categorical"\ncolumns.b.thresholds.kl = { warn = 0.1, drift = 1 }\n'
    )
    first = drift("config").out
    Path("copy.toml").write_text(first, encoding="utf-8")
    second = drift("config", "--config", "copy.toml").out
    assert tomllib.loads(first) == tomllib.loads(second)
    assert tomllib.loads(first)["columns"]["a*"] == {"kind": "categorical"}


def test_an_option_names_the_configuration(drift: Drift, base: str, moved: str) -> None:
    Path("lenient.toml").write_text(LENIENT)
    assert drift("compare", base, moved).code == 1
    assert drift("compare", base, moved, "--config", "lenient.toml").code == 0
    settings = _in_force(drift, "--config", "lenient.toml")
    assert settings["thresholds.kl"].endswith("  # lenient.toml")
    assert settings["fail_on"].endswith("  # default")


def test_the_environment_names_the_configuration(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("lenient.toml").write_text(LENIENT)
    monkeypatch.setenv("DRIFT_CONFIG", "lenient.toml")
    assert drift("compare", base, moved).code == 0
    assert _in_force(drift)["thresholds.kl"].endswith("  # lenient.toml")


def test_the_environment_may_name_a_file_that_init_is_to_write(
    drift: Drift, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRIFT_CONFIG", "drift.toml")
    missing = "drift: drift.toml: no such file (named by DRIFT_CONFIG)\n"
    assert drift("config") == Ended(2, "", missing)
    assert drift("init", base).code == 0
    assert drift("config").code == 0


@pytest.mark.parametrize(
    ("name", "head"), [("drift.toml", ""), ("pyproject.toml", "[tool.drift]\n")]
)
def test_the_configuration_is_found_upwards(
    drift: Drift, base: str, moved: str, monkeypatch: pytest.MonkeyPatch, name: str, head: str
) -> None:
    Path(name).write_text(head + LENIENT)
    Path("below/it").mkdir(parents=True)
    monkeypatch.chdir("below/it")
    assert drift("compare", f"../../{base}", f"../../{moved}").code == 0


def test_a_flag_wins_over_the_file(drift: Drift, base: str, moved: str) -> None:
    Path("drift.toml").write_text(LENIENT + 'columns."*".thresholds.kl = 9\n')
    assert drift("compare", base, moved).code == 0
    assert drift("compare", base, moved, "--threshold", "kl=0.1").code == 0
    assert drift("compare", base, moved, "--threshold", "amount.kl=0.1").code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("treshold = 1\n", "drift.toml: treshold: unknown key; did you mean 'thresholds'?"),
        (
            "thresholds.js_distanc = 1\n",
            "drift.toml: thresholds.js_distanc: unknown metric; did you mean 'js_distance'?",
        ),
        (
            'ignore = ["amuont"]\n',
            "drift.toml: exclude: no column 'amuont' in either dataset; did you mean 'amount'?",
        ),
        (
            "columns.amuont.bins = 5\n",
            (
                "drift.toml: columns.amuont.bins: no column 'amuont' in either dataset;"
                " did you mean 'amount'?"
            ),
        ),
        (
            'fail_on = "wran"\n',
            "drift.toml: fail_on: expected 'change', 'drift', 'never' or 'warn', found text 'wran'",
        ),
        ("bins = 1\n", "drift.toml: bins: expected a whole number from 2 to 1000, found 1"),
    ],
)
def test_a_mistake_in_the_file_is_one_line(
    drift: Drift, base: str, moved: str, text: str, message: str
) -> None:
    Path("drift.toml").write_text(text)
    assert drift("compare", base, moved) == Ended(2, "", f"drift: {message}\n")


def test_a_hostile_key_is_shown_harmless(drift: Drift) -> None:
    key = '"a\\u001b[31m\\n|<b>[red]\\u202e"'
    Path("drift.toml").write_text(f"{key} = 1\n")
    ended = drift("config")
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith(f"drift: drift.toml: {key}: unknown key; known: fail_on, strict, ")


def test_a_file_that_is_not_toml_is_one_line(drift: Drift) -> None:
    Path("drift.toml").write_bytes(b"= \x1b[31m\n")
    ended = drift("config")
    assert (ended.code, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert ended.err.startswith("drift: drift.toml: not valid TOML: ")
    assert CONTROL.search(ended.err) is None


def test_init_writes_a_file_that_changes_nothing_until_it_is_edited(
    drift: Drift, base: str, moved: str
) -> None:
    before = drift("compare", base, moved, "--format", "csv")
    written = "drift: wrote drift.toml; `drift config` shows what is in force\n"
    assert drift("init", base) == Ended(0, "", written)
    assert drift("compare", base, moved, "--format", "csv") == before
    assert drift("config").code == 0


def test_each_line_of_the_starter_works_once_its_mark_is_removed(
    drift: Drift, base: str, moved: str
) -> None:
    drift("init", base)
    lines = Path("drift.toml").read_text(encoding="utf-8").splitlines()
    lines = [line[1:] if line[:1] == "#" and line[1:2] not in (" ", "") else line for line in lines]
    Path("drift.toml").write_text("\n".join(lines), encoding="utf-8")
    assert drift("config").code == 0
    assert drift("compare", base, moved).code == 1


def test_init_replaces_a_file_only_when_told_to(drift: Drift, base: str) -> None:
    Path("drift.toml").write_text("old")
    message = "drift: drift.toml: exists already; --force replaces it, --output - prints\n"
    assert drift("init", base) == Ended(2, "", message)
    assert Path("drift.toml").read_text() == "old"
    assert drift("init", base, "--force").code == 0
    assert Path("drift.toml").read_text().startswith("# Settings of `drift`")


def test_init_prints_when_told_to(drift: Drift, base: str) -> None:
    ended = drift("init", base, "-o", "-")
    assert (ended.code, ended.err) == (0, "")
    assert not Path("drift.toml").exists()
    assert drift("init", base).code == 0
    assert ended.out == Path("drift.toml").read_text(encoding="utf-8")


def test_init_writes_where_it_is_told_to(drift: Drift, base: str) -> None:
    written = (
        "drift: wrote a\\x1b.toml; `drift config --config a\\x1b.toml` shows what is in force\n"
    )
    assert drift("init", base, "-o", "a\x1b.toml") == Ended(0, "", written)
    assert Path("a\x1b.toml").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.csv",), "nowhere.csv: no such file or directory."),
        (
            ("nowhere.csv", "-o", "no/drift.toml"),
            "--output no/drift.toml: there is no directory 'no'; make it",
        ),
        (("nowhere.csv", "-o", "."), "--output .: this is a directory; name a file in it"),
    ],
)
def test_init_tells_a_mistake_in_one_line(
    drift: Drift, arguments: tuple[str, ...], message: str
) -> None:
    assert drift("init", *arguments) == Ended(2, "", f"drift: {message}\n")
    assert not Path("drift.toml").exists()


def test_init_heeds_the_options_for_reading_text(drift: Drift) -> None:
    Path("odd.csv").write_text("a;b\n1,5;-\n2,5;-\n")
    text = drift("init", "odd.csv", "-o", "-", "--decimal", ",", "--null", "-").out
    assert "# a: numeric, double\n" in text
    assert "# b: " in text
    assert "missing 100 %" in text


def test_a_starter_survives_any_column_name(drift: Drift) -> None:
    hostile = [
        "a*b?[c]",
        "x\x1b[31m",
        'q"uote',
        "to.ml = 1",
        "# no",
        "größe",
        "\u202egnp",
        "n" * 999,
    ]
    quoted = ['"' + name.replace('"', '""') + '"' for name in hostile]
    Path("hostile.csv").write_text(",".join(quoted) + "\n" + ",".join("1" * len(quoted)) + "\n")
    assert drift("init", "hostile.csv").code == 0
    text = Path("drift.toml").read_text(encoding="utf-8")
    assert CONTROL.search(text) is None
    lines = [line[1:] if line.startswith("#columns") else line for line in text.splitlines()]
    Path("drift.toml").write_text("\n".join(lines), encoding="utf-8")
    ended = drift("compare", "hostile.csv", "hostile.csv")
    assert (ended.code, ended.err) == (0, "")


def test_a_starter_of_data_without_rows_is_a_configuration(drift: Drift) -> None:
    empty = write_csv("empty.csv", {"a": [], "b": []})
    assert drift("init", empty).code == 0
    assert drift("config").code == 0
