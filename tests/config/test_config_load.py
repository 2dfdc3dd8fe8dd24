"""Where settings are found, how layers merge, and what is told about their origins."""

import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from driftcli.config import (
    DEFAULT_THRESHOLDS,
    JOINT_THRESHOLDS,
    ColumnSettings,
    Configuration,
    Levels,
    ReadSettings,
    Settings,
    describe,
    load,
)
from driftcli.config.decode import Layer, decode
from driftcli.config.entries import assemble, flatten
from driftcli.config.toml import toml_key
from driftcli.errors import ConfigError

METRICS = (*DEFAULT_THRESHOLDS, "psi", "ks")


def loaded(directory: Path, text: str, **arguments: object) -> Configuration:
    (directory / "drift.toml").write_text(text, encoding="utf-8")
    return load(metrics=METRICS, cwd=directory, **arguments)  # type: ignore[arg-type]


def test_without_a_file_every_setting_is_its_default(tmp_path: Path) -> None:
    result = load(metrics=METRICS, cwd=tmp_path)
    assert result.settings == Settings()
    assert result.file is None
    assert set(result.origins.values()) == {"default"}


def test_every_form_that_a_file_may_have(tmp_path: Path) -> None:
    text = """
        fail_on = "warn"
        metrics = ["kl", "psi", "kl"]
        ignore = ["id_*"]
        scale = 2
        thresholds.js_distance = 0.2
        thresholds.missing = { warn = 0.01, drift = 0.02 }
        thresholds.kl = "off"
        [columns."price_*"]
        thresholds.wasserstein = 0.3
        gate = false
        edges = [0, 1, 10.5]
        [read]
        delimiter = ";"
        null = ["NA"]
    """
    assert loaded(tmp_path, text).settings == Settings(
        fail_on="warn",
        metrics=("kl", "psi"),
        exclude=("id_*",),
        scale=2.0,
        thresholds={
            **DEFAULT_THRESHOLDS,
            "js_distance": Levels(drift=0.2),
            "missing": Levels(warn=0.01, drift=0.02),
            "kl": Levels(),
        },
        read=ReadSettings(delimiter=";", null=("NA",)),
        columns={
            "price_*": ColumnSettings(
                gate=False, edges=(0.0, 1.0, 10.5), thresholds={"wasserstein": Levels(drift=0.3)}
            )
        },
    )


@pytest.mark.parametrize("name", ["drift.toml", "pyproject.toml"])
def test_a_link_to_nothing_is_no_absent_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).symlink_to(tmp_path / "gone.toml")
    with pytest.raises(ConfigError) as caught:
        load(metrics=METRICS, cwd=tmp_path)
    assert str(caught.value) == f"{name}: a link to a file that is not there; mend it"


def test_a_directory_is_no_absent_file(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").mkdir()
    with pytest.raises(ConfigError) as caught:
        load(metrics=METRICS, cwd=tmp_path)
    assert str(caught.value) == "drift.toml: a directory, and no file of settings; rename it"
    (tmp_path / "drift.toml").rename(tmp_path / "pyproject.toml")
    assert load(metrics=METRICS, cwd=tmp_path).file is None


def test_the_nearest_directory_counts_and_in_it_drift_toml(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "drift.toml").write_text("bins = 5")
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.drift]\nbins = 6")
    (inner / "pyproject.toml").write_text("[project]\nname = 'x'")  # no [tool.drift]: passed over
    nearest = load(metrics=METRICS, cwd=inner)
    assert nearest.settings.bins == 6
    assert nearest.file == f"{tmp_path / 'a' / 'pyproject.toml'} [tool.drift]"
    (tmp_path / "a" / "drift.toml").write_text("bins = 7")
    assert load(metrics=METRICS, cwd=inner).settings.bins == 7


def test_config_comes_before_the_variable_before_the_search(tmp_path: Path) -> None:
    for bins, name in enumerate(("drift.toml", "env.toml", "flag.toml"), start=2):
        (tmp_path / name).write_text(f"bins = {bins}")
    environ = {"DRIFT_CONFIG": "env.toml"}
    named = load(metrics=METRICS, cwd=tmp_path, environ=environ, config="flag.toml")
    assert (named.settings.bins, named.origins["bins"]) == (4, "flag.toml")
    from_variable = load(metrics=METRICS, cwd=tmp_path, environ=environ)
    assert (from_variable.settings.bins, from_variable.origins["bins"]) == (3, "env.toml")
    found = load(metrics=METRICS, cwd=tmp_path, environ={"DRIFT_CONFIG": ""})
    assert (found.settings.bins, found.origins["bins"]) == (2, "drift.toml")


def test_a_named_pyproject_is_read_by_its_table(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.drift]\nbins = 6")
    assert load(metrics=METRICS, cwd=tmp_path, config="pyproject.toml").settings.bins == 6


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert loaded(tmp_path, "\ufeffbins = 6").settings.bins == 6


@pytest.mark.parametrize(
    ("text", "column", "levels"),
    [
        ("kl=0.3", None, Levels(drift=0.3)),
        ("kl=0.1:0.3", None, Levels(warn=0.1, drift=0.3)),
        ("kl=off", None, Levels()),
        ("price.kl=0.3", "price", Levels(drift=0.3)),
        ("a.b=c*.kl=off", "a.b=c*", Levels()),
        ("kl.kl=1", "kl", Levels(drift=1.0)),
        (".kl=1", "", Levels(drift=1.0)),
        ("kl=5%", None, Levels(drift=0.05)),
        (" kl = 2.9 % ", None, Levels(drift=0.029)),
        ("price.kl = 1% : 0.3", "price", Levels(warn=0.01, drift=0.3)),
        ("kl = off", None, Levels()),
    ],
)
def test_threshold_flags(text: str, column: str | None, levels: Levels) -> None:
    settings = load(metrics=METRICS, thresholds=[text]).settings
    if column is None:
        assert settings.thresholds == {**DEFAULT_THRESHOLDS, "kl": levels}
    else:
        assert settings.column_overrides == ((column, ColumnSettings(thresholds={"kl": levels})),)


