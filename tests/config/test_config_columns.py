"""What the settings mean for a column, and which columns they may name."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from driftcli.config import (
    DEFAULT_THRESHOLDS,
    ColumnSettings,
    Configuration,
    Levels,
    ResolvedColumn,
    Settings,
    check_columns,
    load,
    notes,
    resolve,
)
from driftcli.errors import ConfigError


def only(settings: Settings, name: str) -> ResolvedColumn:
    return resolve(settings, [name])[name]


def test_a_column_that_nothing_names_has_the_general_settings() -> None:
    assert only(Settings(bins=7), "price") == ResolvedColumn(
        ignore=False,
        kind=None,
        gate=None,
        bins=7,
        binning="mixture",
        edges=None,
        smoothing=0.5,
        scale="sd",
        thresholds=DEFAULT_THRESHOLDS,
    )


def test_the_last_glob_that_gives_a_value_counts() -> None:
    settings = Settings(
        columns={
            "*": ColumnSettings(bins=5, smoothing=0.0),
            "price": ColumnSettings(gate=False, bins=6),
            "p*": ColumnSettings(bins=7),
            "x*": ColumnSettings(bins=8),
        }
    )
    price = only(settings, "price")
    assert (price.bins, price.gate, price.smoothing) == (7, False, 0.0)


def test_thresholds_of_columns_merge_metric_by_metric() -> None:
    settings = Settings(
        columns={
            "p*": ColumnSettings(thresholds={"kl": Levels(), "psi": Levels(warn=1.0)}),
            "price": ColumnSettings(thresholds={"psi": Levels(drift=2.0)}),
        }
    )
    expected = {**DEFAULT_THRESHOLDS, "psi": Levels(drift=2.0)}
    del expected["kl"]  # off: not gated
    assert only(settings, "price").thresholds == expected


def test_flags_come_after_every_glob_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "drift.toml").write_text(
        '[columns."p*"]\nthresholds.kl = 1\n[columns.price]\nthresholds.kl = 2\nbins = 9\n'
    )
    flags = ["price.kl=3", "p*.kl=4", "pr*.kl=5", "p*.kl=6", "x*.kl=7"]
    loaded = load(metrics=["kl"], cwd=tmp_path, thresholds=flags)
    price = only(loaded.settings, "price")
    assert price.thresholds["kl"] == Levels(drift=6.0)
    assert price.bins == 9


def test_kinds_come_from_columns_then_from_the_lists() -> None:
    settings = Settings(
        categorical=("code*",),
        numeric=("code_n", "amount"),
        timestamp=("*_at",),
        columns={"amount": ColumnSettings(kind="categorical")},
    )
    kinds = {
        name: each.kind
        for name, each in resolve(settings, ["code_n", "amount", "made_at", "x"]).items()
    }
    assert kinds == {
        "code_n": "categorical",
        "amount": "categorical",
        "made_at": "timestamp",
        "x": None,
    }


def test_globs_match_case_and_also_the_name_they_spell() -> None:
    settings = Settings(exclude=("id_*", "price[eur]", "a.b"))
    names = ["id_1", "ID_1", "price[eur]", "pricee", "a.b", "axb", "id_\n"]
    ignored = [name for name, each in resolve(settings, names).items() if each.ignore]
    assert ignored == ["id_1", "price[eur]", "pricee", "a.b", "id_\n"]


def _with_globs(size: int) -> Settings:
    return Settings(exclude=("id*", "*_at"), columns={"c1*": ColumnSettings(bins=3)})


def _with_entries(size: int) -> Settings:
    return Settings(columns={f"c{n}": ColumnSettings(bins=3) for n in range(size)})


def _calls(settings: Settings, size: int) -> int:
    """Return how many functions are called to resolve the settings of so many columns."""
    calls = 0

    def count(*_: object) -> None:
        nonlocal calls
        calls += 1

    names = [f"c{n}" for n in range(size)]
    sys.setprofile(count)
    try:
        assert len(resolve(settings, names)) == size
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize("settings", [_with_globs, _with_entries])
def test_the_work_grows_with_the_columns_and_not_with_their_square(
    settings: Callable[[int], Settings],
) -> None:
    assert _calls(settings(2_000), 2_000) < 2.5 * _calls(settings(1_000), 1_000)


def loaded(directory: Path, text: str, *thresholds: str) -> Configuration:
    (directory / "drift.toml").write_text(text)
    return load(metrics=["kl"], cwd=directory, thresholds=thresholds)


@pytest.mark.parametrize(
    ("text", "flag", "expected"),
    [
        ("ignore = ['pric']", "kl=1", "drift.toml: exclude: no column 'pric'"),
        ("numeric = ['pric']", "kl=1", "drift.toml: numeric: no column 'pric'"),
        ("categorical = ['pric']", "kl=1", "drift.toml: categorical: no column 'pric'"),
        ("timestamp = ['pric']", "kl=1", "drift.toml: timestamp: no column 'pric'"),
        ("columns.pric.bins = 3", "kl=1", "drift.toml: columns.pric.bins: no column 'pric'"),
        ("", "pric.kl=1", "--threshold: no column 'pric'"),
    ],
)
def test_a_column_in_neither_dataset_is_named(
    tmp_path: Path, text: str, flag: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_columns(loaded(tmp_path, text, flag), ["id", "price"])
    assert str(caught.value) == f"{expected} in either dataset; did you mean 'price'?"


def test_hostile_columns_are_escaped_in_the_hint(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        check_columns(loaded(tmp_path, "ignore = ['price\\u001b']".replace("'", '"')), ["price\n"])
    assert (
        str(caught.value) == "drift.toml: exclude: no column 'price\\x1b' in either dataset; "
        "did you mean 'price\\n'?"
    )


def test_columns_that_exist_and_globs_that_match_nothing_pass(tmp_path: Path) -> None:
    text = 'ignore = ["id", "tmp_*"]\n[columns."x[0-9]"]\nbins = 3\n'
    check_columns(loaded(tmp_path, text, "price.kl=1", "y?.kl=1"), ["id", "price"])


SEVERAL = """
exclude = ["city", "id"]
rename = { amt = "amount" }
[columns.town]
bins = 5
thresholds.kl = 1
[checks.a]
baseline = "a"
current = "b"
[checks.b]
baseline = "a"
current = "b"
"""


def test_what_checks_share_may_be_lacking_in_one(tmp_path: Path) -> None:
    found = loaded(tmp_path, SEVERAL)
    for each in (found, found.checks["a"]):
        check_columns(each, ["id", "price"])
        assert notes(each, ["id", "price"]) == (
            "drift.toml: exclude: in neither dataset of this comparison: 'city'",
            "drift.toml: rename: in neither dataset of this comparison: 'amount'",
            "drift.toml: columns: in neither dataset of this comparison: 'town'",
        )
    assert notes(found, ["id", "city", "town", "amount"]) == ()


def test_a_note_names_a_few_of_many_columns(tmp_path: Path) -> None:
    entries = "".join(f"columns.c{n}.bins = 5\n" for n in range(7))
    found = loaded(tmp_path, entries + "[checks.a]\nbaseline = 'a'\ncurrent = 'b'\n")
    assert notes(found.checks["a"], ["x"]) == (
        (
            "drift.toml: columns: in neither dataset of this comparison: 'c0', 'c1', 'c2', 'c3',"
            " 'c4' and 2 more"
        ),
    )


@pytest.mark.parametrize(
    ("text", "flag", "expected"),
    [
        (SEVERAL + "exclude = ['pric']\n", "kl=1", "drift.toml: checks.b.exclude"),
        (SEVERAL + "columns.pric.bins = 5\n", "kl=1", "drift.toml: checks.b.columns.pric.bins"),
        (SEVERAL, "pric.kl=1", "--threshold"),
        (
            "exclude = ['pric']\n[checks.b]\nbaseline = 'a'\ncurrent = 'b'\n",
            "kl=1",
            "drift.toml: exclude",
        ),
    ],
)
def test_what_one_comparison_alone_is_told_must_exist(
    tmp_path: Path, text: str, flag: str, expected: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        check_columns(loaded(tmp_path, text, flag).checks["b"], ["price"])
    wanted = f"{expected}: no column 'pric' in either dataset; did you mean 'price'?"
    assert str(caught.value) == wanted
