"""New and lost names of vocabularies too large to keep: estimated with their error, or not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from msgspec.structs import replace

from driftcli.comparison import compare_profiles
from driftcli.config import Settings, load
from driftcli.metrics import METRICS
from driftcli.pipeline.inputs import Reading
from driftcli.pipeline.profiling import profiled
from driftcli.pipeline.selection import Selection
from driftcli.profile import categories, saved, sketch
from driftcli.profile.categories import Categories
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.redact import alike
from driftcli.report.columns import Score
from driftcli.report.comparison import Report

pytestmark = pytest.mark.slow

NAMES = 12_000
LOADED = load(metrics=METRICS)


@pytest.fixture(autouse=True)
def small_caps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(categories, "MAX_CATEGORIES", 3_000)
    monkeypatch.setattr(categories, "KEPT_CATEGORIES", 300)
    monkeypatch.setattr(categories, "BUCKETS", 256)
    monkeypatch.setattr(sketch, "SIZE", 1_000)


def names(
    seed: int, rows: int = 60_000, *, power: float = 0.0, prefix: str = "k", share: float = 1.0
) -> list[str]:
    """Return names by a power law, `share` of the vocabulary behind the prefix."""
    rng = np.random.default_rng(seed)
    weights = np.arange(1, NAMES + 1) ** -power
    at = np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(rows))
    renamed = np.random.default_rng(1).random(NAMES + 1) < share
    return [f"{prefix if renamed[each] else 'k'}{each}" for each in at.tolist()]


def profile(texts: list[str]) -> DatasetProfile:
    return profiled(pa.table({"c": texts}), LOADED, Selection(), Reading())


def compared(p: DatasetProfile, q: DatasetProfile, salt: str = "") -> Report:
    return compare_profiles(*alike(p, q, salt), Settings())


def score(report: Report, metric: str) -> Score:
    (column,) = report.columns
    return next(each for each in column.scores if each.metric == metric)


def exact(p: list[str], q: list[str]) -> dict[str, float]:
    had, has = {*p}, {*q}
    return {
        "new": sum(each not in had for each in q) / len(q),
        "lost": sum(each not in has for each in p) / len(p),
    }


@pytest.mark.parametrize("power", [0.0, 1.0])
@pytest.mark.parametrize("share", [0.0, 0.05, 0.5, 0.95, 1.0])
def test_estimates_are_within_their_error(power: float, share: float) -> None:
    for seed in range(3):
        p = names(seed, power=power)
        q = names(seed + 100, power=power, prefix="z", share=share)
        report = compared(profile(p), profile(q))
        for metric, truth in exact(p, q).items():
            found = score(report, metric)
            if found.value is None:
                # Too few of the common names are sampled: the divergence tells of them.
                assert report.verdict == "drift"
                continue
            assert found.error_bound is None
            assert found.standard_error is not None
            assert abs(found.value - truth) <= 4 * found.standard_error + 1e-3


def test_a_vocabulary_that_is_replaced_is_all_new_and_all_lost() -> None:
    report = compared(profile(names(1)), profile(names(2, prefix="z")))
    assert report.exit_code == 1
    for metric in ("new", "lost"):
        found = score(report, metric)
        assert (found.value, found.status) == (1.0, "drift")
        assert found.p_value is not None
        assert found.p_value < 1e-100
    (column,) = report.columns
    assert "new: about 100 % of the rows, in names that the baseline lacks" in column.reasons
    assert "lost: about 100 % of the rows, in names that left" in column.reasons


@pytest.mark.parametrize("power", [0.0, 1.0])
def test_nothing_is_said_of_a_vocabulary_that_stays(power: float) -> None:
    for seed in range(8):
        report = compared(profile(names(seed, power=power)), profile(names(seed + 50, power=power)))
        assert report.exit_code == 0
        assert score(report, "new").status == "ok"
        assert score(report, "lost").status == "ok"


def test_p_values_of_estimates_are_no_smaller_than_chance_makes_them() -> None:
    found = []
    for seed in range(60):
        p = profile(names(seed, 20_000, power=1.0))
        report = compared(p, profile(names(seed + 500, 20_000, power=1.0)))
        found += [score(report, metric).p_value for metric in ("new", "lost")]
    below = sum(p is not None and p <= 0.05 for p in found)
    # Binomial with 0.05 of 120 is beyond 14 once in a thousand times.
    assert below <= 14


def test_few_names_against_many_are_told_apart() -> None:
    few = [f"k{each % 50}" for each in range(20_000)]
    many = names(3)
    truth = exact(few, many)
    found = score(compared(profile(few), profile(many)), "new")
    assert found.status == "drift"
    assert found.value == pytest.approx(truth["new"], abs=1e-3)


def test_a_common_newcomer_among_many_names_is_found() -> None:
    p = [f"k{each % 2_000}" for each in range(60_000)]
    q = [*(f"k{each % 2_000}" for each in range(57_000)), *["one"] * 1_500]
    q += [f"rare {each}" for each in range(1_500)]
    found = score(compared(profile(p), profile(q)), "new")
    assert found.status == "drift"
    assert found.value == pytest.approx(0.05, abs=0.005)


def test_a_saved_profile_keeps_its_sample() -> None:
    p, q = profile(names(1)), profile(names(2, prefix="z", share=0.3))
    held = saved.decoded(saved.file_of(p), "base.profile")
    assert compared(held, q).columns[0].scores == compared(p, q).columns[0].scores


@pytest.mark.parametrize("salt", ["", "pepper"])
@pytest.mark.parametrize("hidden", [(True, False), (False, True), (True, True)])
def test_a_redacted_profile_tells_what_is_new(hidden: tuple[bool, bool], salt: str) -> None:
    left, right = names(1), names(2, prefix="z", share=0.3)
    sides = [
        saved.decoded(saved.file_of(side, salt=salt), "side.profile") if redacted else side
        for side, redacted in zip((profile(left), profile(right)), hidden, strict=True)
    ]
    report = compared(sides[0], sides[1], salt)
    for metric, truth in exact(left, right).items():
        found = score(report, metric)
        assert found.value is not None
        assert found.standard_error is not None
        assert abs(found.value - truth) <= 4 * found.standard_error
        assert found.status == "drift"


def test_redacted_profiles_of_few_and_of_many_names_are_compared_by_their_samples() -> None:
    few, many = (f"k{each % 2_900}" for each in range(60_000)), names(1)
    calm = [f"k{each % 3_100}" for each in range(60_000)]
    p, c, m = (
        saved.decoded(saved.file_of(profile(list(each)), salt="x"), "p")
        for each in (few, calm, many)
    )
    assert score(compared(p, m, "x"), "new").value == pytest.approx(0.758, abs=0.05)
    report = compared(p, c, "x")
    assert score(report, "js_distance").value == 0
    assert score(report, "new").value == pytest.approx(200 / 3_100, abs=0.03)


def test_an_old_profile_without_a_sample_says_that_it_cannot_tell() -> None:
    p = profile(names(1))
    column = p.columns["c"]
    assert isinstance(column.values, Categories)
    old = replace(column, values=replace(column.values, sketch=None))
    report = compared(replace(p, columns={"c": old}), profile(names(2, prefix="z")))
    for metric in ("new", "lost"):
        assert score(report, metric).value is None
    (note,) = [each for each in report.columns[0].notes if "cannot be told" in each]
    assert "make it again" in note


def forged(**changes: Any) -> bytes:
    p = profile(names(1))
    column = p.columns["c"]
    assert isinstance(column.values, Categories)
    assert column.values.sketch is not None
    wrong = replace(column.values, sketch=replace(column.values.sketch, **changes))
    return saved.encoded(replace(p, columns={"c": replace(column, values=wrong)}))


@pytest.mark.parametrize(
    "changes",
    [
        {"counts": np.zeros(1_000, np.int64)},
        {"counts": np.ones(999, np.int64)},
        {"counts": np.full(1_000, 10**6)},
        {"hashes": np.arange(1_000, dtype=np.uint64)[::-1]},
        {"bound": 5},
    ],
)
def test_a_sample_that_no_data_can_have_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="column 'c' has a sample of names that cannot be"):
        saved.decoded(forged(**changes), "forged.profile")
