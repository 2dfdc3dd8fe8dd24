"""`drift compare --by`: what it prints, how it ends, what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cli_runs import Drift, write_csv


@pytest.fixture
def apart() -> tuple[str, str]:
    """600 rows of shops a and b: amounts are 0 to 9, and in b 5 to 14; afterwards in a."""
    return tuple(  # type: ignore[return-value]
        write_csv(
            name,
            {
                "shop": ["ab"[at % 2] for at in range(600)],
                "plan": ["x" for at in range(600)],
                "amount": [at // 2 % 10 + 5 * (at % 2 == moved) for at in range(600)],
            },
        )
        for name, moved in (("base.csv", 1), ("new.csv", 0))
    )


def test_a_segment_that_drifts_ends_with_1(drift: Drift, apart: tuple[str, str]) -> None:
    assert drift("compare", *apart).code == 0
    code, out, err = drift("compare", *apart, "--by", "shop")
    assert (code, err) == (1, "")
    assert "by shop: 2 segments\n✓ mix unchanged: js_distance 0" in out
    assert "\n✗ a (50.0 % of the rows): amount\n" in out
    assert "✗ drift: 3 columns compared · 2 of 2 segments drifted (b, a)" in out
    assert drift("compare", *apart, "--by", "shop", "--fail-on", "never").code == 0


def test_columns_are_separated_by_commas_or_repeated(drift: Drift, apart: tuple[str, str]) -> None:
    once = drift("compare", *apart, "--by", "shop,plan", "-f", "json")
    twice = drift("compare", *apart, "--by", "shop", "--by", "plan", "-f", "json")
    assert once.out == twice.out
    found = json.loads(once.out)["segments"]
    assert found["by"] == ["shop", "plan"]
    assert {each["label"] for each in found["segments"]} == {"a, x", "b, x"}


def test_the_setting_does_the_same(drift: Drift, apart: tuple[str, str]) -> None:
    flag = drift("compare", *apart, "--by", "shop", "-f", "markdown").out
    Path("drift.toml").write_text('by = ["shop"]\n')
    assert drift("compare", *apart, "-f", "markdown").out == flag.replace(
        " unchanged\n", " unchanged · settings: drift.toml\n", 1
    )
    Path("drift.toml").write_text('by = ["shop"]\nsegment_rows = 301\n')
    assert "2 rare ones taken as one" in drift("compare", *apart).out


def test_without_it_the_report_has_none(drift: Drift, apart: tuple[str, str]) -> None:
    assert json.loads(drift("compare", *apart, "-f", "json").out)["segments"] is None


def test_the_json_report_fits_its_schema(drift: Drift, apart: tuple[str, str]) -> None:
    import jsonschema

    report = json.loads(drift("compare", *apart, "--by", "shop", "-f", "json").out)
    jsonschema.validate(report, json.loads(drift("schema").out))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--by", "shp"), "--by: no column 'shp' in the baseline; did you mean 'shop'?"),
        (("--by", "amount,when"), "--by: no column 'when' in the baseline; known: shop,"),
        (("--by", "shop", "--sample", "9"), "--by: takes all rows; leave out --sample"),
        (("--by", "shop", "--like", "scipy"), "--by: segments have no numbers of other tools;"),
    ],
)
def test_a_mistake_is_one_line(
    drift: Drift, apart: tuple[str, str], arguments: tuple[str, ...], message: str
) -> None:
    code, out, err = drift("compare", *apart, *arguments)
    assert (code, out) == (2, "")
    assert err.startswith(f"drift: {message}")
    assert err.count("\n") == 1


def test_a_setting_that_cannot_be_used_is_named_by_its_file(
    drift: Drift, apart: tuple[str, str]
) -> None:
    Path("drift.toml").write_text('by = ["shop"]\nlike = "scipy"\n')
    assert drift("compare", *apart).err.startswith("drift: drift.toml: by: segments have no")
    Path("drift.toml").write_text('by = ["shp"]\n')
    assert drift("compare", *apart).err.startswith("drift: drift.toml: by: no column 'shp' in the")
    Path("drift.toml").write_text('by = ["shop", "when", "a", "b", "c", "d", "e"]\n')
    assert drift("compare", *apart).err.startswith("drift: drift.toml: by: no column 'when'")
    Path("drift.toml").write_text("segment_rows = 0\n")
    assert "segment_rows: expected a whole number of at least 1" in drift("compare", *apart).err


def test_too_many_values_are_refused_while_reading(drift: Drift) -> None:
    path = write_csv("ids.csv", {"id": range(2_000), "x": range(2_000)})
    code, out, err = drift("compare", path, path, "--by", "id")
    assert (code, out) == (2, "")
    assert err == (
        "drift: --by 'id': more than 1,000 values; take a column of fewer, or one that groups"
        " them\n"
    )


@pytest.mark.parametrize("at", [0, 1])
def test_a_saved_profile_has_no_segments(drift: Drift, apart: tuple[str, str], at: int) -> None:
    assert drift("profile", apart[at], "-o", "side.profile").code == 0
    sides = list(apart)
    sides[at] = "side.profile"
    code, out, err = drift("compare", *sides, "--by", "shop")
    assert (code, out) == (2, "")
    assert err.startswith("drift: side.profile: a profile has no rows")
    assert "--by" in err
