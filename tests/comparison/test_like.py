"""Numbers of other tools: equal to what the tools themselves returned, by their version.

Recorded with numpy 2.4.6, scipy 1.17.1 and the versions below, on the data of `samples`, which
numpy's generators make the same everywhere. TFDV's own extension module made its values, from
statistics with its default options.
"""

from typing import Any, get_args

import numpy as np
import pyarrow as pa
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.stats import entropy, wasserstein_distance

from driftcli.api.compare import compare
from driftcli.config import Like
from driftcli.errors import ConfigError
from driftcli.metrics import METRICS
from driftcli.metrics.other_tools import TOOLS
from driftcli.profile.points import MAX_POINTS
from driftcli.report.columns import Column, Score

AGREES = 1e-6

EVIDENTLY_0_7_23 = {
    "normal": {
        "js_distance": 0.07081865351521172,
        "kl": 0.019044926377961,
        "psi": 0.04054340958303911,
        "hellinger": 0.07100180146868056,
        "wasserstein": 0.16869562426557244,
    },
    "skewed": {
        "js_distance": 0.028170714124915067,
        "kl": 0.002219466530367225,
        "psi": 0.004198317405705117,
        "hellinger": 0.025750769084771315,
        "wasserstein": 0.056692544077028686,
    },
    "few": {
        "js_distance": 0.06435111578483062,
        "kl": 0.016138592733470875,
        "psi": 0.03212890272295928,
        "hellinger": 0.050686788300573424,
        "wasserstein": 0.13829103696754821,
    },
    "integers": {
        "js_distance": 0.1958274841395165,
        "kl": 0.11671796893380347,
        "psi": 0.6826006144036856,
        "hellinger": 0.15621390664470228,
        "wasserstein": 0.20968209185694298,
    },
    "single": {
        "js_distance": 0.06311905665354564,
        "kl": 0.015367138793402627,
        "psi": 0.03208537614187644,
        "hellinger": 0.0632244090301902,
        "wasserstein": 0.14653382820932184,
    },
    "many": {
        "js_distance": 0.045209845754359705,
        "kl": 0.007834769360065351,
        "psi": 0.016460649787808746,
        "hellinger": 0.039793874709832894,
        "wasserstein": 0.03787876173736435,
    },
    "words": {
        "js_distance": 0.3952667412586936,
        "kl": 1.3423435822869552,
        "psi": 3.2575158303254037,
        "hellinger": 0.4736116218822315,
    },
    "rare": {
        "js_distance": 0.14300891711764463,
        "kl": 0.09024162135279688,
        "psi": 0.17291120593140274,
        "hellinger": 0.14864252409801063,
    },
}
NANNYML_0_13_1 = {
    "normal": {
        "js_distance": 0.08432916527332933,
        "hellinger": 0.07091925829722089,
        "wasserstein_raw": 0.1705357500213765,
        "ks": 0.086,
    },
    "skewed": {
        "js_distance": 0.05343571429336958,
        "hellinger": 0.047108176538689754,
        "wasserstein_raw": 0.12834999999999913,
        "ks": 0.05683333333333333,
    },
    "few": {
        "js_distance": 0.07729356719957113,
        "hellinger": 0.06687611604946503,
        "wasserstein_raw": 0.24075000000000002,
        "ks": 0.0535,
    },
    "integers": {
        "js_distance": 0.2615600845330933,
        "hellinger": 0.25719142635422493,
        "wasserstein_raw": 2.3605,
        "ks": 0.12883333333333333,
    },
    "single": {
        "js_distance": 0.08056462262966678,
        "hellinger": 0.0688826653274414,
        "wasserstein_raw": 0.023182207799516623,
        "ks": 0.072,
    },
    "many": {
        "js_distance": 0.12238116262782052,
        "hellinger": 0.121529792938073,
        "wasserstein_raw": 0.4309577492496348,
        "ks": 0.027649999999978192,
    },
    "words": {"js_distance": 0.47476374037381247, "hellinger": 0.47361162188223144},
    "rare": {"js_distance": 0.17177121500628698, "hellinger": 0.14864252409801007},
}
TFDV_1_16_1 = {
    "normal": {"jsd": 0.025099143268365723},
    "skewed": {"jsd": 0.11999320271585673},
    "few": {"jsd": 0.03862707426795453},
    "integers": {"jsd": 0.07620162516495291},
    "single": {"jsd": 0.009888935162286746},
    "many": {"jsd": 0.013786648424057309},
    "words": {"jsd": 0.22540060917373284},
    "rare": {"jsd": 0.029505350304736062},
    "gaps": {"jsd": 0.7949157493905924},
    "gaps within": {"jsd": 0.5982704610650151},
    "constant and gaps": {"jsd": 0.540852082972755},
    "constant": {"jsd": 1.0},
}
RECORDED = {"evidently": EVIDENTLY_0_7_23, "nannyml": NANNYML_0_13_1, "tfdv": TFDV_1_16_1}


