"""Configuration files edited in place."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from driftcli.config import StarterColumn, load, starter
from driftcli.config.edit import Entry, TomlFile
from driftcli.config.toml import toml_key
from driftcli.errors import ConfigError
from driftcli.metrics import METRICS

KL = Entry("price", "kl", "{ warn = 0.1, drift = 0.2 }", "9 files, highest 0.1")
KS = Entry("price", "ks", "0.3", "9 files, highest 0.2")

LAYOUTS = {
    "empty": "",
    "comments": "# only\n# comments\n",
    "no line end": "bins = 30",
    "general": 'bins = 30\nnote = """\n[columns.price]\n"""\n'.replace("note", "ignore_me"),
    "section": "[columns.price]\nbins = 30 # mine\n\n# next\n[read]\nquote = ''\n",
    "own thresholds": "[columns.price.thresholds]\n  jsd = 0.3\n\n[columns.other]\nbins = 5\n",
    "dotted": "columns.price.bins = 30\ncolumns.other.bins = 3\n\n[thresholds]\nkl = 0.5\n",
    "columns": "[columns]\nprice.bins = 30\nother.bins = 3\n[read]\nquote = ''\n",
    "dotted, of others": "columns.other.bins = 3\nbins = 3\n",
    "quoted": '[columns."price"]\nthresholds."jsd" = { drift = 0.3 }\n',
    "array": "ignore = [\n  'a', # one\n  'b',\n]\n[columns.price]\nedges = [\n1,\n2]\n",
    "mark in text": "[columns.price]\nkind = 'numeric'\n[read]\nnull = ['# calibrated: ']\n",
    "windows": "[columns.price]\r\nbins = 30\r\n\r\n[read]\r\nquote = ''\r\n",
}


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_entries_are_added_and_all_else_stays(text: str) -> None:
    made = TomlFile(text, "drift.toml").with_entries([KL, KS])
    added = [line for line in made.splitlines(keepends=True) if "# calibrated: 9" in line]
    assert len(added) == 2
    rest = made
    for line in added:
        rest = rest.replace(line, "", 1)
    assert rest.startswith(text)  # nothing but perhaps a new section's head is left
    assert rest[len(text) :].strip() in ("", "[columns.price]")
    expected = tomllib.loads(text)
    own = expected.setdefault("columns", {}).setdefault("price", {}).setdefault("thresholds", {})
    own |= {"kl": {"warn": 0.1, "drift": 0.2}, "ks": 0.3}
    assert tomllib.loads(made) == expected
    assert ("\r\n" in text) == ("\r\n" in made)


@pytest.mark.parametrize("text", LAYOUTS.values(), ids=LAYOUTS)
def test_a_second_time_only_the_values_change(text: str) -> None:
    once = TomlFile(text, "drift.toml").with_entries([KL, KS])
    again = TomlFile(once, "drift.toml")
    assert again.calibrated == {("price", "kl"), ("price", "ks")}
    assert again.with_entries([KL, KS]) == once
    changed = again.with_entries([Entry("price", "ks", "0.7", "10 files")])
    assert changed == once.replace(
        "0.3  # calibrated: 9 files, highest 0.2", "0.7  # calibrated: 10 files"
    )


def test_values_set_by_hand_are_known_by_name_and_by_glob() -> None:
    text = "[columns]\nprice.thresholds.kl = 0.2\n'p*'.thresholds = { ks = 0.3, jsd = 'off' }\n"
    file = TomlFile(text, "drift.toml")
    assert [m for m in METRICS if file.hand_set("price", m)] == ["kl", "jsd", "ks"]
    assert [m for m in METRICS if file.hand_set("page", m)] == ["jsd", "ks"]
    assert not file.hand_set("other", "kl")


def test_a_value_without_the_comment_is_the_users() -> None:
    once = TomlFile("", "drift.toml").with_entries([KL])
    taken = once.replace("  # calibrated: ", "  # I like this: ")
    assert TomlFile(taken, "drift.toml").hand_set("price", "kl")
    assert not TomlFile(once, "drift.toml").hand_set("price", "kl")


def test_pyproject_keeps_its_other_tables() -> None:
    text = '[project]\nname = "x"\n\n[tool.drift]\nbins = 3\n\n[tool.other]\na = 1\n'
    file = TomlFile(text, "pyproject.toml", ("tool", "drift"))
    made = file.with_entries([KL])
    assert made.startswith(text)
    own = tomllib.loads(made)["tool"]["drift"]
    assert own == {
        "bins": 3,
        "columns": {"price": {"thresholds": {"kl": {"warn": 0.1, "drift": 0.2}}}},
    }
    assert TomlFile(made, "p", ("tool", "drift")).calibrated == {("price", "kl")}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("columns = { price = { bins = 3 } }\n", "columns.free, columns.price"),
        ("[columns.price]\nthresholds = { ks = 0.2 }\n", "columns.price"),
    ],
)
def test_a_layout_without_a_place_is_an_error(text: str, named: str) -> None:
    sentence = rf"drift.toml: no way to add thresholds to {named}: write inline"
    with pytest.raises(ConfigError, match=sentence):
        TomlFile(text, "drift.toml").with_entries([Entry("free", "kl", "1.0", ""), KL])


def test_what_is_no_toml_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"drift.toml: not valid TOML"):
        TomlFile("a = [", "drift.toml")


@given(names=st.lists(st.text(min_size=1, max_size=6), min_size=1, max_size=4, unique=True))
def test_any_name_finds_its_place_twice(names: list[str]) -> None:
    names = [name.encode("utf-8", "replace").decode() for name in names]
    entries = [Entry(name, "kl", "0.25", "3 files") for name in dict.fromkeys(names)]
    text = f"[columns.{toml_key(names[:1])}]\nbins = 4\n"
    once = TomlFile(text, "drift.toml").with_entries(entries)
    assert TomlFile(once, "drift.toml").with_entries(entries) == once
    columns = tomllib.loads(once)["columns"]
    assert all(columns[name]["thresholds"]["kl"] == 0.25 for name in names)


def test_a_starter_file_takes_entries(tmp_path: Path) -> None:
    columns = [StarterColumn(name=name, kind="numeric", type="double") for name in ("price", "b c")]
    text = starter("data.csv", columns)
    for switched_on in (text, text.replace("\n#columns", "\ncolumns")):
        entries = [KS, Entry("b c", "kl", "0.4", "9 files")]
        made = TomlFile(switched_on, "drift.toml").with_entries(entries)
        path = tmp_path / "drift.toml"
        path.write_text(made, "utf-8")
        settings = load(metrics=METRICS, config=path).settings
        assert settings.columns["price"].thresholds["ks"].drift == 0.3
        assert settings.columns["b c"].thresholds["kl"].drift == 0.4
