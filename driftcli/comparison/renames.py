"""Lost columns that a new one may be, under another name: their profiles match."""

from difflib import SequenceMatcher

from driftcli.comparison.pair import pair_categories, pair_numbers
from driftcli.comparison.scores import measure_one
from driftcli.config import Settings, resolve
from driftcli.metrics import METRICS
from driftcli.profile.categories import Categories
from driftcli.profile.column import ColumnProfile
from driftcli.profile.dataset import DatasetProfile
from driftcli.profile.numeric import Numbers

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
    if isinstance(p.values, Categories) and isinstance(q.values, Categories):
        pair = pair_categories(p.values, q.values)
    else:
        pair = pair_numbers(p, q, rules)  # type: ignore[assignment]
    scores = {name: measure_one(METRICS[name], p, q, pair, rules) for name in _CLOSE}
    return all(score is None or score.value < _CLOSE[name] for name, score in scores.items())


def _tells(side: ColumnProfile) -> bool:
    """Return whether a column has values enough that a match is no accident."""
    values = side.values
    points = values.points if isinstance(values, Numbers) else values
    return points.distinct >= _FEWEST_VALUES and points.total > 0