def samples() -> dict[str, tuple[Any, Any]]:
    r = np.random.default_rng(11)
    made: dict[str, tuple[Any, Any]] = {}
    made["normal"] = r.normal(0, 1, 3000), r.normal(0.2, 1.1, 2000)
    made["skewed"] = (
        np.round(r.lognormal(0, 1, 3000), 2),
        np.round(r.lognormal(0.1, 1, 2000), 2),
    )
    made["few"] = r.poisson(3, 1000), r.poisson(3.3, 800)
    made["integers"] = r.integers(0, 40, 2000), r.integers(0, 45, 1500)
    made["single"] = (
        r.beta(2, 5, 2000).astype(np.float32),
        r.beta(2, 4.5, 2000).astype(np.float32),
    )
    # Enough rows for NannyML's bins, and values beyond the baseline's range on both sides.
    made["many"] = r.integers(0, 4000, 12000) / 100, r.integers(-10, 4100, 5000) / 100
    letters = np.array(list("abcdefgh"))
    made["words"] = letters[r.integers(0, 6, 1500)], letters[r.integers(1, 8, 1000)]
    zipf = 1 / np.arange(1, 41) ** 1.2
    zipf /= zipf.sum()
    names = np.array([f"w{at:02d}" for at in range(40)])
    made["rare"] = names[r.choice(40, 2000, p=zipf)], names[r.choice(40, 300, p=zipf)]
    nan = np.nan
    made["gaps"] = np.array([1, 2, 2, 3, nan]), np.array([1, 4, nan, nan, 5])
    made["gaps within"] = np.array([1, 2, 2, 4, nan]), np.array([1, 4, nan, nan, 3])
    made["constant and gaps"] = np.array([1, 1, nan]), np.array([1, nan, nan])
    made["constant"] = np.ones(5), np.array([1.0, 1, 1, 2])
    return made


def column(sides: tuple[Any, Any], like: Like) -> Column:
    base, new = (pa.table({"x": pa.array(side, from_pandas=False)}) for side in sides)
    return compare(base, new, like=like).columns[0]


def score(sides: tuple[Any, Any], like: Like, metric: str) -> Score:
    found = column(sides, like).score(metric)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("tool", "name"), [(tool, name) for tool, named in RECORDED.items() for name in named]
)
def test_scores_are_those_of_the_tool(tool, name):
    base, new = samples()[name]
    if tool == "tfdv" and name == "normal":
        # Few enough distinct values for TFDV's sketch, as they were recorded.
        base, new = base[:1500], new[:1500]
    for metric, expected in RECORDED[tool][name].items():
        found = score((base, new), tool, metric)
        rounded = found.error_bound is None and (tool, name) == ("evidently", "single")
        assert found.number == pytest.approx(expected, rel=1e-4 if rounded else AGREES)


def test_evidently_gives_the_published_values():
    # Evidently 0.7.23, on samples drawn one after the other from one generator.
    r = np.random.default_rng(7)
    numbers = r.normal(0, 1, 5000), r.normal(0.2, 1.1, 3000)
    texts = (
        r.choice(list("abcd"), 2000, p=[0.4, 0.3, 0.2, 0.1]),
        r.choice(list("abce"), 1000, p=[0.3, 0.3, 0.2, 0.2]),
    )
    expected = {
        "js_distance": (0.08085257178449504, 0.33635058019724723),
        "kl": (0.024049966234998815, 0.8893818245807151),
        "psi": (0.052681605238240975, 2.371743081719738),
    }
    for metric, values in expected.items():
        for sides, value in zip((numbers, texts), values, strict=True):
            assert score(sides, "evidently", metric).number == pytest.approx(value, rel=AGREES)
    found = score(numbers, "evidently", "wasserstein")
    assert found.number == pytest.approx(0.20189169047241964, rel=AGREES)


