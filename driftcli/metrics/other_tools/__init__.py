"""What other tools compute under the names of our metrics: a row for each tool and metric.

To add a tool: its rows here, with a value that the tool itself gave in the tests.
"""

from collections.abc import Callable
from math import inf
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from driftcli.metrics import METRICS, Metric
from driftcli.metrics.other_tools.bins import (
    Binned,
    BothSides,
    Counts,
    baseline_doane,
    baseline_levels,
    levels,
    own_ranges,
    pooled_sturges,
    sturges_of_distinct,
    top_levels,
)
from driftcli.metrics.other_tools.scores import (
    FARTHEST_IN_NATS,
    binned_kolmogorov_smirnov,
    binned_wasserstein,
    filled_kl_divergence,
    filled_stability_index,
    js_distance_nats,
)
from driftcli.metrics.spec import Basis


class ToolRule(Struct, frozen=True):
    """How a tool computes one metric.

    Where none of the three functions applies to a column, the score is `metric` over our own
    bins and points.

    Attributes
    ----------
    metric : Metric
        The metric of ours that it goes by, with the tool's function, unit and range.
    numbers, categories : callable or None
        The rows of both sides in the tool's bins, which `metric.function` is then given as shares.
    points : callable or None
        The score of a numeric column itself.
    distinct : float
        The number is the tool's own while each side has at most so many distinct numbers.
    single : bool
        Whether it is the tool's own for float32 numbers too.
    """

    metric: Metric
    numbers: Callable[[BothSides], Binned] | None = None
    categories: Callable[[Counts, Counts], Binned] | None = None
    points: Callable[[BothSides], float] | None = None
    distinct: float = inf
    single: bool = True


class Tool(Struct, frozen=True):
    """The metrics a tool has, and what else of its settings bears on them.

    Attributes
    ----------
    least_scale : float
        The least standard deviation that a Wasserstein distance is divided by.
    timestamps : bool
        Whether it scores timestamps.
    """

    rules: tuple[ToolRule, ...]
    least_scale: float = 0.0
    timestamps: bool = False


def _of_bins(name: str, function: Callable[..., Any] | None = None) -> Metric:
    """Return a metric of ours with a tool's function; what that does to zeros is all there is."""
    ours = METRICS[name]
    return replace(ours, function=function or ours.function, basis=Basis.BINS)


def _of_numbers(name: str) -> Metric:
    return replace(METRICS[name], numeric_only=True, categorical=None)


_JS_IN_NATS = replace(
    METRICS["js_distance"],
    function=js_distance_nats,
    unit="√nats",
    upper_bound=FARTHEST_IN_NATS,
    meaning="Jensen-Shannon distance to base e",
)

EVIDENTLY = Tool(
    rules=(
        ToolRule(_JS_IN_NATS, pooled_sturges, levels),
        ToolRule(_of_numbers("wasserstein")),
        ToolRule(_of_bins("kl", filled_kl_divergence), pooled_sturges, levels),
        ToolRule(_of_bins("psi", filled_stability_index), pooled_sturges, levels),
        # Evidently multiplies densities by one width that, in float32, is not that of every bin.
        ToolRule(METRICS["hellinger"], sturges_of_distinct, levels, single=False),
    ),
    least_scale=0.001,
)
NANNYML = Tool(
    rules=(
        ToolRule(METRICS["js_distance"], baseline_doane, baseline_levels),
        ToolRule(_of_numbers("wasserstein_raw"), points=binned_wasserstein),
        ToolRule(METRICS["ks"], points=binned_kolmogorov_smirnov),
        ToolRule(METRICS["hellinger"], baseline_doane, baseline_levels),
    ),
)
# Its quantile sketch (epsilon 0.01) keeps every value up to some 2,100 distinct ones.
TFDV = Tool(rules=(ToolRule(METRICS["jsd"], own_ranges, top_levels, distinct=2_000),))
SCIPY = Tool(
    rules=(
        ToolRule(_JS_IN_NATS),
        ToolRule(_of_bins("kl")),
        ToolRule(_of_numbers("wasserstein_raw")),
    ),
    timestamps=True,
)

#: Every tool by the name that `like` takes.
TOOLS: dict[str, Tool] = {
    "evidently": EVIDENTLY,
    "nannyml": NANNYML,
    "tfdv": TFDV,
    "scipy": SCIPY,
}
