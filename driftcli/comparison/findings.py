"""What is wrong besides the scores: columns lost or new, types that changed, no rows at all."""

import re
import shlex
from collections.abc import Iterator
from difflib import SequenceMatcher

from driftcli.comparison import prefixes, spellings
from driftcli.comparison.alike import of_one_kind
from driftcli.comparison.columns import is_changed
from driftcli.comparison.figures import percent
from driftcli.comparison.pair import paired
from driftcli.comparison.path_keys import is_path_key
from driftcli.comparison.precision import with_truths
from driftcli.comparison.reasons import type_change
from driftcli.comparison.scores import measure_one
from driftcli.comparison.verdict import reached
from driftcli.config import REPEATED, Levels, Settings, resolve
from driftcli.metrics import METRICS
from driftcli.profile.column import ColumnProfile, Invalid
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.numeric import Numbers
from driftcli.report.columns import Status
from driftcli.report.comparison import Finding
from driftcli.text import shortened

#: Fewer rows than both are too few to judge anything: a count, and a share of the other side's.
_FEW, _FEW_OF = 200, 0.01


def find(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settings: Settings,
) -> list[Finding]:
    """Return the findings of a comparison, with the status that the settings give them."""
    return [
        *filters(baseline, current),
        *_footers(baseline, current),
        *_rows(baseline, current),
        *_columns(baseline, current, settings),
        *_types(baseline, current, settings),
        *_binary_texts(baseline, current),
        *prefixes.find(baseline, current),
        *spellings.find(baseline, current, settings),
        *_invalid(baseline, settings),
        *_invalid(current, settings),
        *_repeated(baseline, current, settings.thresholds.get(REPEATED, Levels())),
        *_partial(baseline),
        *_partial(current),
        *notes(baseline),
        *notes(current),
    ]


def filters(*sides: DatasetProfile) -> Iterator[Finding]:
    """Say which rows were taken, of each side or of all alike."""
    alike = len({side.where for side in sides}) == 1
    for side in sides[:1] if alike else sides:
        if side.where is not None:
            of = "" if alike else f"{side.source}: "
            message = f"{of}only rows where {side.where}"
            yield Finding(kind="filter", column=None, status="ok", message=message)


def _footers(*sides: DatasetProfile) -> Iterator[Finding]:
    """Say where no values were read."""
    if any(column.unread for side in sides for column in side.columns.values()):
        message = "only footers were read: rows, columns, types and missing values are judged"
        yield Finding(kind="footers", column=None, status="ok", message=message)


def _rows(baseline: DatasetProfile, current: DatasetProfile) -> Iterator[Finding]:
    for side, other in ((baseline, current), (current, baseline)):
        if not side.rows:
            yield Finding(
                kind="no_rows",
                column=None,
                status="drift" if other.rows else "warn",
                message=f"{side.source} has no rows{_unmet(side)}",
            )
        elif side.rows < _FEW and side.rows < _FEW_OF * other.rows:
            yield Finding(
                kind="few_rows",
                column=None,
                status="warn",
                message=f"{side.source} has {_counted(side.rows)}, beside {other.rows:,} in"
                f" {other.source}: too few to tell whether it drifted",
            )


def _unmet(side: DatasetProfile) -> str:
    """Say that rows were left out: there may be others than those that were asked for."""
    return "" if side.where is None else f": none meets the condition {shortened(side.where)}"


def _counted(rows: int) -> str:
    return f"{rows:,} row{'' if rows == 1 else 's'}"


def _columns(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settings: Settings,
) -> Iterator[Finding]:
    renamed = likely_renames(baseline, current, settings)
    for name, type_ in baseline.types.items():
        if name not in current.types and name not in baseline.path_keys:
            message = f"lost column `{name}` ({type_}): the current data does not have it"
            if name in renamed:
                option = shlex.quote(f"{renamed[name]}={name}")
                message += f", unless `{renamed[name]}` is it: --rename {option}"
            yield Finding(
                kind="lost_column", column=name, status=settings.lost_column, message=message
            )
    for name, type_ in current.types.items():
        if name not in baseline.types and name not in current.path_keys:
            message = f"new column `{name}` ({type_}): the baseline does not have it"
            yield Finding(
                kind="new_column", column=name, status=settings.new_column, message=message
            )


