"""The starter file loads, whatever the columns are called, and its lines can be switched on."""

import re
import tomllib
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from driftcli.config import DEFAULT_THRESHOLDS, Settings, StarterColumn, load, resolve, starter
from driftcli.config.decode import Layer, decode
from driftcli.config.entries import assemble, flatten
from driftcli.config.meaning import meanings
from driftcli.config.settings import ReadSettings
from driftcli.config.starter import _THRESHOLDS
from driftcli.config.toml import toml_key

METRICS = tuple(DEFAULT_THRESHOLDS)

hostile = st.text(max_size=12) | st.text(
    alphabet="ab.*?[]\"'\\\n\r\t\x1b\x7f\u202e#= ", max_size=12
)
starter_columns = st.lists(
    st.builds(
        StarterColumn,
        name=hostile,
        kind=st.sampled_from(["numeric", "categorical", "timestamp", "unsupported"]),
        type=hostile,
        note=hostile,
        identifier=st.booleans(),
    ),
    unique_by=lambda column: column.name,
    max_size=5,
)


def settings_of(text: str) -> Settings:
    return assemble(decode(Layer(tomllib.loads(text), str), METRICS), [])


def switched_on(text: str) -> str:
    return re.sub(r"^#(?=[^# \n])", "", text, flags=re.MULTILINE)


@given(dataset=hostile, columns=starter_columns)
def test_the_starter_loads_to_the_defaults(dataset: str, columns: list[StarterColumn]) -> None:
    text = starter(dataset, columns)
    assert settings_of(text) == Settings()
    assert all(line.isprintable() for line in text.split("\n"))


@given(columns=starter_columns)
def test_every_line_switched_on_still_loads(columns: list[StarterColumn]) -> None:
    settings = settings_of(switched_on(starter("data.csv", columns)))
    resolved = resolve(settings, [column.name for column in columns])
    for column in columns:
        assert resolved[column.name].ignore is column.identifier
        proposed_gate = column.kind != "unsupported" and (
            column.identifier or column.kind == "timestamp"
        )
        assert resolved[column.name].gate is (True if proposed_gate else None)


def test_a_lone_surrogate_still_gives_a_file_that_parses() -> None:
    column = StarterColumn(name="a\udc80", kind="numeric", type="double")
    assert settings_of(starter("x\udc80", [column])) == Settings()
    starter("x\udc80", [column]).encode()


def test_the_starter_explains_every_setting() -> None:
    text = starter("data.csv", [])
    for section, record in (("", Settings), ("read.", ReadSettings)):
        for name, about in meanings(record).items():
            assert re.search(
                rf"^# {re.escape(about.text)}.*\n#{section}{name} = ", text, re.MULTILINE
            ), name
    keys = {toml_key(key) for key in flatten(Settings()) if key[0] != "thresholds"}
    assert keys == set(re.findall(r"^#([\w.]+) =", text, re.MULTILINE)) - {
        "thresholds.repeated",
        "thresholds.pair_dependence",
        "thresholds.pair_correlation",
        "thresholds.joint_jsd",
        "thresholds.joint_wasserstein",
        "checks.nightly",
    }
    assert list(_THRESHOLDS) == list(DEFAULT_THRESHOLDS)


def test_the_starter_of_a_small_dataset(tmp_path: Path) -> None:
    columns = [
        StarterColumn(
            name="id", kind="numeric", type="int64", note="identifier: not gated", identifier=True
        ),
        StarterColumn(name="price", kind="numeric", type="double", note="3 % missing"),
        StarterColumn(name="home state", kind="categorical", type="string"),
        StarterColumn(name="day", kind="timestamp", type="date32[day]"),
        StarterColumn(name="tags", kind="unsupported", type="list<string>", note="skipped"),
    ]
    text = starter("june.csv", columns)
    assert text.startswith("# Settings of `drift`, written by `drift init` from june.csv.\n")
    assert '\n#exclude = ["id"]\n' in text
    assert text.endswith(
        "\n"
        "# id: numeric, int64, identifier: not gated\n"
        "#columns.id.gate = true\n"
        "\n"
        "# price: numeric, double, 3 % missing\n"
        "#columns.price.thresholds.wasserstein = 0.1\n"
        "\n"
        "# home state: categorical, string\n"
        '#columns."home state".thresholds.js_distance = 0.1\n'
        "\n"
        "# day: timestamp, date32[day]\n"
        "#columns.day.gate = true\n"
        "\n"
        "# tags: unsupported, list<string>, skipped\n"
    )
    (tmp_path / "drift.toml").write_text(text, encoding="utf-8")
    result: Any = load(metrics=METRICS, cwd=tmp_path)
    assert result.settings == Settings()
    assert result.origins["thresholds.kl"] == "drift.toml"
