"""Settings of a comparison: one frozen, validated record, whatever file or flag they came from."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from driftcli.config.signs import ESCAPED

#: Titles say in messages what a text with a pattern is.
_ONE = "a single ASCII character"
_ONE_ESCAPED = "a single ASCII character or its escape"
Level = Literal["ok", "warn", "drift"]
NothingJudged = Literal["error", "warn", "ok"]
FailOn = Literal["drift", "warn", "change", "never"]
#: How p-values are corrected for the number of tests.
Correction = Literal["bh", "holm", "none"]
#: A count of columns, or a share of them.
DriftedColumns = Annotated[int, Meta(ge=1)] | Annotated[float, Meta(gt=0, lt=1)]
Binning = Literal["mixture", "baseline", "uniform"]
#: A tool whose numbers are reproduced.
Like = Literal["evidently", "nannyml", "tfdv", "scipy"]
ForcedKind = Literal["numeric", "categorical", "timestamp", "text"]
Threshold = Annotated[float, Meta(ge=0)]
Bins = Annotated[int, Meta(ge=2, le=1000)]
Smoothing = Annotated[float, Meta(ge=0)]
Alpha = Annotated[float, Meta(gt=0, le=1)]
Rows = Annotated[int, Meta(ge=1)]
#: pyarrow splits text at single ASCII bytes only.
_SIGN = r"[\x01-\x09\x0b\x0c\x0e-\x7f]"
Decimal = Annotated[str, Meta(pattern=rf"\A{_SIGN}\Z", title=_ONE)]
Delimiter = Annotated[str, Meta(pattern=rf"\A(?:{_SIGN}|{ESCAPED})\Z", title=_ONE_ESCAPED)]
#: Empty for none.
Sign = Annotated[str, Meta(pattern=rf"\A(?:{_SIGN}|{ESCAPED})?\Z", title=_ONE_ESCAPED)]
Skip = Annotated[int, Meta(ge=0)]
#: What a Wasserstein distance is divided by: the baseline's spread, or a number of its unit.
Scale = Literal["sd", "iqr"] | Annotated[float, Meta(gt=0)]

#: A threshold that is no metric's: the share of rows that repeat an earlier one.
REPEATED = "repeated"


class Levels(Struct, frozen=True, forbid_unknown_fields=True):
    """The scores from which on a metric warns and drifts; None is never."""

    warn: Threshold | None = None
    drift: Threshold | None = None


#: Gated by default; every other metric is reported and gated only when given a threshold.
DEFAULT_THRESHOLDS: dict[str, Levels] = {
    "js_distance": Levels(drift=0.1),
    "wasserstein": Levels(drift=0.1),
    "kl": Levels(drift=0.1),
    "missing": Levels(drift=0.02),
    "nonfinite": Levels(drift=0.02),
    "new": Levels(drift=0.01),
    "lost": Levels(drift=0.01),
    "repeats": Levels(drift=0.05),
    "form": Levels(drift=0.1),
}


class ColumnSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is set for the columns that one glob matches; None leaves the general setting.

    `edges` are explicit bin edges (at least two, increasing) in the place of `bins` and `binning`.
    """

    kind: ForcedKind | None = None
    gate: bool | None = None
    bins: Bins | None = None
    binning: Binning | None = None
    edges: tuple[float, ...] | None = None
    smoothing: Smoothing | None = None
    scale: Scale | None = None
    thresholds: dict[str, Levels] = {}


class ReadSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How text files are read. An empty field is missing; `null` names further such texts.

    What is None is guessed: the `delimiter`, the sign that `escape`s a quote, and how many lines
    to `skip` above the header. An empty `quote`, `escape` or `comment` means that there is none.
    `written` says how values of columns (globs) are written, in files of any format: `%d/%m/%Y`,
    `ms`, `1.234,50`.
    """

    delimiter: Delimiter | None = None
    quote: Sign = '"'
    escape: Sign | None = None
    comment: Sign = ""
    skip: Skip | None = None
    decimal: Decimal = "."
    encoding: str = "utf-8"
    null: tuple[str, ...] = ()
    written: dict[str, str] = {}


class Settings(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    # In reports that are kept it goes by its earlier name.
    rename={"exclude": "ignore"},
):
    """Everything a comparison can be told, with its defaults.

    `metrics` selects what is scored (all when None), and `like` a tool whose definitions take the
    place of ours. `by` names the columns whose values make segments; one of fewer than
    `segment_rows` rows on its larger side shares one with others of its kind. `exclude`,
    `categorical`, `numeric`, `timestamp` and `text` are globs over column names; in `columns`,
    keys are globs and later entries win.
    `rename` gives columns of the current data, by the names that they have there, those of the
    baseline.
    `column_overrides` are globs and entries from flags. They are no key of a file and come after
    `columns`, so that a flag wins over any glob of the file.
    """

    fail_on: FailOn = "drift"
    strict: bool = False
    alpha: Alpha = 0.01
    correction: Correction = "bh"
    drifted_columns: DriftedColumns = 1
    metrics: tuple[str, ...] | None = None
    thresholds: dict[str, Levels] = field(default_factory=lambda: dict(DEFAULT_THRESHOLDS))
    exclude: tuple[str, ...] = ()
    rename: dict[str, str] = {}
    categorical: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    timestamp: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    bins: Bins = 20
    binning: Binning = "mixture"
    smoothing: Smoothing = 0.5
    scale: Scale = "sd"
    new_column: Level = "warn"
    lost_column: Level = "drift"
    type_change: Level = "drift"
    nothing_judged: NothingJudged = "error"
    like: Like | None = None
    by: tuple[str, ...] = ()
    segment_rows: Rows = 100
    read: ReadSettings = ReadSettings()
    columns: dict[str, ColumnSettings] = {}
    column_overrides: tuple[tuple[str, ColumnSettings], ...] = ()


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
