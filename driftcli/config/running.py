"""Settings of checks and of where they run: what a comparison by itself does not ask for."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from driftcli.config.settings import Level, Rows, means

Duration = Annotated[
    str,
    Meta(pattern=r"\A[1-9][0-9]{0,5}[smhdw]\Z", title="a time such as '30m' (s, m, h, d or w)"),
]
EngineName = Annotated[
    str,
    Meta(
        pattern=r"\A(?:threads|dask://[^\s/]+/?|spark|spark://\S+|local-cluster\[\d+,\d+,\d+\])\Z",
        title="threads, dask://HOST:PORT, spark, spark://HOST:PORT or local-cluster[N,CORES,MB]",
    ),
]
#: Of a file, or of what holds data.
Location = Annotated[str, Meta(pattern=r"\S", title="a path or an address")]
#: When to notify: when the state of a check changed, at each run that is not ok, at each run.
NotifyOn = Literal["change", "failure", "always"]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: An address that is nothing but an environment variable holds no secret itself.
_VARIABLE = re.compile(r"\$\{\w+\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")


class RunSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a check is run. Given at the top of a file, it is so for all checks."""

    timezone: Annotated[
        str,
        means("The time zone by whose clock {date} and {hour} are filled in."),
    ] = "UTC"
    time: Annotated[
        str | None,
        means(
            "The column whose newest time `max_age` is about; the only column of times when not"
            " set."
        ),
    ] = None
    max_age: Annotated[Duration | None, means("Fail when the newest row is older.")] = None
    min_rows: Annotated[Rows | None, means("Fail when there are fewer rows.")] = None
    row_count: Annotated[
        Level,
        means("What a number of rows is that past runs make unusual: ok, warn or drift."),
    ] = "drift"
    joint: Annotated[
        bool,
        means("Judge how pairs of columns depend on each other, too, as `drift joint` does."),
    ] = False
    engine: Annotated[
        EngineName,
        means(
            "Where data is read: threads of this process, the Dask cluster of a scheduler"
            " (dask://HOST:PORT), or Spark (spark, spark://HOST:PORT)."
        ),
    ] = "threads"
    timeout: Annotated[Duration | None, means("Stop a check that takes longer.")] = None
    retry: Annotated[Duration | None, means("Wait so long for data that is not there yet.")] = None
    retry_every: Annotated[Duration, means("Look for it so often.")] = "1m"
    reports: Annotated[
        tuple[Location, ...],
        means("Paths of reports to write, in the formats of their suffixes."),
    ] = ()
    notify: Annotated[
        tuple[str, ...],
        means("Addresses of whom to tell, by Apprise; ${NAME} is an environment variable."),
    ] = ()
    notify_on: Annotated[
        NotifyOn,
        means(
            "When to tell: change (of each change of state), failure (of each run that is not ok"
            " as well), always (of each run)."
        ),
    ] = "change"


class StoreSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results are kept and databases lie, for all checks of a file."""

    history: Annotated[
        Location | None,
        means(
            "The path or database URL of the history; drift-history.db beside the file when not"
            " set."
        ),
    ] = None
    connections: Annotated[
        dict[str, Location],
        means(
            "Addresses of databases by names, in the place of which NAME:#TABLE stands; ${NAME} is"
            " an environment variable."
        ),
    ] = {}


class Inputs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a check compares: data, saved profiles, or as baseline a window: `last 28 days`."""

    baseline: Annotated[
        str,
        means(
            "What the data should look like: data, a saved profile, or the clean runs of the days"
            " before."
        ),
    ]
    current: Annotated[str, means("The data to check.")]
    first_baseline: Annotated[
        str | None,
        means("What to compare with until such a window holds a clean run."),
    ] = None


#: A baseline that is made of past runs.
WINDOW = re.compile(r"last (?P<number>[1-9]\d{0,3}) (?P<unit>day|week)s?")
#: Those that a check must have.
REQUIRED = ("baseline", "current")


def length(duration: Duration) -> timedelta:
    """Return a time such as `30m` as a number of seconds.

    Examples
    --------
    >>> length("26h").total_seconds()
    93600.0
    """
    return timedelta(**{_UNITS[duration[-1]]: int(duration[:-1])})


def masked(address: str) -> str:
    """Return an address without what may be secret in it.

    Examples
    --------
    >>> masked("slack://T123/B456/s3cret"), masked("${SLACK_URL}")
    ('slack://…', '${SLACK_URL}')
    """
    if _VARIABLE.fullmatch(address):
        return address
    scheme = _SCHEME.match(address)
    return f"{scheme[0]}://…" if scheme else "…"
