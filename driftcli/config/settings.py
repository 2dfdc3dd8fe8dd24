"""Settings of a comparison: one frozen, validated record, whatever file or flag they came from."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from driftcli.config.signs import ESCAPED


def means(text: str, *examples: object) -> Meta:
    """Return what a setting means: for `drift init`, help texts, the docs and the JSON Schema.

    Parameters
    ----------
    examples
        Values, for where nothing is set.
    """
    return Meta(description=text, examples=list(examples) or None)


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
Binning = Annotated[
    Literal["mixture", "baseline", "uniform"],
    means(
        "What bins are cut by: mixture (equal mass over both sides), baseline (its quantiles),"
        " uniform (equal widths)."
    ),
]
#: A tool whose numbers are reproduced.
Like = Literal["evidently", "nannyml", "tfdv", "scipy"]
ForcedKind = Literal["numeric", "categorical", "timestamp", "text"]
Threshold = Annotated[float, Meta(ge=0)]
Bins = Annotated[
    int,
    Meta(ge=2, le=1000),
    means("Bins of a numeric column, for the metrics that count (kl, js_distance, psi, …)."),
]
Smoothing = Annotated[
    float,
    Meta(ge=0),
    means("Added to each bin's count for kl, kl_reverse and psi; 0 gives the textbook value."),
]
Alpha = Annotated[float, Meta(gt=0, le=1)]
Rows = Annotated[int, Meta(ge=1)]
#: pyarrow splits text at single ASCII bytes only.
_SIGN = r"[\x01-\x09\x0b\x0c\x0e-\x7f]"
Decimal = Annotated[str, Meta(pattern=rf"\A{_SIGN}\Z", title=_ONE)]
Delimiter = Annotated[str, Meta(pattern=rf"\A(?:{_SIGN}|{ESCAPED})\Z", title=_ONE_ESCAPED)]
#: Empty for none.
Sign = Annotated[str, Meta(pattern=rf"\A(?:{_SIGN}|{ESCAPED})?\Z", title=_ONE_ESCAPED)]
Skip = Annotated[int, Meta(ge=0)]
Scale = Annotated[
    Literal["sd", "iqr"] | Annotated[float, Meta(gt=0)],
    means("What wasserstein is divided by: the baseline's sd or iqr, or a number."),
]

#: A threshold that is no metric's: the share of rows that repeat an earlier one.
REPEATED = "repeated"
#: What `block` is where rows are taken as independent.
INDEPENDENT = "none"


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
#: Those of `drift joint` where nothing else is set, of several columns: no metrics of one.
JOINT_THRESHOLDS: dict[str, Levels] = {
    "pair_dependence": Levels(drift=0.01),
    "pair_correlation": Levels(drift=0.1),
    "joint_jsd": Levels(drift=0.01),
    "joint_wasserstein": Levels(drift=0.1),
}
#: Thresholds that are no metric's, and so of no single column.
GENERAL_THRESHOLDS = (REPEATED, *JOINT_THRESHOLDS)


class ColumnSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is set for the columns that one glob matches; None leaves the general setting."""

    kind: Annotated[ForcedKind | None, means("What to read the columns as.")] = None
    gate: Annotated[
        bool | None,
        means("false: never drift. true: gated, although times or identifiers."),
    ] = None
    bins: Bins | None = None
    binning: Binning | None = None
    edges: Annotated[
        tuple[float, ...] | None,
        means(
            "Explicit bins, in the place of `bins` and `binning`: at least two increasing numbers."
        ),
    ] = None
    smoothing: Smoothing | None = None
    scale: Scale | None = None
    thresholds: Annotated[
        dict[str, Levels],
        means("Merged with the general thresholds, metric by metric."),
    ] = {}


class ReadSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How text files are read; `written` is for files of any format."""

    delimiter: Annotated[
        Delimiter | None,
        means(
            r"What stands between the fields of a text file; guessed when not set. '\t' is a tab,"
            r" '\x01' is Ctrl-A.",
            ",",
        ),
    ] = None
    quote: Annotated[Sign, means("What quotes a field; '' when nothing does.")] = '"'
    escape: Annotated[
        Sign | None,
        means(
            r"What escapes a quote within quotes, such as '\'; guessed when not set, '' when"
            " nothing does.",
            "\\",
        ),
    ] = None
    comment: Annotated[Sign, means("What begins a line that is passed over, such as '#'.")] = ""
    skip: Annotated[
        Skip | None,
        means("Lines to pass over above the header; guessed when not set.", 0),
    ] = None
    decimal: Annotated[Decimal, means("The decimal sign.")] = "."
    encoding: Annotated[
        str,
        means("The encoding, unless a byte order mark says another."),
    ] = "utf-8"
    null: Annotated[
        tuple[str, ...],
        means("Texts that mean a missing value, beside the empty field.", ("NA", "-")),
    ] = ()
    written: Annotated[
        dict[str, str],
        means(
            "How values of columns are written, where that is not seen: formats of times"
            " (%d/%m/%Y), s, ms, us or ns since 1970, or a number as an example (1.234,50).",
            {"day": "%d/%m/%Y"},
        ),
    ] = {}


class Settings(
    Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    # In reports that are kept it goes by its earlier name.
    rename={"exclude": "ignore"},
):
    """Everything a comparison can be told, with its defaults.

    The keys of `columns` are globs over column names, and later entries win. `column_overrides` are
    globs and entries from flags. They are no key of a file and come after `columns`, so that a flag
    wins over any glob of the file.
    """

    fail_on: Annotated[
        FailOn,
        means(
            "What makes the exit code 1: drift, warn (or worse), change (beyond noise, however"
            " small), never."
        ),
    ] = "drift"
    strict: Annotated[
        bool,
        means("Fail when a column is inconclusive, too, or nothing was judged."),
    ] = False
    alpha: Annotated[
        Alpha,
        means(
            "A score drifts only if chance explains it with a probability of at most this,"
            " corrected for all tests of the run."
        ),
    ] = 0.005
    correction: Annotated[
        Correction,
        means("How p-values are corrected for many tests: bh (Benjamini-Hochberg), holm, none."),
    ] = "bh"
    drifted_columns: Annotated[
        DriftedColumns,
        means(
            "How many columns (3), or which share of them (0.2), make the dataset drift; fewer are"
            " a warning."
        ),
    ] = 1
    metrics: Annotated[
        tuple[str, ...] | None,
        means(
            "The metrics to score, all of them when not set; `drift metrics` lists them.",
            tuple(DEFAULT_THRESHOLDS),
        ),
    ] = None
    thresholds: dict[str, Levels] = field(default_factory=lambda: dict(DEFAULT_THRESHOLDS))
    exclude: Annotated[
        tuple[str, ...],
        means("Columns to leave out, by names or globs: price_*."),
    ] = ()
    rename: Annotated[
        dict[str, str],
        means(
            "Columns of the current data that go by other names in the baseline.",
            {"amt": "amount"},
        ),
    ] = {}
    categorical: Annotated[
        tuple[str, ...],
        means("Columns to read as categories, whatever their type."),
    ] = ()
    numeric: Annotated[tuple[str, ...], means("Columns to read as numbers.")] = ()
    timestamp: Annotated[tuple[str, ...], means("Columns to read as times.")] = ()
    text: Annotated[
        tuple[str, ...],
        means("Columns of free text, judged by its length and form and not by its values."),
    ] = ()
    bins: Bins = 20
    binning: Binning = "mixture"
    smoothing: Smoothing = 0.5
    scale: Scale = "sd"
    new_column: Annotated[
        Level,
        means("What a column is that only the current data has: ok, warn or drift."),
    ] = "warn"
    lost_column: Annotated[Level, means("What a column is that only the baseline has.")] = "drift"
    type_change: Annotated[
        Level,
        means("What a column is whose type changed, or with values that are not of its type."),
    ] = "drift"
    nothing_judged: Annotated[
        NothingJudged,
        means("What a comparison is that judged no column: error (exit code 2), warn or ok."),
    ] = "error"
    like: Annotated[
        Like | None,
        means("Give the numbers of another tool: evidently, nannyml, tfdv or scipy.", "evidently"),
    ] = None
    by: Annotated[
        tuple[str, ...],
        means(
            "Columns whose values make segments, each of which is compared as well; several make"
            " one of each combination."
        ),
    ] = ()
    segment_rows: Annotated[
        Rows,
        means("Segments of fewer rows, on the side that has more, share one."),
    ] = 100
    block: Annotated[
        str | None,
        means(
            "Which rows move together and count like one: a column of times and a length"
            " (time_hour:1d), a column of entities (customer_id), or none; where it is not set,"
            " days are found where one column says which.",
            "none",
        ),
    ] = None
    where: Annotated[
        str | None,
        means(
            "Only rows of both sides that meet this condition: comparisons, and, or, not, in,"
            " between, like, is null.",
            "country in ('NO', 'SE')",
        ),
    ] = None
    where_baseline: Annotated[
        str | None,
        means("Only rows of the baseline that meet this as well.", "day < '2025-02-01'"),
    ] = None
    where_current: Annotated[
        str | None,
        means("Only rows of the current data that meet this as well.", "day >= '2025-02-01'"),
    ] = None
    read: ReadSettings = ReadSettings()
    columns: dict[str, ColumnSettings] = {}
    column_overrides: tuple[tuple[str, ColumnSettings], ...] = ()
