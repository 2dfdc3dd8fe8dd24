"""The commented drift.toml that `drift init` writes."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from msgspec import Struct

from driftcli.config.entries import flatten
from driftcli.config.meaning import Meaning, meaning
from driftcli.config.settings import DEFAULT_THRESHOLDS, JOINT_THRESHOLDS, REPEATED, Settings
from driftcli.config.toml import Key, toml_key, toml_value
from driftcli.text import shortened

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
_JOINT = {
    "pair_dependence": "change of two columns beyond that of each, in bits (drift joint)",
    "pair_correlation": "change of the rank correlation of two columns (drift joint)",
    "joint_jsd": "divergence of all columns together, in bits (drift joint --discriminator)",
    "joint_wasserstein": "distance of all numeric columns together (drift joint --critic)",
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
        if key[0] == "thresholds":
            continue
        about = meaning(toml_key(key))
        yield ""
        yield f"# {about.text}{_as_in(about)}"
        if key == ("exclude",) and identifiers:
            yield "# These look like identifiers, which are reported but not gated anyway."
            yield _off(key, identifiers)
        elif key[0].startswith("where") and columns:
            yield _off(key, _any_row(columns[0].name))
        else:
            yield _off(key, about.example if value is None else value)


def _any_row(name: str) -> str:
    """Return a condition on a column of the dataset, which the line would work with."""
    quoted = name.replace('"', '""')
    return f'"{quoted}" is not null or "{quoted}" is null'


def _as_in(about: Meaning) -> str:
    """Return the example of a setting that is empty by default, which the line below shows."""
    empty = about.default in ((), {})
    return f" As in {toml_value(about.example)}." if empty and about.example else ""


def _thresholds() -> Iterator[str]:
    yield ""
    yield "# A column drifts when a score reaches its threshold. { warn = 0.05, drift = 0.1 } has"
    yield '# two levels; { warn = 0.05 } only warns; "off" reports the score without gating it.'
    for metric, levels in DEFAULT_THRESHOLDS.items():
        setting = f"{toml_key(('thresholds', metric))} = {toml_value(levels)}"
        yield f"{setting}  # {_THRESHOLDS[metric]}"
    yield f"{_off(('thresholds', REPEATED), 0.01)}  # share of rows that repeat an earlier one"
    for name, levels in JOINT_THRESHOLDS.items():
        yield f"{_off(('thresholds', name), levels)}  # {_JOINT[name]}"


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
