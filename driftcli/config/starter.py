"""The commented drift.toml that `drift init` writes."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from driftcli.config.entries import flatten
from driftcli.config.settings import DEFAULT_THRESHOLDS, REPEATED, Settings
from driftcli.config.toml import Key, toml_key, toml_value
from driftcli.text import shortened

_GENERAL = {
    "fail_on": 'What makes the exit code 1: "drift", "warn" (or worse), "change" (beyond noise, '
    'however small), or "never".',
    "strict": "Fail on what is inconclusive, too: a threshold reached, as chance alone might.",
    "alpha": "A score drifts only where chance explains it with no more probability than this.",
    "correction": 'How p-values are corrected for many tests: "bh", "holm" or "none".',
    "drifted_columns": "So many columns (3), or such a share of them (0.2), make a dataset drift.",
    "metrics": "The metrics to score; all of them when this is not set.",
    "exclude": "Columns to leave out. Here and below, columns may be given as globs: price_*.",
    "rename": "Columns of the current data that go by other names in the baseline.",
    "categorical": "Columns to read as categories, whatever their type.",
    "numeric": "Columns to read as numbers.",
    "timestamp": "Columns to read as times.",
    "text": "Columns of free text, judged by its length and form and not by its values.",
    "bins": "Bins of a numeric column, for the metrics that count (kl, js_distance, psi, …).",
    "binning": 'Bins of equal mass over both sides ("mixture"), over the baseline, or "uniform".',
    "smoothing": "Added to each bin's count for kl and psi; 0 gives the textbook value.",
    "scale": 'What wasserstein is divided by: the baseline\'s "sd" or "iqr", or a number.',
    "new_column": 'A column that only the current data has: "ok", "warn" or "drift".',
    "lost_column": "A column that only the baseline has.",
    "type_change": "A column whose type changed.",
    "nothing_judged": 'A comparison that judged no column: "error" (exit code 2), "warn" or "ok".',
    "like": 'Another tool whose numbers to give: "evidently", "nannyml", "tfdv" or "scipy".',
    "by": "Columns whose values make segments, each of which is compared as well.",
    "segment_rows": "Segments of fewer rows, on the side that has more, share one.",
    "read.delimiter": "Text files: what stands between fields; guessed when not set.",
    "read.quote": 'What quotes a field; "" when nothing does.',
    "read.escape": 'What escapes a quote within quotes; guessed when not set, "" for nothing.',
    "read.comment": "What begins a line that is passed over.",
    "read.skip": "Lines to pass over above the header; guessed when not set.",
    "read.decimal": "The decimal sign.",
    "read.encoding": "The encoding; a byte order mark wins.",
    "read.null": 'Texts that mean a missing value, beside the empty field: ["NA", "-"].',
    "read.written": "How values of columns are written, where that is not seen: formats of times "
    "(%d/%m/%Y), s, ms, us or ns since 1970, or a number as an example (1.234,50); as in "
    '{ day = "%d/%m/%Y" }.',
}
_THRESHOLDS = {
    "js_distance": "Jensen-Shannon distance, 0 to 1",
    "wasserstein": "earth mover's distance, in standard deviations of the baseline",
    "kl": "Kullback-Leibler divergence, in nats",
    "missing": "change of the share of missing values",
    "nonfinite": "change of the share of NaN and infinite values",
    "new": "share of rows in categories that the baseline never has",
    "lost": "share of rows in categories that the current data never has",
    "repeats": "change of the share of rows that repeat another's value, of identifiers and text",
    "form": "Jensen-Shannon distance of forms (a9-a9: letters, digits, signs), of the same",
}
#: What an unset setting is shown with.
_EXAMPLES: dict[str, object] = {
    "metrics": tuple(DEFAULT_THRESHOLDS),
    "like": "evidently",
    "read.delimiter": ",",
    "read.escape": "\\",
    "read.skip": 0,
}


#: A check is a line too: in parts, it would be none.
_CHECK = '{ baseline = "base.parquet", current = "lake/day={date}", max_age = "2d" }'


class StarterColumn(Struct, frozen=True, kw_only=True):
    """What a starter file says of one column: its kind, its type, and a note in a few words.

    An `identifier` is proposed for `exclude`.
    """

    name: str
    kind: Literal["numeric", "categorical", "timestamp", "list", "text", "unsupported"]
    type: str
    note: str = ""
    identifier: bool = False


def starter(dataset: str, columns: Sequence[StarterColumn]) -> str:
    """Return the text of a commented drift.toml for a dataset.

    It loads to the default settings. Each setting is a line of its own that works once its `#`
    is removed, in any combination with the others.

    Parameters
    ----------
    dataset
        What to call the dataset: its path as the user gave it.
    columns
        Its columns, in their order.
    """
    parts = (_head(dataset), _general(columns), _thresholds(), _checks(), _columns(columns))
    lines = [line for part in parts for line in part]
    return "\n".join(lines) + "\n"


def _head(dataset: str) -> Iterator[str]:
    yield f"# Settings of `drift`, written by `drift init` from {shortened(dataset)}."
    yield "# A line that starts with # and a key shows a default or an example; remove the # to set"
    yield "# it. `drift config` prints the settings in force and where each came from."


def _general(columns: Sequence[StarterColumn]) -> Iterator[str]:
    identifiers = tuple(glob_of(column.name) for column in columns if column.identifier)
    for key, value in flatten(Settings()).items():
        name = toml_key(key)
        if name not in _GENERAL:
            continue
        yield ""
        yield f"# {_GENERAL[name]}"
        if name == "exclude" and identifiers:
            yield "# These look like identifiers, which are reported but not gated anyway."
            yield _off(key, identifiers)
        else:
            yield _off(key, _EXAMPLES.get(name, value))


def _thresholds() -> Iterator[str]:
    yield ""
    yield "# A column drifts when a score reaches its threshold. { warn = 0.05, drift = 0.1 } has"
    yield '# two levels; { warn = 0.05 } only warns; "off" reports the score without gating it.'
    for metric, levels in DEFAULT_THRESHOLDS.items():
        setting = f"{toml_key(('thresholds', metric))} = {toml_value(levels)}"
        yield f"{setting}  # {_THRESHOLDS[metric]}"
    yield f"{_off(('thresholds', REPEATED), 0.01)}  # share of rows that repeat an earlier one"


def _checks() -> Iterator[str]:
    yield ""
    yield "# Checks, which `drift run` runs. Any setting of this file may stand in a check, too."
    yield f"#checks.nightly = {_CHECK}"


def _columns(columns: Sequence[StarterColumn]) -> Iterator[str]:
    if not columns:
        return
    yield ""
    yield "# Columns. Each takes kind, gate, bins, binning, edges, smoothing, scale and thresholds."
    yield "# Of several globs that match a column, the last one counts."
    for column in columns:
        facts = ", ".join(filter(None, [column.kind, column.type, column.note]))
        yield ""
        yield f"# {shortened(column.name)}: {shortened(facts)}"
        yield from _proposal(column)


def _proposal(column: StarterColumn) -> Iterator[str]:
    section = ("columns", glob_of(column.name))
    if column.kind == "unsupported":
        return
    if column.identifier or column.kind == "timestamp":
        yield _off((*section, "gate"), value=True)
    else:
        metric = "js_distance" if column.kind == "categorical" else "wasserstein"
        yield _off((*section, "thresholds", metric), DEFAULT_THRESHOLDS[metric])


def glob_of(name: str) -> str:
    """Return the glob that matches `name` alone."""
    return re.sub(r"([*?\[])", r"[\1]", name)


def _off(key: Key, value: object) -> str:
    return f"#{toml_key(key)} = {toml_value(value)}"