@pytest.mark.parametrize(
    "arguments",
    [{"thresholds": ["p*.*=off"]}, {"thresholds": ["p*.* = off"]}, {"no_gate": ["p*"]}],
)
def test_columns_may_be_kept_from_the_verdict(arguments: dict[str, list[str]]) -> None:
    settings = load(metrics=METRICS, **arguments).settings  # type: ignore[arg-type]
    assert settings.column_overrides == (("p*", ColumnSettings(gate=False)),)


def test_percentages_and_names_of_earlier_versions_in_a_file(tmp_path: Path) -> None:
    text = """
        ignore = ["id"]
        rename = { amt = "amount" }
        thresholds.missing = "5%"
        thresholds.kl = { warn = "2.5 %", drift = 0.1 }
    """
    settings = loaded(tmp_path, text).settings
    assert settings.exclude == ("id",)
    assert settings.rename == {"amt": "amount"}
    assert settings.thresholds["missing"] == Levels(drift=0.05)
    assert settings.thresholds["kl"] == Levels(warn=0.025, drift=0.1)


@examples(max_examples=30, deadline=None)  # each writes a file
@given(
    file=st.integers(2, 1000),
    flag=st.none() | st.integers(2, 1000),
    level=st.floats(0, 1e300),
    general=st.booleans(),
)
def test_overrides_win_over_the_file(
    tmp_path_factory: pytest.TempPathFactory,
    file: int,
    flag: int | None,
    level: float,
    general: bool,
) -> None:
    target = "ks" if general else "a.ks"
    result = loaded(
        tmp_path_factory.mktemp("config"),
        f"bins = {file}\nthresholds.ks = 0.5\ncolumns.a.thresholds.ks = 0.5",
        overrides={"bins": flag},
        thresholds=[f"{target}={level!r}"],
    )
    rows = {row.key: row for row in describe(result)}
    assert rows["bins"] == (
        ("bins", str(file), "drift.toml") if flag is None else ("bins", str(flag), "--bins")
    )
    key = "thresholds.ks" if general else "columns.a.thresholds.ks"
    assert rows[key] == (key, repr(level), "--threshold")


def test_rows_tell_value_and_origin_of_every_setting(tmp_path: Path) -> None:
    result = loaded(
        tmp_path,
        'ignore = ["a\\n"]\nthresholds.kl = "off"\n[columns."p*"]\ngate = true\nscale = "iqr"',
        overrides={"fail_on": "warn"},
        thresholds=["missing=0.01:0.02"],
    )
    rows = describe(result)
    assert [row.key for row in rows] == list(result.origins)
    assert {row for row in rows if row.origin != "default"} == {
        ("fail_on", '"warn"', "--fail-on"),
        ("exclude", '["a\\n"]', "drift.toml"),
        ("thresholds.kl", '"off"', "drift.toml"),
        ("thresholds.missing", "{ warn = 0.01, drift = 0.02 }", "--threshold"),
        ('columns."p*".gate', "true", "drift.toml"),
        ('columns."p*".scale', '"iqr"', "drift.toml"),
    }
    assert ("metrics", None, "default") in rows
    assert ("bins", "20", "default") in rows


numbers = st.floats(0, allow_nan=False, allow_infinity=False)
levels = st.one_of(
    st.just(Levels()),
    numbers.map(lambda drift: Levels(drift=drift)),
    numbers.map(lambda warn: Levels(warn=warn)),
    st.tuples(numbers, numbers).map(lambda both: Levels(warn=min(both), drift=max(both))),
)
names = st.text(max_size=8)
columns = st.builds(
    ColumnSettings,
    gate=st.booleans(),  # an entry that sets nothing leaves no trace
    kind=st.sampled_from([None, "numeric", "timestamp"]),
    bins=st.none() | st.integers(2, 1000),
    scale=st.none() | st.just("sd") | st.floats(1e-9, 1e9),
    thresholds=st.dictionaries(st.sampled_from(METRICS), levels, max_size=3),
)
settings_of_files = st.builds(
    Settings,
    exclude=st.lists(names, max_size=3).map(tuple),
    bins=st.integers(2, 1000),
    smoothing=numbers,
    read=st.builds(ReadSettings, null=st.lists(names, max_size=2).map(tuple)),
    columns=st.dictionaries(names, columns, max_size=3),
)


@given(settings_of_files)
def test_rows_are_a_file_that_loads_to_the_same_settings(settings: Settings) -> None:
    result = Configuration(settings=settings, origins=_origins(settings))
    text = "\n".join(f"{row.key} = {row.value}" for row in describe(result) if row.value)
    entries = decode(Layer(tomllib.loads(text), str), METRICS)
    again = assemble(entries, [])
    # What is in force of pairs is written, whether it was set or not.
    assert flatten(again) == flatten(settings)
    ours = {**JOINT_THRESHOLDS, **settings.thresholds}
    assert again == msgspec.structs.replace(settings, thresholds=ours)


def _origins(settings: Settings) -> dict[str, str]:
    return {toml_key(key): "default" for key in flatten(settings)}
