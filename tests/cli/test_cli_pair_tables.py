"""Pairs of columns of saved profiles that keep no rows, but tables of pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cli_runs import Drift

import driftcli
from driftcli.errors import UsageError

LACKING = (
    "a profile has no rows, nor tables of pairs, which drift joint needs; give data, or make it"
    " with drift profile --keep-rows N"
)


def rows(seed: int, correlation: float = 0.6, number: int = 2_000) -> pa.Table:
    rng = np.random.default_rng(seed)
    x, noise = rng.normal(size=(2, number))
    y = correlation * x + np.sqrt(1 - correlation**2) * noise
    city = rng.choice(["oslo", "rome", "bern"], number)
    flag = np.where(rng.random(number) < 0.8, city == "oslo", rng.random(number) < 0.5)
    late = pa.array(np.round(rng.exponential(size=number), 1), mask=rng.random(number) < 0.05)
    return pa.table({"x": x, "y": y, "city": city, "flag": flag, "late": late})


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, table in (("base", rows(1)), ("same", rows(2)), ("broken", rows(3, 0.0))):
        pq.write_table(table, f"{name}.parquet")
    driftcli.Profile.of("base.parquet").save("base.profile")


def pairs(*sides: object) -> dict[tuple[str, ...], driftcli.ColumnPair]:
    return {pair.columns: pair for pair in driftcli.joint(*sides).pairs}


@pytest.mark.parametrize(("current", "code"), [("same", 0), ("broken", 1)])
def test_a_saved_baseline_is_enough(drift: Drift, current: str, code: int) -> None:
    assert drift("joint", "base.profile", f"{current}.parquet").code == code
    kept, data = (pairs(f"base.{each}", f"{current}.parquet") for each in ("profile", "parquet"))
    assert kept.keys() == data.keys()
    assert len(kept) == 10
    for columns, pair in kept.items():
        assert pair.status == data[columns].status
        assert pair.jsd == pytest.approx(data[columns].jsd, abs=0.01)
        assert pair.lost == pytest.approx(data[columns].lost, abs=0.01)
    assert kept["x", "y"].correlation == pytest.approx(data["x", "y"].correlation, abs=0.01)


def test_either_side_may_be_the_one_without_rows() -> None:
    there, back = pairs("base.profile", "broken.parquet"), pairs("broken.parquet", "base.profile")
    for columns, pair in there.items():
        assert back[columns].jsd == pytest.approx(pair.jsd, abs=1e-12)
        assert back[columns].status == pair.status
    assert back["x", "y"].correlation == there["x", "y"].correlation[::-1]


def test_the_data_that_it_was_made_of_has_no_divergence() -> None:
    for pair in pairs("base.profile", "base.parquet").values():
        assert pair.jsd == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("number", [60, 250, 450])
def test_few_rows_are_put_in_fewer_cells(number: int) -> None:
    pq.write_table(rows(4, number=number), "few.parquet")
    found = pairs("base.profile", "few.parquet")
    assert len(found) == 10
    assert {pair.status for pair in found.values()} == {"ok"}
    for pair in found.values():
        assert pair.margins + pair.beyond == pytest.approx(pair.jsd, abs=1e-12)


def test_a_change_of_columns_alone_is_none_of_their_pair() -> None:
    table = rows(5)
    for at, name in enumerate(("x", "y")):
        table = table.set_column(at, name, pa.array(np.exp(3 * table[name].to_numpy())))
    pq.write_table(table, "stretched.parquet")
    assert pairs("base.profile", "stretched.parquet")["x", "y"].status == "ok"


def test_numbers_that_are_stored_in_fewer_bits_are_the_same() -> None:
    table = rows(2)
    narrow = table["late"].cast(pa.float32())
    pq.write_table(table.set_column(4, "late", narrow), "narrow.parquet")
    found = [pairs("base.profile", f"{each}.parquet")["x", "late"] for each in ("same", "narrow")]
    assert found[0].jsd == pytest.approx(found[1].jsd, abs=1e-12)


def test_columns_may_be_chosen_and_renamed(drift: Drift) -> None:
    pq.write_table(rows(3, 0.0).rename_columns(["a", "y", "city", "flag", "late"]), "new.parquet")
    ended = drift("joint", "base.profile", "new.parquet", "--rename", "a=x", "--columns", "x,y")
    assert ended.code == 1
    assert "1 of 1 pair of 2 columns drifted" in ended.out
    renamed = pairs("new.parquet", "base.profile")
    assert ("y", "city") in renamed


def test_columns_of_another_kind_are_in_no_pair() -> None:
    table = rows(2)
    texts = pa.array(["left" if each else "right" for each in table["flag"].to_pylist()])
    pq.write_table(table.set_column(3, "flag", texts), "texts.parquet")
    joint = driftcli.joint("base.profile", "texts.parquet")
    assert [each.column for each in joint.unpaired] == ["flag"]


@pytest.mark.parametrize("asked", ["witness", "discriminator", "critic"])
def test_instruments_take_rows(drift: Drift, asked: str) -> None:
    pytest.importorskip({"critic": "torch", "discriminator": "sklearn"}.get(asked, "scipy"))
    ended = drift("joint", "base.profile", "same.parquet", f"--{asked}")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        f"drift: base.profile: a profile without rows, which --{asked} needs; give data, or make"
        " it with drift profile --keep-rows N\n"
    )


def test_two_of_them_cannot_be_compared(drift: Drift) -> None:
    driftcli.Profile.of("same.parquet").save("same.profile")
    ended = drift("joint", "base.profile", "same.profile")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == (
        "drift: base.profile: a profile without rows, as same.profile is: tables of pairs are"
        " compared with rows; give data, or make it with drift profile --keep-rows N\n"
    )
    driftcli.Profile.of("same.parquet", keep_rows=5_000).save("same.profile")
    assert drift("joint", "base.profile", "same.profile").code == 0


def test_profiles_that_are_redacted_or_merged_of_others_have_none(drift: Drift) -> None:
    driftcli.Profile.of("base.parquet").save("hidden.profile", redact=True)
    driftcli.Profile.of("same.parquet", columns=["x", "y"]).save("other.profile")
    driftcli.Profile.of("base.parquet", columns=["x", "y"]).save("base.profile")
    drift("merge", "base.profile", "other.profile", "-o", "both.profile")
    for name in ("both.profile", "hidden.profile"):
        ended = drift("joint", name, "same.parquet")
        assert (ended.code, ended.err) == (2, f"drift: {name}: {LACKING}\n")


def test_a_part_that_is_data_is_merged_in_the_cells_of_the_first(drift: Drift) -> None:
    drift("merge", "base.profile", "same.parquet", "-o", "both.profile")
    drift("profile", "same.parquet", "--types", "base.profile", "-o", "same.profile")
    drift("merge", "base.profile", "same.profile", "-o", "profiles.profile")
    assert drift("joint", "both.profile", "broken.parquet").code == 1
    assert pairs("both.profile", "broken.parquet") == pairs("profiles.profile", "broken.parquet")
    all_rows = pa.concat_tables([pq.read_table("base.parquet"), pq.read_table("same.parquet")])
    kept, data = pairs("both.profile", "broken.parquet"), pairs(all_rows, "broken.parquet")
    for columns, pair in kept.items():
        assert pair.status == data[columns].status
        assert pair.jsd == pytest.approx(data[columns].jsd, abs=0.01)


def moving(night: int) -> pa.Table:
    """Return a night on which the correlation is what it is that night."""
    return rows(100 + night, 0.6 if night % 2 else 0.3, number=1_000)


def test_parts_are_what_a_part_is_measured_by(drift: Drift) -> None:
    for night in range(9):
        pq.write_table(moving(night), f"night{night}.parquet")
    nights = [f"night{night}.parquet" for night in range(8)]
    drift("merge", *nights, "-o", "nights.profile")
    ended = drift("joint", "nights.profile", "night8.parquet")
    assert (ended.code, ended.err) == (0, "")
    assert "noise by part, 8 + 1; --block none for independent rows" in ended.out
    assert drift("joint", "nights.profile", "night8.parquet", "--block", "none").code == 1
    back = drift("joint", "night8.parquet", "nights.profile")
    assert back.code == 0
    assert "noise by part, 1 + 8" in back.out
    pq.write_table(rows(200, -0.6, number=1_000), "night9.parquet")
    assert drift("joint", "nights.profile", "night9.parquet").code == 1


def test_a_correlation_that_parts_have_alike_is_missed_by_one_without(drift: Drift) -> None:
    """As many nights as a fortnight has tell it, though their squares spread over decades."""
    for night in range(12):
        pq.write_table(rows(300 + night, number=800), f"night{night}.parquet")
    drift("merge", *[f"night{night}.parquet" for night in range(12)], "-o", "nights.profile")
    pq.write_table(rows(400, 0.3, number=800), "night.parquet")
    found = pairs("nights.profile", "night.parquet")["x", "y"]
    assert found.status == "drift"
    assert found.scores[1].p_value < 1e-3
    pq.write_table(rows(401, number=800), "night.parquet")
    assert pairs("nights.profile", "night.parquet")["x", "y"].status == "ok"


def test_few_parts_tell_nothing_of_each_other(drift: Drift) -> None:
    drift("merge", "base.profile", "same.parquet", "-o", "both.profile")
    ended = drift("joint", "both.profile", "same.parquet")
    assert (
        "noise by part, 2 + 1: too few to tell how they differ, so that rows are taken as"
        " independent"
    ) in " ".join(ended.out.split())


def test_order_makes_no_difference_to_what_parts_tell(drift: Drift) -> None:
    names = [f"night{night}.profile" for night in range(7)]
    for night, name in enumerate(names):
        pq.write_table(moving(night), "night.parquet")
        drift("profile", "night.parquet", "--types", "base.profile", "-o", name)
    drift("merge", *names, "-o", "there.profile")
    drift("merge", *reversed(names), "-o", "back.profile")
    assert pairs("there.profile", "broken.parquet") == pairs("back.profile", "broken.parquet")


def test_more_columns_than_64_have_none() -> None:
    wide = pa.table({f"x{at}": np.arange(100.0) % (at + 2) for at in range(65)})
    profile = driftcli.Profile.of(wide)
    with pytest.raises(UsageError, match="nor tables of pairs"):
        driftcli.joint(profile, wide)


def test_rows_in_days_are_said_to_be_taken_as_independent(drift: Drift) -> None:
    for name in ("base", "broken"):
        table = pq.read_table(f"{name}.parquet")
        start = np.datetime64("2025-01-01" if name == "base" else "2025-03-01")
        day = start + np.arange(2_000) // 100 * np.timedelta64(1, "D")
        pq.write_table(table.append_column("day", pa.array(day)), f"{name}.parquet")
    driftcli.Profile.of("base.parquet").save("base.profile")
    said = "base.profile keeps tables of pairs and no rows, so that rows are taken as independent"
    assert said in " ".join(drift("joint", "base.profile", "broken.parquet").out.split())
    ended = drift("joint", "base.profile", "broken.parquet", "--block", "none")
    assert "independent" not in ended.out