def _types(
    baseline: DatasetProfile,
    current: DatasetProfile,
    settings: Settings,
) -> Iterator[Finding]:
    for name in baseline.columns:
        if name not in current.columns or is_path_key(name, baseline, current):
            continue
        p, q = baseline.columns[name], current.columns[name]
        if with_truths(p, q)[0] is not p:
            yield _truths(name, baseline, current, settings)
            continue
        p, q = of_one_kind(p, q)
        changed = p.kind != q.kind or _unlike(p, q)
        if "null" in (p.type, q.type) or (p.type == q.type and not changed):
            continue
        cut = p.type.startswith("timestamp") and q.type.startswith("date")
        yield Finding(
            kind="type_change",
            column=name,
            status=settings.type_change if changed or cut else "ok",
            message=f"`{name}`: {type_change(p, q) if changed else _compared_as_one(p, q)}"
            + ", without the time of day" * cut,
        )
    for name, type_ in baseline.types.items():
        known = name in current.types and not is_path_key(name, baseline, current)
        if known and is_changed(name, baseline, current):
            message = f"`{name}`: type {type_} → {current.types[name]}, which cannot be compared"
            yield Finding(
                kind="type_change", column=name, status=settings.type_change, message=message
            )


#: Families of Arrow's own whose values are not compared, beside binary.
_NESTED = frozenset(["map", "struct", "dictionary", "sparse_union", "dense_union"])


def _unlike(p: ColumnProfile, q: ColumnProfile) -> bool:
    """Return whether types whose values are not compared are not even of one family."""
    heads = (re.split(r"[\[<]", side.type)[0] for side in (p, q))
    families = {head.removeprefix("fixed_size_") for head in heads}
    # Profiles of earlier versions call binary what only a database knows.
    families -= {"binary"} if not families & _NESTED else set()
    return p.kind == q.kind == "unsupported" and len(families) > 1


def _truths(
    name: str, baseline: DatasetProfile, current: DatasetProfile, settings: Settings
) -> Finding:
    """Return the finding on booleans that are something else on one side."""
    typed = baseline.typed and current.typed
    types = f"type {baseline.columns[name].type} → {current.columns[name].type}"
    return Finding(
        kind="type_change" if typed else "read_as",
        column=name,
        status=settings.type_change if typed else "ok",
        message=f"`{name}`: {types}, compared as booleans",
    )


def _compared_as_one(p: ColumnProfile, q: ColumnProfile) -> str:
    how = {"list": "compared by length", "unsupported": "of which only what is missing is compared"}
    return f"type {p.type} → {q.type}, {how.get(p.kind, 'compared as one')}"


def _binary_texts(baseline: DatasetProfile, current: DatasetProfile) -> Iterator[Finding]:
    """Warn of text that is stored as binary, as Impala and Hive do: it is not compared."""
    for name, p in baseline.columns.items():
        q = current.columns.get(name)
        if q is None or p.kind != "unsupported" or q.kind != "unsupported":
            continue
        if p.text or q.text:
            message = (
                f"`{name}`: binary that is text in UTF-8, and so not compared: list it under "
                "`categorical`"
            )
            yield Finding(kind="binary_text", column=name, status="warn", message=message)


def _invalid(side: DatasetProfile, settings: Settings) -> Iterator[Finding]:
    for name, column in side.columns.items():
        if column.invalid:
            yield Finding(
                kind="invalid_values",
                column=name,
                status=settings.type_change,
                message=_invalid_message(name, column),
            )


def _invalid_message(name: str, column: ColumnProfile) -> str:
    invalid = column.invalid
    assert invalid is not None
    are = "is" if invalid.count == 1 else "are"
    return (
        f"`{name}`: {invalid.count:,} of {column.rows - column.missing:,} values {are} not "
        f"{column.type}, first {first_value(invalid)} at row {invalid.first_row + 1:,}"
    )


def first_value(invalid: Invalid) -> str:
    """Return the first value that did not parse, as much of it as a line can hold."""
    text = invalid.first_value
    return repr(text[:60] + ("…" if len(text) > 60 else ""))