def test_evidently_divides_by_no_less_than_a_thousandth():
    sides = np.array([5.0, 5.0]), np.array([5.5, 5.5])
    assert score(sides, "evidently", "wasserstein").number == pytest.approx(500)


def test_scipy_gives_what_scipy_does_over_our_bins():
    numbers = samples()["few"]
    found = score(numbers, "scipy", "wasserstein_raw").number
    assert found == pytest.approx(wasserstein_distance(*numbers), rel=AGREES)
    # None so rare that our bins would pool it.
    p, q = (np.bincount(side[side < 7], minlength=7) for side in numbers)
    texts = tuple(np.repeat(list("abcdefg"), counts) for counts in (p, q))
    for metric, value in (("js_distance", jensenshannon(p, q)), ("kl", entropy(p, q))):
        assert score(texts, "scipy", metric).number == pytest.approx(value, rel=AGREES)


@pytest.mark.parametrize("tool", TOOLS)
def test_only_the_tools_metrics_and_our_shares_are_scored(tool):
    own = {rule.metric.name for rule in TOOLS[tool].rules}
    shares = {"missing", "nonfinite", "new", "lost"}
    numbers = {each.metric for each in column(samples()["normal"], tool).scores}
    assert numbers == own | shares
    texts = {each.metric for each in column(samples()["words"], tool).scores}
    assert texts <= numbers - {"wasserstein", "wasserstein_raw", "ks", "nonfinite"}


def test_the_unit_says_what_the_number_is():
    sides = samples()["normal"]
    assert score(sides, "evidently", "js_distance").unit == "√nats"
    assert score(sides, "nannyml", "js_distance").unit is None
    assert score(sides, "tfdv", "jsd").unit == "bits"


@pytest.mark.parametrize(
    ("tool", "metric", "farthest"),
    [("evidently", "js_distance", np.sqrt(np.log(2))), ("nannyml", "js_distance", 1.0),
     ("tfdv", "jsd", 1.0), ("scipy", "js_distance", np.sqrt(np.log(2)))],
)  # fmt: skip
def test_disjoint_samples_score_the_upper_bound(tool, metric, farthest):
    sides = np.arange(100.0), np.arange(200.0, 300.0)
    rule = next(rule for rule in TOOLS[tool].rules if rule.metric.name == metric)
    assert rule.metric.upper_bound == pytest.approx(farthest)
    assert score(sides, tool, metric).number == pytest.approx(farthest)


def test_a_number_from_a_rounded_profile_has_no_error_bound_but_is_near():
    r = np.random.default_rng(5)
    base, new = r.normal(0, 1, 2 * MAX_POINTS), r.normal(0.1, 1, 2 * MAX_POINTS)
    rounded = score((base, new), "evidently", "js_distance")
    assert rounded.error_bound is None
    edges = np.histogram_bin_edges(np.concatenate([base, new]), "sturges")
    expected = jensenshannon(np.histogram(base, edges)[0], np.histogram(new, edges)[0])
    assert rounded.number == pytest.approx(expected, rel=0.01)


def test_an_exact_number_says_so():
    assert score(samples()["many"], "nannyml", "js_distance").error_bound == 0
    # More distinct values than TFDV's sketch is sure to keep.
    assert score(samples()["many"], "tfdv", "jsd").error_bound is None


@pytest.mark.parametrize("tool", TOOLS)
def test_a_side_without_values_is_not_scored(tool):
    sides = np.array([1.0, 2.0]), np.array([np.nan])
    for each in column(sides, tool).scores:
        if METRICS[each.metric].unit != "share":
            assert each.value is None
            assert not each.gated


def test_the_setting_knows_every_tool():
    assert get_args(Like) == tuple(TOOLS)


def test_an_unknown_tool_is_an_error_with_the_nearest_one():
    table = pa.table({"x": [1, 2]})
    with pytest.raises(ConfigError, match="unknown tool 'evidentlee'; did you mean 'evidently'"):
        compare(table, table, like="evidentlee")  # type: ignore[arg-type]  # the mistake


def test_a_metric_that_the_tool_lacks_is_an_error():
    table = pa.table({"x": [1, 2]})
    with pytest.raises(ConfigError, match="tfdv has no metric 'kl'; it has jsd"):
        compare(table, table, like="tfdv", metrics=["kl"])
