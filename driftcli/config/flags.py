"""What `--threshold` texts and other overrides say, as tables like a file's."""

from collections.abc import Callable, Collection

from driftcli.config.decode import Layer, percentage
from driftcli.config.settings import GENERAL_THRESHOLDS, JOINT_THRESHOLDS
from driftcli.config.toml import Key, toml_key
from driftcli.config.wording import shown_key
from driftcli.errors import ConfigError, nearest
from driftcli.text import quoted

THRESHOLD = "--threshold"

_ALL = "*"
_LEVEL = "LEVEL a number, 5%, WARN:DRIFT or off"
_GRAMMAR = (
    f"expected METRIC=LEVEL or COLUMN.METRIC=LEVEL, with {_LEVEL};"
    " for example price.wasserstein=0.3"
)
_GRAMMAR_OF_PAIRS = f"expected METRIC=LEVEL, with {_LEVEL}; for example pair_dependence=0.02"


def flag(key: str) -> str:
    """Return the flag that sets a dotted key.

    Examples
    --------
    >>> flag("fail_on"), flag("read.delimiter"), flag("metrics")
    ('--fail-on', '--delimiter', '--metric')
    """
    if key == "metrics":
        return "--metric"
    return "--" + key.rpartition(".")[2].replace("_", "-")


def override_layer(key: str, value: object, origin: str) -> Layer:
    """Return the layer of one override: `value` at the dotted `key`."""
    *sections, name = key.split(".")
    table: dict[str, object] = {name: value}
    for section in reversed(sections):
        table = {section: table}

    def place(where: Key) -> str:
        return origin if toml_key(where) == key else f"{origin}: {shown_key(where)}"

    return Layer(table, place)


def threshold_layer(text: str, metrics: Collection[str], *, pairs: bool = False) -> Layer:
    """Return the layer of one `--threshold` text.

    `METRIC=LEVEL` is general, `COLUMN.METRIC=LEVEL` for the columns that the glob matches, split
    at the last dot. A level is a number or a percentage (drift), `WARN:DRIFT` or `off`; blanks
    around the equals sign do not count. `COLUMN.*=off` switches all metrics of columns off.

    Parameters
    ----------
    pairs
        Whether pairs of columns are compared, so that thresholds may be of these.

    Raises
    ------
    ConfigError
        When the text does not have this form, or its metric is not one of `metrics`, or one that
        would change nothing.
    """
    place = _place(text)
    target, equals, level = text.rpartition("=")
    column, dot, metric = target.rstrip().rpartition(".")
    grammar = _GRAMMAR_OF_PAIRS if pairs else _GRAMMAR
    if not equals or not metric:
        raise ConfigError(f"{place(())}: {grammar}")
    if dot and metric == _ALL:
        return _switched_off(column, level.strip(), place)
    metric = metric if dot else metric.strip()
    if metric in JOINT_THRESHOLDS and not pairs:
        raise ConfigError(
            f"{place(())}: {metric} is of columns together: for drift joint, and in drift.toml for"
            " checks with joint = true"
        )
    known = metrics if dot else (*metrics, *GENERAL_THRESHOLDS)
    if metric not in known:
        hint = nearest(metric, known)
        raise ConfigError(f"{place(())}: unknown metric {quoted(metric)}; {hint}")
    found = _level(level.strip())
    if found is None:
        raise ConfigError(f"{place(())}: {grammar}")
    table = {"thresholds": {metric: found}}
    return Layer({"columns": {column: table}} if dot else table, place)


def _switched_off(column: str, level: str, place: Callable[[Key], str]) -> Layer:
    if level != "off":
        raise ConfigError(f"{place(())}: all metrics at once can only be off; name one of them")
    return Layer({"columns": {column: {"gate": False}}}, place)


def no_gate_layer(glob: str, origin: str) -> Layer:
    """Return the layer of columns that are reported and not judged."""
    return Layer({"columns": {glob: {"gate": False}}}, lambda _key: f"{origin} {quoted(glob)}")


def _place(text: str) -> Callable[[Key], str]:
    return lambda _key: f"{THRESHOLD} {quoted(text)}"


def _level(text: str) -> object | None:
    if text == "off":
        return text
    match [_number(part) for part in text.split(":")]:
        case [None] | [None, _] | [_, None]:
            pass
        case [drift]:
            return drift
        case [warn, drift]:
            return {"warn": warn, "drift": drift}
    return None


def _number(text: str) -> float | None:
    try:
        return percentage(text) if text.rstrip().endswith("%") else float(text)
    except ValueError:
        return None