def _repeated(
    baseline: DatasetProfile, current: DatasetProfile, levels: Levels
) -> Iterator[Finding]:
    """Tell of rows that repeat an earlier one, where these are asked for.

    A baseline of which they are not known is taken to have none.
    """
    if levels == Levels() or not current.rows:
        return
    if current.repeated is None:
        message = (
            f"{current.source}: which rows repeat an earlier one is not known of it; make the"
            " profile again with thresholds.repeated set"
        )
        yield Finding(kind="repeated_rows", column=None, status="warn", message=message)
        return
    share = current.repeated / current.rows
    before = (baseline.repeated or 0) / max(1, baseline.rows)
    if (status := reached(share - before, levels)) != "ok":
        yield Finding(
            kind="repeated_rows",
            column=None,
            status=status,
            message=f"{percent(share)} of the rows repeat an earlier one ({current.repeated:,} of"
            f" {current.rows:,}), {_before(baseline, before)}",
        )


def _before(baseline: DatasetProfile, share: float) -> str:
    if baseline.repeated is None:
        return "which is not known of the baseline"
    return f"{percent(share)} in the baseline"


def _partial(side: DatasetProfile) -> Iterator[Finding]:
    """Tell of columns that not all files of a side have, as where a table gained one."""
    for name, (files, of) in side.partial.items():
        if name in side.types:
            message = (
                f"{side.source}: column `{name}` is in {files:,} of {of:,} files, and missing in "
                "the rows of the others"
            )
            yield Finding(kind="partial_column", column=name, status="ok", message=message)


def notes(side: DatasetProfile) -> Iterator[Finding]:
    """Tell what was guessed of data, and of columns that are text because of a few values.

    Such a column may not be gated. Notes on a column begin with its name. Which state of a table
    was read is nothing wrong.
    """
    format_ = side.made_of[1] if side.made_of else side.format
    status: Status = "ok" if format_ in ("delta", "iceberg") else "warn"
    for note in side.notes:
        message = f"{side.source}: {note}"
        if note.startswith("`"):
            yield Finding(kind="mixed_values", column=None, status="warn", message=message)
        else:
            yield Finding(kind="reading", column=None, status=status, message=message)


#: Beyond so many pairs, only columns whose names resemble each other are looked at.
_MOST_PAIRS = 400
_ALIKE_NAMES = 0.6
#: Scores below which two columns may be the same, and values without which anything matches.
_CLOSE = {"js_distance": 0.1, "wasserstein": 0.1, "missing": 0.02}
_FEWEST_VALUES = 3


def likely_renames(
    baseline: DatasetProfile, current: DatasetProfile, settings: Settings
) -> dict[str, str]:
    """Return for lost columns the new column that looks most like it, if one does."""
    lost = [name for name in baseline.columns if name not in current.types]
    new = [name for name in current.columns if name not in baseline.types]
    pairs = [(old, name) for old in lost for name in new]
    if len(pairs) > _MOST_PAIRS:
        pairs = [pair for pair in pairs if _likeness(*pair) >= _ALIKE_NAMES]
    found: dict[str, str] = {}
    for old, name in sorted(pairs, key=lambda pair: -_likeness(*pair)):
        if old not in found and name not in found.values():
            p, q = baseline.columns[old], current.columns[name]
            if _match(p, q, settings):
                found[old] = name
    return found


def _likeness(old: str, new: str) -> float:
    return SequenceMatcher(None, old.casefold(), new.casefold()).ratio()


def _match(p: ColumnProfile, q: ColumnProfile, settings: Settings) -> bool:
    if p.kind != q.kind or not _tells(p) or not _tells(q):
        return False
    rules = resolve(settings, ["*"])["*"]
    pair = paired(p, q, rules)
    scores = {name: measure_one(METRICS[name], p, q, pair, rules) for name in _CLOSE}
    return all(score is None or score.value < _CLOSE[name] for name, score in scores.items())


def _tells(side: ColumnProfile) -> bool:
    """Return whether a column has values enough that a match is no accident."""
    values = side.values
    points = values.points if isinstance(values, Numbers) else values
    return points.distinct >= _FEWEST_VALUES and points.total > 0
