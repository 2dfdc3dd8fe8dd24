"""What `drift run` is told of a check, besides how its columns are compared."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from driftcli.config.settings import Level, Rows

Duration = Annotated[
    str,
    Meta(pattern=r"\A[1-9][0-9]{0,5}[smhdw]\Z", title="a time such as '30m' (s, m, h, d or w)"),
]
#: When to notify: when the state of a check changed, at each run that is not ok, at each run.
NotifyOn = Literal["change", "failure", "always"]

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
#: An address that is nothing but an environment variable holds no secret itself.
_VARIABLE = re.compile(r"\$\{\w+\}")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*(?=://)")


class RunSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a check is run. Given at the top of a file, it is so for all checks.

    `row_count` is what a number of rows is that past runs make unusual.
    `timezone` is whose clock the templates tell. `time` is the column that `max_age` is about.
    `retry` is how long to wait for data that is not there yet, and `retry_every` how often to look.
    `reports` are templates of files, in the formats of their suffixes. `notify` are addresses as
    Apprise has them.
    """

    timezone: str = "UTC"
    time: str | None = None
    max_age: Duration | None = None
    min_rows: Rows | None = None
    row_count: Level = "drift"
    timeout: Duration | None = None
    retry: Duration | None = None
    retry_every: Duration = "1m"
    reports: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    notify_on: NotifyOn = "change"


class StoreSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where results are kept: a path or a URL. For all checks of a file."""

    history: str | None = None


class Inputs(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a check compares: data, saved profiles, or as baseline a window such as `last 28 days`.

    `first_baseline` is what there is to compare with until the window holds a clean run.
    """

    baseline: str
    current: str
    first_baseline: str | None = None


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
