"""Scores of two samples as pure functions of arrays, and their registry.

To add a metric: write the function, add its row here, and test it against an oracle.
"""

from driftcli.metrics.divergence import (
    hellinger_distance,
    js_distance,
    js_divergence,
    kl_divergence,
    kl_divergence_reverse,
    lost_support,
    new_support,
    population_stability_index,
    share_difference,
    share_ratio,
    total_variation,
)
from driftcli.metrics.spec import Basis, Metric
from driftcli.metrics.transport import (
    kolmogorov_smirnov,
    mean_shift,
    wasserstein,
    wasserstein_2,
)

__all__ = ["METRICS", "Basis", "Metric"]

_ROWS = (
    Metric(
        "js_distance",
        js_distance,
        Basis.BINS,
        "Jensen-Shannon distance, the square root of jsd",
        upper_bound=1,
    ),
    Metric(
        "wasserstein",
        wasserstein,
        Basis.POINTS,
        "mean distance rows must move, in baseline standard deviations",
        unit="baseline sd",
        symmetric=False,
        categorical=total_variation,
    ),
    Metric(
        "kl",
        kl_divergence,
        Basis.SMOOTHED,
        "Kullback-Leibler divergence of the baseline from the current data",
        unit="nats",
        symmetric=False,
        squared=True,
    ),
    Metric(
        "missing",
        share_difference,
        Basis.MISSING,
        "difference of the shares of rows without a value",
        unit="share",
        upper_bound=1,
    ),
    Metric(
        "nonfinite",
        share_difference,
        Basis.NONFINITE,
        "difference of the shares of rows that are NaN or infinite, of the kinds that moved",
        unit="share",
        upper_bound=1,
        numeric_only=True,
    ),
    Metric(
        "new",
        new_support,
        Basis.SUPPORT,
        "share of current rows on values that the baseline never has",
        unit="share",
        upper_bound=1,
        symmetric=False,
        squared=True,
    ),
    Metric(
        "lost",
        lost_support,
        Basis.SUPPORT,
        "share of baseline rows on values that the current data never has",
        unit="share",
        upper_bound=1,
        symmetric=False,
        squared=True,
    ),
    Metric(
        "repeats",
        share_difference,
        Basis.REPEATS,
        "difference of the shares of rows that repeat another's value, where hardly any does",
        unit="share",
        upper_bound=1,
    ),
    Metric(
        "form",
        js_distance,
        Basis.FORM,
        "Jensen-Shannon distance of the forms of texts of which hardly one recurs",
        upper_bound=1,
    ),
    Metric(
        "jsd",
        js_divergence,
        Basis.BINS,
        "Jensen-Shannon divergence",
        unit="bits",
        upper_bound=1,
        squared=True,
    ),
    Metric(
        "kl_reverse",
        kl_divergence_reverse,
        Basis.SMOOTHED,
        "Kullback-Leibler divergence of the current data from the baseline",
        unit="nats",
        symmetric=False,
        squared=True,
    ),
    Metric(
        "psi",
        population_stability_index,
        Basis.SMOOTHED,
        "population stability index, kl + kl_reverse",
        unit="nats",
        squared=True,
    ),
    Metric(
        "wasserstein_raw",
        wasserstein,
        Basis.POINTS,
        "mean distance rows must move, in the column's unit",
        unit="column",
        categorical=total_variation,
    ),
    Metric(
        "wasserstein_2",
        wasserstein_2,
        Basis.POINTS,
        "root mean squared distance rows must move, in the column's unit",
        unit="column",
        numeric_only=True,
    ),
    Metric(
        "ks",
        kolmogorov_smirnov,
        Basis.POINTS,
        "Kolmogorov-Smirnov statistic, the largest gap of the distribution functions",
        upper_bound=1,
        numeric_only=True,
    ),
    Metric("hellinger", hellinger_distance, Basis.BINS, "Hellinger distance", upper_bound=1),
    Metric("tv", total_variation, Basis.BINS, "total variation distance", upper_bound=1),
    Metric(
        "mean_shift",
        mean_shift,
        Basis.POINTS,
        "distance of the means, in baseline standard deviations",
        unit="baseline sd",
        symmetric=False,
        numeric_only=True,
    ),
    Metric(
        "share_ratio",
        share_ratio,
        Basis.SMOOTHED,
        "largest ratio of the shares that a category, or a bin, has on either side",
        unit="ratio",
    ),
)

#: Every metric by name, in the order of reports.
METRICS: dict[str, Metric] = {metric.name: metric for metric in _ROWS}
