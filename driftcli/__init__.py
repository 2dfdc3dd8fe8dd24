"""Distribution drift between two tabular datasets.

`compare` returns a report, `explain` that of one column, `timeline` that of a dataset through time,
`joint` that of pairs of columns; `assert_no_drift` fails a test, and a `Profile` is a summary of a
dataset that is compared in its place. `wasserstein_distance` is the certified distance of two
arrays, `transport_plan` which rows go where and `witness` the function that proves it. Nothing
heavy is imported before it is used.

What is named here is public, with the fields and methods of these classes. All modules below are
private: what they hold may change with any release.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from driftcli.errors import ConfigError, DriftError, InputError, UsageError
from driftcli.version import __version__

if TYPE_CHECKING:
    from driftcli.api.compare import assert_no_drift, compare, explain
    from driftcli.api.distance import (
        Distance,
        TransportPlan,
        Witness,
        transport_plan,
        wasserstein_distance,
        witness,
    )
    from driftcli.api.joint import joint
    from driftcli.api.profile import Profile
    from driftcli.api.timeline import timeline
    from driftcli.report.columns import Column, Score
    from driftcli.report.comparison import Finding, Report
    from driftcli.report.joint import Joint
    from driftcli.report.timeline import Timeline

__all__ = [
    "Column",
    "ConfigError",
    "Distance",
    "DriftError",
    "Finding",
    "InputError",
    "Joint",
    "Profile",
    "Report",
    "Score",
    "Timeline",
    "TransportPlan",
    "UsageError",
    "Witness",
    "__version__",
    "assert_no_drift",
    "compare",
    "explain",
    "joint",
    "timeline",
    "transport_plan",
    "wasserstein_distance",
    "witness",
]

_LAZY = {
    "Column": "report.comparison",
    "Distance": "api.distance",
    "Finding": "report.comparison",
    "Joint": "report.joint",
    "Profile": "api.profile",
    "Report": "report.comparison",
    "Score": "report.comparison",
    "Timeline": "report.timeline",
    "TransportPlan": "api.distance",
    "Witness": "api.distance",
    "assert_no_drift": "api.compare",
    "compare": "api.compare",
    "explain": "api.compare",
    "joint": "api.joint",
    "timeline": "api.timeline",
    "transport_plan": "api.distance",
    "wasserstein_distance": "api.distance",
    "witness": "api.distance",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used."""
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
